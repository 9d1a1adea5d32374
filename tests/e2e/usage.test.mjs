// Usage is always there and honest: what a provider leaves out is estimated, and
// says so; what it tells is told as it is.
import { Stage, assert, gather, pair, test } from './harness.mjs';
import { chunk, completion, completionEvents, completionStream, message,
	messageEvents, sse } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const both = pair(gpt, claude);
const gateway = await stage.gateway({ config: { ...both, providers: {
	...both.providers,
	mute: { ...both.providers.gpt, options: { estimate_usage: false } },
	'mute-claude': { ...both.providers.claude,
		options: { estimate_usage: false } },
	ext: { ...both.providers.claude, options: { usage_ext: true } },
} } });
const words = 'The quick brown fox jumps over the lazy dog. ';
const messages = [{ role: 'user', content: words.repeat(10) }];
const body = { model: 'gpt/gpt-4o', messages };
const toClaude = { ...body, model: 'claude/claude-opus-4-8', max_tokens: 900 };
const toGpt = { ...body, max_tokens: 900 };
const stream = { stream: true, stream_options: { include_usage: true } };
const anthropic = gateway.anthropic();
const openai = gateway.openai();

/** Is it near what `words` costs, that often? */
function near(tokens, times) {
	assert.ok(tokens > 8 * times && tokens < 14 * times,
	    `${tokens} tokens for ${times} sentences`);
}

const without = (answer) => ({ ...answer, usage: undefined });
const silent = (events) => events.map(([name, data]) =>
    [name, data.usage ? { ...data, usage: undefined } :
	data.message ? { ...data, message: without(data.message) } : data]);

// ---- in another protocol ----

test('Messages from Chat, whole', async () => {
	gpt.answer((c) => c.json(without(completion(words.repeat(3)))));
	const { data, response } = await anthropic.messages.create(toGpt)
	    .withResponse();

	near(data.usage.input_tokens, 10);
	near(data.usage.output_tokens, 3);
	assert.equal(data.usage.estimated, true);
	assert.equal(response.headers.get('x-dragoman-estimated'), 'usage');
	await gateway.says(/tokens_in=\d+ tokens_out=\d+ tokens=estimated/);
	const count = await anthropic.messages.countTokens({ model: toGpt.model,
		messages });

	assert.equal(count.input_tokens, data.usage.input_tokens);
});

test('Messages from Chat, streamed', async () => {
	gpt.answer((c) => c.stream(completionStream(words.repeat(3),
	    { usage: null })));
	const told = anthropic.messages.stream(toGpt);
	const events = [];

	told.on('streamEvent', (event) => events.push(structuredClone(event)));
	const { usage, content } = await told.finalMessage();
	const end = events.find((e) => e.type === 'message_delta');

	assert.equal(content[0].text, words.repeat(3));
	near(events[0].message.usage.input_tokens, 10);
	assert.equal(events[0].message.usage.estimated, undefined);
	assert.equal(end.usage.estimated, true);
	assert.equal(end.usage.input_tokens, events[0].message.usage.input_tokens);
	near(usage.output_tokens, 3);
	assert.equal(usage.input_tokens, end.usage.input_tokens);
});

test('what a provider tells is no estimate', async () => {
	gpt.answer((c) => c.json(completion(words)),
	    (c) => c.stream(completionStream(words)));
	const { data, response } = await anthropic.messages.create(toGpt)
	    .withResponse();
	const told = await gather(await anthropic.messages.create(
	    { ...toGpt, stream: true }));

	assert.equal(response.headers.get('x-dragoman-estimated'), null);
	assert.deepEqual([data.usage.input_tokens, data.usage.output_tokens,
		data.usage.estimated], [20, 7, undefined]);
	const { usage } = told.find((e) => e.type === 'message_delta');

	assert.deepEqual([usage.input_tokens, usage.output_tokens,
		usage.estimated], [20, 7, undefined]);
});

test('Chat from Messages, whole and streamed', async () => {
	claude.answer((c) => c.json(without(message(words.repeat(3)))),
	    (c) => c.stream(sse(...silent(messageEvents(words.repeat(3))))));
	const { data, response } = await openai.chat.completions.create(toClaude)
	    .withResponse();
	const told = openai.chat.completions.stream({ ...toClaude, ...stream });
	const { usage } = await told.finalChatCompletion();

	assert.equal(response.headers.get('x-dragoman-estimated'), 'usage');
	for (const u of [data.usage, usage]) {
		assert.equal(u.estimated, true);
		near(u.prompt_tokens / 1.56, 10);	// as Claude counts
		near(u.completion_tokens / 1.56, 3);
		assert.equal(u.total_tokens, u.prompt_tokens +
		    u.completion_tokens);
	}
});

