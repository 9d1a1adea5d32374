// Do the objects of docker/k8s fit each other, and what a cluster asks of them?
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse as parseJsonc } from 'jsonc-parser';
import { all, containersOf, DRAIN_S, kustomization, one, podOf } from './read.mjs';

const deployment = one('Deployment');
const pod = deployment.spec.template;
const [gateway] = pod.spec.containers;
const service = one('Service');
const secret = one('Secret');

const config = (object = one('ConfigMap')) => {
	const errors = [];
	const value = parseJsonc(object.data['config.json'], errors,
	    { allowTrailingComma: true });

	assert.deepEqual(errors, []);
	return value;
};

/** Does a selector of labels find these? */
const finds = (selector, labels = {}) => Object.entries(selector)
	.every(([name, value]) => labels[name] === value);

// ---- every pod, in whatever file ----

const pods = all.map(({ file, object }) => ({ file, object, pod: podOf(object) }))
	.filter((each) => each.pod);

/** What the Pod Security Standard "restricted" has against a pod. */
function objections({ spec }) {
	const said = [];
	const of = spec.securityContext ?? {};

	for (const name of ['hostNetwork', 'hostPID', 'hostIPC'])
		if (spec[name])
			said.push(name);
	for (const volume of spec.volumes ?? [])
		if (!['configMap', 'secret', 'emptyDir', 'projected', 'downwardAPI',
			'csi', 'ephemeral', 'persistentVolumeClaim']
			.some((kind) => volume[kind]))
			said.push(`volume ${volume.name}`);
	for (const c of containersOf({ spec })) {
		const own = c.securityContext ?? {};
		const object = (what) => said.push(`${c.name}: ${what}`);

		if (own.privileged)
			object('privileged');
		if (own.allowPrivilegeEscalation !== false)
			object('allowPrivilegeEscalation');
		if ((own.runAsNonRoot ?? of.runAsNonRoot) !== true)
			object('runAsNonRoot');
		if ((own.runAsUser ?? of.runAsUser) === 0)
			object('runAsUser');
		if (!['RuntimeDefault', 'Localhost'].includes((own.seccompProfile ??
			of.seccompProfile)?.type))
			object('seccompProfile');
		if (!own.capabilities?.drop?.includes('ALL') ||
			own.capabilities.add?.length)
			object('capabilities');
		if (c.ports?.some(({ hostPort }) => hostPort))
			object('hostPort');
		// more than the standard asks for
		if (own.readOnlyRootFilesystem !== true)
			object('readOnlyRootFilesystem');
	}
	return said;
}

for (const { file, object, pod: each } of pods)
	test(`${file}: ${object.kind} ${object.metadata.name} is restricted`, () => {
		assert.deepEqual(objections(each), []);
	});

test('a pod that is not restricted is objected to', () => {
	const strict = ['allowPrivilegeEscalation', 'readOnlyRootFilesystem',
		'capabilities'];

	for (const name of strict) {
		const copy = structuredClone(pod);

		delete copy.spec.containers[0].securityContext[name];
		assert.deepEqual(objections(copy), [`dragoman: ${name}`]);
	}
	for (const name of ['runAsNonRoot', 'seccompProfile']) {
		const copy = structuredClone(pod);

		delete copy.spec.securityContext[name];
		assert.deepEqual(objections(copy), [`dragoman: ${name}`]);
	}
	const more = structuredClone(pod);

	more.spec.hostNetwork = true;
	more.spec.initContainers = [{ name: 'first', securityContext: { runAsUser: 0 } }];
	more.spec.volumes.push({ name: 'disk', hostPath: { path: '/' } });
	more.spec.containers[0].securityContext.capabilities.add = ['NET_ADMIN'];
	more.spec.containers[0].ports[0].hostPort = 80;
	assert.deepEqual(objections(more).sort(), ['hostNetwork', 'volume disk',
		'dragoman: capabilities', 'dragoman: hostPort', 'first: runAsUser',
		...strict.map((name) => `first: ${name}`)].sort());
});

for (const { file, object, pod: each } of pods)
	test(`${file}: the gateway in ${object.metadata.name} has what it needs`, () => {
		const found = containersOf(each).filter(({ name }) => name === 'dragoman');

		assert.equal(found.length, 1, 'no container dragoman');
		const [c] = found;

		assert.deepEqual(c.resources.requests, { cpu: '10m', memory: '16Mi' });
		assert.ok(c.resources.limits.memory);
		// a limit of CPU would only make streams stutter
		assert.equal(c.resources.limits.cpu, undefined);
		assert.ok(c.securityContext.runAsUser ?? each.spec.securityContext.runAsUser,
		    'kubelet cannot tell that the user is not root');
		for (const { name } of c.volumeMounts ?? [])
			assert.ok(each.spec.volumes.some((v) => v.name === name),
			    `no volume ${name}`);
		// podman runs pod.yaml, too, and has no way to ask in our image
		assert.ok(c.startupProbe && c.livenessProbe ||
		    object.kind === 'Pod' && c.readinessProbe, 'no probe');
		for (const probe of [c.startupProbe, c.livenessProbe, c.readinessProbe])
			if (probe?.httpGet && typeof probe.httpGet.port === 'string')
				assert.ok(c.ports.some((p) => p.name === probe.httpGet.port));
		const before = c.lifecycle?.preStop?.sleep?.seconds ?? 0;

		assert.ok((each.spec.terminationGracePeriodSeconds ?? 30) >
		    DRAIN_S + before,
		    'it is killed before its streams can end');
	});

