// What a client key may use: checked to the request over two workers, and as the SDKs see it
// when it is used up.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { Stage, assert, failure, pair, run, test, until } from './harness.mjs';
import { PNG, completion, completionStream, message } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const hash = (key) => createHash('sha256').update(key).digest('hex');
const secret = (name) => `dg-the-key-of-${name}-0123456789`;
const key = (name, limits = {}) => ({ name, sha256: hash(secret(name)),
	...limits });
// every scripted answer has 20 tokens of input and 7 of output
const COST = 27000n, PRICE = { in: 1, out: 1 };

const config = (keys, rest = {}) => pair(gpt, claude, { workers: 2, keys,
	catalog: { 'gpt/priced': { price: PRICE } }, ...rest });

const post = (gateway, name, rest = {}, agent = undefined) => gateway.ask(
    '/v1/chat/completions', { method: 'POST', agent,
	headers: { 'content-type': 'application/json',
	    authorization: `Bearer ${secret(name)}` },
	body: JSON.stringify({ model: 'gpt/priced', messages: hello, ...rest }) });

/** What /metrics says of a key, as text. */
async function metric(gateway, what, name, rest = '') {
	const { body } = await gateway.ask('/metrics');
	const label = `dragoman_key_${what}{key="${name}"${rest}} `;
	const line = body.split('\n').find((l) => l.startsWith(label));

	return line?.slice(label.length);
}

const spent = async (gateway, name, per) => BigInt((await metric(gateway,
    'spent_usd', name, `,per="${per}"`)).replace(/\.(\d+)$/, (_, d) =>
    d.padEnd(9, '0')));

/** So many at once; returns their statuses, counted. */
async function burst(n, ask) {
	const counts = {};

	for (const { status } of await Promise.all(Array.from({ length: n }, ask)))
		counts[status] = (counts[status] ?? 0) + 1;
	return counts;
}

/** Calls of a provider that wait until they are let go. */
function held(provider) {
	const calls = [];

	provider.always((c) => { calls.push(c); return c.done; });
	calls.release = (answer = completion('Yes')) => {
		provider.always((c) => c.json(answer));
		for (const call of calls)
			call.json(answer);
	};
	return calls;
}

const children = (gateway) => readFileSync(`/proc/${gateway.pid}/task/${
    gateway.pid}/children`, 'utf8').trim().split(' ').map(Number);

// ---- to the request, by two workers ----

test('requests of a minute, all at once', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { rpm: 40 }), key('b', { rpm: 40 })]) });
	const began = Date.now();

	gpt.always((c) => c.json(completion('Yes')));
	const counts = await burst(120, () => post(gateway, 'a'));
	// one more comes back every second and a half
	const most = 40 + Math.ceil((Date.now() - began) / 1500);

	assert.ok(counts[200] >= 40 && counts[200] <= most, JSON.stringify(counts));
	assert.equal(counts[200] + counts[429], 120);
	assert.equal(gpt.requests.length, counts[200]);
	assert.equal(await metric(gateway, 'refusals_total', 'a',
	    ',why="requests"'), String(counts[429]));
	// the other key has all of its own
	assert.equal((await burst(40, () => post(gateway, 'b')))[200], 40);
	gpt.forget();
});

test('requests at once', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { concurrency: 7 })]) });
	const calls = held(gpt);
	const all = burst(40, () => post(gateway, 'a'));

	await until(() => calls.length === 7, 'seven requests');
	await until(async () => await metric(gateway, 'in_flight', 'a') === '7');
	calls.release();
	const counts = await all;

	// whoever came before the first was over was refused
	assert.ok(counts[200] >= 7);
	assert.equal(counts[200] + counts[429], 40);
	assert.equal(gpt.requests.length, counts[200]);
	await until(async () => await metric(gateway, 'in_flight', 'a') === '0');
	assert.equal((await burst(7, () => post(gateway, 'a')))[200], 7);
	gpt.forget();
});

test('never more at once than the key may have', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { concurrency: 3 })]) });
	let now = 0, most = 0;

	gpt.always(async (c) => {
		most = Math.max(most, ++now);
		await until(() => most >= 3, 'as many as there may be');
		await new Promise((go) => setTimeout(go, 3));
		now--;
		c.json(completion('Yes'));
	});
	const counts = await burst(20, async () => {
		const seen = [];

		for (let i = 0; i < 5; i++)
			seen.push((await post(gateway, 'a')).status);
		return { status: seen.includes(200) };
	});

	assert.ok(counts.true >= 3, JSON.stringify(counts));
	assert.equal(most, 3);
	gpt.forget();
});

