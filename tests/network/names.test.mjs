// Names: none at boot, lists of servers that change, and all that servers answer.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Gateway, ask, down, nameServer, one, provider, remove, replace,
	resolvConf, sleep, until, up } from './world.mjs';

const LIST = '/etc/resolv.conf';
const GOOD = ['nameserver 192.0.2.53', 'options timeout:1 attempts:1'];
const SILENT = ['nameserver 192.0.2.99', 'options timeout:1 attempts:1'];
const zone = {
	'api.test': { A: ['192.0.2.2'] },
	'servfail.test': { rcode: 2 },
	'refused.test': { rcode: 5 },
	'silent.test': { silent: true },
	'nothing.test': {},
	'a.test': { A: ['192.0.2.2'] },
	'aaaa.test': { AAAA: ['2001:db8::2'] },
	'both.test': { A: ['192.0.2.2'], AAAA: ['2001:db8::2'] },
	'first-dead.test': { A: ['192.0.2.99', '192.0.2.2'] },
	'many-dead.test': { A: ['192.0.2.2'], AAAA: [1, 2, 3, 4, 5, 6, 7, 8, 9]
	    .map((n) => `2001:db8::${n}99`) },
	'v6-dead.test': { A: ['192.0.2.2'], AAAA: ['2001:db8::99'] },
	'chain.test': { CNAME: 'middle.test' },
	'middle.test': { CNAME: 'end.test' },
	'end.test': { A: ['192.0.2.2'] },
	'truncated.test': { A: ['192.0.2.2', '192.0.2.3'], truncated: true },
	'forged.test': { A: ['192.0.2.2'], forged: true },
	'models.default.svc.cluster.local': { A: ['192.0.2.2'] },
	'models.other.svc.cluster.local': { A: ['192.0.2.2'] },
};
const names = await nameServer('192.0.2.53', zone);
const far = await provider('::', 8080, 'far');
const at = (host) => `http://${host}:8080/v1`;
const API = one(at('api.test'));
/** No connection waits for the next request: each finds its way anew. */
const anew = (config, limits) => ({ ...config,
	limits: { pool_idle: 0, ...limits } });
const start = (host, limits) => Gateway.start(anew(one(at(host)), limits));

/** A 502 in the client's shape, soon, that says what is wrong. */
async function refused(gateway, why, bound = 9000) {
	const answer = await gateway.chat();

	assert.equal(answer.status, 502, answer.text);
	assert.equal(answer.json.error.code, 'upstream_unreachable');
	assert.match(answer.json.error.message,
	    /^Cannot reach provider p: the name .* could not be resolved: /);
	assert.match(answer.json.error.message, why);
	assert.ok(answer.ms < bound, `only after ${answer.ms} ms`);
}

/** Other workers may have to take over before a request is good again. */
async function comes(gateway, what) {
	const began = performance.now();

	await until(async () => (await gateway.chat()).status === 200, what, 9000);
	console.log(`${what}: good after ${Math.round(performance.now() -
		began)} ms`);
}

// ---- no names at boot ----

const boots = {
	'no list of name servers': () => remove(LIST),
	'a list without a server': () => resolvConf(GOOD[1]),
	'a server that is silent': () => resolvConf(...SILENT),
	'no interface but lo': () => {
		down();
		resolvConf(...GOOD);
	},
};

for (const [what, boot] of Object.entries(boots))
	test(`boots with ${what}, and names come later`, async () => {
		boot();
		const gateway = await Gateway.start(API);

		assert.equal((await ask(`${gateway.url}/healthz`)).status, 200);
		await refused(gateway, /no name server has an answer/);
		up();
		resolvConf(...GOOD);
		await gateway.good('the next request');
		await gateway.stop();
	});

// ---- lists that change ----

