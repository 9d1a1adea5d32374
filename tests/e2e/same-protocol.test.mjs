// Client and provider speak the same protocol: bytes pass as they are, but for the
// model's name and what must not pass.
import { Stage, assert, ask, failure, pair, test } from './harness.mjs';
import { anthropicError, completion, completionStream, message, messageStream,
    openaiError } from './shapes.mjs';

const stage = new Stage();
const chat = await stage.provider();
const messages = await stage.provider();
const gateway = await stage.gateway({ config: pair(chat, messages) });

// Odd on purpose: order of members, blanks, numbers as nobody would print them,
// escapes, a vendor's own members, one member twice.
const oddChat = (model) => `{ "vendor_new" : {"b":1.50,"a":1e400} ,\n` +
    `\t"messages":[{"content":"a\\u00e9\\/\\n","role":"user","x":null}],` +
    `"temperature":1.0,"top_p": 0.10 , "model":"${model}","seed":` +
    `12345678901234567890,"metadata":{},"metadata":{"k":"v"},"n":1 }\r\n`;
const oddMessages = (model) => `{"max_tokens":1.0e2,"system":[{"type":"text",` +
    `"text":"s","cache_control":{"type":"ephemeral","ttl":"1h","new":[ ]}}],` +
    ` "messages" : [ {"role":"user","content":"\\ud83d\\ude00"}, {"role":` +
    `"assistant","content":[{"type":"thinking","thinking":"t","signature":` +
    `"RXFz"},{"type":"brand_new","z":{"y":[1,2,{"x":-0.0}]}}]},{"role":"user",` +
    `"content":"go"}],"model":"${model}","context_management":{"edits":[]}}`;

const wholeChat = '{"id":"chatcmpl-1","odd": 1.50,"object":"chat.completion",' +
    '"created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":' +
    '"assistant","content":"h\\u00ef"},"finish_reason":"stop"}],"usage":{' +
    '"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"new":null}} \n';
const wholeMessages = '{"model":"claude-opus-4-8","id":"msg_1","type":"message",' +
    '"role":"assistant","content":[{"type":"brand_new","a":1e5},{"type":"text",' +
    '"text":"h\\u00ef"}],"stop_reason":"end_turn","stop_sequence":null,"usage":' +
    '{"input_tokens":1,"output_tokens":2,"odd":{}}}';

test('Chat to Chat: the body differs in the model alone', async () => {
	chat.answer((c) => c.text(200, wholeChat));
	const answer = await gateway.post('/v1/chat/completions',
	    oddChat('gpt/gpt-4o'), { authorization: 'Bearer sk-client' });

	assert.equal(chat.last.body, oddChat('gpt-4o'));
	assert.equal(answer.status, 200);
	assert.equal(answer.body.replace('"gpt/gpt-4o"', '"gpt-4o"'), wholeChat);
	assert.equal(chat.last.headers.authorization, 'Bearer key-of-gpt');
});

test('Messages to Messages: the body differs in the model alone', async () => {
	messages.answer((c) => c.text(200, wholeMessages));
	const answer = await gateway.post('/v1/messages?beta=true',
	    oddMessages('claude/claude-opus-4-8'), { 'x-api-key': 'sk-client',
		'anthropic-version': '2026-10-21',
		'anthropic-beta': 'one-2026-01-01,two-2026-02-02' });
	const asked = messages.last;

	assert.equal(asked.body, oddMessages('claude-opus-4-8'));
	assert.equal(asked.target, '/v1/messages?beta=true');
	assert.equal(asked.headers['anthropic-version'], '2026-10-21');
	assert.equal(asked.headers['anthropic-beta'],
	    'one-2026-01-01,two-2026-02-02');
	assert.equal(asked.headers['x-api-key'], 'key-of-claude');
	assert.doesNotMatch(asked.head, /sk-client/);
	assert.equal(answer.body.replace('"claude/claude-opus-4-8"',
	    '"claude-opus-4-8"'), wholeMessages);
});