test('a budget, one request after another', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { budget_usd: 0.00027, per: 'total' }),
	    key('b', { budgets: [{ usd: 0.000270001, per: 'day' }] })]) });

	gpt.always((c) => c.json(completion('Yes')));
	for (const [name, n, per] of [['a', 10, 'total'], ['b', 11, 'day']]) {
		for (let i = 0; i < n; i++)
			assert.equal((await post(gateway, name)).status, 200);
		const no = await post(gateway, name);

		assert.equal(no.status, 429);
		assert.equal(no.json.error.code, 'insufficient_quota');
		assert.equal(await spent(gateway, name, per), COST * BigInt(n));
	}
	assert.equal(gpt.requests.length, 21);
	gpt.forget();
});

test('a budget, all at once', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { budget_usd: 0.00054 }), key('b', { budget_usd: 0.00054 })],
	    { limits: { budget_wait_ms: 20000 } }) });
	const codes = {};

	gpt.always((c) => c.json(completion('Yes')));
	// whatever they allow, they wait for each other, and 20 fit
	await Promise.all([...Array(60)].map(async (_, i) => {
		const { json } = await post(gateway, 'a', { max_tokens: 40 + 999 *
		    (i % 2) });
		const code = json.error?.code ?? 'yes';

		codes[code] = (codes[code] ?? 0) + 1;
	}));
	assert.deepEqual(codes, { yes: 20, insufficient_quota: 40 });
	assert.equal(gpt.requests.length, 20);
	assert.equal(await spent(gateway, 'a', 'month'), COST * 20n);
	// an answer that is longer than any before is all that may be too much
	assert.equal((await post(gateway, 'b')).status, 200);
	gpt.always((c) => c.json(completion('Yes', { usage: {
		prompt_tokens: 20, completion_tokens: 107, total_tokens: 127 } })));
	await burst(40, () => post(gateway, 'b'));
	assert.ok(await spent(gateway, 'b', 'month') <= COST + 127000n * 19n);
	assert.equal((await post(gateway, 'b')).json.error.code,
	    'insufficient_quota');
	gpt.forget();
});

test('what others hold of a budget is waited for', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { budget_usd: 0.001 })], { log: 'debug', limits: {
		budget_wait_ms: 60000, drain_s: 1 } }) });
	const calls = held(gpt);
	const first = post(gateway, 'a', { max_tokens: 5000 });

	await until(() => calls.length === 1);
	const abort = new AbortController();
	const gone = failure(gateway.openai({ apiKey: secret('a') }).chat
	    .completions.create({ model: 'gpt/priced', messages: hello },
		{ signal: abort.signal }));

	await gateway.says(/admit -> hold/);
	abort.abort();
	await gone;
	await gateway.says(/hold -> done/);
	const second = post(gateway, 'a');

	await gateway.says(/admit -> hold[^]*admit -> hold/);
	assert.equal(await metric(gateway, 'in_flight', 'a'), '1');
	calls.release();
	assert.equal((await first).status, 200);
	assert.equal((await second).status, 200);
	// who waits when the gateway ends is told so
	const more = held(gpt);
	const third = post(gateway, 'a', { max_tokens: 5000 });
	const others = [...Array(60)].map(() => post(gateway, 'a'));

	await until(() => gateway.log.match(/admit -> (hold|dial)/g).length ===
	    64, 'all of them');
	gateway.signal('SIGTERM');
	const statuses = (await Promise.all([third, ...others])).map((a) =>
	    a.status);

	assert.ok(statuses.every((status) => status === 503));
	assert.ok(more.length > 0);
	gpt.forget();
});

test('what fails costs nothing, what breaks off costs what it used', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { budget_usd: 1, rpm: 1000 })]) });

	gpt.answer((c) => c.json({ error: { message: 'broken' } }, 500));
	assert.equal((await post(gateway, 'a')).status, 500);
	assert.equal(await spent(gateway, 'a', 'month'), 0n);
	gpt.answer((c) => c.begin().piece(completionStream('Yes, indeed')
	    .split('\n\n').slice(0, 3).join('\n\n') + '\n\n').cut());
	await post(gateway, 'a', { stream: true });
	await until(async () => await spent(gateway, 'a', 'month') > 0n);
	assert.ok(await spent(gateway, 'a', 'month') < COST);
	await until(async () => await metric(gateway, 'in_flight', 'a') === '0');
	gpt.forget();
});

