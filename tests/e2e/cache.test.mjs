// Answers that are given again to equal requests: under the official SDKs in all
// protocols, byte for byte, and never what nobody should be given twice.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, test, until } from './harness.mjs';
import { call, completion, completionEvents, completionStream, openaiError, sse } from './shapes.mjs';
import { tongues } from './tongues.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gpt = await stage.provider();
const providers = {
	chat: { chat: `${echo.url}/v1`, key: 'echo-key' },
	messages: { messages: echo.url, key: 'echo-key' },
	responses: { responses: `${echo.url}/v1`, key: 'echo-key' },
	gemini: { gemini: `${echo.url}/v1beta`, key: 'echo-key' },
	gpt: { chat: `${gpt.url}/v1`, key: 'key-of-gpt', dialect: 'openai' },
	// of no key: it gets the caller's own
	open: { chat: `${gpt.url}/v1`, dialect: 'openai' },
};
const config = (cache, rest = {}) => ({ config: { providers, cache, ...rest } });
const gateway = await stage.gateway(config({ on: true }));
const PROTOCOLS = Object.keys(tongues);
const chat = (words, rest = {}) => ({ model: 'gpt/gpt-4o', messages:
    [{ role: 'user', content: words }], ...rest });
const post = (body, headers = {}, at = gateway) =>
    at.post('/v1/chat/completions', body, headers);
const word = (answer) => answer.headers['x-dragoman-cache'];

for (const client of PROTOCOLS) for (const provider of PROTOCOLS)
for (const stream of [false, true])
	test(`${client} on ${provider}, ${stream ? 'streamed' : 'whole'}: ` +
	    'the second is the first', async () => {
		const { ask } = tongues[client](gateway);
		const wish = { stream, model: `${provider}/gemini-3-pro`,
			turns: [{ user: `Twice: ${client} on ${provider}` }] };
		const one = await ask(wish);
		const before = (await echo.stats()).requests;
		const two = await ask(wish);

		assert.equal((await echo.stats()).requests, before);
		assert.match(one.text, /Twice/);
		assert.deepEqual(two, one);
		await ask({ ...wish, turns: [{ user: 'Another' }] });
		assert.equal((await echo.stats()).requests, before + 1);
	});

test('what is said of it', async () => {
	gpt.answer((c) => c.json(completion('Once'), 200,
	    { 'x-ratelimit-remaining-requests': '7', 'x-request-id': 'theirs' }));
	const one = await post(chat('Said of it'));
	const two = await post(chat('Said of it'));

	assert.equal(word(one), 'miss');
	assert.equal(word(two), 'hit');
	assert.equal(one.headers.age, undefined);
	assert.match(two.headers.age, /^\d+$/);
	assert.equal(two.body, one.body);
	assert.equal(two.headers['content-type'], one.headers['content-type']);
	assert.equal(two.headers['x-dragoman-target'], 'gpt/gpt-4o');
	assert.equal(two.headers['x-dragoman-attempts'], '0');
	assert.equal(Number(two.headers['x-dragoman-cost-usd']), 0);
	assert.notEqual(two.headers['x-request-id'], one.headers['x-request-id']);
	// what was so at that time is not so now
	assert.equal(one.headers['x-ratelimit-remaining-requests'], '7');
	assert.equal(two.headers['x-ratelimit-remaining-requests'], undefined);
	await gateway.says(/cache=hit/);
});

test('a stream comes again byte for byte, with what was lost', async () => {
	const body = chat('Byte for byte', { stream: true, seed: 5,
		model: 'messages/claude-opus-4-8' });
	const one = await post(body), two = await post(body);

	assert.equal(word(two), 'hit');
	assert.match(one.body, /\[DONE\]/);
	assert.equal(two.body, one.body);
	assert.equal(one.headers['x-dragoman-warnings'], 'seed=dropped');
	assert.equal(two.headers['x-dragoman-warnings'], 'seed=dropped');
	// the same request in the other form is another request
	assert.equal(word(await post({ ...body, stream: false })), 'miss');
});

