// What targets and keys did before decides who is asked next: circuits, keys that
// are left alone, rounds after a pause, and the budget for all that.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, attempts, test, until } from './harness.mjs';
import { completion, openaiError } from './shapes.mjs';

const stage = new Stage();
const body = (model, rest) => ({ model, messages: [{ role: 'user',
	content: 'Hello' }], ...rest });
const fine = (c) => c.json(completion('Yes'));
const refuse = (status, headers, text = 'No') => (c) =>
    c.json(openaiError(text), status, headers);

/** A gateway before providers a, b, ... of its own, and a model over all of them. */
async function scene(names, rest = {}, more = {}) {
	const all = {}, config = {};

	for (const name of names) {
		all[name] = await stage.provider();
		config[name] = { chat: `${all[name].url}/v1`,
			key: `key-of-${name}`, ...more[name] };
	}
	const gateway = await stage.gateway({ config: { providers: config,
		models: { all: { targets: names.map((n) => `${n}/m`) } },
		...rest } });
	const say = (model = 'all', more_) => gateway.post(
	    '/v1/chat/completions', body(model, more_));
	const state = async (name) => Number((await gateway.ask('/metrics')).body
	    .match(new RegExp(`circuit_state{target="${name}"} (\\d)`))?.[1]);
	const tried = (answer) => answer.headers['x-dragoman-attempts'];

	return { ...all, gateway, say, state, tried };
}

/** The same, where a's circuit is open and a probe will be due soon. */
async function opened(circuit, rest) {
	const s = await scene(['a', 'b'], { circuit: { failures: 3,
		rate_percent: 0, ...circuit }, ...rest });

	s.a.always(refuse(503));
	s.b.always(fine);
	for (let i = 0; i < 3; i++)
		assert.equal(s.tried(await s.say()), '2; a/m=503, b/m=200');
	assert.equal(await s.state('a/m') > 0, true);
	return s;
}

// ---- circuits

test('a target that fails in a row is passed over', async () => {
	const s = await opened({ open_ms: 60000 }, { workers: 2 });

	for (let i = 0; i < 8; i++)
		assert.equal(s.tried(await s.say()),
		    '1; a/m=skipped, b/m=200');
	assert.equal(s.a.requests.length, 3);
	assert.equal(s.b.requests.length, 11);
	assert.equal(await s.state('a/m'), 2);
	assert.equal(await s.state('b/m'), 0);
	assert.equal((await s.gateway.ask('/readyz')).status, 200);
	await s.gateway.says(/circuit opened.*provider=a.*target=m/);
	await s.gateway.says(/target passed over.*provider=a.*target=m/);
});

test('half-open, one request of all workers\' tries it', async () => {
	const s = await opened({ open_ms: 100 }, { workers: 2 });
	const probes = [];

	s.a.always((c) => { probes.push(c); });
	await until(async () => await s.state('a/m') === 1, 'half-open');
	const twelve = Array.from({ length: 12 }, () => s.say());

	await until(() => s.b.requests.length === 3 + 11, 'eleven at b');
	assert.equal(probes.length, 1);
	assert.equal(await s.state('a/m'), 1);
	assert.equal(s.tried(await s.say()), '1; a/m=skipped, b/m=200');
	s.a.always(fine);
	fine(probes[0]);
	const answers = (await Promise.all(twelve)).map(s.tried).sort();

	assert.deepEqual(answers, ['1; a/m=200', ...Array(11).fill(
	    '1; a/m=skipped, b/m=200')]);
	assert.equal(await s.state('a/m'), 0);
	assert.equal(s.tried(await s.say()), '1; a/m=200');
	await s.gateway.says(/target tried again.*provider=a/);
	await s.gateway.says(/circuit closed.*provider=a/);
});

test('a probe that fails opens it for longer', async () => {
	const s = await opened({ open_ms: 50, open_max_ms: 600000 });

	// each time it takes twice as long until somebody tries again
	for (let probe = 1; probe < 4; probe++) {
		await until(async () => {
			await s.say();
			return s.a.requests.length === 3 + probe;
		}, `probe ${probe}`);
	}
	assert.equal(s.gateway.log.match(/circuit opened/g).length, 4);
});