test('who hangs up holds nothing, and pays for the question', async () => {
	const gateway = await stage.gateway({ config: config([key('a',
	    { concurrency: 2, budget_usd: 1 })]) });

	for (const stream of [false, true]) {
		const calls = held(gpt);
		const aborts = [1, 2].map(() => new AbortController());
		const asked = aborts.map(({ signal }) => failure(gateway.openai({
			apiKey: secret('a') }).chat.completions.create({
			model: 'gpt/priced', stream, messages: hello },
		    { signal })));

		await until(() => calls.length === 2);
		assert.equal((await post(gateway, 'a')).status, 429);
		aborts.forEach((abort) => abort.abort());
		await Promise.all(asked);
		await until(async () =>
		    await metric(gateway, 'in_flight', 'a') === '0');
		gpt.forget();
	}
	const paid = await spent(gateway, 'a', 'month');

	assert.ok(paid > 0n && paid % 4n === 0n, String(paid));
});

test('a worker that is killed holds nothing', async () => {
	const gateway = await stage.gateway({ config: config([key('a',
	    { concurrency: 6, budget_usd: 0.00001 })],
	    { limits: { budget_wait_ms: 0 } }) });

	gateway.expectBroken = true;
	for (let round = 0; round < 2; round++) {
		const calls = held(gpt);
		// one alone may hold all that is left
		const first = post(gateway, 'a', { max_tokens: 1000 });

		first.catch(() => {});
		await until(() => calls.length === 1, 'a request');
		assert.match((await post(gateway, 'a')).json.error.message,
		    /held by requests under way/);
		for (const pid of children(gateway))
			process.kill(pid, 'SIGKILL');
		await failure(first);
		await until(async () => {
			try {
				return await metric(gateway, 'in_flight', 'a') === '0';
			} catch {
				return false;	// nobody is there yet
			}
		});
		gpt.forget();
	}
	gpt.always((c) => c.json(completion('Yes')));
	assert.equal((await post(gateway, 'a')).status, 200);
	assert.equal((await post(gateway, 'a')).json.error.code,
	    'insufficient_quota');
	gpt.forget();
});

test('workers are killed again and again under load', async () => {
	const gateway = await stage.gateway({ config: config([key('a',
	    { concurrency: 5, budget_usd: 1, rpm: 1000000 })]) });
	let yes = 0, over = false;

	gateway.expectBroken = true;
	gpt.always(async (c) => {
		await new Promise((go) => setTimeout(go, 5));
		c.json(completion('Yes'));
	});
	const clients = Array.from({ length: 8 }, async () => {
		while (!over)
			try {
				yes += (await post(gateway, 'a')).status === 200;
			} catch {
				await new Promise((go) => setTimeout(go, 10));
			}
	});

	for (let round = 0; round < 10; round++) {
		const before = yes;

		await until(() => yes > before + 3, 'answers');
		process.kill(await until(() => children(gateway)[0], 'a worker'),
		    'SIGKILL');
	}
	over = true;
	await Promise.all(clients);
	await until(async () => await metric(gateway, 'in_flight', 'a')
	    .catch(() => null) === '0');
	const all = await spent(gateway, 'a', 'month');

	// who died with an answer in hand had booked it
	assert.ok(all >= COST * BigInt(yes), `${all} for ${yes}`);
	assert.ok(all <= COST * BigInt(gpt.requests.length));
	const calls = held(gpt);
	const last = burst(5, () => post(gateway, 'a'));

	await until(() => calls.length === 5, 'all that it may have at once');
	calls.release();
	assert.equal((await last)[200], 5);
	gpt.forget();
});

test('a reload revokes a key and keeps what the others used', async () => {
	const before = config([key('a', { rpm: 5 }), key('b')]);
	const gateway = await stage.gateway({ config: before });
	const agents = [1, 2, 3, 4].map(() => new http.Agent({ keepAlive: true,
		maxSockets: 1 }));
	const left = async () => (await post(gateway, 'a')).headers[
	    'x-ratelimit-remaining-requests'];

	gpt.always((c) => c.json(completion('Yes')));
	for (const agent of agents)
		assert.equal((await post(gateway, 'b', {}, agent)).status, 200);
	assert.equal(await left(), '4');
	assert.equal(await left(), '3');
	writeFileSync(join(gateway.dir, 'dragoman.json'), JSON.stringify({
		listen: ['127.0.0.1:0'], env: false, log: 'info', ...before,
		keys: [before.keys[0], key('c')] }));
	await gateway.says(/configuration read anew/);
	for (const agent of agents) {
		const no = await post(gateway, 'b', {}, agent);

		assert.equal(no.status, 401);
		assert.equal(no.json.error.code, 'invalid_api_key');
	}
	assert.equal((await post(gateway, 'b')).status, 401);
	assert.equal((await until(async () => {
		const answer = await post(gateway, 'c');

		return answer.status === 200 && answer;
	}, 'the new key')).status, 200);
	// one may have come back in the meantime, twelve seconds for each
	assert.match(await left(), /^[23]$/);
	agents.forEach((agent) => agent.destroy());
	gpt.forget();
});