test('a native sidecar starts first, ends last and is asked by itself', () => {
	const { pod: each } = pods.find(({ file }) => file === 'sidecar.yaml');
	const [sidecar] = each.spec.initContainers;
	const value = (name) => sidecar.env.find((e) => e.name === name)?.value;

	assert.equal(sidecar.name, 'dragoman');
	assert.equal(sidecar.restartPolicy, 'Always');
	assert.match(value('DRAGOMAN_LISTEN'), /^127\.0\.0\.1:4000$/);
	for (const probe of [sidecar.startupProbe, sidecar.livenessProbe])
		assert.equal(probe.exec.command[0], '/dragoman');
	const [app] = each.spec.containers;

	assert.equal(app.env.find(({ name }) => name === 'OPENAI_BASE_URL').value,
	    'http://localhost:4000/v1');
	// the application holds no provider's key
	assert.ok(!app.env.some((e) => e.valueFrom) && !app.envFrom);
});

// ---- the Deployment and all that belongs to it ----

test('selectors find the pods of the Deployment, and no others', () => {
	const { labels } = pod.metadata;

	for (const selector of [deployment.spec.selector.matchLabels,
		service.spec.selector,
		one('PodDisruptionBudget').spec.selector.matchLabels,
		one('NetworkPolicy').spec.podSelector.matchLabels,
		...pod.spec.topologySpreadConstraints
			.map((c) => c.labelSelector.matchLabels)]) {
		assert.ok(Object.keys(selector).length, 'an empty one finds all');
		assert.ok(finds(selector, labels));
		for (const other of pods.filter(({ object }) => object !== deployment))
			assert.ok(!finds(selector, other.pod.metadata?.labels ??
			    other.object.metadata.labels));
	}
});

test('the port has one name and one number everywhere', () => {
	const [port] = gateway.ports;
	const [{ port: out, targetPort, name }] = service.spec.ports;

	assert.equal(gateway.ports.length, 1);
	assert.equal(targetPort, port.name);
	assert.equal(out, port.containerPort);
	assert.deepEqual(config().listen, [`:${port.containerPort}`]);
	for (const { port: from } of one('ServiceMonitor').spec.endpoints)
		assert.equal(from, name);
	assert.deepEqual(one('NetworkPolicy').spec.ingress
		.flatMap((rule) => rule.ports.map((p) => p.port)), [port.name]);
});

test('the Service has the labels that its monitor looks for', () => {
	assert.ok(finds(one('ServiceMonitor').spec.selector.matchLabels,
	    service.metadata.labels));
});

test('what is referred to is there', () => {
	const keys = Object.keys(secret.stringData);
	const { volumes } = pod.spec;
	const mount = (name) => gateway.volumeMounts.find((m) => m.name === name);

	assert.equal(volumes.find((v) => v.secret).secret.secretName,
	    secret.metadata.name);
	assert.equal(volumes.find((v) => v.configMap).configMap.name,
	    one('ConfigMap').metadata.name);
	assert.deepEqual(gateway.args, ['serve', '-c',
		`${mount('config').mountPath}/config.json`]);
	const folder = mount('secrets').mountPath;
	const told = [...one('ConfigMap').data['config.json']
		.matchAll(/\$\{file:([^}]*)\}/g)].map((m) => m[1])
		.concat(gateway.env.filter(({ name }) => name.endsWith('_FILE'))
			.map(({ value }) => value));

	assert.deepEqual(told.sort(), keys.map((key) => `${folder}/${key}`).sort());
	for (const m of gateway.volumeMounts) {
		assert.equal(m.readOnly, true);
		assert.equal(m.subPath, undefined, 'would never change');
	}
	const { credentials } = one('ServiceMonitor').spec.endpoints[0].authorization;

	assert.equal(credentials.name, secret.metadata.name);
	assert.equal(credentials.key, 'DRAGOMAN_ADMIN_KEY');
	assert.ok(keys.includes(credentials.key));
});

/** An object that a pod of that file names: of the file, or of the namespace. */
const named = (kind, name, file) => all.find((each) =>
	each.object.kind === kind && each.object.metadata.name === name &&
	(each.file === file || kustomization.resources.includes(each.file)))?.object;

