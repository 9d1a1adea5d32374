// Errors, before and inside answers, in each client's own shape and class.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Stage, assert, failure, gather, pair, test } from './harness.mjs';
import { anthropicError, completionEvents, completionStream, message,
    messageEvents, messageStream, openaiError, sse } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: { ...pair(gpt, claude),
	providers: { ...pair(gpt, claude).providers,
	    // no key here: the caller's own credential is used
	    'own-claude': { messages: claude.url, dialect: 'anthropic' },
	    'own-gpt': { chat: `${gpt.url}/v1`, dialect: 'openai' },
	    google: { gemini: `${claude.url}/v1beta`, key: 'key' } } } });
const openai = gateway.openai();
const anthropic = gateway.anthropic();
const hello = [{ role: 'user', content: 'Hello' }];
const toClaude = (rest) => openai.chat.completions.create({
	model: 'claude/claude-opus-4-8', messages: hello, ...rest });
const toGpt = (rest) => anthropic.messages.create({ model: 'gpt/gpt-4o',
	max_tokens: 9, messages: hello, ...rest });

// status and type of Anthropic's; status, class, type and code that OpenAI's SDK sees
const fromClaude = [
	[400, 'invalid_request_error', 400, OpenAI.BadRequestError,
	    'invalid_request_error', null],
	[404, 'not_found_error', 404, OpenAI.NotFoundError,
	    'invalid_request_error', /not_found/],
	[413, 'request_too_large', 413, OpenAI.APIError,
	    'invalid_request_error', 'request_too_large'],
	[422, 'invalid_request_error', 422, OpenAI.UnprocessableEntityError,
	    'invalid_request_error', null],
	[429, 'rate_limit_error', 429, OpenAI.RateLimitError,
	    'requests', 'rate_limit_exceeded'],
	[500, 'api_error', 500, OpenAI.InternalServerError, 'server_error',
	    null],
	[503, 'api_error', 503, OpenAI.InternalServerError, 'server_error',
	    'service_unavailable'],
	[504, 'timeout_error', 504, OpenAI.InternalServerError,
	    'server_error', 'timeout'],
	[529, 'overloaded_error', 503, OpenAI.InternalServerError,
	    'server_error', 'overloaded'],
];

for (const [theirs, kind, status, type, told, code] of fromClaude)
	for (const stream of [false, true])
		test(`Anthropic's ${theirs} ${kind} to OpenAI's SDK, ${stream
		    ? 'stream' : 'whole'}`, async () => {
			claude.answer((c) => c.json(anthropicError(kind,
			    'It went wrong'), theirs, { 'request-id': 'up_1' }));
			const error = await failure(toClaude({ stream }));

			assert.ok(error instanceof type, error.constructor.name);
			assert.equal(error.status, status);
			assert.equal(error.type, told);
			if (code instanceof RegExp)
				assert.match(error.code, code);
			else
				assert.equal(error.code, code);
			assert.match(error.message, /It went wrong/);
			assert.match(error.requestID, /^req_/);
			assert.equal(error.headers.get(
			    'x-dragoman-upstream-request-id'), null);
		});

const fromGpt = [
	[400, null, 400, Anthropic.BadRequestError, 'invalid_request_error'],
	[404, 'model_not_found', 404, Anthropic.NotFoundError,
	    'not_found_error'],
	[413, null, 413, Anthropic.APIError, 'request_too_large'],
	[422, null, 400, Anthropic.BadRequestError, 'invalid_request_error'],
	[429, 'rate_limit_exceeded', 429, Anthropic.RateLimitError,
	    'rate_limit_error'],
	[500, null, 500, Anthropic.InternalServerError, 'api_error'],
	[502, null, 502, Anthropic.InternalServerError, 'api_error'],
	[503, null, 529, Anthropic.InternalServerError, 'overloaded_error'],
	[504, null, 504, Anthropic.InternalServerError, 'timeout_error'],
];

