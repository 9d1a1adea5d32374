// Addresses of Responses and Gemini: where clients find them, whose shapes they get,
// which protocol a provider is asked in, and how tokens are counted.
import { GoogleGenAI } from '@google/genai';
import { Stage, assert, gather, test, until } from './harness.mjs';
import { completion, completionStream, message, openaiError, sse } from './shapes.mjs';

const stage = new Stage();
const openai = await stage.provider();
const claude = await stage.provider();
const google = await stage.provider();
const gateway = await stage.gateway({ config: {
	providers: {
		openai: { base_url: `${openai.url}/v1`, key: 'key-of-openai' },
		chat: { chat: `${openai.url}/c`, key: 'k' },
		anthropic: { base_url: claude.url, key: 'key-of-anthropic' },
		gemini: { base_url: google.url, key: 'key-of-gemini' },
	},
	limits: { keep_alive_ms: 50, commit_ms: 50 },
	models: { mine: { targets: ['chat/m'] } },
} });
const genai = (options = {}) => new GoogleGenAI({ apiKey: 'client-key',
	httpOptions: { baseUrl: gateway.url, ...options } });
const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
const post = (path, body, headers) => gateway.post(path, body, headers);
const geminiAnswer = { candidates: [{ content: { role: 'model',
	parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }],
usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1,
	totalTokenCount: 2 }, unheard_of: 1e0 };
const responsesAnswer = { id: 'resp_1', object: 'response', created_at: 1,
	status: 'completed', model: 'm', output: [{ type: 'message', id: 'msg_1',
		role: 'assistant', status: 'completed', content: [{
			type: 'output_text', text: 'Hi', annotations: [] }] }],
	usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } };

test('a WebSocket is refused so that clients go on with HTTP', async () => {
	const answer = await gateway.ask('/v1/responses', { headers: {
		upgrade: 'websocket', connection: 'Upgrade',
		'sec-websocket-version': '13', 'sec-websocket-key': 'x' } });

	assert.equal(answer.status, 426);
	assert.equal(answer.headers.connection, 'close');
	assert.equal(answer.json.error.code, 'websocket_not_supported');
	/* an upgrade to HTTP/2 is none of our business */
	openai.answer((c) => c.json(responsesAnswer));
	assert.equal((await post('/v1/responses', { model: 'gpt-5', input: 'x' },
	    { upgrade: 'h2c', connection: 'Upgrade' })).status, 200);
});

test('Gemini under every prefix, with every credential', async () => {
	const method = 'models/gemini-2.5-pro:generateContent';

	for (const path of ['/v1', '/v1beta', '/v1alpha', '/gemini/v1beta',
		'/genai/v1', '', '/v1beta1/publishers/google'])
		for (const [query, headers] of [['?key=k', {}],
			['', { 'x-goog-api-key': 'k' }],
			['?alt=json&key=k', { authorization: 'Bearer k' }]]) {
			google.answer((c) => c.json(geminiAnswer));
			const answer = await post(`${path}/${method}${query}`, hello,
			    headers);

			assert.equal(answer.status, 200, path);
			assert.equal(google.last.target, `/v1beta/${method}`);
			assert.equal(google.last.headers['x-goog-api-key'],
			    'key-of-gemini');
			assert.equal(google.last.headers.authorization, undefined);
			/* passed byte for byte */
			assert.match(answer.body, /"unheard_of":1/);
		}
	for (const path of ['/v1beta/models/x:predict', '/v1beta/tunedModels/x:'
	    + 'generateContent', '/v1beta/cachedContents']) {
		const answer = await post(path, hello);

		assert.equal(answer.status, 404);
		assert.equal(answer.json.error.status, 'NOT_FOUND');
	}
	assert.equal((await post('/v1beta/models/%zz:generateContent',
	    hello)).status, 400);
});