test('new keys and models, on connections of before', async () => {
	const now = config([key('a')], { workers: 1 });
	const gateway = await stage.gateway({ config: now });
	const ask = (name, model) => gateway.openai({ apiKey: secret(name),
		maxRetries: 1 }).chat.completions.create({ model,
		messages: hello });
	const changed = async () => {
		const seen = gateway.log.length;

		// leaves a connection that the client takes next
		await ask('a', 'gpt/priced');
		writeFileSync(join(gateway.dir, 'dragoman.json'), JSON.stringify({
			listen: ['127.0.0.1:0'], env: false, log: 'info',
			...now }));
		await gateway.says(/draining/, seen);
	};

	gpt.always((c) => c.json(completion('Yes')));
	now.keys.push(key('b'));
	await changed();
	assert.equal((await ask('b', 'gpt/priced')).object, 'chat.completion');
	now.keys[1].models = ['gpt/*', 'new'];
	now.models = { new: 'gpt/priced' };
	await changed();
	assert.equal((await ask('b', 'new')).object, 'chat.completion');
	// a key of nobody stays one
	await until(async () => (await post(gateway, 'nobody')).status === 401);
	gpt.forget();
});

test('a budget goes on where the ledger says it was', async () => {
	const path = join(stage.dir(), 'ledger.jsonl');
	const own = config([key('a', { budgets: [{ usd: 0.000135, per: 'total' },
	    { usd: 1, per: 'day' }] })], { ledger: { path, sync: 'always' } });
	let yes = 0, no;

	gpt.always((c) => c.json(completion('Yes')));
	for (let start = 0; start < 3; start++) {
		const gateway = await stage.gateway({ config: own });

		assert.equal(await spent(gateway, 'a', 'total'), COST *
		    BigInt(yes));
		for (let i = 0; i < 2; i++) {
			no = await post(gateway, 'a');
			yes += no.status === 200;
		}
		// nothing that was answered is lost when all of it is killed
		gateway.expectBroken = true;
		const all = [gateway.pid, ...children(gateway)];

		for (const pid of all)
			process.kill(pid, 'SIGKILL');
		await gateway.end;
		stage.things = stage.things.filter((thing) => thing !== gateway);
	}
	assert.equal(yes, 5);
	assert.equal(no.json.error.code, 'insufficient_quota');
	gpt.forget();
});

test('disabled, and expired', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('off', { disabled: true }), key('old', { expires: '2026-01-31' }),
	    key('new', { expires: '2999-01-31' })]) });

	for (const [name, words] of [['off', /disabled/], ['old', /expired/]]) {
		const no = await failure(gateway.openai({ apiKey: secret(name) })
		    .models.list());

		assert.equal(no.constructor.name, 'AuthenticationError');
		assert.match(no.message, words);
		// Google's sentence is what its clients look for
		const other = await failure(gateway.gemini({
			apiKey: secret(name) }).models.generateContent({
			model: 'gpt/m', contents: 'Hello' }));

		assert.match(other.message, /API_KEY_INVALID/);
		assert.match(other.message, /API key not valid/);
		assert.match(other.message, words);
	}
	gpt.answer((c) => c.json(completion('Yes')));
	assert.equal((await post(gateway, 'new')).status, 200);
});

// ---- tokens ----