for (const [theirs, code, status, type, kind] of fromGpt)
	for (const stream of [false, true])
		test(`OpenAI's ${theirs} ${code} to Anthropic's SDK, ${stream
		    ? 'stream' : 'whole'}`, async () => {
			gpt.answer((c) => c.json(openaiError('It went wrong', code),
			    theirs));
			const error = await failure(toGpt({ stream }));

			assert.ok(error instanceof type, error.constructor.name);
			assert.equal(error.status, status);
			assert.equal(error.error.type, 'error');
			assert.equal(error.error.error.type, kind);
			assert.match(error.error.error.message, /It went wrong/);
			assert.match(error.error.request_id, /^req_/);
			assert.equal(error.requestID, error.error.request_id);
		});

test('when to try again is told in both directions', async () => {
	claude.answer((c) => c.json(anthropicError('rate_limit_error', 'Slow'),
	    429, { 'retry-after': '12' }));
	gpt.answer((c) => c.json(openaiError('Slow', 'rate_limit_exceeded'), 429,
	    { 'retry-after-ms': '1500', 'x-should-retry': 'false' }));
	const one = await failure(toClaude());
	const two = await failure(toGpt());

	assert.equal(one.headers.get('retry-after'), '12');
	assert.equal(two.headers.get('retry-after-ms'), '1500');
	assert.equal(two.headers.get('retry-after'), '2');
	assert.equal(two.headers.get('x-should-retry'), 'false');
});

test('the SDK\'s own retries get through', async () => {
	claude.answer((c) => c.json(anthropicError('overloaded_error', 'Full'),
	    529, { 'retry-after-ms': '1' }), (c) => c.json(message('Now')));
	const whole = await gateway.openai({ maxRetries: 1 }).chat.completions
	    .create({ model: 'claude/claude-opus-4-8', messages: hello });

	assert.equal(whole.choices[0].message.content, 'Now');
});

for (const status of [401, 403])
	test(`the gateway's own key refused with ${status} is no affair of the client`,
	    async () => {
		claude.answer((c) => c.json(anthropicError(status === 401
		    ? 'authentication_error' : 'permission_error',
		    'invalid x-api-key key-of-claude'), status));
		gpt.answer((c) => c.json(openaiError('Incorrect API key provided: ' +
		    'key-of-gpt', 'invalid_api_key'), status));
		const one = await failure(toClaude());
		const two = await failure(toGpt());

		assert.equal(one.status, 502);
		assert.equal(one.type, 'server_error');
		assert.equal(two.status, 502);
		assert.equal(two.error.error.type, 'api_error');
		assert.doesNotMatch(JSON.stringify([one, two]), /key-of-/);
		// and the same between those of one protocol
		claude.answer((c) => c.json(anthropicError('authentication_error',
		    'invalid x-api-key'), status));
		const three = await failure(anthropic.messages.create({
			model: 'claude/claude-opus-4-8', max_tokens: 9,
			messages: hello }));

		assert.equal(three.status, 502);
	});

test('the caller\'s own key refused is told to him', async () => {
	claude.answer((c) => c.json(anthropicError('authentication_error',
	    'invalid x-api-key'), 401));
	gpt.answer((c) => c.json(openaiError('Incorrect API key',
	    'invalid_api_key'), 401), (c) => c.json(openaiError(
	    'You exceeded your current quota', 'insufficient_quota'), 429));
	const one = await failure(openai.chat.completions.create({
		model: 'own-claude/claude-opus-4-8', messages: hello }));
	const two = await failure(anthropic.messages.create({
		model: 'own-gpt/gpt-4o', max_tokens: 9, messages: hello }));
	const three = await failure(anthropic.messages.create({
		model: 'own-gpt/gpt-4o', max_tokens: 9, messages: hello }));

	assert.ok(one instanceof OpenAI.AuthenticationError);
	assert.equal(one.code, 'invalid_api_key');
	assert.ok(two instanceof Anthropic.AuthenticationError);
	assert.equal(two.error.error.type, 'authentication_error');
	assert.equal(three.status, 402);
	assert.equal(three.error.error.type, 'billing_error');
});