test('the list of models has the shape of the caller', async () => {
	const names = [];

	for await (const model of await genai().models.list({ config: {
		pageSize: 7 } }))
		names.push(model.name);
	assert.ok(names.length > 20);
	assert.equal(new Set(names).size, names.length);
	assert.ok(names.includes('models/mine'));
	assert.equal((await genai().models.get({ model: 'mine' })).name,
	    'models/mine');
	for (const [path, headers, is] of [
		['/v1/models', {}, (b) => b.object === 'list'],
		['/v1/models', { 'anthropic-version': 'x' }, (b) => b.first_id],
		['/v1beta/models', {}, (b) => b.models],
		['/v1/models', { 'x-goog-api-key': 'k' }, (b) => b.models]])
		assert.ok(is((await gateway.ask(path, { headers })).json), path);
});

test('models of others through Google\'s SDK, whole and streamed', async () => {
	for (const apiVersion of [undefined, 'v1', 'v1beta']) {
		openai.answer((c) => c.json(completion('Hi')),
		    (c) => c.stream(completionStream('Hi you')));
		const ask = { model: 'mine', contents: 'Hello' };
		const models = genai(apiVersion && { apiVersion }).models;
		const whole = await models.generateContent(ask);

		assert.equal(whole.text, 'Hi');
		assert.equal(openai.last.target, '/c/chat/completions');
		const parts = await gather(await models.generateContentStream(ask));

		assert.equal(parts.map((p) => p.text ?? '').join(''), 'Hi you');
		assert.equal(parts.at(-1).candidates[0].finishReason, 'STOP');
	}
});

test('a stream of one JSON array, told and passed', async () => {
	openai.answer((c) => c.stream(completionStream('Hi you')));
	const told = await post('/v1beta/models/mine:streamGenerateContent',
	    hello);

	assert.match(told.headers['content-type'], /^application\/json/);
	assert.equal(told.json.map((p) => p.candidates[0].content?.parts
	    .map((q) => q.text ?? '').join('') ?? '').join(''), 'Hi you');
	let go;

	google.answer(async (c) => {
		c.begin({ 'content-type': 'application/json' })
		    .piece(`[${JSON.stringify(geminiAnswer)}`);
		await new Promise((done) => { go = done; });
		c.piece(`,\r\n${JSON.stringify(geminiAnswer)}]`);
		c.end();
	});
	const raw = await stage.raw(gateway, 'POST /v1beta/models/gemini-2.5-pro:'
	    + 'streamGenerateContent?key=k HTTP/1.1\r\nHost: x\r\nConnection: close'
	    + `\r\nContent-Type: application/json\r\nContent-Length: ${
		JSON.stringify(hello).length}\r\n\r\n${JSON.stringify(hello)}`);

	/* the first of them is here before the second was sent */
	await raw.sees(/unheard_of/);
	assert.equal(google.last.target,
	    '/v1beta/models/gemini-2.5-pro:streamGenerateContent');
	go();
	await raw.sees(/unheard_of[\s\S]*unheard_of/);
	raw.destroy();
});

test('a silent stream is kept alive by nothing that Google\'s SDK minds', async () => {
	let go;

	openai.answer(async (c) => {
		c.begin();
		await new Promise((done) => { go = done; });
		c.piece(completionStream('Hi'));
		c.end();
	});
	const raw = await stage.raw(gateway, 'POST /v1/models/mine:'
	    + 'streamGenerateContent?alt=sse HTTP/1.1\r\nHost: x\r\n'
	    + `Content-Type: application/json\r\nContent-Length: ${
		JSON.stringify(hello).length}\r\n\r\n${JSON.stringify(hello)}`);

	await raw.sees(/\r\n\r\n2\r\n\r\n\r\n2\r\n\r\n\r\n/);
	go();
	await raw.sees(/"STOP"/);
	assert.doesNotMatch(raw.seen.toString(), /^:|event:|\[DONE\]/m);
	raw.destroy();
});