test('tokens are estimated before, and settled after', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { tpm: 1000 })]) });
	const ask = (rest) => post(gateway, 'a', rest);
	const left = (answer) => Number(
	    answer.headers['x-ratelimit-remaining-tokens']);
	const began = Date.now();
	// of what was used some comes back, 1000 in a minute
	const near = (got, want) => assert.ok(got >= want && got <= want + 1 +
	    (Date.now() - began) / 60, `${got} is not ${want}`);

	gpt.answer((c) => c.json(completion('Yes', { usage: {
		prompt_tokens: 50, completion_tokens: 450, total_tokens: 500 } })));
	near(left(await ask()), 500);
	const calls = held(gpt);
	const first = ask({ max_tokens: 450 });

	await until(() => calls.length === 1);
	const no = await ask({ max_tokens: 450 });

	assert.equal(no.status, 429);
	assert.equal(no.json.error.type, 'tokens');
	assert.equal(no.json.error.code, 'rate_limit_exceeded');
	assert.match(no.json.error.message, /1000 tokens a minute/);
	assert.ok(Number(no.headers['retry-after']) > 1);
	assert.ok(Number(no.headers['retry-after']) <= 60);
	assert.ok(left(no) < 200);
	calls.release();
	near(left(await first), 500 - 27);
	// it can never be let in: nobody needs to try again
	const large = await ask({ messages: [{ role: 'user',
		content: 'so many words '.repeat(1000) }] });

	assert.equal(large.status, 429);
	assert.equal(large.json.error.type, 'tokens');
	assert.equal(large.headers['x-should-retry'], 'false');
	assert.match(large.json.error.message, /too large/);
	gpt.forget();
});

/** The same request in all protocols: [path, body], with so much output allowed. */
const spellings = {
	chat: (model, max, parts) => ['/v1/chat/completions', { model,
		...(max && { max_completion_tokens: max }), messages: [{
		    role: 'user', content: [{ type: 'text', text: 'Hello there' },
			...(parts ? [{ type: 'image_url', image_url: {
			    url: `data:image/png;base64,${parts}` } }] : [])] }] }],
	messages: (model, max, parts) => ['/v1/messages', { model,
		max_tokens: max ?? 1024, messages: [{ role: 'user', content: [
		    { type: 'text', text: 'Hello there' },
		    ...(parts ? [{ type: 'image', source: { type: 'base64',
			media_type: 'image/png', data: parts } }] : [])] }] }],
	responses: (model, max, parts) => ['/v1/responses', { model,
		...(max && { max_output_tokens: max }), input: [{ role: 'user',
		    content: [{ type: 'input_text', text: 'Hello there' },
			...(parts ? [{ type: 'input_image', image_url:
			    `data:image/png;base64,${parts}` }] : [])] }] }],
	gemini: (model, max, parts) => [`/v1beta/models/${model}:generateContent`, {
		...(max && { generationConfig: { maxOutputTokens: max } }),
		contents: [{ role: 'user', parts: [{ text: 'Hello there' },
		    ...(parts ? [{ inlineData: { mimeType: 'image/png',
			data: parts } }] : [])] }] }],
};

test('what is held before an answer, in every protocol', async () => {
	const gateway = await stage.gateway({ config: {
		keys: [key('a', { tpm: 3000 })],
		providers: Object.fromEntries(Object.keys(spellings).map((id) =>
		    [id, { [id]: id === 'messages' ? gpt.url : `${gpt.url}/v1`,
			key: 'k' }])) } });
	const headers = { authorization: `Bearer ${secret('a')}` };
	// a picture of a megabyte has no megabyte of tokens
	const large = Buffer.concat([Buffer.from(PNG, 'base64'),
		Buffer.alloc(1 << 20)]).toString('base64');

	for (const [client, spell] of Object.entries(spellings))
		for (const provider of Object.keys(spellings))
			for (const [max, parts, least, most] of [
				[500, null, 502, 540], [null, null, 1026, 1064],
				[9, large, 11, 2000]]) {
				const what = `${client} to ${provider}, ${max}`;
				const began = Date.now();
				const calls = held(gpt);
				const [path, body] = spell(`${provider}/x`, max, parts);
				const asked = gateway.post(path, body, headers);

				await until(() => calls.length, what);
				const weight = 3000 - Number(await metric(gateway,
				    'tokens_remaining', 'a'));

				calls[0].json({ error: { message: 'no' } }, 400);
				assert.ok((await asked).status >= 400);
				// 50 of them come back in a second
				assert.ok(weight <= most && weight >= least - 1 -
				    (Date.now() - began) / 20,
				    `${what}: ${weight} tokens`);
				// given back, as nothing was used
				assert.equal(await metric(gateway, 'tokens_remaining',
				    'a'), '3000', what);
			}
	gpt.forget();
});

