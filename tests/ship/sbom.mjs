// Is a list of parts what SPDX 2.3 wants, and are they all there?
//
//	node tests/ship/sbom.mjs FILE...
//
// partsOf() returns the digest of the program that it is the list of.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

const PARTS = { dragoman: 'NOASSERTION', bearssl: 'MIT', 'libjsmn-dev': 'MIT',
	musl: 'MIT', libgcc: 'GPL-3.0-or-later WITH GCC-exception-3.1',
	'ca-certificates': 'MPL-2.0' };
const ID = /^SPDXRef-[A-Za-z0-9.-]+$/;
const WHO = /^NOASSERTION$|^(Organization|Person): \S/;

function checkPackage(part) {
	assert.match(part.SPDXID, ID);
	assert.match(part.versionInfo, /^\S+$/, part.name);
	assert.match(part.supplier, WHO);
	assert.equal(part.downloadLocation, 'NOASSERTION');
	assert.equal(part.filesAnalyzed, false);
	assert.equal(part.licenseConcluded, PARTS[part.name], part.name);
	assert.equal(part.licenseDeclared, PARTS[part.name]);
	assert.equal(part.copyrightText, 'NOASSERTION');
	for (const { algorithm, checksumValue } of part.checksums ?? []) {
		assert.equal(algorithm, 'SHA256');
		assert.match(checksumValue, /^[0-9a-f]{64}$/);
	}
	const [ref, ...more] = part.externalRefs;

	assert.deepEqual(more, []);
	assert.equal(ref.referenceCategory, 'PACKAGE-MANAGER');
	assert.equal(ref.referenceType, 'purl');
	assert.match(ref.referenceLocator,
	    new RegExp(`^pkg:[a-z]+/.*@${part.versionInfo.replace(
	    /[^A-Za-z0-9]/g, '\\$&')}$`));
}

export function partsOf(sbom) {
	const names = sbom.packages.map((p) => p.name);
	const ids = [sbom.SPDXID, ...sbom.packages.map((p) => p.SPDXID)];

	assert.equal(sbom.spdxVersion, 'SPDX-2.3');
	assert.equal(sbom.dataLicense, 'CC0-1.0');
	assert.equal(sbom.SPDXID, 'SPDXRef-DOCUMENT');
	assert.match(sbom.documentNamespace, /^urn:dragoman:[^#]+$/);
	assert.match(sbom.creationInfo.created,
	    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	assert.match(sbom.creationInfo.creators.join(), /^Tool: \S/);
	// of the compiler's own library nothing is needed on amd64
	assert.deepEqual(names, Object.keys(PARTS).filter((name) =>
	    name !== 'libgcc' || names.includes(name)));
	assert.equal(new Set(ids).size, ids.length, 'an id stands twice');
	sbom.packages.forEach(checkPackage);
	assert.deepEqual(sbom.documentDescribes, ['SPDXRef-dragoman']);
	for (const { spdxElementId, relatedSpdxElement } of sbom.relationships)
		for (const id of [spdxElementId, relatedSpdxElement])
			assert.ok(ids.includes(id), id);
	const told = sbom.relationships.map((r) => r.relatedSpdxElement);

	for (const id of ids.slice(1))
		assert.ok(told.includes(id), `${id} belongs to nothing`);
	const [program] = sbom.packages;
	const of = program.checksums[0].checksumValue;

	assert.equal(sbom.name, `dragoman-${program.versionInfo}`);
	assert.ok(sbom.documentNamespace.endsWith(`:${of}`));
	return of;
}

if (argv[1] === fileURLToPath(import.meta.url))
	for (const file of argv.slice(2))
		console.log(`${partsOf(JSON.parse(readFileSync(file)))}  ${
		    file.replace(/\.spdx\.json$/, '')}`);
