// The ledger: a line for each request, to the token, whatever dies or fills up.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync,
    rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { Stage, assert, run, test, until, within } from './harness.mjs';
import { completion, completionEvents, sse } from './shapes.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gpt = await stage.provider();
const files = (path) => {
	const dir = join(path, '..'), name = path.slice(dir.length + 1);
	const old = readdirSync(dir).filter((f) => f.startsWith(`${name}.2`));

	return [...old.sort(), name].map((f) => join(dir, f));
};
const text = (path) => files(path).map((f) => existsSync(f)
    ? readFileSync(f, 'utf8') : '').join('');
const lines = (path) => text(path).split('\n').filter((l) => l)
    .map((l) => JSON.parse(l));
const price = { in: 1.5, out: 6, cached: 0.25 };
const catalog = Object.fromEntries(['c', 'm', 'r', 'g', 'gpt'].map((name) =>
    [`${name}/house`, { price }]));

/** A gateway before the mock provider, in one protocol at each name. */
async function start(ledger, rest = {}, options = {}) {
	const path = ledger.path ?? join(stage.dir(), 'ledger.jsonl');
	const gateway = await stage.gateway({ ...options, config: { providers: {
		c: { chat: `${echo.url}/v1`, key: 'k' },
		m: { messages: echo.url, key: 'k' },
		r: { responses: `${echo.url}/v1`, key: 'k' },
		g: { gemini: `${echo.url}/v1beta`, key: 'k' },
		gpt: { chat: `${gpt.url}/v1`, key: 'k', dialect: 'openai' },
		gone: { chat: 'http://127.0.0.1:9/v1', key: 'k' },
	}, catalog, ledger: { ...ledger, path }, ...rest } });

	gateway.ledger = path;
	return gateway;
}

const chat = (model, rest = {}) => ['/v1/chat/completions', { model,
	messages: [{ role: 'user', content: 'How are you?' }], ...rest }];