test('counting tokens and looking at models is free; vectors are not', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { rpm: 2, tpm: 100, concurrency: 1 })]) });
	const headers = { authorization: `Bearer ${secret('a')}` };

	claude.always((c) => c.json({ input_tokens: 9 }));
	for (let i = 0; i < 25; i++)
		assert.equal((await gateway.post('/v1/messages/count_tokens', {
			model: 'claude/x', messages: hello }, headers)).status, 200);
	assert.equal((await gateway.ask('/v1/models', { headers })).status, 200);
	gpt.answer((c) => c.json({ object: 'list', data: [], model: 'x',
		usage: { prompt_tokens: 90, total_tokens: 90 } }));
	const vectors = () => gateway.post('/v1/embeddings', { model: 'gpt/x',
		input: 'some words' }, headers);
	const one = await vectors();

	assert.equal(one.status, 200);
	assert.equal(one.headers['x-ratelimit-limit-requests'], '2');
	assert.equal(one.headers['x-ratelimit-remaining-requests'], '1');
	gpt.answer((c) => c.json({ object: 'list', data: [], model: 'x' }));
	assert.equal((await vectors()).status, 200);
	assert.equal((await vectors()).status, 429);
	claude.forget();
});

// ---- as the SDKs see it ----

const speak = {
	chat: (gateway, name, options, model = 'gpt/priced') => gateway.openai({
		apiKey: secret(name), ...options }).chat.completions.create({ model,
		messages: hello, max_tokens: 9 }),
	responses: (gateway, name, options, model = 'gpt/priced') =>
	    gateway.openai({ apiKey: secret(name), ...options })
		.responses.create({ model, input: 'Hello', max_output_tokens: 16 }),
	messages: (gateway, name, options, model = 'gpt/priced') =>
	    gateway.anthropic({ apiKey: secret(name), ...options })
		.messages.create({ model, max_tokens: 9, messages: hello }),
	gemini: (gateway, name, options, model = 'gpt/priced') => gateway.gemini({
		apiKey: secret(name), ...(options?.maxRetries && { httpOptions: {
		    baseUrl: gateway.url,
		    retryOptions: { attempts: options.maxRetries + 1 } } }) })
		.models.generateContent({ model, contents: 'Hello',
		    config: { maxOutputTokens: 9 } }),
};
/** The log's lines of requests, once there are so many. */
const requests = (gateway, n) => until(() => {
	const lines = logged(gateway);

	return lines.length >= n && lines;
}, `${n} requests in the log`);
const logged = (gateway) => gateway.log.split('\n').filter((line) =>
    /msg=request /.test(line) && !/path=\/metrics/.test(line));

for (const [protocol, ask] of Object.entries(speak)) {
	test(`${protocol}: too many requests; the SDK backs off`, async () => {
		const gateway = await stage.gateway({ config: config([
		    key('a', { concurrency: 1 }), key('b', { rpm: 1 })]) });
		const calls = held(gpt);
		const first = ask(gateway, 'a');

		await until(() => calls.length === 1);
		const error = await failure(ask(gateway, 'a'));

		assert.equal(error.constructor.name, protocol === 'gemini'
		    ? 'ApiError' : 'RateLimitError');
		assert.equal(error.status, 429);
		assert.match(error.message, /1 requests under way at once/);
		const patient = ask(gateway, 'a', { maxRetries: 2 });

		await requests(gateway, 2);
		calls.release();
		await first;
		await patient;
		const seen = (await requests(gateway, 4)).map((line) =>
		    /status=(\d+)/.exec(line)[1]).sort().join();

		// the first was over, and the patient one tried again, once
		assert.equal(seen, '200,200,429,429');
		await ask(gateway, 'b');
		const no = await failure(ask(gateway, 'b'));

		assert.equal(no.status, 429);
		assert.match(no.message, /1 requests a minute/);
		gpt.forget();
	});

	test(`${protocol}: no money left; the SDK does not try again`, async () => {
		const gateway = await stage.gateway({ config: config([
		    key('a', { budget_usd: 0.000001, per: 'day' })]) });

		gpt.always((c) => c.json(completion('Yes')));
		await ask(gateway, 'a');
		await requests(gateway, 1);
		const error = await failure(ask(gateway, 'a', protocol === 'gemini'
		    ? {} : { maxRetries: 3 }));

		assert.equal(error.status, protocol === 'messages' ? 402 : 429);
		assert.match(error.message,
		    /budget of key 'a' for this day .*until \d{4}-\d\d-\d\dT00:00:00Z/);
		assert.equal((await requests(gateway, 2)).length, 2);
		assert.equal(gpt.requests.length, 1);
		if (protocol === 'messages') {
			assert.equal(error.error.error.type, 'billing_error');
		} else if (protocol === 'gemini') {
			assert.match(error.message, /RESOURCE_EXHAUSTED/);
			assert.match(error.message, /QuotaFailure.*PerDay/);
		} else {
			assert.equal(error.constructor.name, 'RateLimitError');
			assert.equal(error.code, 'insufficient_quota');
			assert.equal(error.type, 'insufficient_quota');
		}
		gpt.forget();
	});

	test(`${protocol}: a revoked key`, async () => {
		const gateway = await stage.gateway({ config: config([
		    key('a', { disabled: true })]) });
		const error = await failure(ask(gateway, 'a', { maxRetries: 2 }));

		assert.equal(error.status, 401);
		assert.equal((await requests(gateway, 1)).length, 1);
	});
}