test('a client of HTTP/1.0 gets the bytes alone', async () => {
	const body = JSON.stringify(chat('Old', { stream: true }));
	const raw = (version, text = body) => stage.raw(gateway,
	    `POST /v1/chat/completions HTTP/${version}\r\nhost: x\r\n` +
	    'content-type: application/json\r\nconnection: close\r\n' +
	    `content-length: ${text.length}\r\n\r\n${text}`);

	gpt.answer((c) => c.stream(completionStream('Old')));
	const one = await (await raw('1.1')).closed();
	const two = await (await raw('1.0')).closed();

	assert.match(two, /x-dragoman-cache: hit/);
	assert.match(two, /\r\n\r\ndata: [^]*data: \[DONE\]\n\n$/);
	assert.match(one, /\n\n\r\n0\r\n\r\n$/);
	// what such a client is told first is kept for nobody, or whole
	const other = JSON.stringify(chat('Older', { stream: true }));

	for (const version of ['1.0', '1.1']) {
		gpt.answer((c) => c.begin().piece(sse(...completionEvents('Older')
		    .slice(0, 2))).piece(sse(...completionEvents('Older')
			.slice(2))).end());
		const seen = await (await raw(version, other)).closed();

		assert.match(seen, /"Ol"[^]*"der"[^]*\[DONE\]/);
		gpt.script = [];
	}
});

test('off: nothing is said, nothing is kept', async () => {
	const off = await stage.gateway({ config: { providers } });

	gpt.answer((c) => c.json(completion('One')), (c) => c.json(completion('Two')));
	for (const text of ['One', 'Two']) {
		const one = await post(chat('Off'), { 'x-dragoman-cache': 'on' }, off);

		assert.equal(one.json.choices[0].message.content, text);
		assert.equal(word(one), undefined);
	}
	assert.doesNotMatch((await off.ask('/metrics')).body, /dragoman_cache/);
});

test('only those who ask: by header, by model', async () => {
	const models = {
		kept: { targets: ['gpt/gpt-4o'], cache: true },
		never: { targets: ['gpt/gpt-4o'], cache: false },
		plain: { targets: ['gpt/gpt-4o'] },
	};
	const own = await stage.gateway(config({ max_mb: 4 }, { models }));
	const rounds = async (model, ...wishes) => {
		const seen = [];

		for (const wish of wishes) {
			gpt.answer((c) => c.json(completion(`${seen.length}`)));
			const one = await post({ ...chat('Asked'), model },
			    wish ? { 'x-dragoman-cache': wish } : {}, own);

			seen.push([word(one),
			    one.json.choices[0].message.content]);
			gpt.script = [];
		}
		return seen;
	};

	assert.deepEqual(await rounds('plain', '', '', 'on', 'on', '', 'odd'),
	    [[undefined, '0'], [undefined, '1'], ['miss', '2'], ['hit', '2'],
		[undefined, '4'], [undefined, '5']]);
	assert.deepEqual(await rounds('kept', '', '', 'off', 'refresh', ''),
	    [['miss', '0'], ['hit', '0'], [undefined, '2'], ['refresh', '3'],
		['hit', '3']]);
	assert.deepEqual(await rounds('never', 'on', 'on'),
	    [[undefined, '0'], [undefined, '1']]);
});

// What is asked for twice is asked twice.
const twice = async (title, first, body, at = gateway, headers = {}) => {
	const before = gpt.requests.length;

	gpt.answer(first, (c) => body.stream
	    ? c.stream(completionStream('Better')) : c.json(completion('Better')));
	await post(body, headers, at);
	const two = await post(body, headers, at);

	assert.equal(gpt.requests.length, before + 2, title);
	assert.match(two.body, /Bet/);
	gpt.script = [];
};

const tool = [{ type: 'function', function: { name: 'f', parameters: {} } }];
const called = { tool_calls: [call('call_1', 'f', {})] };