test('too long a prompt is told in the words that clients watch for', async () => {
	claude.answer((c) => c.json(anthropicError('invalid_request_error',
	    'prompt is too long: 201000 tokens > 200000 maximum'), 400));
	gpt.answer((c) => c.json(openaiError('This model\'s maximum context length ' +
	    'is 128000 tokens. However, your messages resulted in 130000 tokens.',
	    'context_length_exceeded', 'invalid_request_error', 'messages'), 400));
	const one = await failure(toClaude());
	const two = await failure(toGpt());

	assert.equal(one.status, 400);
	assert.equal(one.code, 'context_length_exceeded');
	assert.match(one.message, /prompt is too long: 201000 tokens/);
	assert.equal(two.status, 400);
	assert.equal(two.error.error.message,
	    'prompt is too long: 130000 tokens > 128000 maximum');
});

test('bodies that are no error of any known shape', async () => {
	gpt.answer((c) => c.text(502, '<html>bad gateway</html>',
	    { 'content-type': 'text/html' }), (c) => c.text(500, ''),
	    (c) => c.json({ detail: [{ loc: ['body', 'x'], msg: 'is odd' }] }, 422));
	const one = await failure(toGpt());
	const two = await failure(toGpt());
	const three = await failure(toGpt());

	assert.equal(one.error.error.message, 'Upstream returned HTTP 502.');
	assert.equal(two.error.error.message, 'Upstream returned HTTP 500.');
	assert.match(three.error.error.message, /is odd/);
});

test('a 200 with an error in it is an error', async () => {
	gpt.answer((c) => c.json(openaiError('Provider fell over', null,
	    'server_error')));
	const error = await failure(toGpt());

	assert.ok(error.status >= 500, `status ${error.status}`);
	assert.match(error.message, /Provider fell over/);
});

test('an error as the first event of a stream is told by a status', async () => {
	claude.answer((c) => c.stream(sse(['error', anthropicError(
	    'overloaded_error', 'Overloaded')])));
	gpt.answer((c) => c.stream(sse([null, openaiError('Out of order', null,
	    'server_error')])));
	const one = await failure(toClaude({ stream: true }));
	const two = await failure(toGpt({ stream: true }));

	assert.equal(one.status, 503);
	assert.equal(one.code, 'overloaded');
	assert.ok(two.status >= 500);
	assert.match(two.message, /Out of order/);
});

test('an error inside a stream is told in the stream', async () => {
	claude.answer((c) => c.stream(sse(...messageEvents('Half').slice(0, 3),
	    ['error', anthropicError('overloaded_error', 'Overloaded')])));
	gpt.answer((c) => c.stream(sse(...completionEvents('Half').slice(0, 2),
	    [null, openaiError('Out of order', null, 'server_error')])));
	let seen = '';
	const one = await failure((async () => {
		for await (const chunk of await toClaude({ stream: true }))
			seen += chunk.choices[0].delta.content ?? '';
	})());

	assert.equal(seen, 'Ha');
	assert.match(one.message, /Overloaded/);
	assert.equal(one.code, 'overloaded');
	const events = [];
	const two = await failure((async () => {
		for await (const event of await toGpt({ stream: true }))
			events.push(event.type);
	})());

	assert.ok(events.includes('content_block_delta'));
	assert.ok(!events.includes('message_stop'));
	assert.match(two.message, /Out of order/);
});

test('a stream that stops short is told as an error, never as an end', async () => {
	const ends = [['in good order', (c) => c.end()],
		['with the connection', (c) => c.cut()],
		['with a reset', (c) => setTimeout(() => c.reset(), 20)]];

	for (const [how, stop] of ends) {
		claude.answer(async (c) => {
			c.begin();
			c.piece(sse(...messageEvents('Half').slice(0, 3)));
			await c.flush('');
			stop(c);
		});
		gpt.answer(async (c) => {
			c.begin();
			c.piece(sse(...completionEvents('Half').slice(0, 2)));
			await c.flush('');
			stop(c);
		});
		const one = await failure(gather(await toClaude({ stream: true })));
		const two = await failure(gather(await toGpt({ stream: true })));

		assert.match(one.message, /before the response was complete/, how);
		assert.match(two.message, /before the response was complete/, how);
	}
});