test('streams pass byte for byte, comments and unknown events too', async () => {
	const odd = `: a comment\n\n${messageStream('Hi there')
	    .replace('event: content_block_stop',
		'event: brand_new\ndata: {"type":"brand_new","v":1.0}\n\n' +
		'event: ping\ndata: {"type": "ping"}\n\nevent: content_block_stop')}`;
	const crlf = completionStream('Hi there').replaceAll('\n', '\r\n');

	messages.answer((c) => c.stream(odd));
	const one = await gateway.post('/v1/messages',
	    { model: 'claude/claude-opus-4-8', max_tokens: 9, stream: true,
		messages: [{ role: 'user', content: 'Hi' }] });

	assert.equal(one.body.replaceAll('"claude/claude-opus-4-8"',
	    '"claude-opus-4-8"'), odd);
	assert.match(one.headers['content-type'], /^text\/event-stream/);
	chat.answer((c) => c.stream(crlf));
	const two = await gateway.post('/v1/chat/completions',
	    { model: 'gpt/gpt-4o', stream: true,
		stream_options: { include_usage: true },
		messages: [{ role: 'user', content: 'Hi' }] });

	assert.equal(two.body.replaceAll('"gpt/gpt-4o"', '"gpt-4o-2024-08-06"'),
	    crlf);
});

test('both SDKs with their own vendor', async () => {
	chat.answer((c) => c.json(completion('One')),
	    (c) => c.stream(completionStream('Two')));
	messages.answer((c) => c.json(message('Three')),
	    (c) => c.stream(messageStream('Four')));
	const openai = gateway.openai(), anthropic = gateway.anthropic();
	const ask = [{ role: 'user', content: 'Hi' }];
	const one = await openai.chat.completions.create({ model: 'gpt/gpt-4o',
		messages: ask });
	const two = await openai.chat.completions.stream({ model: 'gpt/gpt-4o',
		messages: ask }).finalContent();
	const three = await anthropic.messages.create({ max_tokens: 9,
		model: 'claude/claude-opus-4-8', messages: ask });
	const four = await anthropic.messages.stream({ max_tokens: 9,
		model: 'claude/claude-opus-4-8', messages: ask }).finalText();

	assert.deepEqual([one.choices[0].message.content, two,
		three.content[0].text, four], ['One', 'Two', 'Three', 'Four']);
});

test('headers of the provider pass; those of its house do not', async () => {
	chat.answer((c) => c.text(200, wholeChat, {
		'x-request-id': 'up-1', 'openai-organization': 'org-secret',
		'x-ratelimit-remaining-requests': '7', 'x-new-header': 'yes',
		'set-cookie': 'a=b', server: 'theirs', 'cf-ray': '1',
		'x-dragoman-target': 'forged',
	}));
	const { headers } = await gateway.post('/v1/chat/completions',
	    oddChat('gpt/gpt-4o'));

	assert.equal(headers['x-new-header'], 'yes');
	assert.equal(headers['x-ratelimit-remaining-requests'], '7');
	assert.equal(headers['x-dragoman-upstream-request-id'], 'up-1');
	assert.equal(headers['x-dragoman-target'], 'gpt/gpt-4o');
	assert.match(headers['x-request-id'], /^req_/);
	assert.equal(headers['request-id'], headers['x-request-id']);
	for (const name of ['openai-organization', 'set-cookie', 'server',
		'cf-ray'])
		assert.equal(headers[name], undefined, name);
});

