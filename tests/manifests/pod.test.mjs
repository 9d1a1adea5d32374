// The containers of docker/k8s, run as kubelet would run them, without it: their
// arguments, environment and volumes are laid out here, their probes asked.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse as parseJsonc } from 'jsonc-parser';
import { ask, HELLO, run, serve, until } from './program.mjs';
import { all, containersOf, one, podOf, text } from './read.mjs';

const secret = one('Secret').stringData;

/** What is in a Secret or ConfigMap: the file's own, or the namespace's. */
function content(kind, name, file) {
	const found = all.filter(({ object }) => object.kind === kind &&
	    object.metadata.name === name);
	const { object } = found.find((each) => each.file === file) ?? found[0];
	const plain = Object.entries(object.data ?? {}).map(([key, value]) =>
		[key, kind === 'Secret' ? atob(value) : value]);

	return { ...Object.fromEntries(plain), ...object.stringData };
}

/** A volume as kubelet makes it: all files change at once, by one link. */
function lay(folder, contents, version = 1) {
	mkdirSync(join(folder, `..${version}`), { recursive: true });
	for (const [name, value] of Object.entries(contents)) {
		writeFileSync(join(folder, `..${version}`, name), value);
		if (version === 1)
			symlinkSync(`..data/${name}`, join(folder, name));
	}
	symlinkSync(`..${version}`, join(folder, '..next'));
	renameSync(join(folder, '..next'), join(folder, '..data'));
}

/**
 * A container of a pod on this machine: its mounts are folders of ours, it
 * listens on a port that the system chooses.
 */
function settle(t, pod, container, file = '') {
	const root = mkdtempSync(join(tmpdir(), 'dragoman-pod-'));
	const mounts = container.volumeMounts ?? [];
	const here = (value) => mounts.reduce((v, { mountPath }) =>
		v.replaceAll(new RegExp(`(?<=^|[^a-z])${mountPath}/`, 'g'),
		    `${root}${mountPath}/`), value).replace(/:4000\b/, ':0');
	const env = {};

	t.after(() => rmSync(root, { recursive: true, force: true }));
	for (const { name, mountPath } of mounts) {
		const volume = pod.spec.volumes.find((v) => v.name === name);
		const files = volume.secret
			? content('Secret', volume.secret.secretName, file)
			: content('ConfigMap', volume.configMap.name, file);

		lay(root + mountPath, Object.fromEntries(Object.entries(files)
			.map(([key, value]) => [key, here(value)])));
	}
	for (const { name, value, valueFrom } of container.env ?? [])
		env[name] = value === undefined
			? content('Secret', valueFrom.secretKeyRef.name, file)[
				valueFrom.secretKeyRef.key] : here(value);
	return { root, env, args: (container.args ?? []).map(here) };
}

/** What kubelet learns of a probe: is it well? */
async function probe(of, port) {
	if (of.httpGet)
		return (await ask(port, of.httpGet.path,
		    { headers: { host: `10.1.2.3:${port}` } })).status === 200;
	const [, ...args] = of.exec.command;

	return (await run(args.map((arg) => arg.replace(':4000', `:${port}`))))
		.code === 0;
}

const deployment = one('Deployment').spec.template;
const [gateway] = deployment.spec.containers;

test('the configuration is one: for its schema and for the program', async (t) => {
	const source = one('ConfigMap').data['config.json'];
	const config = parseJsonc(source, [], { allowTrailingComma: true });
	const validate = new Ajv({ strict: false, allErrors: true })
		.compile(JSON.parse(text('dragoman.schema.json')));

	assert.ok(validate(config), JSON.stringify(validate.errors));
	assert.ok(!validate({ ...config, lisen: [':1'] }), 'a stranger is let in');
	assert.ok(!validate({ ...config, workers: 'two' }));
	const { args: [, ...args], env, root } = settle(t, deployment, gateway);
	const { code, out } = await run(['check', ...args], env);

	assert.equal(code, 0, out);
	assert.match(out, /anthropic/);
	const file = join(root, 'config/config.json');

	writeFileSync(file, readFileSync(file, 'utf8').replace('"listen"', '"lisen"'));
	assert.equal((await run(['check', ...args], env)).code, 1);
});