for (const stream of [false, true])
	test(`never: errors, what is cut short, refused, or calls tools, ${
	    stream ? 'streamed' : 'whole'}`, async () => {
		const said = (given, rest) => (c) => stream
		    ? c.stream(completionStream(given, rest))
		    : c.json(completion(given, rest));
		const cases = [
			['an error', (c) => c.json(openaiError('No'), 500)],
			['a bad request', (c) => c.json(openaiError('No'), 400)],
			['too long', said('Cut', { finish_reason: 'length' })],
			['filtered', said('Cut',
			    { finish_reason: 'content_filter' })],
			['a tool call', said(called)],
			['a tool call that ends as if it were none',
			    said(called, { finish_reason: 'stop' })],
		];

		if (stream)
			cases.push(['broken off', (c) => c.begin().piece(sse(
			    ...completionEvents('Cut').slice(0, 2))).cut()],
			    ['broken off at once', (c) => c.begin().cut()],
			    ['a failure amid', (c) => c.stream(sse(
				...completionEvents('Cut').slice(0, 2),
				[null, openaiError('Overloaded')]))]);
		else
			cases.push(['a refusal', said({ refusal: 'I will not' })]);
		for (const [title, first] of cases)
			await twice(title, first, chat(title, { stream,
				tools: tool }));
	});

test('tool calls, where they are asked for', async () => {
	const own = await stage.gateway(config({ on: true, tools: true }));

	gpt.answer((c) => c.json(completion(called)));
	const body = chat('Call', { tools: tool });
	const one = await post(body, {}, own), two = await post(body, {}, own);

	assert.equal(word(two), 'hit');
	assert.equal(two.body, one.body);
});

test('several answers, and what is made elsewhere, go by', async () => {
	for (let i = 0; i < 2; i++) {
		gpt.answer((c) => c.json(completion('One')));
		assert.equal(word(await post(chat('Two of it', { n: 2 }))), 'bypass');
	}
	gpt.answer((c) => c.json(completion('One')));
	assert.equal(word(await post(chat('One of it', { n: 1 }))), 'miss');
	assert.equal(word(await post(chat('One of it', { n: 1 }))), 'hit');
});

test('it is gone after its time, a model\'s own or the general one', async () => {
	const models = { brief: { targets: ['gpt/gpt-4o'], cache: 1 } };
	const own = await stage.gateway(config({ ttl_s: 3000 }, { models }));
	const again = async (model) => word(await post({ ...chat('Brief'), model },
	    { 'x-dragoman-cache': 'on' }, own));

	gpt.always((c) => c.json(completion('Brief')));
	assert.equal(await again('gpt/gpt-4o'), 'miss');
	assert.equal(await again('brief'), 'miss');
	await until(async () => await again('brief') === 'miss', 'its end');
	assert.equal(await again('gpt/gpt-4o'), 'hit');
	gpt.forget();
});

const MB = 1 << 20;

test('what was used longest ago makes room', async () => {
	const own = await stage.gateway(config({ on: true, max_mb: 1,
		entry_kb: 256 }));
	const ask = async (n) => word(await post(chat(`Room ${n}`), {}, own));
	const value = async (name) => Number(new RegExp(`^dragoman_cache_${
		name} (\\d+)$`, 'm').exec((await own.ask('/metrics')).body)[1]);

	gpt.always((c) => c.json(completion('x'.repeat(200000))));
	assert.equal(await ask(0), 'miss');
	for (let i = 1; i < 10; i++) {
		assert.equal(await ask(i), 'miss');
		assert.equal(await ask(0), 'hit');
	}
	assert.equal(await ask(1), 'miss');
	assert.ok(await value('bytes') <= MB);
	assert.ok(await value('entries') >= 3);
	assert.equal(await value('stores_total'), 11);
	assert.equal(await value('evictions_total'),
	    11 - await value('entries'));
	assert.match((await own.ask('/metrics')).body,
	    /requests_total\{result="hit"\} 9\n/);
	// as long as one may be, and a byte longer
	const rest = JSON.stringify(completion('')).length;

	for (const [more, how] of [[0, 'hit'], [1, 'miss']]) {
		gpt.always((c) => c.json(completion(
		    'x'.repeat((256 << 10) - rest + more))));
		assert.equal(await ask(`long ${more}`), 'miss');
		assert.equal(await ask(`long ${more}`), how);
	}
	gpt.forget();
});