test('a probe whose client hangs up leaves the next to another', async () => {
	const s = await opened({ open_ms: 100 });
	const probes = [];

	s.a.always((c) => { probes.push(c); });
	await until(async () => await s.state('a/m') === 1, 'half-open');
	const text = JSON.stringify(body('all'));
	const raw = await stage.raw(s.gateway, 'POST /v1/chat/completions HTTP/1.1' +
	    `\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);

	await until(() => probes.length === 1, 'the probe');
	raw.destroy();
	await probes[0].closed;
	s.a.always(fine);
	assert.equal(s.tried(await s.say()), '1; a/m=200');
	assert.equal(await s.state('a/m'), 0);
});

test('a probe dies with its worker, and another is sent', async () => {
	const s = await opened({ open_ms: 100, probe_ms: 600000 },
	    { workers: 2 });
	const probes = [];

	s.a.always((c) => { probes.push(c); });
	await until(async () => await s.state('a/m') === 1, 'half-open');
	const lost = s.say().catch(() => 'lost');

	await until(() => probes.length === 1, 'the probe');
	s.gateway.expectBroken = true;
	const { pid } = s.gateway;

	for (const worker of readFileSync(`/proc/${pid}/task/${pid}/children`,
	    'utf8').trim().split(' '))
		process.kill(Number(worker), 'SIGKILL');
	assert.equal(await lost, 'lost');
	await until(() => s.gateway.log.match(/died of signal 9/g)?.length === 2,
	    'both deaths');
	s.a.always(fine);
	const again = await until(() => s.say().catch(() => null), 'an answer');

	assert.equal(s.tried(again), '1; a/m=200');
	assert.equal(await s.state('a/m'), 0);
});

test('half of all, and never three in a row', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 3,
		rate_percent: 50, requests: 10, window_s: 3600,
		open_ms: 60000 } });

	s.b.always(fine);
	for (let i = 0; i < 5; i++)
		s.a.answer(fine, refuse(500));
	for (let i = 0; i < 10; i++)
		assert.equal((await s.say()).status, 200);
	assert.equal(await s.state('a/m'), 2);
	assert.equal(s.tried(await s.say()), '1; a/m=skipped, b/m=200');
});

test('what a request did wrong opens nothing', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 2 } });

	s.b.always(fine);
	for (const status of [400, 404, 408, 409, 413, 422, 400, 404]) {
		s.a.answer(refuse(status));
		await s.say();
	}
	assert.equal(await s.state('a/m'), 0);
	s.a.answer(fine);
	assert.equal(s.tried(await s.say()), '1; a/m=200');
});

test('where none is well the first is asked all the same', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 2,
		rate_percent: 0, open_ms: 600000, open_max_ms: 600000 } });

	s.a.always(refuse(503));
	s.b.always(refuse(502));
	for (let i = 0; i < 2; i++)
		assert.equal((await s.say()).status, 502);
	assert.equal((await s.gateway.ask('/readyz')).status, 503);
	assert.equal(s.tried(await s.say()), '2; a/m=503, b/m=502');
	s.a.always(fine);
	assert.equal(s.tried(await s.say()), '1; a/m=200');
	assert.equal(await s.state('a/m'), 0);
	assert.equal(await s.state('b/m'), 2);
	assert.equal((await s.gateway.ask('/readyz')).status, 200);
});

test('a circuit outlives a change of the configuration', async () => {
	const s = await opened({ open_ms: 600000 });
	const file = join(s.gateway.dir, 'dragoman.json');
	const text = readFileSync(file, 'utf8');

	writeFileSync(file, text.replace('"failures": 3', '"failures": 4'));
	await until(async () => /reloads_total{result="good"} 1/.test(
	    (await s.gateway.ask('/metrics')).body), 'a reload');
	for (let i = 0; i < 4; i++)
		assert.equal(s.tried(await s.say()),
		    '1; a/m=skipped, b/m=200');
});

test('a key that was replaced begins anew', async () => {
	const s = await scene(['a', 'b']);
	const file = join(s.gateway.dir, 'dragoman.json');

	s.b.always(fine);
	s.a.always(byKey({ 'key-of-a': refuse(401) }));
	assert.equal(s.tried(await s.say()), '2; a/m=401, b/m=200');
	assert.equal(s.tried(await s.say()), '1; a/m=skipped, b/m=200');
	writeFileSync(file, readFileSync(file, 'utf8').replace('key-of-a',
	    'new-key-of-a'));
	await until(async () => s.tried(await s.say()) === '1; a/m=200',
	    'the new key');
});

test('whatever a model is called, the list of attempts can be read', async () => {
	const s = await scene(['a']);

	s.a.always(fine);
	assert.equal(s.tried(await s.say('a/x/y, b=200; 100% \u00e9\r\n"z:1"')),
	    '1; a/x/y%2c%20b%3d200%3b%20100%25%20%c3%a9%0d%0a"z:1"=200');
});

test('models that clients invent have their provider\'s circuit', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 2,
		rate_percent: 0, open_ms: 600000 } });

	s.a.always(refuse(500));
	for (let i = 0; i < 5; i++)
		await s.say(`a/invented-${i}`);
	const { body: metrics } = await s.gateway.ask('/metrics');

	assert.match(metrics, /circuit_state{target="a"} 2/);
	assert.doesNotMatch(metrics, /circuit_state.*invented/);
	assert.equal(s.a.requests.length, 5);
});

test('the caller\'s own credential stays with the first provider', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 2,
		rate_percent: 0, open_ms: 600000 } },
	    { a: { key: undefined }, b: { key: undefined } });
	const mine = { authorization: 'Bearer sk-mine' };
	const say = () => s.gateway.post('/v1/chat/completions', body('all'),
	    mine);

	s.a.always(refuse(503));
	s.b.always(fine);
	for (let i = 0; i < 4; i++)
		await say();
	assert.equal(s.a.requests.length, 2);
	s.a.always(fine);
	s.b.always(refuse(503));
	// b is asked first, then a: it is still a's
	assert.equal(s.tried(await say()),
	    '2; a/m=skipped, b/m=503, a/m=200');
	for (const { headers } of s.a.requests)
		assert.equal(headers.authorization, 'Bearer sk-mine');
	assert.equal(s.b.requests.length, 5);
	for (const { head } of s.b.requests)
		assert.doesNotMatch(head, /sk-mine|authorization/i);
});

test('429 with the caller\'s own credential is no one else\'s affair', async () => {
	const s = await scene(['a', 'b'], {}, { a: { key: undefined } });

	s.b.always(fine);
	s.a.answer(refuse(429, { 'retry-after': '30' }), fine);
	for (const [key, want] of [['one', '2; a/m=429, b/m=200'],
	    ['two', '1; a/m=200']])
		assert.equal(s.tried(await s.gateway.post('/v1/chat/completions',
		    body('all'), { authorization: `Bearer ${key}` })), want);
});

// ---- keys

const three = { a: { key: undefined, keys: ['k-one-aaaaaa', 'k-two-bbbbbb',
	'k-three-cccc'] } };
const key = (call) => call.headers.authorization?.slice(7);
const used = (provider) => provider.requests.map(key);

/** By the key that is sent: what is answered. */
const byKey = (answers) => (c) => (answers[key(c.request)] ?? fine)(c);

test('keys take turns', async () => {
	const s = await scene(['a'], {}, three);

	s.a.always(fine);
	for (let i = 0; i < 6; i++)
		await s.say();
	assert.deepEqual(used(s.a).slice(0, 3).sort(), three.a.keys.toSorted());
	assert.deepEqual(used(s.a).slice(0, 3), used(s.a).slice(3));
});

test('a conversation that is drawn stays with its key', async () => {
	const s = await scene(['a'], { models: { all: { targets: [
	    { model: 'a/m', weight: 1 }] } } }, three);
	const turn = (i) => ({ messages: [{ role: 'user',
		content: `Conversation ${i}` }] });

	s.a.always(fine);
	for (let i = 0; i < 24; i++)
		await s.say('all', turn(i % 8));
	assert.deepEqual(used(s.a).slice(0, 8), used(s.a).slice(8, 16));
	assert.deepEqual(used(s.a).slice(0, 8), used(s.a).slice(16));
	assert.ok(new Set(used(s.a)).size > 1);
});

for (const [status, headers, text] of [[401, {}, 'Bad'], [402, {}, 'Pay'],
    [403, {}, 'This key may not'], [429, { 'retry-after': '60' }, 'Slow'],
    [429, {}, 'Slow']])
	test(`${status} ${text}: one key is left alone, the next one tried`,
	    async () => {
		const s = await scene(['a', 'b'], { workers: 2 }, three);

		s.b.always(fine);
		s.a.always(byKey({ 'k-two-bbbbbb': refuse(status, headers,
		    text) }));
		const all = [];

		for (let i = 0; i < 12; i++)
			all.push(s.tried(await s.say()));
		assert.equal(s.b.requests.length, 0);
		assert.equal(used(s.a).filter((k) => k === 'k-two-bbbbbb').length,
		    1);
		assert.deepEqual(all.filter((one) => one !== '1; a/m=200'),
		    [`2; a/m=${status}, a/m=200`]);
		assert.equal(await s.state('a/m'), 0);
		assert.doesNotMatch(s.gateway.log, /k-two/);
	});

test('a 403 that is not about keys: another one, and nobody is left alone',
    async () => {
	const s = await scene(['a', 'b'], {}, three);

	s.a.answer(refuse(403, {}, 'Not in your region'), fine, fine, fine);
	for (const want of ['2; a/m=403, a/m=200', '1; a/m=200', '1; a/m=200'])
		assert.equal(s.tried(await s.say()), want);
	assert.equal(new Set(used(s.a)).size, 3);
});

test('when all keys are left alone the next target is asked', async () => {
	const s = await scene(['a', 'b'], {}, three);

	s.b.always(fine);
	s.a.always(refuse(429, { 'retry-after': '60' }));
	assert.equal(s.tried(await s.say()),
	    '4; a/m=429, a/m=429, a/m=429, b/m=200');
	assert.equal(s.tried(await s.say()), '1; a/m=skipped, b/m=200');
	assert.equal(new Set(used(s.a)).size, 3);
	// and where there is no other, the key that is free soonest
	s.a.always(byKey({ 'k-one-aaaaaa': refuse(429, { 'retry-after': '50' }),
		'k-two-bbbbbb': refuse(429, { 'retry-after': '20' }),
		'k-three-cccc': refuse(429, { 'retry-after': '30' }) }));
	for (let i = 0; i < 2; i++)
		assert.equal((await s.say('a/other')).status, 429);
	assert.equal(s.a.requests.length, 3 + 3 + 1);
	assert.equal(key(s.a.last), 'k-two-bbbbbb');
	// it was good all the same: it is free again
	s.a.always(fine);
	for (let i = 0; i < 3; i++) {
		await s.say('a/other');
		assert.equal(key(s.a.last), 'k-two-bbbbbb');
	}
});

test('a single key that has had enough: other targets go first', async () => {
	const s = await scene(['a', 'b']);

	s.a.always(refuse(429, { 'retry-after': '60' }));
	s.b.always(fine);
	assert.equal(s.tried(await s.say()), '2; a/m=429, b/m=200');
	assert.equal(s.tried(await s.say()), '1; a/m=skipped, b/m=200');
	// a limit of one model is none of another
	s.a.always(fine);
	assert.equal((await s.say('a/gpt-4o')).status, 200);
	assert.equal(await s.state('a/m'), 0);
});

test('keys of embeddings, and of several answers', async () => {
	const s = await scene(['a'], {}, { a: { ...three.a, dialect: 'openai',
		options: { n_max: 4 } } });

	s.a.always(byKey({ 'k-two-bbbbbb': refuse(401) }));
	for (let i = 0; i < 3; i++)
		assert.equal((await s.gateway.post('/v1/embeddings', {
			model: 'a/m', input: 'x' })).status, 200);
	assert.equal(s.a.requests.length, 4);
	s.a.forget();
	s.a.always(fine);
	assert.equal((await s.say('a/m', { n: 2 })).status, 200);
	assert.equal(new Set(used(s.a)).size, 1);
	// one of them is refused: all are asked again, with the other key
	const last = key(s.a.last);
	const rest = three.a.keys.filter((k) => k !== 'k-two-bbbbbb');

	s.a.forget();
	s.a.always(byKey(Object.fromEntries(rest.map((k) => [k,
	    k === last ? fine : refuse(429, { 'retry-after': '60' })]))));
	for (let i = 0; i < 2; i++)
		assert.equal((await s.say('a/m', { n: 2 })).status, 200);
	assert.equal(key(s.a.last), last);
});

// ---- rounds

const calm = { circuit: { failures: 0, rate_percent: 0, cool_max_ms: 0 } };
const rounds = (retries, limits = {}) => ({ ...calm, retries,
	limits: { backoff_ms: 1, backoff_max_ms: 4, ...limits } });
/** The pauses that the header tells of, in milliseconds. */
const pauses = (answer) => [...answer.headers['x-dragoman-attempts'].matchAll(
    /pause=(\d+)/g)].map((m) => Number(m[1]));

test('targets are asked again, and the pauses grow', async () => {
	const s = await scene(['a', 'b'], { ...rounds(5, { backoff_ms: 8,
		backoff_max_ms: 32 }) });

	for (let i = 0; i < 4; i++) {
		s.a.answer(refuse(503));
		s.b.answer(refuse(500));
	}
	s.a.answer(fine);
	const answer = await s.say();

	assert.equal(answer.status, 200);
	assert.equal(attempts(answer.headers), '9');
	assert.match(s.tried(answer), /^9; a\/m=503, b\/m=500, pause=\d+, a\/m=503/);
	assert.match(s.tried(answer), /b\/m=500, pause=\d+, a\/m=200$/);
	const told = pauses(answer);

	assert.equal(told.length, 4);
	told.forEach((ms, i) => {
		const whole = Math.min(8 << i, 32);

		assert.ok(ms >= whole / 2 && ms <= whole, `${ms} of ${whole}`);
	});
	await s.gateway.says(/pause before a retry.*ms=/);
});

test('no more rounds than are configured, for a model or for all', async () => {
	const s = await scene(['a'], { ...rounds(1), models: {
		all: { targets: ['a/m'] },
		often: { targets: ['a/m'], retries: 3 },
		never: { targets: ['a/m'], retries: 0 } } });

	s.a.always(refuse(503));
	for (const [model, want] of [['all', '2'], ['often', '4'],
	    ['never', '1']]) {
		const answer = await s.say(model);

		assert.equal(answer.status, 503);
		assert.equal(attempts(answer.headers), want);
	}
	assert.equal(s.a.requests.length, 7);
});

// what our own key did wrong is no error of the client's
for (const [status, told] of [[400, 400], [401, 502], [403, 502], [404, 404],
    [413, 413], [422, 422]])
	test(`after a ${status} there is no round more`, async () => {
		const s = await scene(['a'], rounds(3));

		s.a.answer(refuse(status));
		const answer = await s.say();

		assert.equal(answer.status, told);
		assert.equal(attempts(answer.headers), '1');
		assert.equal(s.a.requests.length, 1);
	});

const soon = (ms) => new Date(Date.now() + ms);

for (const [name, headers, least, most] of [
	['seconds', () => ({ 'retry-after': '1' }), 1000, 1000],
	['half a second', () => ({ 'retry-after': '0.2' }), 200, 200],
	['milliseconds', () => ({ 'retry-after-ms': '70' }), 70, 70],
	['both', () => ({ 'retry-after': '30', 'retry-after-ms': '60' }), 60, 60],
	['a date', () => ({ 'retry-after': soon(2000).toUTCString() }), 5, 2000],
	['a date that is over', () => ({ 'retry-after':
		soon(-9000).toUTCString() }), 1, 4],
	['reset of requests', () => ({ 'x-ratelimit-remaining-requests': '0',
		'x-ratelimit-reset-requests': '900ms' }), 900, 1000],
	['reset of tokens', () => ({ 'anthropic-ratelimit-tokens-remaining': '0',
		'anthropic-ratelimit-tokens-reset': soon(900).toISOString() }),
	    5, 2000]])
	test(`retry-after: ${name}`, async () => {
		const s = await scene(['a'], rounds(1));

		s.a.answer((c) => refuse(429, headers())(c), fine);
		const answer = await s.say();
		const [ms] = pauses(answer);

		assert.equal(answer.status, 200);
		assert.ok(ms >= least && ms <= most, `${ms}`);
	});

test('who asks for more than we wait gets it told at once', async () => {
	const s = await scene(['a', 'b'], rounds(3,
	    { retry_after_max_ms: 5000 }));

	s.a.always(refuse(429, { 'retry-after': '6' }));
	s.b.always(refuse(503, { 'retry-after': '7' }));
	const answer = await s.say();

	assert.equal(answer.status, 503);
	assert.equal(answer.headers['retry-after'], '7');
	assert.equal(s.tried(answer), '2; a/m=429, b/m=503');
	// but one of them may do with less
	s.b.forget();
	s.b.answer(refuse(503), fine);
	assert.match(s.tried(await s.say()), /^4; a\/m=429, b\/m=503, pause=/);
});

test('what followed failures is counted', async () => {
	const s = await scene(['a', 'b'], { ...rounds(2, {
		retry_budget_percent: 0, retry_budget_least: 1 }) }, three);

	s.a.answer(refuse(401), refuse(503), refuse(500), fine, refuse(500));
	s.b.answer(refuse(500), refuse(500));
	assert.match(s.tried(await s.say()), /^5; a\/m=401, a\/m=503, b\/m=500, pause=\d+, a\/m=500, b\/m=500$/);
	const { body: metrics } = await s.gateway.ask('/metrics');

	for (const [next, count] of [['key', 1], ['target', 2], ['round', 1],
	    ['refused', 1]])
		assert.match(metrics, new RegExp(
		    `failovers_total{next="${next}"} ${count}\n`));
	s.a.forget();
});

test('a provider may forbid it, and time may be over', async () => {
	const s = await scene(['a'], rounds(3, { total_ms: 5000 }));

	s.a.answer(refuse(500, { 'x-should-retry': 'false' }));
	assert.equal(s.tried(await s.say()), '1; a/m=500');
	s.a.answer(refuse(500, { 'retry-after': '6' }));
	assert.equal(s.tried(await s.say()), '1; a/m=500');
	assert.equal(s.a.requests.length, 2);
});

test('all attempts together end with total_ms', async () => {
	const s = await scene(['a', 'b'], { ...calm,
		limits: { total_ms: 300 } });

	s.a.answer(() => {});
	const answer = await s.say();

	assert.equal(answer.status, 504);
	assert.equal(s.tried(answer), '1; a/m=timeout');
	assert.equal(s.b.requests.length, 0);
});

test('a client that hangs up ends a pause', async () => {
	const s = await scene(['a'], rounds(3));
	const text = JSON.stringify(body('all'));

	s.a.answer(refuse(503, { 'retry-after': '50' }));
	const raw = await stage.raw(s.gateway, 'POST /v1/chat/completions HTTP/1.1' +
	    `\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);

	await s.gateway.says(/pause before a retry.*ms=50000/);
	raw.destroy();
	await s.gateway.says(/request.*status=499/);
	assert.equal(s.a.requests.length, 1);
});

