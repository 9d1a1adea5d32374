// docker/compose.yaml against the schema of the Compose specification, and
// against the program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import Ajv from 'ajv';
import { ask, HELLO, run, serve } from './program.mjs';
import { DOCKER, DRAIN_S, parse, text } from './read.mjs';

// The schema is in a linter's package, which lets nobody import it.
const require = createRequire(import.meta.url);
const { $schema, ...schema } = require(require.resolve('dclint')
	.replace(/\/dist\/.*/, '/schemas/compose.schema.json'));
const validate = new Ajv({ strict: false, validateFormats: false })
	.compile(schema);
const [compose] = parse(text('compose.yaml'));
const { dragoman } = compose.services;

test('it is what the specification takes', () => {
	assert.ok(validate(compose), JSON.stringify(validate.errors));
	const broken = [(c) => { c.servises = {}; },
		(c) => { c.services.dragoman.read_onli = true; },
		(c) => { c.services.dragoman.cap_drop = 'ALL'; },
		(c) => { c.services.dragoman.ports = 4000; },
		(c) => { c.services.dragoman.healthcheck.tset = []; },
		(c) => { c.services.dragoman.logging.drivers = 'local'; },
		(c) => { c.services.dragoman.build.dockerfiles = ''; },
		(c) => { c.services = []; }];

	for (const change of broken) {
		const copy = structuredClone(compose);

		change(copy);
		assert.ok(!validate(copy), `${change} is taken`);
	}
});

test('docker compose reads it', (t) => {
	const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
	const config = (more) => spawnSync('docker', ['compose', '-f',
		`${DOCKER}compose.yaml`, 'config', '--quiet'],
	    { env: { ...env, ...more }, encoding: 'utf8', timeout: 60000 });

	if (spawnSync('docker', ['compose', 'version'], { env }).status !== 0)
		return t.skip('docker compose is not installed');
	const { status, stderr } = config({ DRAGOMAN_KEY: 'one' });

	assert.equal(status, 0, stderr);
	assert.notEqual(config({}).status, 0, 'without a key for clients');
});

test('what it names is there', () => {
	for (const volume of dragoman.volumes)
		assert.ok(volume.split(':')[0] in compose.volumes);
	assert.equal(dragoman.build.dockerfile, 'docker/Dockerfile');
	assert.match(text('Dockerfile'), /^FROM scratch$/m);
	const { DRAGOMAN_LEDGER } = dragoman.environment;

	assert.ok(dragoman.volumes.some((v) =>
		DRAGOMAN_LEDGER.startsWith(`${v.split(':')[1]}/`)));
	// the port that the image listens on
	assert.match(text('Dockerfile'), /^ENV DRAGOMAN_LISTEN=:4000$/m);
	assert.deepEqual(dragoman.ports, ['127.0.0.1:4000:4000']);
});

test('it has as few rights as it needs, and time to end', () => {
	assert.deepEqual(dragoman.cap_drop, ['ALL']);
	assert.equal(dragoman.read_only, true);
	assert.ok(dragoman.security_opt.includes('no-new-privileges:true'));
	assert.ok(parseInt(dragoman.stop_grace_period, 10) > DRAIN_S);
	assert.ok(!('privileged' in dragoman) && !('cap_add' in dragoman));
});

test('with its environment the program asks for the key, and is well', async (t) => {
	// as Compose fills it in: what is not set is left out
	const said = { OPENAI_API_KEY: 'none', DRAGOMAN_KEY: 'for-clients' };
	const env = { DRAGOMAN_LISTEN: ':0' };

	for (const [name, value] of Object.entries(dragoman.environment)) {
		const [, from] = value?.match(/^\$\{(\w+):\?.*\}$/) ?? [];
		const is = value === null ? said[name] : from ? said[from] : value;

		if (is !== undefined && name !== 'DRAGOMAN_LEDGER')
			env[name] = is;
	}
	assert.equal(env.DRAGOMAN_KEY, 'for-clients');
	const g = await serve(t, ['serve'], env);
	const models = (key) => ask(g.port, '/v1/models',
	    { headers: { authorization: `Bearer ${key}` } });

	assert.equal((await models('for-clients')).status, 200);
	assert.equal((await models('any')).status, 401);
	assert.equal((await ask(g.port, '/v1/chat/completions',
	    { body: HELLO })).status, 401);
	const [how, , ...command] = dragoman.healthcheck.test;

	assert.equal(how, 'CMD');
	assert.equal((await run(command,
	    { DRAGOMAN_LISTEN: `:${g.port}` })).code, 0);
});
