// The schema of a configuration, that editors use: what it takes the program
// takes, and the other way round, as far as a schema can tell.  Each
// configuration of all these tests is held against it as well (harness.mjs).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stage, assert, run, test } from './harness.mjs';
import { SCHEMA, complaints, relaxed } from './schema.mjs';

const stage = new Stage();
const dir = stage.dir();
const readme = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '..',
    '..', 'README.md'), 'utf8');

const blocks = [...readme.matchAll(/^```jsonc[^\n]*\n([\s\S]*?)^```$/gm)]
    .map((m) => m[1]);

/** What the program says of it: "" or the problem. */
async function check(config) {
	const file = join(dir, 'c.json');

	writeFileSync(file, typeof config === 'string' ? config
	    : JSON.stringify(config));
	const { code, err } = await run(['check', '-c', file]);

	return code ? err : '';
}

test('the schema is a schema, and tells of each member', () => {
	const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));
	const objects = [schema, ...Object.values(schema.definitions)];

	assert.equal(complaints({}), '');
	assert.ok(objects.length > 15);
	for (const object of objects) {
		assert.equal(object.additionalProperties, false);
		for (const [name, member] of Object.entries(object.properties))
			assert.ok(member.description?.length > 3, name);
	}
});

test('what README.md shows fits', () => {
	assert.ok(blocks.length >= 3);
	for (const block of blocks) {
		const whole = relaxed(block) ?? relaxed(`{${block}}`);

		assert.ok(whole, block);
		// rows of a provider stand by themselves
		assert.equal(complaints(whole.quirks ? { providers: { p: whole } }
		    : whole), '', block);
	}
});

const provider = { chat: 'http://127.0.0.1:1', key: 'k' };
const key = { name: 'a', sha256: 'a1'.repeat(32) };
const target = { targets: ['p/m'] };
const base = { env: false, providers: { p: provider } };

const good = [
	{}, { $schema: 'x.json' },
	{ listen: ['127.0.0.1:0', { address: 'unix:/tmp/a', mode: '0600' }] },
	{ admin_listen: [{ address: '127.0.0.1:1' }] },
	{ keys: [key] }, { key_defaults: { rpm: 5 } },
	{ keys: [{ ...key, budgets: [{ usd: 0.5, per: 'day' }] }] },
	{ models: { m: 'p/m', n: ['p/m'], o: target } },
	{ models: { m: { targets: [{ model: 'p/m', weight: 2,
		when: { input: 'pdf', header: { a: 'b' }, key: ['c'] } }] } } },
	{ options: { n_max: 3, system_mode: 'hoist', learn: false } },
	{ catalog: { 'p/m': { price: { in: 1.5 }, released: '2026-01-02',
		tiers: [{ above: 5, price: { out: 2 } }] } } },
	{ compress: true }, { compress: { json: false } },
	{ prompt_cache: 'auto' }, { prefixes: { mine: 'p' } },
	{ providers: { p: { ...provider, dialect: 'vllm', quirks: [
		{ models: 'a*', clamp: { temperature: [0, null] },
			set: { vision: true, efforts: ['low'], max_output: 5 } }] } } },
	{ providers: { openai: { preset: 'openai', keys: ['a', 'b'] } } },
	{ limits: { body_mb: 1 } }, { circuit: { failures: 0 } },
	{ cache: { max_mb: 1, on: true } }, { log: 'info,json' },
];

for (const one of good)
	test(`taken by both: ${JSON.stringify(one).slice(0, 70)}`, async () => {
		const config = { ...base, ...one };

		assert.equal(await check(config), '');
		assert.equal(complaints(config), '');
	});

const bad = [
	{ lisen: [] }, { listen: '127.0.0.1:0' }, { listen: [7] },
	{ listen: [{ adress: ':1' }] }, { listen: [{ tls: {} }] },
	{ listen: [{ address: ':1', tls: { cert: 'a' } }] },
	{ listen: [{ address: 'unix:/tmp/a', mode: '99' }] },
	{ providers: [] }, { providers: { p: { ...provider, kye: 'x' } } },
	{ providers: { p: { ...provider, key: 5 } } },
	{ providers: { p: { ...provider, dialect: 'klingon' } } },
	{ providers: { p: { ...provider, credential: 'cookie' } } },
	{ providers: { p: { preset: 'opnai' } } },
	{ providers: { p: { ...provider, quirks: [{ set: { wings: 2 } }] } } },
	{ providers: { p: { ...provider, quirks: [{ clamp: { a: 3 } }] } } },
	{ models: { m: {} } }, { models: { m: { targets: [{}] } } },
	{ models: { m: { ...target, pick: 'best' } } },
	{ models: { m: { targets: [{ model: 'p/m', when: { input: 'smell' } }] } } },
	{ keys: {} }, { keys: [{ name: 'a' }] }, { keys: [{ ...key, per: 'week',
		budget_usd: 1 }] },
	{ key_defaults: { name: 'x' } },
	{ catalog: { 'p/m': { price: 5 } } },
	{ catalog: { 'p/m': { released: 'soon' } } },
	{ options: { learn: 'maybe' } }, { options: { lern: true } },
	{ limits: { body_mb: -1 } }, { limits: { bdy_mb: 1 } },
	{ limits: { body_mb: 'much' } }, { compress: 'well' },
	{ prompt_cache: true }, { ledger: { path: '/tmp/x', sync: 'often' } },
	{ cache: { max_mb: 1, mood: 1 } }, { workers: 0 }, { workers: 1025 },
	{ env: 'no' }, { strict: 1 }, { prefixes: { a: 1 } },
];

for (const one of bad)
	test(`refused by both: ${JSON.stringify(one).slice(0, 70)}`, async () => {
		const config = { ...base, ...one };

		assert.notEqual(await check(config), '');
		assert.notEqual(complaints(config), '');
	});

stage.close();