test('nothing is estimated where the operator says so', async () => {
	claude.answer((c) => c.json(without(message('Hi'))),
	    (c) => c.stream(sse(...silent(messageEvents('Hi')))));
	gpt.answer((c) => c.json(without(completion('Hi'))),
	    (c) => c.stream(completionStream('Hi', { usage: null })));
	const off = { ...toClaude, model: 'mute-claude/claude-opus-4-8' };
	const whole = await gateway.post('/v1/chat/completions', off);

	assert.equal(whole.json.usage, undefined);
	assert.equal(whole.headers['x-dragoman-estimated'], undefined);
	const chunks = await gather(await openai.chat.completions.create(
	    { ...off, ...stream }));

	assert.ok(chunks.every((c) => !c.usage));
	const own = await gateway.post('/v1/messages', { ...toGpt,
		model: 'mute/gpt-4o' });

	assert.deepEqual([own.json.usage.input_tokens, own.json.usage.estimated],
	    [0, undefined]);
	const passed = await gateway.post('/v1/chat/completions',
	    { ...body, ...stream, model: 'mute/gpt-4o' });

	assert.doesNotMatch(passed.body, /"usage"/);
});

// ---- in the same protocol ----

/** A Chat stream through the gateway: its body, and the chunk that was added. */
async function passed(pieces, more = {}) {
	gpt.answer(async (c) => {
		c.begin();
		for (const piece of pieces) {
			c.piece(piece);
			await new Promise((go) => setImmediate(go));
		}
		c.end();
	});
	const answer = await gateway.post('/v1/chat/completions',
	    { ...body, ...stream, ...more });
	const added = answer.body.match(/data: [^\r\n]*"estimated":true\}\}\n\n/);

	return { all: answer.body, added: added?.[0],
		rest: added ? answer.body.replace(added[0], '') : answer.body,
		usage: added && JSON.parse(added[0].slice(6)).usage };
}

const plain = completionStream(words.repeat(3), { usage: null });

for (const [name, text] of [['LF', plain],
	['CR LF', plain.replaceAll('\n', '\r\n')],
	['CR', plain.replaceAll('\n', '\r')],
	['no end', plain.replace(/data: \[DONE\]\n\n$/, '')],
	['half an end', plain.slice(0, -1)],
	['words of the end in the text', completionStream(
	    `${words.repeat(3)}\n\ndata: [DONE]\n\n`, { usage: null })]])
	test(`a passed stream gets the chunk that was asked for: ${name}`,
	    async () => {
		for (const pieces of [[text], [...text.matchAll(/[^]{1,7}/g)].map(
		    String), [text.slice(0, -9), text.slice(-9)]]) {
			const { all, added, rest, usage } = await passed(pieces);

			assert.ok(added, all);
			assert.equal(rest, text);
			near(usage.prompt_tokens, 10);
			near(usage.completion_tokens, 3);
			if (text.includes('[DONE]'))
				assert.ok(all.trimEnd().endsWith(
				    `${added}data: [DONE]`), all);
			const one = JSON.parse(added.slice(6));

			assert.deepEqual([one.id, one.model, one.object, one.choices],
			    ['chatcmpl-abc123', 'gpt-4o-2024-08-06',
				'chat.completion.chunk', []]);
		}
	});

test('an official client gathers it', async () => {
	gpt.answer((c) => c.stream(plain));
	const told = openai.chat.completions.stream({ ...body, ...stream });
	const { usage, choices } = await told.finalChatCompletion();

	assert.equal(choices[0].message.content, words.repeat(3));
	assert.equal(usage.estimated, true);
	near(usage.total_tokens, 13);
});

test('a passed stream stays as it is where nothing is missing', async () => {
	const cases = [
		[completionStream('Hi')],
		[sse(...completionEvents('Hi', { usage: null }).map(([n, d]) =>
		    [n, d.choices?.[0].finish_reason ? { ...d, usage: {
			prompt_tokens: 3, completion_tokens: 1,
			total_tokens: 4 } } : d]))],
		[plain, { stream_options: undefined }],
		[plain, { n: 2 }],
		[sse(chunk({ content: 'Hi' }), [null, { error: {
			message: 'Out of luck', code: 500 } }])],
	];

	for (const [text, more] of cases) {
		const { all } = await passed([text], more);

		assert.equal(all, text);
	}
});