const asks = {
	chat,
	messages: (model, rest) => ['/v1/messages', { model, max_tokens: 99,
		messages: [{ role: 'user', content: 'How are you?' }], ...rest }],
	responses: (model, rest) => ['/v1/responses', { model,
		input: 'How are you?', ...rest }],
	gemini: (model, { stream } = {}) => [`/v1beta/models/${model}:${stream
	    ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, {
		contents: [{ role: 'user', parts: [{ text: 'How are you?' }] }] }],
};

/** The sum of all samples of a metric whose labels hold all of `words`. */
async function metric(gateway, name, ...words) {
	const { body } = await gateway.ask('/metrics');

	return body.split('\n').filter((l) => (l.startsWith(`${name}{`) ||
	    l.startsWith(`${name} `)) && words.every((w) => l.includes(w)))
	    .reduce((sum, l) => sum + Number(l.slice(l.lastIndexOf(' '))), 0);
}

const sum = (all, member) => all.reduce((n, l) => n + (l[member] ?? 0), 0);
const written = (gateway, n) => until(() =>
    text(gateway.ledger).split('\n').length - 1 >= n,
    `${n} lines of the ledger`);

test('what is off leaves nothing behind', async () => {
	const dir = stage.dir();
	const gateway = await stage.gateway({ config: { providers: {
		c: { chat: `${echo.url}/v1`, key: 'k' } } } });

	assert.equal((await gateway.post(...chat('c/house'))).status, 200);
	assert.doesNotMatch((await gateway.ask('/metrics')).body,
	    /dragoman_ledger/);
	assert.deepEqual(readdirSync(dir), []);
});

test('a line has its members in their order', async () => {
	const gateway = await start({ sync: 'always' });
	const { headers } = await gateway.post(...chat('c/house'),
	    { 'x-request-id': 'mine-1' });
	const [line] = lines(gateway.ledger);
	const nano = line.in * 1500 + line.out * 6000;

	assert.deepEqual(Object.keys(line), ['time', 'id', 'key', 'protocol',
		'model', 'provider', 'target', 'status', 'in', 'out', 'cached',
		'cache_written', 'reasoning', 'estimated', 'cost_nano',
		'first_ms', 'ms', 'attempts', 'stop', 'error', 'cache',
		'stream']);
	assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	assert.ok(line.in > 0 && line.out > 0);
	assert.deepEqual({ ...line, time: 0, first_ms: 0, ms: 0 }, { time: 0,
		id: 'mine-1', key: null, protocol: 'chat', model: 'c/house',
		provider: 'c', target: 'house', status: 200, in: line.in,
		out: line.out, cached: 0, cache_written: line.cache_written,
		reasoning: 0, estimated: false, cost_nano: nano, first_ms: 0,
		ms: 0, attempts: 1, stop: 'end', error: null, cache: null,
		stream: false });
	assert.equal(Math.round(Number(headers['x-dragoman-cost-usd']) * 1e9),
	    nano);

	// nobody knows what this one costs
	const unknown = await gateway.post(...chat('c/other'));

	assert.equal(unknown.headers['x-dragoman-cost-usd'], undefined);
	assert.equal(lines(gateway.ledger)[1].cost_nano, null);
});

test('ledger, metrics, usage.json and the provider agree to the token',
    async () => {
	const gateway = await start({}, { workers: 2, models: { sure: {
		targets: ['gone/x', 'c/house'] } } });
	const before = await echo.stats();
	let asked = 0;

	for (const ask of Object.values(asks))
		for (const name of ['c', 'm', 'r', 'g'])
			for (const stream of [false, true]) {
				const { status } = await gateway.post(
				    ...ask(`${name}/house`, { stream }));

				assert.equal(status, 200);
				asked++;
			}
	const more = [
		chat('m/house', { n: 3 }), chat('c/house', { n: 2 }),
		chat('m/house', { n: 2, stream: true }),
		chat('sure'), chat('sure', { stream: true }),
		['/v1/embeddings', { model: 'c/house', input: 'x' }],
		['/v1beta/models/c/house:embedContent', {
			content: { parts: [{ text: 'x' }] } }],
	];

	for (const [path, body] of more)
		assert.equal((await gateway.post(path, body)).status, 200);
	// what costs nothing: refusals, failures, pages, counts
	assert.equal((await gateway.post(...chat('no-such'))).status, 404);
	assert.equal((await gateway.post(...chat('c/house+status=400')))
	    .status, 400);
	assert.equal((await gateway.post(...chat('gone/x'))).status, 502);
	await gateway.ask('/v1/models');
	await gateway.post('/v1/messages/count_tokens',
	    asks.messages('m/house')[1]);
	asked += more.length + 3;
	await written(gateway, asked);

	const all = lines(gateway.ledger), after = await echo.stats();
	const told = [after.tokens_in - before.tokens_in,
		after.tokens_out - before.tokens_out];
	const usage = (await gateway.ask('/usage.json')).json;
	const good = all.filter((l) => l.status === 200);

	assert.equal(all.length, asked);
	assert.ok(told[0] > 500 && told[1] > 100);
	assert.deepEqual([sum(all, 'in'), sum(all, 'out')], told);
	assert.deepEqual([
		await metric(gateway, 'gen_ai_client_token_usage_sum', '"input"'),
		await metric(gateway, 'gen_ai_client_token_usage_sum',
		    '"output"')], told);
	assert.deepEqual([usage.total.tokens_in, usage.total.tokens_out], told);
	assert.ok(good.every((l) => !l.estimated));
	assert.equal(good.length, asked - 3);
	assert.deepEqual(all.filter((l) => l.status !== 200).map((l) =>
	    [l.status, l.in, l.out, l.cost_nano]).sort(), [[400, 0, 0, 0],
	    [404, 0, 0, 0], [502, 0, 0, 0]]);

	// and to the nano-dollar
	const nano = sum(all, 'cost_nano');

	assert.equal(nano, good.reduce((n, l) => n + l.in * 1500 +
	    (l.out ?? 0) * 6000, 0));
	assert.equal(await metric(gateway, 'dragoman_cost_nano_usd_total'),
	    nano);
	assert.equal(usage.total.cost_nano_usd, nano);
	for (const part of ['models', 'providers', 'keys', 'days'])
		assert.equal(usage[part].reduce((n, g) =>
		    n + g.cost_nano_usd, 0), nano);
	assert.equal(await metric(gateway, 'dragoman_ledger_lines_total'),
	    asked);
	assert.equal(await metric(gateway, 'dragoman_ledger_lost_total'), 0);
	assert.equal(await metric(gateway, 'dragoman_ledger_waiting_lines'), 0);

	const said = JSON.parse((await run(['usage', '--ledger',
		gateway.ledger, '--json'])).out);

	assert.equal(said.total.cost_nano_usd, nano);
	assert.deepEqual([said.total.tokens_in, said.total.tokens_out], told);
	assert.equal(said.lines, asked);
});

test('names of any characters are told apart, and are text', async () => {
	const names = ['a b', 'a\tb', 'a\nb', 'a"b', 'a\\b', 'é'.repeat(99)];
	const gateway = await start({});
	const post = (path, body) => gateway.post(path, body);

	gpt.always((c) => c.json(completion('Yes')));
	for (const name of names)
		assert.equal((await post(...chat(`gpt/${name}`))).status, 200);
	const { bytes } = await gateway.ask('/metrics');
	const told = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
	    .match(/^gen_ai_client_cost\{.*provider_name="gpt".*\}/gm);

	assert.equal(new Set(told).size, names.length);
	assert.equal(told.length, names.length);
	assert.ok(told.some((l) => l.includes('"a\\nb"')));
	// what stands in a path is text, too
	const [, body] = asks.gemini('');

	assert.equal((await post('/v1beta/models/gpt%2F%ff:generateContent',
	    body)).status, 400);
	gpt.forget();
});

test('of an answer that ends too early counts what there was', async () => {
	const gateway = await start({ sync: 'always' });
	const begun = (c) => c.begin().piece(sse(...completionEvents(
	    'A rather long text that will break off').slice(0, 3)));

	// the client hangs up
	const hangUp = async (model, rest) => {
		const raw = await stage.raw(gateway, '');
		const body = JSON.stringify(chat(model, { stream: true,
			...rest })[1]);

		raw.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
		    'content-type: application/json\r\n' +
		    `content-length: ${body.length}\r\n\r\n${body}`);
		await raw.sees(/"content":"\w/);
		raw.destroy();
	};

	gpt.answer(begun);
	await hangUp('gpt/house');
	await written(gateway, 1);
	// the provider does, after the first byte, and before it
	gpt.answer((c) => { begun(c).cut(); });
	await gateway.post(...asks.messages('gpt/house', { stream: true }));
	await written(gateway, 2);
	gpt.answer((c) => c.begin({ 'content-type': 'application/json',
		'content-length': 5000 }).piece('{"id":').cut());
	await gateway.post(...chat('gpt/house'));
	await written(gateway, 3);

	// several answers, of which none is whole
	await hangUp('m/house+drip=200', { n: 3 });
	await written(gateway, 4);

	const [hung, cut, failed, several] = lines(gateway.ledger);

	assert.deepEqual([hung.status, hung.error, hung.estimated, hung.stop],
	    [200, 'hung_up', true, null]);
	assert.deepEqual([cut.status, cut.error, cut.estimated],
	    [200, 'truncated', true]);
	for (const line of [hung, cut]) {
		assert.ok(line.in > 0 && line.out > 0);
		assert.equal(line.cost_nano, line.in * 1500 + line.out * 6000);
	}
	assert.deepEqual([several.status, several.error, several.estimated],
	    [200, 'hung_up', true]);
	assert.ok(several.in > 0 && several.in % 3 === 0 && several.out > 0);
	assert.deepEqual([failed.status, failed.in, failed.out,
		failed.cost_nano], [502, 0, 0, 0]);
});

test('of one that nobody waited for counts the question', async () => {
	const gateway = await start({ sync: 'always' });
	const body = JSON.stringify(chat('gpt/house')[1]);

	gpt.answer(() => {});
	const before = gpt.requests.length;
	const raw = await stage.raw(gateway, 'POST /v1/chat/completions ' +
	    'HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
	    `content-length: ${body.length}\r\n\r\n${body}`);

	await until(() => gpt.requests.length > before, 'the request');
	raw.destroy();
	await written(gateway, 1);
	const [line] = lines(gateway.ledger);

	assert.deepEqual([line.status, line.error, line.out, line.estimated],
	    [499, 'hung_up', 0, true]);
	assert.ok(line.in > 0);
	assert.equal(line.cost_nano, line.in * 1500);
	gpt.forget();
});

// ---- dying

/**
 * Ask again and again until `over()`; the ids of the answers that were seen to
 * their end.
 */
async function load(gateway, over, name) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
	const seen = [];
	let n = 0;

	const one = (stream) => new Promise((done) => {
		const id = `${name}-${n++}`;
		const wish = http.request(`${gateway.url}/v1/chat/completions`, {
			method: 'POST', agent, headers: { 'x-request-id': id,
				'content-type': 'application/json' } }, (answer) => {
			let body = '';

			answer.on('data', (d) => {
				body += d;
				// a client goes by the stream's last event
				if (stream && body.includes('[DONE]'))
					seen.push(id);
			});
			answer.on('error', done);
			answer.on('end', () => {
				if (!stream && answer.complete &&
				    answer.statusCode === 200)
					seen.push(id);
				done();
			});
		});

		wish.on('error', done);
		wish.end(JSON.stringify(chat('c/house', { stream })[1]));
	});

	await Promise.all(Array.from({ length: 8 }, async (_, i) => {
		while (!over() && n < 5000) {
			await one(i % 2 === 1);
			if (gateway.ended !== null)
				break;
		}
	}));
	agent.destroy();
	return [...new Set(seen)];
}

const children = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ')
	.filter((p) => p).map(Number));

function checkSeen(path, seen) {
	const count = new Map();

	for (const { id } of lines(path))
		count.set(id, (count.get(id) ?? 0) + 1);
	assert.ok(seen.length > 0, 'no answer was seen');
	for (const id of seen)
		assert.equal(count.get(id), 1, `${id} in the ledger`);
	// nothing is told twice, seen or not
	assert.ok([...count.values()].every((n) => n === 1));
}

test('workers that are killed lose no answer that was seen', async () => {
	const gateway = await start({ sync: 'always' }, { workers: 2 });
	let over = false;

	gateway.expectBroken = true;
	const seen = load(gateway, () => over, 'w');

	for (let round = 0; round < 6; round++) {
		await new Promise((go) => setTimeout(go, 100 + 60 * round));
		const workers = children(gateway.pid);

		if (workers.length)
			process.kill(workers[round % workers.length], 'SIGKILL');
	}
	over = true;
	checkSeen(gateway.ledger, await within(seen, 'the load to end'));
	assert.match(gateway.log, /died of signal 9/);
});

test('nor does a master that is killed, and its heir goes on', async () => {
	let path, all = [];

	for (let round = 0; round < 4; round++) {
		const gateway = await start({ sync: 'always', path },
		    { workers: 2 });
		const workers = children(gateway.pid);
		const seen = load(gateway, () => false, `m${round}`);

		path = gateway.ledger;
		gateway.expectBroken = true;
		await until(() => text(path).includes(`"m${round}-`),
		    'the first line');
		await new Promise((go) => setTimeout(go, 40 * round));
		gateway.signal('SIGKILL');
		for (const pid of round % 2 ? workers : [])
			try { process.kill(pid, 'SIGKILL'); } catch { /* gone */ }
		await within(gateway.end, 'the end of the master');
		all.push(...await within(seen, 'the load to end'));
		stage.things = stage.things.filter((t) => t !== gateway);
		checkSeen(path, all);
	}
	assert.ok(all.length > 20);
});