test('headers of the caller do not pass, but those of the protocol', async () => {
	chat.answer((c) => c.text(200, wholeChat));
	const { headers } = await gateway.post('/v1/chat/completions',
	    oddChat('gpt/gpt-4o'), { cookie: 'c=1', 'x-forwarded-for': '1.2.3.4',
		'openai-beta': 'thing=v2', 'x-request-id': 'mine-1',
		traceparent: '00-0af7651916cd43dd8448eb211c80319c-' +
		    'b7ad6b7169203331-01', 'x-stainless-lang': 'js' });

	assert.equal(headers['x-request-id'], 'mine-1');
	// a switch of the caller's account is none of the gateway's
	assert.equal(chat.last.headers['openai-beta'], undefined);
	assert.match(chat.last.headers.traceparent, /^00-0af7/);
	assert.match(chat.last.headers['user-agent'], /^dragoman\//);
	for (const name of ['cookie', 'x-forwarded-for', 'x-stainless-lang'])
		assert.equal(chat.last.headers[name], undefined, name);
});

test('errors of the provider pass word for word', async () => {
	const body = '{"error": {"message":"Bad \\u00fc thing","type":' +
	    '"invalid_request_error","param":"x","code":"odd","new":1.0}}\n';

	chat.answer((c) => c.text(422, body, { 'x-should-retry': 'false',
		'content-type': 'application/json; charset=utf-8' }));
	const answer = await gateway.post('/v1/chat/completions',
	    oddChat('gpt/gpt-4o'));

	assert.equal(answer.status, 422);
	assert.equal(answer.body, body);
	assert.equal(answer.headers['content-type'],
	    'application/json; charset=utf-8');
	assert.equal(answer.headers['x-should-retry'], 'false');

	const theirs = JSON.stringify({ ...anthropicError('rate_limit_error',
	    'Slow down'), request_id: 'req_up' });

	messages.answer((c) => c.text(429, theirs, { 'retry-after': '7',
		'anthropic-ratelimit-requests-remaining': '0' }));
	const slow = await gateway.post('/v1/messages',
	    oddMessages('claude/claude-opus-4-8'));

	assert.equal(slow.status, 429);
	assert.equal(slow.body, theirs);
	assert.equal(slow.headers['retry-after'], '7');
	assert.equal(slow.headers['anthropic-ratelimit-requests-remaining'], '0');
});

test('the SDK throws what its own vendor said', async () => {
	chat.answer((c) => c.json(openaiError('Too long', 'string_above_max_length',
	    'invalid_request_error', 'messages'), 400));
	const error = await failure(gateway.openai().chat.completions.create({
		model: 'gpt/gpt-4o', messages: [] }));

	assert.equal(error.constructor.name, 'BadRequestError');
	assert.equal(error.code, 'string_above_max_length');
	assert.equal(error.param, 'messages');
});

test('the answer of the provider\'s own count is passed on', async () => {
	messages.answer((c) => c.text(200, '{"input_tokens":  42 }'));
	const answer = await gateway.post('/v1/messages/count_tokens',
	    { model: 'claude/claude-opus-4-8',
		messages: [{ role: 'user', content: 'Hi' }] });

	assert.equal(answer.body, '{"input_tokens":  42 }');
	assert.equal(messages.last.target, '/v1/messages/count_tokens');
	assert.equal(answer.headers['x-dragoman-estimated'], undefined);
});

test('prefixes, a doubled /v1 and a missing one are forgiven', async () => {
	for (const path of ['/v1/chat/completions', '/chat/completions',
		'/openai/v1/chat/completions', '/api/v1/chat/completions',
		'/v1/v1/chat/completions', '/v1/chat/completions/']) {
		chat.answer((c) => c.text(200, wholeChat));
		const { status } = await gateway.post(path, oddChat('gpt/gpt-4o'));

		assert.equal(status, 200, path);
		assert.equal(chat.last.target, '/v1/chat/completions');
	}
	for (const path of ['/anthropic/v1/messages', '/messages']) {
		messages.answer((c) => c.text(200, wholeMessages));
		const { status } = await gateway.post(path,
		    oddMessages('claude/claude-opus-4-8'));

		assert.equal(status, 200, path);
	}
});

test('a body of megabytes passes whole', async () => {
	const data = 'A'.repeat(5 << 20);
	const body = JSON.stringify({ model: 'gpt/gpt-4o', messages: [{
	    role: 'user', content: [{ type: 'image_url', image_url: {
		url: `data:image/png;base64,${data}` } }] }] });

	chat.answer((c) => c.text(200, wholeChat));
	const { status } = await gateway.post('/v1/chat/completions', body);

	assert.equal(status, 200);
	assert.equal(chat.last.body, body.replace('gpt/gpt-4o', 'gpt-4o'));
});

test('a whole answer of megabytes passes whole', async () => {
	const big = JSON.stringify(completion('ä'.repeat(3 << 20)));

	chat.answer((c) => c.text(200, big));
	const answer = await gateway.post('/v1/chat/completions',
	    oddChat('gpt/gpt-4o'));

	assert.equal(answer.body.replace('"gpt/gpt-4o"', '"gpt-4o-2024-08-06"'),
	    big);
});

test('bodies without a length end with the connection', async () => {
	chat.answer((c) => {
		c.head(200, { 'content-type': 'application/json',
			connection: 'close' });
		c.raw(wholeChat);
		c.cut();
	});
	const { body } = await ask(`${gateway.url}/v1/chat/completions`, {
		method: 'POST', body: oddChat('gpt/gpt-4o'),
		headers: { 'content-type': 'application/json' } });

	assert.equal(body.replace('"gpt/gpt-4o"', '"gpt-4o"'), wholeChat);
});

stage.close();
