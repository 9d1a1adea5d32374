// Is all true that an archive of images says of itself?
//
//	node tests/ship/archive.mjs ARCHIVE PLATFORM=PROGRAM...
//
// Every digest and size is counted again, down to the files of a layer; each
// platform has the program that was made for it.  Prints a line for each
// platform; what is wrong ends it with an error.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { partsOf } from './sbom.mjs';

const COMPRESSED_MAX = 700000;
const OCI = 'application/vnd.oci.image.';
const [archive, ...given] = process.argv.slice(2);
const wanted = given.map((each) => each.split('='));
const digest = (bytes) => `sha256:${
    createHash('sha256').update(bytes).digest('hex')}`;

/** The members of a tar: { name, type, mode, owner, time, bytes }. */
function untar(tar) {
	const members = [];

	for (let at = 0; tar[at];) {
		const text = (from, length) => tar.toString('latin1', at + from,
		    at + from + length).replace(/\0[^]*/, '');
		const number = (from, length) => parseInt(text(from, length), 8);
		const size = number(124, 12);
		const sum = tar.subarray(at, at + 512).reduce((n, byte, i) =>
		    n + (i < 148 || i >= 156 ? byte : 32), 0);

		assert.equal(number(148, 8), sum, 'a checksum of the tar');
		members.push({
			name: text(345, 155) + text(0, 100), type: text(156, 1),
			mode: number(100, 8), time: number(136, 12),
			owner: `${number(108, 8)}:${number(116, 8)}`,
			bytes: tar.subarray(at + 512, at + 512 + size),
		});
		at += 512 + Math.ceil(size / 512) * 512;
	}
	return members;
}

const files = new Map(untar(readFileSync(archive)).filter((m) =>
    m.type === '0').map((m) => [m.name, m.bytes]));
const unread = new Set(files.keys());

function take(name) {
	assert.ok(files.has(name), `${name} is missing`);
	unread.delete(name);
	return files.get(name);
}
const json = (bytes) => JSON.parse(bytes.toString());

/** The blob that a descriptor tells of. */
function blob(descriptor, type) {
	const bytes = take(`blobs/${descriptor.digest.replace(':', '/')}`);

	assert.equal(descriptor.mediaType, OCI + type);
	assert.equal(descriptor.size, bytes.length, descriptor.digest);
	assert.equal(descriptor.digest, digest(bytes));
	return bytes;
}

/** Which platform an ELF program is for, by its class and machine. */
function platformOf(program) {
	const machines = { '2:62': 'amd64', '2:183': 'arm64', '1:40': 'arm',
		'2:243': 'riscv64' };

	assert.equal(program.toString('latin1', 0, 4), '\x7fELF');
	return machines[`${program[4]}:${program.readUInt16LE(18)}`];
}

function checkRoot(members, name, path) {
	const at = (file) => members.find((m) => m.name === file);
	const program = readFileSync(path);

	assert.ok(at('./dragoman').bytes.equals(program),
	    `${name}: the program is not ${path}`);
	assert.equal(platformOf(program), name);
	assert.equal(at('./dragoman').mode, 0o755);
	for (const m of members) {
		const own = m.name === './var/lib/dragoman/';

		assert.equal(m.owner, own ? '65532:65532' : '0:0', m.name);
		assert.equal(m.time, 0, m.name);
		assert.equal(m.mode, m.type === '5' || m.name === './dragoman'
		    ? 0o755 : 0o644, m.name);
	}
	assert.equal(`sha256:${partsOf(json(at('./sbom.spdx.json').bytes))}`,
	    digest(program), `${name}: the list of parts is another's`);
}

function checkPlatform(descriptor, name, path) {
	const platform = { architecture: name, os: 'linux',
		...name === 'arm' && { variant: 'v7' } };
	const manifest = json(blob(descriptor, 'manifest.v1+json'));
	const config = json(blob(manifest.config, 'config.v1+json'));
	const { architecture, os, variant } = config;

	assert.deepEqual(descriptor.platform, platform);
	assert.deepEqual({ architecture, os, ...variant && { variant } },
	    platform);
	assert.equal(manifest.schemaVersion, 2);
	assert.equal(manifest.mediaType, descriptor.mediaType);
	assert.equal(manifest.layers.length, config.rootfs.diff_ids.length);
	let size = descriptor.size + manifest.config.size;

	manifest.layers.forEach((layer, i) => {
		const tar = gunzipSync(blob(layer, 'layer.v1.tar+gzip'));

		assert.equal(config.rootfs.diff_ids[i], digest(tar));
		checkRoot(untar(tar), name, path);
		size += layer.size;
	});
	assert.ok(size < COMPRESSED_MAX, `${name}: ${size} bytes`);
	console.log(`${name}: ${size} bytes compressed, the program ${
	    readFileSync(path).length}`);
	return manifest;
}

assert.deepEqual(json(take('oci-layout')), { imageLayoutVersion: '1.0.0' });
const [top, ...more] = json(take('index.json')).manifests;
const index = json(blob(top, 'index.v1+json'));

assert.deepEqual(more, []);
assert.equal(top.annotations['org.opencontainers.image.ref.name'],
    'dragoman:latest');
assert.equal(index.schemaVersion, 2);
assert.equal(index.mediaType, top.mediaType);
assert.equal(index.manifests.length, wanted.length);
const manifests = wanted.map(([name, path], i) =>
    checkPlatform(index.manifests[i], name, path));
const blobName = ({ digest: of }) => `blobs/${of.replace(':', '/')}`;

// the older form, which knows no platforms: each has a name of its own
assert.deepEqual(json(take('manifest.json')), manifests.map((manifest, i) => ({
	Config: blobName(manifest.config),
	RepoTags: [...i ? [] : ['dragoman:latest'], `dragoman:${wanted[i][0]}`],
	Layers: manifest.layers.map(blobName) })));
assert.deepEqual([...unread], [], 'nobody tells of these');