test('a torn line is ended and reported at the start', async () => {
	const path = join(stage.dir(), 'ledger.jsonl');
	const whole = '{"time":"2026-11-01T00:00:00Z","in":7,"cost_nano":5}\n';

	writeFileSync(path, `${whole}{"time":"2026-11-02T0`);
	const gateway = await start({ path, sync: 'always' });

	await gateway.says(/ended in a torn line of 21 bytes/);
	assert.equal((await gateway.post(...chat('c/house'))).status, 200);
	const [first, torn, last, end] = text(path).split('\n');

	assert.equal(`${first}\n`, whole);
	assert.equal(torn, '{"time":"2026-11-02T0');
	assert.equal(JSON.parse(last).status, 200);
	assert.equal(end, '');
	const { code, err, out } = await run(['usage', '--ledger', path]);

	assert.equal(code, 0);
	assert.match(err, /1 broken line/);
	assert.match(out, /total +2 /);
});

test('two gateways do not share a ledger', async () => {
	const gateway = await start({});
	const file = join(stage.dir(), 'second.json');

	writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'],
		env: false, ledger: { path: gateway.ledger } }));
	const { code, err } = await run(['serve', '-c', file]);

	assert.equal(code, 1);
	assert.match(err, /another process keeps this ledger/);
	assert.doesNotMatch(err, /listening/);
	writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'],
		env: false, ledger: { path: '/nowhere/at/all.jsonl' } }));
	const nowhere = await run(['serve', '-c', file]);

	assert.equal(nowhere.code, 1);
	assert.match(nowhere.err, /nowhere\/at\/all\.jsonl: .*No such file/);
});