test('the same between those of one protocol', async () => {
	gpt.answer((c) => {
		c.begin();
		c.piece(sse(...completionEvents('Half').slice(0, 2)));
		c.cut();
	});
	claude.answer((c) => {
		c.begin();
		c.piece(sse(...messageEvents('Half').slice(0, 3)));
		c.cut();
	});
	const one = await failure((async () => gather(
	    await openai.chat.completions.create({ model: 'gpt/gpt-4o',
		messages: hello, stream: true })))());
	const two = await failure((async () => gather(
	    await anthropic.messages.create({ model: 'claude/claude-opus-4-8',
		max_tokens: 9, messages: hello, stream: true })))());

	assert.match(one.message, /before the response was complete/);
	assert.match(two.message, /before the response was complete/);
});

test('an error inside an answer leaves the connection as it was', async () => {
	const body = JSON.stringify({ model: 'claude/claude-opus-4-8',
		messages: hello, stream: true });
	const raw = await stage.raw(gateway);

	for (let i = 0; i < 2; i++) {
		raw.seen = '';
		claude.answer((c) => c.stream(sse(messageEvents('Well')[0],
		    ['error', anthropicError('overloaded_error', 'Full')])));
		raw.write('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n' +
		    `Content-Length: ${body.length}\r\n\r\n${body}`);
		await raw.sees(/"message":"Full"[^]*\r\n0\r\n\r\n$/);
	}
});

test('an error in words of another protocol is told in the client\'s own', async () => {
	const strange = sse([null, { error: { message: 'Full up', code: null,
		type: 'server_error', param: null } }]);
	const broken = (events, error = strange) => (c) =>
		c.stream(sse(...events) + error);

	claude.answer(broken(messageEvents('Half').slice(0, 3)));
	const one = await failure((async () => gather(
	    await anthropic.messages.create({ model: 'claude/claude-opus-4-8',
		max_tokens: 9, messages: hello, stream: true })))());

	gpt.answer(broken(completionEvents('Half').slice(0, 2),
	    sse([null, { object: 'error', message: 'Full up', code: 500 }])));
	const two = await failure((async () => gather(
	    await openai.chat.completions.create({ model: 'gpt/gpt-4o',
		messages: hello, stream: true })))());

	claude.answer(broken([[null, { candidates: [{ index: 0, content: {
		role: 'model', parts: [{ text: 'Half' }] } }] }]]));
	const three = await failure((async () => gather(await gateway.gemini()
	    .models.generateContentStream({ model: 'google/gemini-2.5-pro',
		contents: 'Hi' })))());

	for (const { message: said } of [one, two, three])
		assert.match(said, /Full up/);
});

test('a whole answer that is no object, or an empty one, is not passed on', async () => {
	for (const body of ['null', '7', '{}']) {
		gpt.answer((c) => c.text(200, body));
		const { status, json } = await gateway.post('/v1/chat/completions',
		    { model: 'gpt/gpt-4o', messages: hello });

		assert.equal(status, 502, body);
		assert.ok(json.error.message);
	}
});

test('a stream of Gemini\'s that has said its reason is whole', async () => {
	const own = await stage.gateway({ config: {
		providers: { google: { gemini: `${claude.url}/v1beta`, key: 'k' } },
		limits: { usage_wait_ms: 200 } } });
	const told = [null, { candidates: [{ index: 0, finishReason: 'STOP',
		content: { role: 'model', parts: [{ text: 'All' }] } }],
	    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 } }];

	for (const end of [(c) => c.cut(), () => {}]) {
		claude.answer((c) => end(c.begin().piece(sse(told))));
		const seen = await gather(await own.gemini().models
		    .generateContentStream({ model: 'google/gemini-2.5-pro',
			contents: 'Hi' }));

		assert.deepEqual(seen.map((one) => one.text), ['All']);
	}
});