test('a passed whole answer is not touched', async () => {
	const whole = without(completion('Hi'));

	gpt.answer((c) => c.json(whole));
	const answer = await gateway.post('/v1/chat/completions', body);

	assert.equal(answer.body, JSON.stringify(whole));
	assert.equal(answer.headers['x-dragoman-estimated'], undefined);
});

// ---- ends ----

test('who has said why it ends has answered, if it then breaks off or is silent',
    async () => {
	const quick = await stage.gateway({ config: { ...both,
		limits: { usage_wait_ms: 50 } } });
	const said = messageEvents(words).slice(0, -1);
	const unsaid = sse(...said.slice(0, -1));
	let call;

	for (const end of ['cut', 'reset', 'wait'])
		for (const [provider, model, text] of [
			[claude, toClaude.model, sse(...said)],
			[gpt, body.model, plain.replace(/data: .DONE.\n\n$/, '')]]) {
			const path = provider === claude ? '/v1/chat/completions'
			    : '/v1/messages';

			provider.answer((c) => {
				call = c.begin().piece(text);
				if (end === 'cut')
					c.cut();
				else if (end === 'reset')
					setTimeout(() => c.reset(), 20);
			});
			const { body: told } = await quick.post(path, { ...toClaude,
				...stream, model });

			assert.match(told, /"finish_reason":"stop"|message_stop/);
			assert.doesNotMatch(told, /"error"/);
			if (end === 'wait')
				await call.closed;
		}
	claude.answer((c) => c.begin().piece(unsaid).cut());
	const { body: told } = await quick.post('/v1/chat/completions',
	    { ...toClaude, ...stream });

	assert.match(told, /"error"/);
	assert.doesNotMatch(told, /DONE/);
});

// ---- sums ----

test('several answers: one estimate marks the sum', async () => {
	claude.answer((c) => c.json(message(words)),
	    (c) => c.json(without(message(words.repeat(3)))));
	const { data, response } = await openai.chat.completions.create(
	    { ...toClaude, n: 2 }).withResponse();

	near((data.usage.prompt_tokens - 20) / 1.56, 10);
	near((data.usage.completion_tokens - 7) / 1.56, 3);
	assert.equal(data.usage.estimated, true);
	assert.equal(response.headers.get('x-dragoman-estimated'), 'usage');
});

test('several answers, passed on one by one', async () => {
	const one = await stage.gateway({ config: { ...both, providers: {
		gpt: { ...both.providers.gpt, dialect: 'deepseek' } } } });

	gpt.answer((c) => c.json(completion(words)),
	    (c) => c.json(without(completion(words.repeat(3)))),
	    (c) => c.stream(completionStream(words)),
	    (c) => c.stream(plain));
	const { json } = await one.post('/v1/chat/completions',
	    { ...body, n: 2 });
	const chunks = await gather(await one.openai().chat.completions.create(
	    { ...body, ...stream, n: 2 }));

	for (const usage of [json.usage, chunks.at(-1).usage]) {
		assert.equal(usage.estimated, true);
		near(usage.prompt_tokens - 20, 10);
		near(usage.completion_tokens - 7, 3);
	}
});

test('tools that the provider ran, over all parts and answers', async () => {
	const search = { type: 'web_search_20250305', name: 'web_search' };
	const asked = (n) => ({ type: 'server_tool_use', id: `srvtoolu_${n}`,
		name: 'web_search', input: { query: 'news' } });
	const ran = (web_search_requests, rest = {}) => ({ input_tokens: 10,
		output_tokens: 5, server_tool_use: { web_search_requests,
		    ...rest } });
	const to = { ...toClaude, model: 'ext/claude-opus-4-8', tools: [search] };

	claude.answer((c) => c.json(message([asked(1)],
	    { stop_reason: 'pause_turn', usage: ran(1) })),
	(c) => c.json(message('more', { usage: ran(2,
	    { web_fetch_requests: 4 }) })));
	const { json } = await gateway.post('/v1/chat/completions', to);

	assert.deepEqual(json.usage.server_tool_use,
	    { web_search_requests: 3, web_fetch_requests: 4 });
	claude.answer((c) => c.json(message('one', { usage: ran(1) })),
	    (c) => c.json(message('two')),
	    (c) => c.json(message('three', { usage: ran(5) })));
	const three = await gateway.post('/v1/chat/completions',
	    { ...to, n: 3 });

	assert.deepEqual(three.json.usage.server_tool_use,
	    { web_search_requests: 6 });
	assert.equal(three.json.usage.estimated, undefined);
});

stage.close();