// ---- the disk

test('a full disk stops nobody, and is counted, logged and shown',
    async () => {
	const path = join(stage.dir(), 'ledger.jsonl');

	symlinkSync('/dev/full', path);
	const gateway = await start({ path, sync: 'always', buffer_kb: 1 });

	for (let i = 0; i < 5; i++)
		assert.equal((await gateway.post(...chat('c/house'))).status, 200);
	await gateway.says(/ledger.*No space left/);
	const lost = await metric(gateway, 'dragoman_ledger_lost_total');

	assert.ok(lost >= 2 && lost < 5, `${lost} lost`);
	assert.equal(await metric(gateway, 'dragoman_ledger_waiting_lines'),
	    5 - lost);
	assert.equal(await metric(gateway, 'dragoman_ledger_lines_total'), 0);
	assert.ok(await metric(gateway, 'dragoman_ledger_errors_total') > 0);
	// budgets and counters go on
	assert.equal((await gateway.ask('/usage.json')).json.total.requests, 5);
	// there is room again, under the same name
	rmSync(path);
	await written(gateway, 5 - lost);
	await gateway.says(new RegExp(`written again.* lost=${lost}`));
	assert.equal(await metric(gateway, 'dragoman_ledger_waiting_lines'), 0);
	assert.equal((await gateway.post(...chat('c/house'))).status, 200);
	assert.equal(lines(path).length, 6 - lost);
});