for (const { file, object, pod: each } of pods)
	test(`${file}: what ${object.kind} ${object.metadata.name} refers to is there`,
	    () => {
		const has = (kind, name, key) => {
			const found = named(kind, name, file);

			assert.ok(found, `${kind} ${name}`);
			assert.ok(!key || key in { ...found.data, ...found.stringData }, key);
		};

		for (const { secret: s, configMap } of each.spec.volumes ?? []) {
			if (s)
				has('Secret', s.secretName);
			if (configMap)
				has('ConfigMap', configMap.name);
		}
		for (const c of containersOf(each)) {
			for (const { valueFrom } of c.env ?? [])
				if (valueFrom)
					has('Secret', valueFrom.secretKeyRef.name,
					    valueFrom.secretKeyRef.key);
			for (const { secretRef, configMapRef } of c.envFrom ?? []) {
				if (secretRef && !secretRef.optional)
					has('Secret', secretRef.name);
				if (configMapRef && !configMapRef.optional)
					has('ConfigMap', configMapRef.name);
			}
		}
	});

test('files of the Secret are for the gateway to read, not for all', () => {
	const { defaultMode } = pod.spec.volumes.find((v) => v.secret).secret;

	assert.equal(defaultMode, 0o440);
	assert.equal(pod.spec.securityContext.fsGroup,
	    pod.spec.securityContext.runAsGroup);
});

test('no secret of ours is in the examples', () => {
	const secrets = all.map(({ object }) => object)
		.filter(({ kind }) => kind === 'Secret');

	assert.ok(secrets.length);
	for (const { data = {}, stringData = {} } of secrets)
		for (const value of Object.values(data)
			.map((v) => Buffer.from(v, 'base64').toString())
			.concat(Object.values(stringData)))
			assert.equal(value, 'replace-me');
});

test('as many pods as there is work for', () => {
	const { spec } = one('HorizontalPodAutoscaler');

	assert.deepEqual(spec.scaleTargetRef, { apiVersion: deployment.apiVersion,
		kind: 'Deployment', name: deployment.metadata.name });
	assert.equal(deployment.spec.replicas, undefined,
	    'would undo with each apply what was scaled');
	assert.ok(spec.minReplicas >= 2 && spec.maxReplicas > spec.minReplicas);
	// some may go while nodes are drained, and some stay
	assert.deepEqual([one('PodDisruptionBudget').spec.maxUnavailable,
		one('PodDisruptionBudget').spec.minAvailable], [1, undefined]);
	assert.equal(deployment.spec.strategy.rollingUpdate.maxUnavailable, 0);
});

test('the namespace is made, and holds its pods to the strictest standard', () => {
	const { metadata } = one('Namespace');

	assert.equal(metadata.name, kustomization.namespace);
	assert.equal(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
});

// ---- the network's rules, asked as a network would ----

const number = (address) => address.split('.')
	.reduce((n, part) => n * 256 + Number(part), 0);
const within = (address, cidr) => {
	const [base, bits] = cidr.split('/');

	if (base.includes(':'))
		return false;
	return Math.floor(number(address) / 2 ** (32 - bits)) ===
	    Math.floor(number(base) / 2 ** (32 - bits));
};
const meets = ({ namespaceSelector, podSelector, ipBlock }, who) => ipBlock
	? Boolean(who.address) && within(who.address, ipBlock.cidr) &&
	    !(ipBlock.except ?? []).some((cidr) => within(who.address, cidr))
	: Boolean(who.labels) &&
	    finds(namespaceSelector?.matchLabels ?? {}, who.namespace) &&
	    finds(podSelector?.matchLabels ?? {}, who.labels);
const lets = (rules, side, who, port, protocol = 'TCP') => rules.some((rule) =>
	rule[side].some((peer) => meets(peer, who)) &&
	rule.ports.some((p) => p.port === port && (p.protocol ?? 'TCP') === protocol));

test('the network lets in who should, and out to where it must', () => {
	const { spec } = one('NetworkPolicy');
	const of = (namespace, labels = {}) => ({ labels,
		namespace: { 'kubernetes.io/metadata.name': namespace } });
	const into = (...who) => lets(spec.ingress, 'from', ...who);
	const out = (...to) => lets(spec.egress, 'to', ...to);

	assert.deepEqual(spec.policyTypes, ['Ingress', 'Egress']);
	assert.ok(into(of('shop', { 'dragoman.client': 'true' }), 'http'));
	assert.ok(into(of('monitoring'), 'http'));
	assert.ok(!into(of('shop'), 'http'));
	for (const protocol of ['TCP', 'UDP']) {
		assert.ok(out(of('kube-system'), 53, protocol));
		assert.ok(out({ address: '169.254.20.10' }, 53, protocol));
		assert.ok(!out({ address: '8.8.8.8' }, 53, protocol));
	}
	assert.ok(out({ address: '104.18.7.192' }, 443));
	assert.ok(!out({ address: '104.18.7.192' }, 80));
	for (const address of ['10.96.0.1', '172.20.0.1', '192.168.1.1', '100.64.3.2',
		'169.254.169.254'])
		assert.ok(!out({ address }, 443), `${address} is reached`);
	assert.ok(out({ address: '172.32.0.1' }, 443));
	assert.ok(spec.egress.some(({ to }) => to.some(({ ipBlock }) =>
		ipBlock?.cidr === '::/0' && ipBlock.except.includes('fc00::/7'))));
});