test('tokens are counted by who can, and told in the client\'s words', async () => {
	const counted = (path, body, headers) => post(path, body, headers)
	    .then(({ status, json, headers: h }) => [status, json,
		h['x-dragoman-estimated']]);
	const input = { model: 'gpt-5', input: 'Hello' };

	openai.answer((c) => c.json({ object: 'response.input_tokens',
		input_tokens: 7 }));
	assert.deepEqual(await counted('/v1/responses/input_tokens', input),
	    [200, { object: 'response.input_tokens', input_tokens: 7 },
		undefined]);
	assert.equal(openai.last.target, '/v1/responses/input_tokens');
	claude.answer((c) => c.json({ input_tokens: 8 }),
	    (c) => c.json({ input_tokens: 9 }));
	assert.deepEqual(await counted('/v1/responses/input_tokens',
	    { ...input, model: 'claude-opus-4-8' }), [200,
	    { object: 'response.input_tokens', input_tokens: 8 }, undefined]);
	const inner = { generateContentRequest: { model: 'models/x', ...hello } };

	assert.deepEqual(await counted(
	    '/v1beta/models/claude-opus-4-8:countTokens', inner),
	    [200, { totalTokens: 9 }, undefined]);
	assert.match(claude.last.body, /Hello/);
	google.answer((c) => c.json({ totalTokens: 10, totalBillableCharacters: 5 }),
	    (c) => c.json({ totalTokens: 11 }));
	assert.deepEqual((await counted(
	    '/v1beta/models/gemini-2.5-pro:countTokens', hello))[1],
	    { totalTokens: 10, totalBillableCharacters: 5 });
	assert.deepEqual(await counted('/v1/messages/count_tokens', {
		model: 'gemini-2.5-pro', messages: [{ role: 'user',
			content: 'Hello' }] }), [200, { input_tokens: 11 },
	    undefined]);
	assert.equal(google.last.target,
	    '/v1beta/models/gemini-2.5-pro:countTokens');
	assert.equal(google.last.json.generateContentRequest.contents[0]
	    .parts[0].text, 'Hello');
	for (const [path, body, member] of [
		['/v1beta/models/mine:countTokens', hello, 'totalTokens'],
		['/v1beta/models/mine:countTokens', inner, 'totalTokens'],
		['/v1/responses/input_tokens', { model: 'mine', input: 'Hello' },
		    'input_tokens']]) {
		const [status, json, estimated] = await counted(path, body);

		assert.equal(status, 200);
		assert.ok(json[member] > 0);
		assert.equal(estimated, 'input_tokens');
	}
});

test('a provider without one of the addresses is asked at another', async () => {
	const from = openai.requests.length;
	const input = { model: 'gpt-4.1', input: 'Hello' };

	openai.answer((c) => c.text(404, 'page not found'),
	    (c) => c.json(completion('One')), (c) => c.json(completion('Two')));
	const first = await gateway.openai().responses.create(input);

	assert.equal(first.output_text, 'One');
	const second = await gateway.openai().responses.create(input);

	assert.equal(second.output_text, 'Two');
	assert.deepEqual(openai.requests.slice(from).map((r) => r.target),
	    ['/v1/responses', '/v1/chat/completions', '/v1/chat/completions']);
	assert.match(gateway.log, /no such address at the provider/);
	/* that a model is not there says nothing of the address */
	claude.answer((c) => c.json({ type: 'error', error: {
		type: 'not_found_error', message: 'model: x' } }, 404));
	assert.equal((await post('/v1/messages', { model: 'anthropic/x',
		max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })).status,
	    404);
});

test('Responses where Chat would forget to reason', async () => {
	const own = await stage.gateway({ config: { providers: {
		openai: { base_url: `${openai.url}/v1`, key: 'k' } } } });
	const tools = [{ type: 'function', function: { name: 'f',
		parameters: { type: 'object', properties: {} } } }];
	const body = { model: 'gpt-5.4', tools,
		messages: [{ role: 'user', content: 'Hello' }] };

	openai.answer((c) => c.json(completion('Chat')));
	assert.equal((await own.post('/v1/chat/completions', body)).json.choices[0]
	    .message.content, 'Chat');
	openai.answer((c) => c.json(responsesAnswer));
	const answer = await own.openai().chat.completions.create({ ...body,
		reasoning_effort: 'high' });

	assert.equal(openai.last.target, '/v1/responses');
	assert.equal(openai.last.json.reasoning.effort, 'high');
	assert.equal(openai.last.json.tools[0].name, 'f');
	assert.equal(answer.choices[0].message.content, 'Hi');
});

stage.close();