test('on a disk that fills up no line is torn, and none is lost', async (t) => {
	const dir = join(stage.dir(), 'disk');

	mkdirSync(dir);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir])
	    .status !== 0)
		return t.skip('mounting is not allowed here');
	try {
		const path = join(dir, 'ledger.jsonl');
		const gateway = await start({ path, sync: 'always' },
		    { workers: 2 });
		let n = 0;

		writeFileSync(join(dir, 'other'), Buffer.alloc(48 * 1024));
		while (await metric(gateway, 'dragoman_ledger_waiting_lines') < 5) {
			assert.ok(n < 200, 'the disk is never full');
			assert.equal((await gateway.post(...chat('c/house')))
			    .status, 200);
			n++;
		}
		lines(path);			// whole ones
		rmSync(join(dir, 'other'));
		await written(gateway, n);
		assert.equal(lines(path).length, n);
		assert.equal(await metric(gateway,
		    'dragoman_ledger_lost_total'), 0);
		await gateway.stop();
		stage.things = stage.things.filter((one) => one !== gateway);
	} finally {
		spawnSync('umount', ['-l', dir]);
	}
});

test('a disk without room for a file stops nobody at the start', async (t) => {
	const dir = join(stage.dir(), 'disk');
	const mount = (...args) => spawnSync('mount', [...args, dir]).status;

	mkdirSync(dir);
	if (mount('-t', 'tmpfs', '-o', 'nr_inodes=1', 'none') !== 0)
		return t.skip('mounting is not allowed here');
	try {
		const path = join(dir, 'ledger.jsonl');
		const gateway = await start({ path, sync: 'always' });

		await gateway.says(/cannot be begun yet: No space left/);
		assert.equal((await gateway.post(...chat('c/house'))).status, 200);
		assert.equal(await metric(gateway,
		    'dragoman_ledger_waiting_lines'), 1);
		assert.equal(mount('-o', 'remount,nr_inodes=50'), 0);
		await until(() => existsSync(path) && lines(path).length === 1,
		    'the line that waited');
		await gateway.stop();
		stage.things = stage.things.filter((one) => one !== gateway);
	} finally {
		spawnSync('umount', ['-l', dir]);
	}
});