test('one client takes no more than its share', async () => {
	const own = await stage.gateway(config({ on: true, max_mb: 1,
		share: 50 }));
	const ask = async (key, n) => word(await post(chat(`Share ${n}`),
	    { authorization: `Bearer ${key}` }, own));

	gpt.always((c) => c.json(completion('x'.repeat(100000))));
	assert.equal(await ask('quiet', 0), 'miss');
	for (let i = 0; i < 20; i++)
		assert.equal(await ask('loud', i), 'miss');
	assert.equal(await ask('quiet', 0), 'hit');
	assert.equal(await ask('loud', 19), 'hit');
	assert.equal(await ask('loud', 0), 'miss');
	gpt.forget();
});

test('nobody is given what is another\'s', async () => {
	const ask = async (key, rest = {}, model = 'gpt/gpt-4o') => word(await post(
	    { ...chat('Mine'), model }, { authorization: `Bearer ${key}`, ...rest }));

	gpt.always((c) => c.json(completion('Mine')));
	assert.equal(await ask('a'), 'miss');
	assert.equal(await ask('b'), 'miss');
	assert.equal(await ask('a'), 'hit');
	// nor is an answer given to another request
	for (const header of ['openai-beta', 'openai-organization',
	    'anthropic-beta', 'x-dragoman-anything']) {
		assert.equal(await ask('a', { [header]: 'x' }), 'miss', header);
		assert.equal(await ask('a', { [header]: 'x' }), 'hit', header);
	}
	for (const header of ['user-agent', 'x-request-id', 'traceparent',
	    'x-stainless-retry-count'])
		assert.equal(await ask('a', { [header]: 'x' }), 'hit', header);
	assert.equal(await ask('a', { 'x-dragoman-strict': '1' }), 'miss');
	assert.equal(await ask('a', {}, 'open/gpt-4o'), 'miss');
	gpt.forget();
});

test('an answer of the second target is found when that is asked', async () => {
	const models = { both: { targets: ['gpt/one', 'chat/two'] } };
	const own = await stage.gateway(config({ on: true }, { models }));
	const ask = async () => {
		const one = await post({ ...chat('Second'), model: 'both' }, {}, own);

		return [word(one), one.headers['x-dragoman-target']];
	};

	gpt.always((c) => c.json(openaiError('Down'), 503));
	assert.deepEqual(await ask(), ['miss', 'chat/two']);
	const before = (await echo.stats()).requests;

	assert.deepEqual(await ask(), ['hit', 'chat/two']);
	assert.equal((await echo.stats()).requests, before);
	// what the first says is not what the second said
	gpt.always((c) => c.json(completion('Up again')));
	assert.deepEqual(await ask(), ['miss', 'gpt/one']);
	assert.deepEqual(await ask(), ['hit', 'gpt/one']);
	gpt.forget();
});

test('answers that clients refer to are the same, and still there', async () => {
	const openai = gateway.openai();
	const ask = () => openai.responses.create({ model: 'messages/claude-opus-4-8',
		input: 'Refer to it' });
	const one = await ask();
	const two = await ask();

	assert.equal(two.id, one.id);
	assert.deepEqual(two, one);
	const next = await openai.responses.create({ input: 'And?',
		model: 'messages/claude-opus-4-8', previous_response_id: two.id });

	assert.equal(next.previous_response_id, one.id);
	await openai.responses.delete(one.id);
	// what can no longer be referred to is made anew
	assert.notEqual((await ask()).id, one.id);
	const later = await gateway.post('/v1/responses', { background: true,
		model: 'responses/gpt-5', input: 'Later' });

	assert.equal(word(later), 'bypass');
});

test('two workers share it', async () => {
	const own = await stage.gateway(config({ on: true }, { workers: 2 }));

	gpt.answer((c) => c.json(completion('Shared')));
	for (let i = 0; i < 8; i++)		// each a connection of its own
		assert.equal(word(await post(chat('Share'), {}, own)),
		    i ? 'hit' : 'miss');
});

