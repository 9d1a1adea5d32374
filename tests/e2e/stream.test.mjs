// Streams on their way: each piece at once, every end in good order, and the form that
// was asked for.
//
// The provider sends a piece only when the client has seen the one before: what is held
// back makes these tests wait in vain.
import { Stage, assert, gather, pair, test, within } from './harness.mjs';
import { anthropicError, chunk, completion, completionEvents, completionStream,
    message, messageEvents, messageStream, sse } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const NEVER = 600000;
const limits = { usage_wait_ms: NEVER, keep_alive_ms: NEVER,
	silence_ms: NEVER };
const gateway = await stage.gateway({ config: pair(gpt, claude, { limits }) });
const hello = [{ role: 'user', content: 'Hello' }];
const frame = (event) => sse(event);
const ending = 'HTTP/1.1 200';

/** A request over a bare socket, to see bytes as they come. */
async function ask(path, body, at = gateway) {
	const text = JSON.stringify({ messages: hello, max_tokens: 99,
		stream: true, ...body });

	return stage.raw(at, `POST ${path} HTTP/1.1\r\nhost: x\r\n` +
	    'content-type: application/json\r\n' +
	    `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

/** Send each event when what the one before must become was seen. */
async function inTurn(provider, raw, pairs, end = true) {
	let call;

	provider.add((c) => { call = c.begin(); });
	const seen = await raw();

	while (!call)
		await new Promise((go) => setTimeout(go, 5));
	for (const [event, pattern] of pairs) {
		call.piece(typeof event === 'string' ? event : frame(event));
		if (pattern)
			await seen.sees(pattern);
	}
	if (end)
		call.end();
	return { seen, call };
}

const text = (t) => ['content_block_delta', { type: 'content_block_delta',
	index: 0, delta: { type: 'text_delta', text: t } }];
const args = (index, t) => chunk({ tool_calls: [{ index,
	function: { arguments: t } }] });
const begun = (index, id, name) => chunk({ tool_calls: [{ index, id,
	type: 'function', function: { name, arguments: '' } }] });

test('Messages to Chat: each piece at once', async () => {
	const events = messageEvents('x');

	await inTurn(claude, () => ask('/v1/chat/completions',
	    { model: 'claude/claude-opus-4-8' }), [
		[events[0], /"role":"assistant"/], [events[1], null],
		[text('one'), /"one"/], [text('two'), /"two"/],
		[events.at(-3), null], [events.at(-2), null],
		[events.at(-1), /\[DONE\]/],
	]);
});

test('Chat to Messages: pieces of text and of arguments', async () => {
	await inTurn(gpt, () => ask('/v1/messages', { model: 'gpt/gpt-4o' }), [
		[chunk({ role: 'assistant', content: '' }), /message_start/],
		[chunk({ content: 'one' }), /"text":"one"/],
		// a name may come in pieces, too: its end is the first argument
		[begun(0, 'call_a', 'look'), null],
		[args(0, '{"at'), /"name":"look"[^]*"partial_json":"\{\\"at"/],
		[args(0, '":'), /"partial_json":"\\":"/],
		[args(0, '1}'), /"partial_json":"1\}"/],
		[chunk({}, 'tool_calls'), null],
		[[null, '[DONE]'], /message_stop/],
	]);
});

test('interleaved calls: the first goes on, the other waits for it', async () => {
	const { seen } = await inTurn(gpt, () => ask('/v1/messages',
	    { model: 'gpt/gpt-4o' }), [
		[begun(0, 'call_a', 'one'), null],
		[begun(1, 'call_b', 'two'), null],
		[args(1, '{"b":2'), null],
		[args(0, '{"a":'), /"name":"one"[^]*_json":"\{\\"a\\":"/],
		[args(1, '}'), null],
		[args(0, '1}'), /"name":"two"/],
		[chunk({}, 'tool_calls'), null], [[null, '[DONE]'], /message_stop/],
	]);

	assert.ok(seen.seen.indexOf('"b') > seen.seen.indexOf('"name":"two"'));
});

test('passed streams: each piece at once, and whole but for the usage',
    async () => {
	const usage = completionEvents('').at(-2);
	const half = frame(usage).slice(0, 40);
	const { seen } = await inTurn(gpt, () => ask('/v1/chat/completions',
	    { model: 'gpt/gpt-4o' }), [
		[': a comment\n\n', null], [chunk({ role: 'assistant' }),
		    /a comment\n\n[^]*"role"/],
		[chunk({ content: 'one' }, null, { usage: null }), /"one"/],
		[chunk({}, 'stop'), /"stop"/],
		[half, null], [frame(usage).slice(40), null],
		[[null, '[DONE]'], /\[DONE\]/],
	]);

	assert.deepEqual(gpt.last.json.stream_options, { include_usage: true });
	assert.doesNotMatch(seen.seen, /prompt_tokens/);
	await gateway.says(/"?tokens_in"?[=:] ?20[^]*"?tokens_out"?[=:] ?7/);
	await inTurn(claude, () => ask('/v1/messages',
	    { model: 'claude/claude-opus-4-8' }), [
		[messageEvents('x')[0], /message_start/], [text('one'), /"one"/],
		['event: new\ndata: half', /data: half/],
		[' and half\n\n', /and half/],
		[messageEvents('x').at(-1), /message_stop/],
	]);
});

test('who asked for usage gets it, byte for byte', async () => {
	const all = completionStream('Hi there');

	for (const body of [all, all.replaceAll('\n', '\r\n'),
	    all.replaceAll('\n', '\r')]) {
		gpt.answer((c) => c.stream(body));
		const answer = await gateway.post('/v1/chat/completions', {
			model: 'gpt/gpt-4o', messages: hello, stream: true,
			stream_options: { include_usage: true } });

		assert.equal(answer.body, body);
		// the others see the same but for that chunk, in whatever pieces
		const without = body.split(/(?<=\n\n|\r\n\r\n|\r\r)/)
		    .filter((e) => !e.includes('prompt_tokens')).join('');

		for (const size of [1, 7, 1000]) {
			gpt.answer(async (c) => {
				c.begin();
				for (let i = 0; i < body.length; i += size)
					c.piece(body.slice(i, i + size));
				c.end();
			});
			const other = await gateway.post('/v1/chat/completions', {
				model: 'gpt/gpt-4o', messages: hello, stream: true });

			assert.equal(other.body, without);
		}
	}
});

test('chunks that only look like usage pass', async () => {
	const odd = sse([null, { choices: [], prompt_filter_results: [],
		usage: null }], chunk({ content: '"usage":{' }),
	chunk({ content: 'x' }, null, { usage: { prompt_tokens: 1 } }),
	[null, { usage: { prompt_tokens: 1 } }], chunk({}, 'stop'),
	[null, '[DONE]']) + 'data: {"no":"end"';

	gpt.answer((c) => c.stream(odd));
	const { body } = await gateway.post('/v1/chat/completions', {
		model: 'gpt/gpt-4o', messages: hello, stream: true });

	assert.equal(body, odd);
});

test('an operator may leave streams alone', async () => {
	const plain = await stage.gateway({ config: pair(gpt, claude,
		{ options: { meter_usage: false } }) });
	const all = completionStream('Hi');

	gpt.answer((c) => c.stream(all));
	const { body } = await plain.post('/v1/chat/completions', {
		model: 'gpt/gpt-4o', messages: hello, stream: true });

	assert.equal(body, all);
	assert.equal(gpt.last.json.stream_options, undefined);
});

test('a provider that does not know the question is not asked again', async () => {
	gpt.answer((c) => c.json({ error: { message: 'stream_options: Extra ' +
	    'inputs are not permitted', type: 'invalid_request_error',
	    param: null, code: null } }, 400),
	(c) => c.stream(completionStream('Hi', { usage: null })),
	(c) => c.stream(completionStream('Ho', { usage: null })));
	const wish = { model: 'gpt/old', messages: hello, stream: true };
	const one = await gateway.post('/v1/chat/completions', wish);

	assert.equal(one.status, 200);
	assert.equal(one.headers['x-dragoman-warnings'], undefined);
	await gateway.post('/v1/chat/completions', wish);
	assert.equal(gpt.last.json.stream_options, undefined);
	gpt.checkUnbroken();
});

test('after the last word the usage is not waited for in vain', async () => {
	const quick = await stage.gateway({ config: pair(gpt, claude,
		{ limits: { ...limits, usage_wait_ms: 50 } }) });
	const { seen, call } = await inTurn(gpt, () => ask('/v1/messages',
	    { model: 'gpt/gpt-4o' }, quick), [
		[chunk({ content: 'Hi' }), /"Hi"/], [chunk({}, 'stop'), null],
	], false);

	await seen.sees(/event: message_stop[^]*\r\n0\r\n\r\n/);
	assert.match(seen.seen, /"stop_reason":"end_turn"/);
	await within(call.closed, 'the end of the attempt');
});

test('the usage that comes late is told', async () => {
	const { seen } = await inTurn(gpt, () => ask('/v1/messages',
	    { model: 'gpt/gpt-4o' }), [
		[chunk({ content: 'Hi' }), /"Hi"/], [chunk({}, 'stop'), null],
		[completionEvents('').at(-2), null],
		[[null, '[DONE]'], /message_stop/],
	]);

	assert.match(seen.seen, /"input_tokens":20,[^}]*"output_tokens":7/);
});

test('at a stop sequence that only the gateway knows the provider is let go',
    async () => {
	const { seen, call } = await inTurn(gpt, () => ask('/v1/messages',
	    { model: 'gpt/o3', stop_sequences: ['HALT'] }), [
		[chunk({ content: 'So: H' }), /"So: "/],
		[chunk({ content: 'ALT and more' }), /message_stop/],
	], false);

	await seen.sees(/"stop_reason":"stop_sequence","stop_sequence":"HALT"/);
	await seen.sees(/\r\n0\r\n\r\n/);
	await within(call.closed, 'the end of the attempt');
	assert.doesNotMatch(seen.seen, /and more/);
});

test('an end without a reason: an error, or good enough', async () => {
	const easy = await stage.gateway({ config: pair(gpt, claude,
		{ options: { lenient_eof: true } }) });
	const half = sse(chunk({ content: 'Half' }));
	const body = { model: 'gpt/gpt-4o', messages: hello, max_tokens: 9,
		stream: true };

	gpt.answer((c) => c.stream(half), (c) => c.stream(half),
	    (c) => c.stream(''), (c) => c.stream(''));
	assert.match((await gateway.post('/v1/messages', body)).body,
	    /event: error/);
	const good = await easy.post('/v1/messages', body);

	assert.match(good.body, /"stop_reason":"end_turn"/);
	assert.match(good.body, /message_stop/);
	assert.doesNotMatch(good.body, /event: error/);
	for (const one of [gateway, easy]) {
		const none = await one.post('/v1/messages', body);

		assert.equal(none.status, 502);
		assert.equal(none.json.error.type, 'api_error');
	}
});

test('cut off behind the last word is a good end', async () => {
	gpt.answer(async (c) => {
		c.begin();
		await c.flush('');
		c.piece(sse(chunk({ content: 'All' }), chunk({}, 'stop')));
		c.cut();
	});
	const { body } = await gateway.post('/v1/messages', {
		model: 'gpt/gpt-4o', messages: hello, max_tokens: 9, stream: true });

	assert.match(body, /"stop_reason":"end_turn"/);
	assert.doesNotMatch(body, /event: error/);
});

test('before the first event an error is an error', async () => {
	for (const body of ['', ': only comments\n\n', 'data: [DONE]\n\n']) {
		gpt.answer((c) => c.stream(body));
		assert.equal((await gateway.post('/v1/messages', {
			model: 'gpt/gpt-4o', messages: hello, max_tokens: 9,
			stream: true })).status, 502, body);
	}
	claude.answer((c) => c.stream(sse(['error', anthropicError(
	    'overloaded_error', 'Busy')])));
	assert.equal((await gateway.post('/v1/chat/completions', {
		model: 'claude/claude-opus-4-8', messages: hello,
		stream: true })).status, 503);
});

test('the form that was asked for, whichever the provider chose', async () => {
	const clients = [
		['openai', 'gpt/gpt-4o', gpt, completion, completionStream],
		['openai', 'claude/claude-opus-4-8', claude, message,
		    messageStream],
		['anthropic', 'gpt/gpt-4o', gpt, completion, completionStream],
		['anthropic', 'claude/claude-opus-4-8', claude, message,
		    messageStream],
	];

	for (const [client, model, provider, whole, streamed] of clients) {
		const sdk = gateway[client]();
		const wish = { model, messages: hello, max_tokens: 9 };

		provider.answer((c) => c.json(whole('Hi there')),
		    (c) => c.stream(streamed('Hi there')));
		const events = await gather(client === 'openai'
		    ? await sdk.chat.completions.create({ ...wish, stream: true })
		    : await sdk.messages.create({ ...wish, stream: true }));
		const text_ = events.map((e) => e.choices?.[0]?.delta.content ??
		    e.delta?.text ?? '').join('');
		const one = client === 'openai'
		    ? (await sdk.chat.completions.create(wish))
			.choices[0].message.content
		    : (await sdk.messages.create(wish)).content[0].text;

		assert.equal(text_, 'Hi there', `${client} ${model}`);
		assert.equal(one, 'Hi there', `${client} ${model}`);
	}
});

test('a form that had to be changed is named', async () => {
	gpt.answer((c) => c.json(completion('Hi')));
	const { headers, body } = await gateway.post('/v1/chat/completions', {
		model: 'gpt/gpt-4o', messages: hello, stream: true,
		stream_options: { include_usage: true } });

	assert.equal(headers['x-dragoman-warnings'], 'stream=emulated');
	assert.match(headers['content-type'], /^text\/event-stream/);
	assert.match(body, /"usage":\{"prompt_tokens":20/);
	assert.match(body, /\[DONE\]/);
});

test('long whole answers are asked for as streams', async () => {
	const wish = { model: 'claude/claude-opus-4-8', messages: hello };

	claude.answer((c) => c.stream(messageStream('Long')),
	    (c) => c.json(message('Short')), (c) => c.json(message('Own')));
	const long = await gateway.post('/v1/chat/completions', wish);

	assert.equal(claude.last.json.stream, true);
	assert.equal(claude.last.headers.accept, 'text/event-stream');
	assert.equal(long.headers['content-type'], 'application/json');
	assert.equal(long.json.choices[0].message.content, 'Long');
	assert.equal(long.json.usage.prompt_tokens, 20);
	await gateway.post('/v1/chat/completions', { ...wish,
		max_tokens: 21333 });
	assert.equal(claude.last.json.stream, undefined);
	assert.equal(claude.last.headers.accept, 'application/json');
	await gateway.post('/v1/messages', { ...wish, max_tokens: 64000 });
	assert.equal(claude.last.json.stream, undefined);
});

test('a long whole answer may take longer than its first token', async () => {
	const slow = await stage.gateway({ config: pair(gpt, claude,
		{ limits: { ...limits, first_token_ms: 300 } }) });

	claude.answer(async (c) => {
		const events = messageEvents('Long').map(frame);

		c.begin().piece(events[0]);
		await new Promise((go) => setTimeout(go, 700));
		c.piece(events.slice(1).join('')).end();
	});
	const { status, json } = await slow.post('/v1/chat/completions', {
		model: 'claude/claude-opus-4-8', messages: hello });

	assert.equal(status, 200);
	assert.equal(json.choices[0].message.content, 'Long');
});

test('kept alive: before the first event by a comment, then as each protocol does',
    async () => {
	const lively = await stage.gateway({ config: pair(gpt, claude, {
		limits: { ...limits, commit_ms: 50, keep_alive_ms: 50 } }) });
	const { seen } = await inTurn(gpt, () => ask('/v1/messages',
	    { model: 'gpt/gpt-4o' }, lively), [
		[': nothing yet\n\n', /200 [^]*: ping\n\n/],
		[chunk({ content: 'Hi' }), /"Hi"[^]*event: ping\ndata: \{/],
		[chunk({}, 'stop'), null], [[null, '[DONE]'], /message_stop/],
	]);

	assert.ok(seen.seen.startsWith(ending));
	assert.doesNotMatch(seen.seen.split('message_start')[0], /event: ping/);
	await inTurn(claude, () => ask('/v1/chat/completions',
	    { model: 'claude/claude-opus-4-8' }, lively), [
		[messageEvents('x')[0], /"role"[^]*\n\r\n[^]*: ping\n\n/],
		[messageEvents('x').at(-2), null],
		[messageEvents('x').at(-1), /\[DONE\]/],
	]);
});

stage.close();