test('a large file gets another name while two workers write', async () => {
	const gateway = await start({ sync: 'always', rotate_mb: 1 },
	    { workers: 2 });
	const old = '{"time":"2026-11-01T00:00:00Z","id":"old","in":1}\n';
	const fill = () => appendFileSync(gateway.ledger,
	    old.repeat(Math.ceil((1 << 20) / old.length) - 100));
	let filled = 0, over = false;

	await gateway.post(...chat('c/house'));
	const seen = load(gateway, () => over, 'r');

	for (let round = 1; round <= 3; round++) {
		fill();
		filled += Math.ceil((1 << 20) / old.length) - 100;
		await until(() => files(gateway.ledger).length > round,
		    'another name');
	}
	over = true;
	const ids = await within(seen, 'the load to end');
	const all = lines(gateway.ledger);

	assert.equal(all.filter((l) => l.id === 'old').length, filled);
	for (const id of ids)
		assert.equal(all.filter((l) => l.id === id).length, 1);
	assert.match(gateway.log, /goes on in a new file/);
	const said = JSON.parse((await run(['usage', '--ledger',
		gateway.ledger, '--json'])).out);

	assert.equal(said.lines, all.length);
	assert.equal(said.broken_lines, 0);
});

test('under "interval" lines are there within a second, and at the end',
    async () => {
	const gateway = await start({ sync: 'interval' }, { workers: 2 });

	for (let i = 0; i < 10; i++)
		await gateway.post(...chat('c/house'));
	await written(gateway, 10);
	for (let i = 0; i < 10; i++)
		await gateway.post(...chat('c/house'));
	await gateway.stop();
	assert.equal(lines(gateway.ledger).length, 20);
});