test('the Deployment\'s container is well, and shows its metrics', async (t) => {
	const { args, env, root } = settle(t, deployment, gateway);
	const g = await serve(t, args, env);

	for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe'])
		assert.ok(await probe(gateway[name], g.port), name);
	assert.ok(!await probe({ httpGet: { path: '/nowhere' } }, g.port));

	// As Prometheus asks: by the address of the pod, with the key.
	const [{ path, authorization }] = one('ServiceMonitor').spec.endpoints;
	const scrape = (key) => ask(g.port, path, { headers: {
		host: 'dragoman.dragoman.svc', ...key &&
		{ authorization: `${authorization.type ?? 'Bearer'} ${key}` } } });
	const key = secret[authorization.credentials.key];
	const { status, text: metrics } = await scrape(key);

	assert.equal(status, 200);
	for (const { pods } of one('HorizontalPodAutoscaler').spec.metrics)
		assert.match(metrics, new RegExp(
		    `^# TYPE ${pods.metric.name} gauge\\n${pods.metric.name} \\d`, 'm'));
	assert.equal((await scrape()).status, 401);
	assert.equal((await scrape('no')).status, 401);

	// A Secret that is renewed is taken over by the pod that runs.
	lay(`${root}/secrets`, { ...secret, DRAGOMAN_ADMIN_KEY: 'another' }, 2);
	await until(async () => (await scrape('another')).status === 200,
	    `the other key:\n${g.log}`);
	await until(async () => (await scrape(key)).status === 401,
	    'the end of the former key');

	// So is a ConfigMap; one that is broken changes nothing.
	const news = () => g.log.split('configuration read anew').length - 1;
	const change = (version, from, to) => lay(`${root}/config`, { 'config.json':
		readFileSync(`${root}/config/config.json`, 'utf8').replace(from, to) },
	    version);

	assert.equal(news(), 1, g.log);
	change(2, '"fast":', '"swift":');
	await until(() => news() === 2, `the other configuration:\n${g.log}`);
	change(3, '"swift":', '"swift"');
	await until(async () => /^dragoman_config_reload_failed 1$/m.test(
	    (await scrape('another')).text), 'a complaint in the metrics');
	assert.match(g.log, /config\.json:\d+/);
	assert.equal(news(), 2);
	assert.ok(await probe(gateway.readinessProbe, g.port));
});

test('nobody comes in with the example\'s client keys', async (t) => {
	const { args, env } = settle(t, deployment, gateway);
	const g = await serve(t, args, env);

	for (const key of ['', 'replace-me', 'team-a', 'any', 'unused'])
		assert.equal((await ask(g.port, '/v1/chat/completions', { body: HELLO,
			headers: { authorization: `Bearer ${key}` } })).status, 401);
});

// The gateways beside applications: they listen on loopback.
for (const { file, object } of all.filter(({ file }) =>
	!['deployment.yaml'].includes(file)))
	for (const container of podOf(object) ? containersOf(podOf(object)) : []) {
		if (container.name !== 'dragoman')
			continue;
		test(`${file}: the sidecar is well, also when no provider is`,
		    async (t) => {
			const { args, env } = settle(t, podOf(object), container,
			    file);
			const g = await serve(t, args, { ...env,
				ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' });

			const probes = ['startupProbe', 'livenessProbe', 'readinessProbe']
				.filter((name) => container[name]);

			for (const name of probes)
				assert.ok(await probe(container[name], g.port), name);
			await until(async () => {
				await ask(g.port, '/v1/chat/completions',
				    { body: { ...HELLO, model: 'claude-opus-4-8' } });
				return (await ask(g.port, '/readyz')).status === 503;
			}, 'the circuit');
			for (const name of probes)
				assert.ok(await probe(container[name], g.port),
				    `${name} blames it for what its providers do`);
			assert.ok(!await probe({ exec: { command: ['/dragoman', 'healthcheck',
				`http://127.0.0.1:${g.port}`] } }, g.port));
		});
	}