test('a pause ends with the program', async () => {
	const s = await scene(['a'], { ...rounds(3), limits: { drain_s: 0 } });

	s.a.answer(refuse(503, { 'retry-after': '50' }));
	const answer = s.say();

	await s.gateway.says(/pause before a retry/);
	s.gateway.signal('SIGTERM');
	assert.equal((await answer).status, 503);
	assert.equal(await s.gateway.end, 0);
});

test('a stream that failed before its first word is asked again', async () => {
	const s = await scene(['a'], rounds(1));

	s.a.answer((c) => c.begin().cut(), fine);
	const answer = await s.say('all', { stream: true });

	assert.equal(answer.status, 200);
	assert.match(s.tried(answer), /^2; a\/m=truncated, pause=\d+, a\/m=200$/);
	assert.match(answer.body, /Yes.*\[DONE\]/s);
});

// ---- the budget

test('a storm does not double the load', async () => {
	const s = await scene(['a'], rounds(4, { retry_budget_percent: 20,
		retry_budget_least: 5 }));

	s.a.always(refuse(503));
	const storm = await Promise.all(Array.from({ length: 100 }, () => s.say()));

	assert.deepEqual([...new Set(storm.map((one) => one.status))], [503]);
	assert.ok(s.a.requests.length > 100, `${s.a.requests.length}`);
	assert.ok(s.a.requests.length <= 125, `${s.a.requests.length}`);
	await s.gateway.says(/no retry: the budget is spent/);
});