test('a reload takes the ledger elsewhere', async () => {
	const gateway = await start({ sync: 'never' });
	const file = join(gateway.dir, 'dragoman.json');
	const there = join(gateway.ledger, '..', 'other.jsonl');

	await gateway.post(...chat('c/house'));
	writeFileSync(file, readFileSync(file, 'utf8').replace(
	    gateway.ledger, there));
	gateway.signal('SIGHUP');
	await until(async () => {
		await gateway.post(...chat('c/house'));
		return existsSync(there) && lines(there).length;
	}, 'a line in the other file');
	assert.ok(lines(gateway.ledger).length > 0);
});

// ---- what is known of it afterwards

test('spend and budgets outlive a restart', async () => {
	const key = 'dg-client-key-of-team-a';
	const rest = { keys: [{ name: 'team-a', budget_usd: 0.0001,
		per: 'month', sha256: createHash('sha256').update(key)
		    .digest('hex') }], key_defaults: {} };
	const headers = { authorization: `Bearer ${key}` };
	const first = await start({}, rest);
	let spent;

	for (let i = 0; i < 50; i++) {
		const { status } = await first.post(...chat('c/house',
		    { max_tokens: 5 }), headers);

		if (status !== 200) {
			spent = status;
			break;
		}
	}
	assert.ok(spent >= 400, 'the budget is spent');
	const before = (await first.ask('/usage.json')).json;

	await first.stop();
	const second = await start({ path: first.ledger }, rest);

	assert.deepEqual((await second.ask('/usage.json')).json, before);
	assert.equal(before.keys[0].key, 'team-a');
	assert.equal((await second.post(...chat('c/house',
	    { max_tokens: 5 }), headers)).status, spent);
	// counters begin anew, as Prometheus wants it
	assert.equal(await metric(second, 'gen_ai_client_token_usage_sum'), 0);
});

test('names that nobody knows take no places from those that are', async () => {
	const gateway = await start({});

	for (let i = 0; i < 600; i += 20)
		await Promise.all(Array.from({ length: 20 }, (_, n) =>
		    gateway.post(...chat(`c/junk-${i + n}+status=404`))));
	assert.equal((await gateway.post(...chat('c/house+status=429')))
	    .status, 429);
	assert.equal((await gateway.post(...chat('c/late'))).status, 200);
	assert.equal((await gateway.post(...chat('c/house'))).status, 200);

	const { models } = (await gateway.ask('/usage.json')).json;

	assert.deepEqual(models.map((m) => [m.model, m.requests, m.errors])
	    .sort(), [[null, 601, 601], ['c/house', 1, 0], ['c/late', 1, 0]]);
});

test('what has no place of its own is counted after a restart, too', async () => {
	const path = join(stage.dir(), 'ledger.jsonl');
	const time = new Date().toISOString();

	for (let i = 0; i < 2000; i++)
		appendFileSync(path, `${JSON.stringify({ time, id: `r${i}`,
			key: null, protocol: 'chat', model: `m${i}`,
			provider: 'c', target: `m${i}`, status: 200, in: 2,
			out: 1, cost_nano: 5 })}\n`);
	const { json } = await (await start({ path })).ask('/usage.json');

	assert.equal(json.total.requests, 2000);
	assert.equal(json.total.tokens_in, 4000);
	assert.equal(json.total.cost_nano_usd, 10000);
	assert.equal(json.models.find((m) => m.model.includes('(others)'))
	    .requests, 2001 - json.models.length);
});