const LINKED = '/run/net/resolv.conf';
const link = (to) => {
	remove(LIST);
	symlinkSync(to, LIST);
};
const put = (path, lines) => {
	mkdirSync(path.replace(/[^/]*$/, ''), { recursive: true });
	writeFileSync(path, `${lines.join('\n')}\n`);
};
const changes = {
	'another file takes its place': [() => resolvConf(...SILENT),
		() => resolvConf(...GOOD)],
	'it is written in place': [() => resolvConf(...SILENT),
		() => writeFileSync(LIST, `${GOOD.join('\n')}\n`)],
	'a link leads to another file beside it': [() => {
		put('/run/net/dead', SILENT);
		link('/run/net/dead');
	}, () => { put(LINKED, GOOD); link(LINKED); }],
	'a link leads to a file that comes': [() => {
		mkdirSync('/run/net');
		link(LINKED);
	}, () => put(LINKED, GOOD)],
	'a link leads to a folder that comes': [() => link(LINKED),
		() => put(LINKED, GOOD)],
	'links of links': [() => { link('/run/list'); }, () => {
		put(LINKED, GOOD);
		symlinkSync('net/resolv.conf', '/run/list');
	}],
	'a file becomes a link': [() => resolvConf(...SILENT),
		() => { put(LINKED, GOOD); link(LINKED); }],
	'a link leads elsewhere': [() => {
		put('/run/other/resolv.conf', SILENT);
		link('/run/other/resolv.conf');
	}, () => { put(LINKED, GOOD); link(LINKED); }],
};

for (const [what, [before, after]] of Object.entries(changes))
	test(`the list changes: ${what}`, async () => {
		for (const path of ['/run/net', '/run/other', '/run/list', LIST])
			rmSync(path, { recursive: true, force: true });
		before();
		const gateway = await Gateway.start(anew(API, { connect_ms: 700 }));

		assert.notEqual((await gateway.chat()).status, 200);
		after();
		await comes(gateway, what);
		await gateway.stop();
	});

test('circuits that failures opened do not stand in the way', async () => {
	rmSync(LIST, { force: true });
	resolvConf(...SILENT);
	const near = await provider('192.0.2.3', 8081, 'near');
	const gateway = await Gateway.start({
		providers: { p: { chat: at('api.test'), key: 'k' },
			q: { chat: 'http://192.0.2.3:8081/v1', key: 'k' } },
		models: { alone: 'p/m', both: { targets: ['p/m', 'q/m'] } },
		circuit: { failures: 1, open_ms: 500, open_max_ms: 500 },
		limits: { connect_ms: 1000, pool_idle: 0 },
	});
	const who = async (model) => (await gateway.chat({}, { model }))
	    .json.choices?.[0].message.content;

	for (let i = 0; i < 3; i++)
		assert.equal(await who('both'), 'near');
	await gateway.chat({}, { model: 'alone' });
	assert.match((await ask(`${gateway.url}/metrics`)).text,
	    /dragoman_circuit_state\{target="p\/m"\} [12]/);
	resolvConf(...GOOD);
	// the only target is asked all the same
	assert.equal(await who('alone'), 'far');
	assert.equal(await who('both'), 'far');
	await gateway.stop();
	await near.close();
});

// ---- what servers answer ----

test('a name that is not there', async () => {
	resolvConf(...GOOD);
	const gateway = await start('nowhere.test');

	await refused(gateway, /nowhere\.test could not .*no such name is known/,
	    2000);
	await gateway.stop();
});

for (const host of ['servfail.test', 'refused.test', 'silent.test'])
	test(`a server has no answer: ${host}`, async () => {
		const gateway = await start(host);

		await refused(gateway, /no name server has an answer/, 6000);
		await gateway.stop();
	});

test('a name without addresses', async () => {
	const gateway = await start('nothing.test');

	await refused(gateway, /no such name is known/, 2000);
	await gateway.stop();
});

for (const host of ['a.test', 'aaaa.test', 'both.test', 'chain.test', 'truncated.test',
	'a.test.', 'A.TEST'])
	test(`an answer: ${host}`, async () => {
		const gateway = await start(host);

		await gateway.good();
		await gateway.stop();
	});

for (const host of ['first-dead.test', 'v6-dead.test', 'many-dead.test'])
	test(`a silent address does not hold up the others: ${host}`, async () => {
		const gateway = await start(host, { connect_ms: 20000 });
		const first = await gateway.good();
		const second = await gateway.good();

		console.log(`${host}: ${first.ms} ms, then ${second.ms} ms`);
		assert.ok(first.ms < 4000, `${first.ms} ms`);
		// the one that answered is begun with
		assert.equal(gateway.count(/does not answer/g), 0);
		assert.ok(second.ms < 4000, `${second.ms} ms`);
		await gateway.stop();
	});