/** Both targets are held until all that may come has come, then answer. */
async function burst(second) {
	const s = await scene(['a', 'b'], { workers: 2, circuit: { failures: 5,
		rate_percent: 0, open_ms: 600000 }, limits: {
		retry_budget_percent: 20, retry_budget_least: 4 } });
	const held = { a: [], b: [] };

	s.a.always((c) => { held.a.push(c); });
	s.b.always((c) => { held.b.push(c); });
	const all = Array.from({ length: 60 }, () => s.say());

	await until(() => held.a.length === 60, 'all of them at a');
	for (const c of held.a)
		refuse(503)(c);
	// b has shown nothing yet: so many may try it, and the others wait
	await until(() => held.b.length === 5 + 12, 'some of them at b');
	await s.gateway.says(/wait for another target.*provider=a/);
	assert.equal(s.b.requests.length, 17);
	s.b.always(second);
	for (const c of held.b)
		second(c);
	return { ...s, all: await Promise.all(all) };
}

test('a burst that one target lost has it all as soon as another answers',
    async () => {
	const s = await burst(fine);

	assert.ok(s.all.every((one) => one.status === 200));
	assert.equal(s.a.requests.length, 60);
	assert.equal(s.b.requests.length, 60);
	assert.equal(s.all.filter((one) => /pause=/.test(s.tried(one))).length,
	    60 - 17);
});