test('how long to wait is told to each in its words', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { rpm: 1 })]) });
	const headers = { authorization: `Bearer ${secret('a')}` };
	const told = (answer) => {
		const s = Number(answer.headers['retry-after']);
		const ms = Number(answer.headers['retry-after-ms']);

		assert.equal(answer.status, 429);
		assert.ok(s > 40 && s <= 60);
		assert.equal(Math.ceil(ms / 1000), s);
		return answer;
	};

	gpt.answer((c) => c.json(completion('Yes')));
	await post(gateway, 'a');
	const chat = told(await post(gateway, 'a'));
	const responses = told(await gateway.post('/v1/responses', {
		model: 'gpt/priced', input: 'Hello' }, headers));
	const messages = told(await gateway.post('/v1/messages', {
		model: 'gpt/priced', max_tokens: 9, messages: hello }, headers));
	const gemini = told(await gateway.post(
	    '/v1beta/models/gpt/priced:generateContent', { contents: [{
		role: 'user', parts: [{ text: 'Hello' }] }] }, headers));

	assert.deepEqual([chat.json.error.type, chat.json.error.code],
	    ['requests', 'rate_limit_exceeded']);
	assert.equal(responses.json.error.code, 'rate_limit_exceeded');
	assert.equal(messages.json.type, 'error');
	assert.equal(messages.json.error.type, 'rate_limit_error');
	assert.equal(gemini.json.error.status, 'RESOURCE_EXHAUSTED');
	const info = gemini.json.error.details.find((d) =>
	    d['@type'] === 'type.googleapis.com/google.rpc.RetryInfo');

	assert.match(info.retryDelay, /^[4-6]\d(\.\d+)?s$/);
	for (const answer of [chat, responses, messages])
		assert.equal(answer.headers['x-should-retry'], undefined);
	gpt.forget();
});

// ---- headers ----