for (const end of ['end', 'cut'])
	test(`a passed stream with its ${end} amid an event ends with an error`,
	    async () => {
		const told = /event: error\ndata: .*Upstream closed.*\n\n$/;
		const bytes = messageStream('Good day');

		for (const at of [bytes.indexOf('_delta'), bytes.indexOf('Good')]) {
			claude.answer((c) => {
				c.begin().piece(bytes.slice(0, at));
				c[end]();
			});
			const { body } = await gateway.post('/v1/messages', {
				model: 'claude/claude-opus-4-8', max_tokens: 9,
				messages: hello, stream: true });

			assert.ok(body.startsWith(`${bytes.slice(0, at)}\n\n`));
			assert.match(body, told);
		}
	});

test('a whole answer that stops short is an error', async () => {
	gpt.answer((c) => {
		c.head(200, { 'content-type': 'application/json',
			'content-length': 1000 });
		c.raw('{"id":"chatcmpl-1","choices":[{"index":0,"mess');
		c.cut();
	});
	const error = await failure(toGpt());

	assert.equal(error.status, 502);
	gpt.answer((c) => c.text(200, '{"id":"chatcmpl-1","choices":[{"ind'));
	assert.equal((await failure(toGpt())).status, 502);
	gpt.answer((c) => c.json({ id: 'chatcmpl-1', choices: [] }));
	assert.match((await failure(toGpt())).message, /no choices/);
});

test('answers that are no HTTP are told as a bad gateway', async () => {
	for (const bytes of ['what?\r\n\r\n', 'HTTP/1.1 200 OK\r\n' +
	    'content-length: 5\r\ncontent-length: 6\r\n\r\nhello',
	    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n']) {
		gpt.answer((c) => c.raw(bytes).cut());
		const error = await failure(toGpt());

		assert.equal(error.status, 502, bytes);
		assert.equal(error.error.error.type, 'api_error');
	}
});

test('what the gateway itself refuses, in both shapes', async () => {
	const wrong = await failure(openai.chat.completions.create({
		model: 'claude/claude-opus-4-8', messages: 'none' }));

	assert.equal(wrong.status, 400);
	assert.equal(wrong.type, 'invalid_request_error');
	assert.equal(wrong.param, 'messages');
	const other = await failure(toGpt({ messages: [{ role: 'user' }] }));

	assert.equal(other.status, 400);
	assert.match(other.error.error.message, /^messages\.0\.content: /);

	const gone = await failure(openai.chat.completions.create({
		model: 'no-such-model', messages: hello }));

	assert.ok(gone instanceof OpenAI.NotFoundError);
	assert.equal(gone.code, 'model_not_found');
	const lost = await failure(anthropic.messages.create({ max_tokens: 9,
		model: 'no-such-model', messages: hello }));

	assert.ok(lost instanceof Anthropic.NotFoundError);
	assert.equal(lost.error.error.type, 'not_found_error');
	assert.match(lost.error.error.message, /no-such-model/);

	const bad = await gateway.post('/v1/messages', '{"model": "x",}');

	assert.equal(bad.status, 400);
	assert.equal(bad.json.type, 'error');
	assert.match(bad.json.error.message, /line 1, column 15/);
});

test('what a provider says of trying again is told in both directions', async () => {
	const says = { 'x-should-retry': 'true', 'retry-after-ms': '1500' };

	for (const word of ['true', 'false']) {
		const headers = { ...says, 'x-should-retry': word };

		gpt.answer((c) => c.json(openaiError('Busy'), 503, headers));
		claude.answer((c) => c.json(anthropicError('overloaded_error',
		    'Busy'), 529, headers));
		const one = await gateway.post('/v1/messages', {
			model: 'gpt/gpt-4o', max_tokens: 9, messages: hello });
		const two = await gateway.post('/v1/chat/completions', {
			model: 'claude/claude-opus-4-8', messages: hello });

		for (const { headers: told } of [one, two]) {
			assert.equal(told['x-should-retry'], word);
			assert.equal(told['retry-after-ms'], '1500');
			assert.equal(told['retry-after'], '2');
		}
	}
});

stage.close();
