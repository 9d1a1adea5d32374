// Every object of docker/k8s against the schemas of the API, and the schemas
// against what is broken on purpose: each member of each object, one by one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { all, check, DOCKER, kustomization, names, one, parse } from './read.mjs';

for (const { file, object } of all)
	test(`${file}: ${object.kind} ${object.metadata.name}`, () => check(object));

/** All paths of a value, from the root down. */
function* paths(value, path = []) {
	yield path;
	if (value !== null && typeof value === 'object')
		for (const member of Object.keys(value))
			yield* paths(value[member], [...path, member]);
}

const at = (value, path) => path.reduce((v, member) => v[member], value);

/** A copy in which what is at `path` is another. */
function changed(object, path, change) {
	const copy = structuredClone(object);

	if (!path.length)
		return change(copy);
	const parent = at(copy, path.slice(0, -1));

	parent[path.at(-1)] = change(parent[path.at(-1)]);
	return copy;
}

// Where every name is a good one.
const MAPS = /(^|\/)(labels|annotations|matchLabels|nodeSelector|data|stringData|requests|limits)$/;
const isMap = ({ kind }, path) => MAPS.test(path.join('/')) ||
	(kind === 'Service' && path.join('/') === 'spec/selector');

for (const { file, object } of all)
	test(`${file}: ${object.kind} ${object.metadata.name}, broken in all places`,
	    async () => {
		let places = 0;

		for (const path of paths(object)) {
			const value = at(object, path);
			const list = Array.isArray(value);
			const inside = value !== null && typeof value === 'object';

			await assert.rejects(check(changed(object, path, () =>
				inside && !list ? ['no'] : list ? 'no' : { nobodyKnows: 1 })),
			    `another type is taken at /${path.join('/')}`);
			places++;
			if (!inside || list || isMap(object, path))
				continue;
			await assert.rejects(check(changed(object, path, (v) =>
				({ ...v, nobodyKnows: 'x' }))),
			    /nobodyKnows/, `a stranger is let in at /${path.join('/')}`);
		}
		assert.ok(places > 5);
	});

// Members that must be there, and APIs that are not.
const BROKEN = [
	['Deployment', ['spec'], ({ selector, ...rest }) => rest],
	['Deployment', ['spec'], ({ template, ...rest }) => rest],
	['Deployment', ['spec', 'template', 'spec'], ({ containers, ...rest }) => rest],
	['Deployment', ['spec', 'template', 'spec', 'containers', '0'],
		({ name, ...rest }) => rest],
	['Deployment', ['spec', 'template', 'spec', 'containers', '0', 'ports', '0'],
		({ containerPort, ...rest }) => rest],
	['Deployment', ['spec', 'template', 'spec', 'containers', '0',
		'livenessProbe', 'httpGet'], ({ port, ...rest }) => rest],
	['Service', ['spec', 'ports', '0'], ({ port, ...rest }) => rest],
	['HorizontalPodAutoscaler', ['spec'], ({ maxReplicas, ...rest }) => rest],
	['ServiceMonitor', ['spec'], ({ selector, ...rest }) => rest],
	['Deployment', ['apiVersion'], () => 'extensions/v1beta1'],
	['Deployment', ['apiVersion'], () => 'apps/v2'],
	['Deployment', ['apiVersion'], () => 'v1'],
	['Deployment', ['kind'], () => 'Deploiment'],
	['HorizontalPodAutoscaler', ['apiVersion'], () => 'autoscaling/v2beta2'],
	['ServiceMonitor', ['apiVersion'], () => 'monitoring.coreos.com/v2'],
	['Deployment', ['spec', 'template', 'spec', 'containers', '0', 'resources',
		'requests', 'memory'], () => '16 MB'],
	['HorizontalPodAutoscaler', ['spec', 'metrics', '0', 'pods', 'target',
		'averageValue'], () => 'many'],
	['Service', ['metadata', 'name'], () => 'Drago_man'],
];

test('what must be there is missed, other APIs and bad values are refused', async () => {
	for (const [kind, path, change] of BROKEN)
		await assert.rejects(check(changed(one(kind), path, change)),
		    `${kind} /${path.join('/')}: ${change}`);
});

test('texts that two versions of YAML read differently are refused', () => {
	assert.deepEqual(parse('a: 1\n---\nb: "no"\n'), [{ a: 1 }, { b: 'no' }]);
	for (const bad of ['mode: 0440', 'on: 1', 'a: no', 'a: 1\na: 2', 'a: [',
		'time: 1:30:00'])
		assert.throws(() => parse(bad), `${bad} is taken`);
});

// ---- kustomization.yaml ----

test('each file is one of the kustomization, or says that it stands alone', () => {
	assert.equal(kustomization.apiVersion, 'kustomize.config.k8s.io/v1beta1');
	assert.equal(kustomization.kind, 'Kustomization');
	assert.deepEqual(Object.keys(kustomization).filter((member) => ![
		'apiVersion', 'kind', 'namespace', 'resources', 'labels', 'images',
	].includes(member)), []);
	assert.equal(new Set(kustomization.resources).size,
	    kustomization.resources.length);
	assert.deepEqual(names.filter((name) => !kustomization.resources.includes(name)),
	    ['kustomization.yaml', 'pod.yaml', 'sidecar.yaml']
		    .filter((name) => names.includes(name)));
	for (const name of kustomization.resources)
		assert.ok(names.includes(name), `${name} is not there`);
});

test('the image that it names is that of the Deployment', () => {
	const images = kustomization.images.map(({ name }) => name);

	for (const { image } of one('Deployment').spec.template.spec.containers)
		assert.ok(images.includes(image));
});

test('kubectl builds it', (t) => {
	const built = spawnSync('kubectl', ['kustomize', `${DOCKER}k8s`],
	    { encoding: 'utf8', timeout: 60000 });

	if (built.error?.code === 'ENOENT')
		return t.skip('kubectl is not installed');
	assert.equal(built.stderr, '');
	assert.equal(built.status, 0);
	const objects = parse(built.stdout);

	assert.equal(objects.length, kustomization.resources.length);
	for (const object of objects)
		if (object.kind !== 'Namespace')
			assert.equal(object.metadata.namespace, kustomization.namespace);
	return Promise.all(objects.map(check));
});