test('the key\'s limits stand in the place of the provider\'s', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { rpm: 10, tpm: 2000 }), key('b'),
	    key('c', { rpm: 10 })]) });
	const own = { 'x-ratelimit-limit-requests': '777',
		'x-ratelimit-remaining-requests': '1',
		'x-ratelimit-limit-tokens': '999', 'x-ratelimit-reset-tokens': '6m0s',
		'x-ratelimit-other': 'kept' };
	const anthropic = { 'anthropic-ratelimit-requests-limit': '777',
		'anthropic-ratelimit-requests-reset': '2026-11-21T10:06:00Z' };
	const asked = (name, path, model, body) => gateway.post(path, { model,
		...body }, { authorization: `Bearer ${secret(name)}` });

	gpt.always((c) => c.json(completion('Yes'), 200, own));
	claude.always((c) => c.json(message('Oui'), 200, anthropic));
	for (const [path, model, body] of [
		['/v1/chat/completions', 'gpt/x', { messages: hello }],
		['/v1/chat/completions', 'claude/x', { messages: hello }],
		['/v1/responses', 'gpt/x', { input: 'Hello' }],
		['/v1/responses', 'claude/x', { input: 'Hello' }]]) {
		const { headers } = await asked('a', path, model, body);

		assert.equal(headers['x-ratelimit-limit-requests'], '10');
		assert.match(headers['x-ratelimit-remaining-requests'], /^[6-9]$/);
		assert.match(headers['x-ratelimit-reset-requests'],
		    /^\d+(\.\d+)?m?s$/);
		assert.equal(headers['x-ratelimit-limit-tokens'], '2000');
		assert.match(headers['x-ratelimit-remaining-tokens'], /^1[89]\d\d$/);
		assert.match(headers['x-ratelimit-reset-tokens'],
		    /^(\d+(\.\d+)?m?s)$/);
	}
	for (const model of ['claude/x', 'gpt/x']) {
		const { headers } = await asked('a', '/v1/messages', model,
		    { messages: hello, max_tokens: 9 });

		assert.equal(headers['anthropic-ratelimit-requests-limit'], '10');
		assert.match(headers['anthropic-ratelimit-requests-remaining'],
		    /^[45]$/);
		assert.match(headers['anthropic-ratelimit-requests-reset'],
		    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		assert.equal(headers['anthropic-ratelimit-tokens-limit'], '2000');
		assert.notEqual(headers['anthropic-ratelimit-tokens-remaining'],
		    undefined);
		assert.notEqual(headers['anthropic-ratelimit-tokens-reset'],
		    undefined);
		assert.equal(headers['x-ratelimit-limit-requests'], undefined);
	}
	const streamed = await asked('a', '/v1/messages', 'gpt/x', {
		messages: hello, max_tokens: 9, stream: true });

	assert.equal(streamed.headers['anthropic-ratelimit-requests-limit'], '10');
	// without limits of its own a key sees the provider's
	const plain = (await asked('b', '/v1/chat/completions', 'gpt/x',
	    { messages: hello })).headers;
	const some = (await asked('c', '/v1/chat/completions', 'gpt/x',
	    { messages: hello })).headers;

	for (const [name, value] of Object.entries(own)) {
		assert.equal(plain[name], value);
		assert.equal(some[name], /requests/.test(name)
		    ? name.includes('limit-req') ? '10' : '9' : value, name);
	}
	gpt.forget();
	claude.forget();
});

// ---- the rest ----

test('a model without a price is said once, and costs nothing', async () => {
	const gateway = await stage.gateway({ config: config([
	    key('a', { budget_usd: 0.000001 }), key('b', { priced_only: true })],
	    { workers: 1 }) });

	gpt.always((c) => c.json(completion('Yes')));
	for (let i = 0; i < 5; i++)
		assert.equal((await post(gateway, 'a', { model: 'gpt/nobodys' }))
		    .status, 200);
	assert.equal(await spent(gateway, 'a', 'month'), 0n);
	assert.equal(gateway.log.split('no price is known').length - 1, 1);
	// ... or is not for that key
	const no = await post(gateway, 'b', { model: 'gpt/nobodys' });

	assert.equal(no.status, 403);
	assert.match(no.json.error.message, /gpt\/nobodys/);
	assert.equal((await post(gateway, 'b')).status, 200);
	gpt.forget();
});

test('keygen writes limits, check says them, defaults hold', async () => {
	const { out } = await run(['keygen', 'team', '--rpm', '3', '--tpm', '9000',
	    '--concurrency', '2', '--budget', '12.50', '--per', 'day', '--models',
	    'gpt/*, fast', '--expires', '2999-12-31']);
	const line = JSON.parse(/^line +(.*)$/m.exec(out)[1]);
	const file = join(stage.dir(), 'keys.json');

	assert.deepEqual({ ...line, sha256: '' }, { name: 'team', sha256: '',
		models: ['gpt/*', 'fast'], rpm: 3, tpm: 9000, concurrency: 2,
		budget_usd: 12.5, per: 'day', expires: '2999-12-31' });
	writeFileSync(file, JSON.stringify({ env: false, keys: [line, key('b'),
	    key('c', { rpm: 5 })], key_defaults: { rpm: 77, budget_usd: 1.5 } }));
	const said = (await run(['check', '-c', file],
	    { env: { DRAGOMAN_KEY: 'dg-of-the-environment' } })).out;

	assert.match(said, /^  team {2}\(some models; 3 requests a minute; 9000 tokens a minute; 2 requests at once; \$12\.50 per day; until 3000-01-01T00:00:00Z\)$/m);
	assert.match(said, /^  b {2}\(77 requests a minute; \$1\.50 per month\)$/m);
	assert.match(said, /^  c {2}\(5 requests a minute; \$1\.50 per month\)$/m);
	assert.match(said, /^  env-1 {2}\(77 requests a minute; /m);
	for (const args of [['--rpm', 'many'], ['--budget', '1e3'],
		['--budget', '01'], ['--per', ''], ['--rpm']])
		assert.equal((await run(['keygen', 'x', ...args])).code, 2,
		    args.join());
});

stage.close();
