// Kubernetes' files, read and held against the schemas of its API.
//
// The schemas are compiled: they are functions that look at each member they
// know, and at no other.  So a document is shown to them through a proxy that
// notes what they look at; what is there and was never looked at is unknown.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const DOCKER = fileURLToPath(new URL('../../docker/', import.meta.url));
const FOLDER = `${DOCKER}k8s/`;

export const text = (name) => readFileSync(DOCKER + name, 'utf8');

/**
 * The documents of a YAML file.  The tools in use disagree on its version: a
 * text must mean the same in both (a bare `no`, or 0440, does not).
 */
export function parse(source) {
	const read = (version) => parseAllDocuments(source, { version }).map((d) => {
		if (d.errors.length || d.warnings.length)
			throw new Error([...d.errors, ...d.warnings].join('\n'));
		return d.toJS();
	});
	const documents = read('1.2');

	if (JSON.stringify(documents) !== JSON.stringify(read('1.1')))
		throw new Error('means another thing in YAML 1.1');
	return documents;
}

/** How long streams may take to end: the default, as the README has it. */
export const DRAIN_S = Number(readFileSync(new URL('../../README.md',
    import.meta.url), 'utf8').match(/^ *"drain_s": (\d+),/m)[1]);

export const names = readdirSync(FOLDER).filter((name) => !name.startsWith('.'));
export const kustomization = parse(text('k8s/kustomization.yaml'))[0];

/** Every object of every file: { file, object }. */
export const all = names.filter((name) => name !== 'kustomization.yaml')
	.flatMap((file) => parse(text(`k8s/${file}`))
		.map((object) => ({ file, object })));

/** The only object of that kind which the kustomization makes. */
export function one(kind) {
	const found = all.filter(({ file, object }) => object.kind === kind &&
	    kustomization.resources.includes(file));

	if (found.length !== 1)
		throw new Error(`${found.length} of kind ${kind}`);
	return found[0].object;
}

async function schemaOf({ apiVersion, kind }) {
	const where = `${apiVersion}/${kind}`;

	// betas go away, and with them what was written for them
	if (!/^([a-z0-9.]+\/)?v[0-9]+\/[A-Za-z]+$/.test(where))
		throw new Error(`no stable API: ${where}`);
	const own = apiVersion.startsWith('monitoring.coreos.com/');

	try {
		const models = await import(`${own
			? '@kubernetes-models/prometheus-operator'
			: 'kubernetes-models'}/${where}`);

		return models[kind].prototype.validate;
	} catch {
		throw new Error(`no such API: ${where}`);
	}
}

/** `value`, whose members enter themselves in `seen` by their path. */
function watched(value, seen, path = '') {
	if (value === null || typeof value !== 'object')
		return value;
	return new Proxy(value, {
		get(target, member) {
			if (typeof member !== 'string' ||
			    !Object.hasOwn(target, member))
				return target[member];
			seen.add(`${path}/${member}`);
			return watched(target[member], seen, `${path}/${member}`);
		},
	});
}

function* unknown(value, seen, path = '') {
	if (value === null || typeof value !== 'object')
		return;
	for (const member of Object.keys(value)) {
		const at = `${path}/${member}`;

		if (seen.has(at))
			yield* unknown(value[member], seen, at);
		else
			yield at;
	}
}

// A schema takes any text for these.
const QUANTITIES = /\/(requests|limits)\/|\/averageValue$/;
const QUANTITY = /^[0-9]+(\.[0-9]+)?([mkMGT]|[KMGT]i)?$/;
const NAMES = /^\/metadata\/name$|\/(containers|initContainers|volumes)\/\d+\/name$/;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function* odd(value, path = '') {
	if (value !== null && typeof value === 'object')
		for (const member of Object.keys(value))
			yield* odd(value[member], `${path}/${member}`);
	else if (QUANTITIES.test(path) && !QUANTITY.test(value))
		yield `${path}: no quantity: ${value}`;
	else if (NAMES.test(path) && !NAME.test(value))
		yield `${path}: no name: ${value}`;
}

/** Throws what the API server would say. */
export async function check(object) {
	const seen = new Set();
	const validate = await schemaOf(object);

	validate.call(watched(object, seen));
	const left = [...unknown(object, seen)].map((path) => `unknown: ${path}`)
		.concat(...odd(object));

	if (left.length)
		throw new Error(left.join(', '));
}

/** The pods that an object makes: at most one. */
export const podOf = (object) => object.kind === 'Pod' ? object
	: object.spec?.template?.spec && object.spec.template;

/** All containers of a pod, those that come first, too. */
export const containersOf = (pod) =>
	[...pod.spec.initContainers ?? [], ...pod.spec.containers];