test('answers of strangers and to other questions are no answers', async () => {
	const gateway = await start('forged.test', { connect_ms: 5000 });

	await gateway.good();
	await gateway.stop();
});

test('of two servers one is enough', async () => {
	resolvConf('nameserver 192.0.2.99', 'nameserver 192.0.2.53');
	const gateway = await start('api.test');
	const { ms } = await gateway.good();

	assert.ok(ms < 4000, `${ms} ms`);
	await gateway.stop();
});

for (const address of ['2001:db8::53', 'fe80::53'])
	test(`a name server at ${address}`, async () => {
		const local = address.startsWith('fe80');
		const server = await nameServer(local ? `${address}%v1` : address,
		    zone);

		resolvConf(`nameserver ${address}${local ? '%v0' : ''}`);
		const gateway = await start('api.test');

		await gateway.good();
		assert.deepEqual(new Set(await server.get('asked')),
		    new Set(['A api.test', 'AAAA api.test']));
		await gateway.stop();
		await server.close();
	});

test('names as a cluster has them', async () => {
	resolvConf('nameserver 192.0.2.53', 'options ndots:5 timeout:1',
	    'search default.svc.cluster.local svc.cluster.local cluster.local');
	const gateway = await Gateway.start(anew({ providers: {
		p: { chat: at('models'), key: 'k' },
		q: { chat: at('models.other'), key: 'k' },
		r: { chat: at('models.other.svc'), key: 'k' },
		s: { chat: at('models.other.svc.cluster.local'), key: 'k' },
		t: { chat: at('api.test'), key: 'k' },
		u: { chat: at('api.test.'), key: 'k' },
	} }));

	for (const name of ['p', 'q', 'r', 's', 't', 'u'])
		assert.equal((await gateway.chat({}, { model: `${name}/m` }))
		    .status, 200, name);
	await gateway.stop();
});

test('/etc/hosts comes first, and localhost needs neither', async () => {
	resolvConf(...SILENT);
	remove('/etc/hosts');
	const here = await provider('192.0.2.4', 8082);
	const gateway = await Gateway.start(anew({ providers: {
		p: { chat: 'http://api.test:8082/v1', key: 'k' },
		q: { chat: 'http://localhost:1/v1', key: 'k' },
		r: { chat: 'http://models.localhost:1/v1', key: 'k' } } }));

	replace('/etc/hosts', '192.0.2.4 api.test\n');
	await gateway.good();
	for (const model of ['q/m', 'r/m'])
		assert.match((await gateway.chat({}, { model })).text,
		    /(127\.0\.0\.1|\[::1\]):1: the connection was refused/);
	remove('/etc/hosts');
	await gateway.stop();
	await here.close();
});

// ---- addresses that change ----

test('an address that refuses is looked up anew, within the request', async () => {
	resolvConf(...GOOD);
	const old = await provider('192.0.2.3', 8083, 'old');
	const moving = { A: ['192.0.2.3'] };

	await names.set({ zone: { ...zone, 'moves.test': moving } });
	const gateway = await Gateway.start(anew(one(
	    'http://moves.test:8083/v1')));

	await gateway.good();
	await old.close();
	const young = await provider('192.0.2.4', 8083, 'young');

	await names.set({ zone: { ...zone, 'moves.test': { A: ['192.0.2.4'] } } });
	await sleep(1100);		// what was asked just now is not asked again
	const answer = await gateway.good();

	assert.equal(answer.json.choices[0].message.content, 'young');
	assert.match(answer.headers['x-dragoman-attempts'] ?? '1', /^1/);
	await gateway.stop();
	await young.close();
});

test('an address that is silent is looked up anew by the next', async () => {
	const young = await provider('192.0.2.4', 8084, 'young');

	await names.set({ zone: { ...zone, 'moves.test': { A: ['192.0.2.99'] } } });
	const gateway = await Gateway.start(anew(one(
	    'http://moves.test:8084/v1'), { connect_ms: 1500 }));
	const lost = await gateway.chat();

	assert.equal(lost.status, 504, lost.text);
	assert.match(lost.text, /192\.0\.2\.99:8084: the server does not answer/);
	await names.set({ zone: { ...zone, 'moves.test': { A: ['192.0.2.4'] } } });
	await gateway.good();
	await gateway.stop();
	await young.close();
});