test('dragoman usage: ways to add up, times, forms', async () => {
	const path = join(stage.dir(), 'ledger.jsonl');
	const line = (day, key, provider, nano) => `${JSON.stringify({
		time: `2026-10-${day}T12:00:00.000Z`, key, model: 'x', provider,
		target: 'm"1', status: 200, in: 10, out: 2, cost_nano: nano })}\n`;
	const usage = (...args) => run(['usage', '--ledger', path, ...args]);

	writeFileSync(`${path}.20261003T000000.000Z`, line('01', 'a', 'p', 5) +
	    line('02', 'b', 'p', 1000000000));
	writeFileSync(path, `${line('03', 'a', 'q', null)}torn\n`);

	const table = await usage();

	assert.equal(table.code, 0);
	assert.match(table.out, /^model +requests/);
	assert.match(table.out, /^p\/m\\"1 +2 .* 1\.000000005$/m);
	assert.match(table.out, /^total +3 .* 1\.000000005$/m);
	assert.match(table.err, /1 broken line/);

	const csv = await usage('--by', 'day,key', '--csv', '--since',
	    '2026-10-02', '--until', '2026-10-03T12:00:00.001Z');

	assert.equal(csv.out.replaceAll('\r\n', '\n'), 'key,day,requests,errors,' +
	    'tokens_in,tokens_cached,tokens_cache_written,tokens_out,' +
	    'tokens_reasoning,estimated,unpriced,cost_usd\n' +
	    '"b","2026-10-02",1,0,10,0,0,2,0,0,0,1.00\n' +
	    '"a","2026-10-03",1,0,10,0,0,2,0,0,1,0.00\n');

	const json = JSON.parse((await usage('--by', 'provider,model', '--json'))
	    .out);

	assert.deepEqual(json.groups.map((g) => [g.provider, g.model,
		g.cost_nano_usd]), [['p', 'p/m"1', 1000000005],
		['q', 'q/m"1', 0]]);
	assert.deepEqual([json.lines, json.broken_lines], [3, 1]);
	assert.equal(JSON.parse((await usage('--json', '--since', '1h')).out)
	    .lines, 0);

	for (const wrong of [['--by', 'colour'], ['--since', 'yesterday'],
	    ['--json', '--csv'], ['more']])
		assert.equal((await usage(...wrong)).code, 2);
	assert.equal((await run(['usage', '--ledger', `${path}.not`])).code, 1);
	const none = await run(['usage'], { env: {} });

	assert.equal(none.code, 1);
	assert.match(none.err, /no ledger is configured/);
	assert.equal((await run(['usage'], { env: { DRAGOMAN_LEDGER: path } }))
	    .code, 0);
});

test('the configuration says what is wrong with a ledger', async () => {
	for (const [ledger, why] of [
		[{ path: '' }, /:\d+:\d+: "path" must be the name of a file/],
		[{ path: 'x', sync: 'often' }, /"sync" must be "always"/],
		[{ path: 'x', buffer_kb: 0 }, /"buffer_kb" must be from 1/],
		[{ path: 'x', rotate_mb: 9999999 }, /"rotate_mb" must be at most/],
		[{ paht: 'x' }, /unknown member "paht"; did you mean "path"/],
	]) {
		const file = join(stage.dir(), 'wrong.json');

		writeFileSync(file, JSON.stringify({ env: false, ledger }));
		const { code, err, out } = await run(['check', '-c', file]);

		assert.equal(code, 1);
		assert.match(err + out, why);
	}
	const file = join(stage.dir(), 'good.json');

	writeFileSync(file, JSON.stringify({ env: false, ledger: {
		path: 'spend.jsonl', sync: 'always' } }));
	assert.match((await run(['check', '-c', file])).out,
	    /^ledger\n {2}spend\.jsonl {2}\(always\)$/m);
	assert.ok(!existsSync('spend.jsonl'));
});

test('usage.json is the operator\'s', async () => {
	const key = 'admin-of-this-gateway';
	const gateway = await start({}, {}, { env: { DRAGOMAN_ADMIN_KEY: key } });

	assert.equal((await gateway.ask('/usage.json', { headers: {
		'x-forwarded-for': '192.0.2.1' } })).status, 401);
	assert.equal((await gateway.ask('/usage.json', { headers: {
		'x-forwarded-for': '192.0.2.1',
		authorization: `Bearer ${key}` } })).status, 200);
	gpt.answer((c) => c.json(completion('Hello')));
	assert.equal((await gateway.post(...chat('gpt/house'))).status, 200);
});

stage.close();