test('a stream that is one array comes again as one', async () => {
	const path = '/v1beta/models/gemini/gemini-3-pro:streamGenerateContent';
	const body = { contents: [{ role: 'user', parts: [{ text: 'Array' }] }] };

	for (const model of ['gemini', 'chat']) {
		const at = path.replace('gemini/', `${model}/`);
		const one = await gateway.post(at, body);
		const two = await gateway.post(at, body);

		assert.equal(word(two), 'hit');
		assert.ok(Array.isArray(one.json) && one.json.length > 0);
		assert.equal(two.body, one.body);
		assert.match(two.headers['content-type'], /^application\/json/);
		// nor is it taken for one of events
		assert.match((await gateway.post(`${at}?alt=sse`, body)).body,
		    /^data: /);
	}
});

test('a hit costs nothing, and counts as a request', async () => {
	const key = { name: 'few', rpm: 3, sha256: createHash('sha256')
	    .update('sk-few').digest('hex') };
	const path = join(stage.dir(), 'ledger.jsonl');
	const own = await stage.gateway(config({ on: true }, { keys: [key],
		ledger: { path, sync: 'always' } }));
	const ask = () => post({ ...chat('Few'), model: 'gpt/gpt-4o' },
	    { authorization: 'Bearer sk-few' }, own);

	gpt.answer((c) => c.json(completion('Few')));
	const seen = [await ask(), await ask(), await ask(), await ask()];

	assert.deepEqual(seen.map((one) => [one.status, word(one)]),
	    [[200, 'miss'], [200, 'hit'], [200, 'hit'], [429, undefined]]);
	const told = (one) =>
	    Number(one.headers['x-ratelimit-remaining-requests']);

	assert.equal(told(seen[1]), told(seen[0]) - 1);
	const lines = readFileSync(path, 'utf8').trim().split('\n')
	    .map((line) => JSON.parse(line));
	const of = (how) => lines.filter((line) => line.cache === how);

	assert.equal(of('miss').length, 1);
	assert.ok(of('miss')[0].in > 0);
	assert.equal(of('hit').length, 2);
	for (const line of of('hit')) {
		assert.equal(line.cost_nano, 0);
		assert.deepEqual([line.in, line.out], [0, 0]);
	}
});

test('a reload keeps it, but for what other words are said of', async () => {
	const models = { mine: { targets: ['gpt/gpt-4o'] } };
	const settings = (rest = {}, cache = { on: true }) => ({ providers, cache,
		models, listen: ['127.0.0.1:0'], workers: 1, env: false, ...rest });
	const own = await stage.gateway({ config: settings() });
	const file = join(own.dir, 'dragoman.json');
	const reload = async (...change) => {
		const from = own.log.length;

		writeFileSync(file, JSON.stringify(settings(...change), null, 2));
		own.signal('SIGHUP');
		await own.says(/configuration read anew/, from);
		await own.says(/draining/, from);
	};
	const ask = async (model) => {
		gpt.answer((c) => c.json(completion('Reload')));
		const how = word(await post({ ...chat('Reload'), model }, {}, own));

		gpt.script = [];
		return how;
	};
	const both = async () => [await ask('gpt/gpt-4o'), await ask('mine')];

	assert.deepEqual(await both(), ['miss', 'miss']);
	await reload();
	assert.deepEqual(await both(), ['hit', 'hit']);
	await reload({ models: { mine: { ...models.mine,
		first_token_timeout_ms: 5000 } } });
	assert.deepEqual(await both(), ['hit', 'miss']);
	await reload({ providers: { ...providers, gpt: { ...providers.gpt,
		options: { think_tags: false } } } });
	assert.deepEqual(await both(), ['miss', 'miss']);
	await reload({}, { on: true, max_mb: 8 });
	assert.deepEqual(await both(), ['miss', 'miss']);
	await reload({}, { max_mb: 0 });
	assert.deepEqual(await both(), [undefined, undefined]);
});

stage.close();