test('but where the other fails as well the load is not doubled', async () => {
	const s = await burst(refuse(503));

	assert.ok(s.all.every((one) => one.status === 503));
	assert.equal(s.a.requests.length, 60);
	// those that waited may ask what is not well within the budget alone
	assert.ok(s.b.requests.length <= 17 + 16, `${s.b.requests.length}`);
});

test('a target that answers takes over one after another', async () => {
	const s = await scene(['a', 'b'], { circuit: { failures: 0,
		rate_percent: 0 }, limits: { retry_budget_percent: 0,
		retry_budget_least: 0 } });

	s.a.always(refuse(503));
	s.b.always(fine);
	for (let i = 0; i < 30; i++)
		assert.equal(s.tried(await s.say()), '2; a/m=503, b/m=200');
});

test('a storm on targets that are known to fail is kept within the budget',
    async () => {
	const s = await scene(['a', 'b'], { workers: 2, circuit: { failures: 3,
		rate_percent: 0, open_ms: 600000 }, limits: {
		retry_budget_percent: 10, retry_budget_least: 2 } });
	const asked = () => s.a.requests.length + s.b.requests.length;
	const storm = (n) => Promise.all(Array.from({ length: n }, () => s.say()));

	s.a.always(refuse(503));
	s.b.always(refuse(503));
	await storm(10);		// opens both
	const before = asked();

	assert.ok((await storm(60)).every((one) => one.status === 503));
	assert.ok(asked() - before <= 60 + 9, `${asked() - before}`);
});

stage.close();
