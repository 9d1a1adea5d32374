// The official OpenAI SDK calls a model behind Messages: what it is told, and what the
// provider was asked.
import { Stage, assert, attempts, failure, gather, pair, test, until
    } from './harness.mjs';
import { PDF, PNG, message, messageEvents, messageStream, sse } from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(claude, claude) });
const openai = gateway.openai();
const model = 'claude/claude-opus-4-8';
const ask = (rest) => openai.chat.completions.create({ model, ...rest });
const hello = [{ role: 'user', content: 'Hello' }];

const weather = { type: 'function', function: { name: 'weather',
	description: 'Tells the weather', parameters: { type: 'object',
	    properties: { city: { type: 'string' } }, required: ['city'] } } };
const clock = { type: 'function', function: { name: 'clock',
	parameters: { type: 'object', properties: {} } } };

test('text, whole', async () => {
	claude.answer((c) => c.json(message('Good day', { usage: {
	    input_tokens: 11, cache_read_input_tokens: 100,
	    cache_creation_input_tokens: 5, output_tokens: 3 } })));
	const { data, response } = await ask({ messages: hello })
	    .withResponse();
	const [choice] = data.choices;
	const asked = claude.last;

	assert.equal(choice.message.content, 'Good day');
	assert.equal(choice.message.role, 'assistant');
	assert.equal(choice.finish_reason, 'stop');
	assert.equal(data.object, 'chat.completion');
	assert.equal(data.model, model);
	assert.equal(data.usage.prompt_tokens, 116);
	assert.equal(data.usage.completion_tokens, 3);
	assert.equal(data.usage.total_tokens, 119);
	assert.equal(data.usage.prompt_tokens_details.cached_tokens, 100);
	assert.equal(response.headers.get('x-dragoman-target'),
	    'claude/claude-opus-4-8');
	assert.equal(attempts(response.headers), '1');
	assert.match(response.headers.get('x-request-id'), /^req_/);
	assert.equal(response.headers.get('x-dragoman-warnings'), null);

	assert.equal(asked.method, 'POST');
	assert.equal(asked.target, '/v1/messages');
	assert.equal(asked.headers['x-api-key'], 'key-of-claude');
	assert.equal(asked.headers.authorization, undefined);
	assert.equal(asked.headers['anthropic-version'], '2023-06-01');
	assert.doesNotMatch(asked.head, /sk-client|stainless/i);
	assert.equal(asked.json.model, 'claude-opus-4-8');
	assert.ok(asked.json.max_tokens > 0);
	assert.deepEqual(asked.json.messages, [{ role: 'user',
		content: [{ type: 'text', text: 'Hello' }] }]);
});

test('text, streamed', async () => {
	claude.answer((c) => c.stream(messageStream('Good day to you')));
	const chunks = await gather(await ask({ messages: hello, stream: true }));

	assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''),
	    'Good day to you');
	assert.equal(chunks[0].choices[0].delta.role, 'assistant');
	assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
	assert.equal(new Set(chunks.map((c) => c.id)).size, 1);
	assert.ok(chunks.every((c) => c.model === model));
	assert.equal(claude.last.json.stream, true);
	assert.equal(claude.last.json.stream_options, undefined);
});

test('a stream with usage, through the SDK\'s accumulator', async () => {
	claude.answer((c) => c.stream(messageStream('Counted', { usage: {
	    input_tokens: 9, output_tokens: 4, cache_read_input_tokens: 6 } })));
	const all = openai.chat.completions.stream({ model, messages: hello,
		stream_options: { include_usage: true } });
	const whole = await all.finalChatCompletion();

	assert.equal(whole.choices[0].message.content, 'Counted');
	assert.equal(whole.usage.prompt_tokens, 15);
	assert.equal(whole.usage.completion_tokens, 4);
	assert.equal(whole.usage.prompt_tokens_details.cached_tokens, 6);
});

test('a stream cut anywhere by the network says the same', async () => {
	const bytes = Buffer.from(messageStream([
		{ type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
		{ type: 'text', text: 'Überall — schön 🎉' },
		{ type: 'tool_use', id: 'toolu_1', name: 'weather',
		    input: { city: 'Köln' } }], { stop_reason: 'tool_use' }));
	const seen = new Set();

	for (const size of [1, 2, 7, 100, bytes.length]) {
		claude.answer(async (c) => {
			c.begin();
			for (let at = 0; at < bytes.length; at += size)
				await c.flush(Buffer.concat([
					Buffer.from(`${Math.min(size, bytes.length -
					    at).toString(16)}\r\n`),
					bytes.subarray(at, at + size),
					Buffer.from('\r\n')]));
			c.end();
		});
		const whole = await openai.chat.completions.stream({ model,
			messages: hello, tools: [weather] }).finalMessage();

		assert.equal(whole.content, 'Überall — schön 🎉');
		assert.equal(whole.tool_calls[0].function.arguments,
		    '{"city":"Köln"}');
		seen.add(JSON.stringify(whole.tool_calls));
	}
	assert.equal(seen.size, 1);
});

test('system and developer messages, wherever they stand', async () => {
	claude.answer((c) => c.json(message('Yes')));
	await ask({ messages: [
		{ role: 'system', content: 'Be brief.' },
		{ role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
		{ role: 'user', content: 'One' },
		{ role: 'assistant', content: 'Two' },
		{ role: 'user', content: 'Three' },
		{ role: 'system', content: 'Now in French.' },
	] });
	const { system, messages } = claude.last.json;

	assert.deepEqual(system, [{ type: 'text', text: 'Be brief.' },
		{ type: 'text', text: 'Be kind.' }]);
	assert.equal(messages[0].role, 'user');
	assert.equal(messages[1].role, 'assistant');
	assert.match(JSON.stringify(messages.slice(2)), /Now in French\./);
	assert.doesNotMatch(JSON.stringify(system), /French/);
});

test('several turns keep their order, and become a prefix of the next', async () => {
	const turns = [
		{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' },
		{ role: 'user', content: 'c' },
	];

	claude.answer((c) => c.json(message('d')), (c) => c.json(message('f')));
	await ask({ messages: turns });
	await ask({ messages: [...turns, { role: 'assistant', content: 'd' },
		{ role: 'user', content: 'e' }] });
	const [first, second] = claude.requests.slice(-2).map((r) =>
	    r.json.messages);

	assert.deepEqual(second.map((m) => m.content[0].text),
	    ['a', 'b', 'c', 'd', 'e']);
	assert.deepEqual(second.slice(0, first.length), first);
});

test('images by address and by value', async () => {
	claude.answer((c) => c.json(message('A dot')));
	await ask({ messages: [{ role: 'user', content: [
		{ type: 'text', text: 'What is this?' },
		{ type: 'image_url', image_url: { url: 'https://example.org/a.png',
		    detail: 'high' } },
		{ type: 'image_url', image_url: { url:
		    `data:image/png;base64,${PNG}` } },
	] }] });
	assert.deepEqual(claude.last.json.messages[0].content, [
		{ type: 'text', text: 'What is this?' },
		{ type: 'image', source: { type: 'url',
		    url: 'https://example.org/a.png' } },
		{ type: 'image', source: { type: 'base64', media_type: 'image/png',
		    data: PNG } },
	]);
});

test('documents', async () => {
	claude.answer((c) => c.json(message('Read')));
	await ask({ messages: [{ role: 'user', content: [
		{ type: 'file', file: { filename: 'paper.pdf', file_data:
		    `data:application/pdf;base64,${PDF}` } },
		{ type: 'text', text: 'Summarize' },
	] }] });
	assert.deepEqual(claude.last.json.messages[0].content[0], {
		type: 'document', source: { type: 'base64',
		    media_type: 'application/pdf', data: PDF },
		title: 'paper.pdf' });
});

test('tools and every form of tool_choice', async () => {
	const forms = [
		[undefined, undefined],
		['auto', undefined],
		['none', { type: 'none' }],
		['required', { type: 'any' }],
		[{ type: 'function', function: { name: 'clock' } },
		    { type: 'tool', name: 'clock' }],
	];

	for (const [given, wanted] of forms) {
		claude.answer((c) => c.json(message('No')));
		await ask({ messages: hello, tools: [weather, clock],
			tool_choice: given });
		assert.deepEqual(claude.last.json.tool_choice, wanted);
		assert.deepEqual(claude.last.json.tools, [
			{ name: 'weather', description: 'Tells the weather',
			    input_schema: weather.function.parameters },
			{ name: 'clock', input_schema: { type: 'object',
			    properties: {} } },
		]);
	}
	claude.answer((c) => c.json(message('No')));
	await ask({ messages: hello, tools: [clock], parallel_tool_calls: false });
	assert.deepEqual(claude.last.json.tool_choice, { type: 'auto',
		disable_parallel_tool_use: true });
});

for (const stream of [false, true])
	test(`parallel tools over several turns, ${stream ? 'streamed'
	    : 'whole'}`, async () => {
		const speak = (c, content, rest) => stream
		    ? c.stream(messageStream(content, rest))
		    : c.json(message(content, rest));
		const say = async (messages) => stream
		    ? openai.chat.completions.stream({ model, messages,
			tools: [weather, clock] }).finalMessage()
		    : (await ask({ messages, tools: [weather, clock] }))
			.choices[0].message;
		const messages = [{ role: 'user', content: 'Weather and time?' }];

		claude.answer(
		    (c) => speak(c, [{ type: 'text', text: 'I look.' },
			{ type: 'tool_use', id: 'toolu_A', name: 'weather',
			    input: { city: 'Rome', n: 12345678901234 } },
			{ type: 'tool_use', id: 'toolu_B', name: 'clock',
			    input: {} }], { stop_reason: 'tool_use' }),
		    (c) => speak(c, [{ type: 'tool_use', id: 'toolu_C',
			name: 'weather', input: { city: 'Oslo' } }],
			{ stop_reason: 'tool_use' }),
		    (c) => speak(c, 'Done.'));

		const one = await say(messages);

		assert.equal(one.content, 'I look.');
		assert.deepEqual(one.tool_calls.map((t) => [t.id, t.type,
			t.function.name, t.function.arguments]), [
			['toolu_A', 'function', 'weather',
			    '{"city":"Rome","n":12345678901234}'],
			['toolu_B', 'function', 'clock', '{}'],
		]);
		messages.push(one,
		    { role: 'tool', tool_call_id: 'toolu_A', content: 'Sunny' },
		    { role: 'tool', tool_call_id: 'toolu_B', content: [
			{ type: 'text', text: 'Noon' },
			{ type: 'image_url', image_url: { url:
			    `data:image/png;base64,${PNG}` } }] });
		const two = await say(messages);
		const asked = claude.last.json.messages;

		assert.deepEqual(asked[1].content, [
			{ type: 'text', text: 'I look.' },
			{ type: 'tool_use', id: 'toolu_A', name: 'weather',
			    input: { city: 'Rome', n: 12345678901234 } },
			{ type: 'tool_use', id: 'toolu_B', name: 'clock',
			    input: {} },
		]);
		assert.deepEqual(asked[2], { role: 'user', content: [
			{ type: 'tool_result', tool_use_id: 'toolu_A', content: [
			    { type: 'text', text: 'Sunny' }] },
			{ type: 'tool_result', tool_use_id: 'toolu_B', content: [
			    { type: 'text', text: 'Noon' },
			    { type: 'image', source: { type: 'base64',
				media_type: 'image/png', data: PNG } }] },
		] });
		assert.equal(two.tool_calls[0].function.arguments,
		    '{"city":"Oslo"}');
		messages.push(two, { role: 'tool', tool_call_id: 'toolu_C',
			content: 'No such place', is_error: true });
		const three = await say(messages);

		assert.equal(three.content, 'Done.');
		assert.equal(three.tool_calls?.length ?? 0, 0);
		assert.deepEqual(claude.last.json.messages.at(-1).content, [
			{ type: 'tool_result', tool_use_id: 'toolu_C',
			    is_error: true, content: [{ type: 'text',
				text: 'No such place' }] }]);
	});

test('the finish of an answer with tools', async () => {
	claude.answer((c) => c.json(message([{ type: 'tool_use', id: 'toolu_A',
		name: 'clock', input: {} }], { stop_reason: 'tool_use' })));
	const whole = await ask({ messages: hello, tools: [clock] });

	assert.equal(whole.choices[0].finish_reason, 'tool_calls');
	assert.equal(whole.choices[0].message.content, null);
});

test('stop sequences, max_tokens and their finishes', async () => {
	claude.answer((c) => c.json(message('One', { stop_reason:
	    'stop_sequence', stop_sequence: 'two' })),
	(c) => c.json(message('On', { stop_reason: 'max_tokens' })));
	const one = await ask({ messages: hello, stop: 'two',
		max_completion_tokens: 99 });

	assert.deepEqual(claude.last.json.stop_sequences, ['two']);
	assert.equal(claude.last.json.max_tokens, 99);
	assert.equal(one.choices[0].finish_reason, 'stop');
	const two = await ask({ messages: hello, stop: ['a', 'b'],
		max_tokens: 5 });

	assert.deepEqual(claude.last.json.stop_sequences, ['a', 'b']);
	assert.equal(claude.last.json.max_tokens, 5);
	assert.equal(two.choices[0].finish_reason, 'length');
});

test('a refusal', async () => {
	claude.answer((c) => c.json(message('', { stop_reason: 'refusal',
		content: [] })));
	const whole = await ask({ messages: hello });

	assert.equal(whole.choices[0].finish_reason, 'content_filter');
	assert.ok(whole.choices[0].message.refusal);
});

test('reasoning is asked for, and comes back with its signature', async () => {
	const thought = { type: 'thinking', thinking: 'Six times seven.',
		signature: 'RXFzaWc=' };
	const hidden = { type: 'redacted_thinking', data: 'b3BhcXVl' };
	const call = { type: 'tool_use', id: 'toolu_R', name: 'clock', input: {} };

	claude.answer((c) => c.json(message([thought, hidden,
		{ type: 'text', text: 'Let me see.' }, call],
		{ stop_reason: 'tool_use' })),
	(c) => c.json(message('42')));
	const one = await ask({ messages: hello, tools: [clock],
		reasoning_effort: 'high' });
	const said = one.choices[0].message;

	assert.equal(claude.last.json.thinking.type, 'adaptive');
	assert.equal(claude.last.json.output_config.effort, 'high');
	assert.equal(said.reasoning_content, 'Six times seven.');
	assert.equal(said.reasoning_details[0].signature, 'RXFzaWc=');
	assert.equal(said.reasoning_details[1].data, 'b3BhcXVl');

	await ask({ messages: [...hello, said, { role: 'tool',
		tool_call_id: 'toolu_R', content: 'noon' }], tools: [clock],
		reasoning_effort: 'high' });
	assert.deepEqual(claude.last.json.messages[1].content, [thought, hidden,
		{ type: 'text', text: 'Let me see.' }, call]);
});

test('reasoning of a stream comes back with its signature', async () => {
	const thought = { type: 'thinking', thinking: 'Slowly, step by step.',
		signature: 'U2lnbmVk' };

	claude.answer((c) => c.stream(messageStream([thought,
		{ type: 'text', text: 'Yes.' }])), (c) => c.json(message('More')));
	const chunks = await gather(await ask({ messages: hello, stream: true,
		reasoning_effort: 'low' }));
	const parts = chunks.map((c) => c.choices[0]?.delta ?? {});
	const text = (member) => parts.map((d) => d[member] ?? '').join('');
	const reasoning_details = parts.flatMap((d) => d.reasoning_details ?? []);

	assert.equal(text('reasoning_content'), 'Slowly, step by step.');
	assert.equal(text('content'), 'Yes.');
	// the fragments, not joined by the client, are what it sends back
	await ask({ messages: [...hello, { role: 'assistant', content: 'Yes.',
		reasoning_details }, { role: 'user', content: 'And?' }],
	    reasoning_effort: 'low' });
	assert.deepEqual(claude.last.json.messages[1].content, [thought,
		{ type: 'text', text: 'Yes.' }]);
});

test('the message that the SDK gathers from a stream holds all reasoning',
    async () => {
	const thought = { type: 'thinking', thinking: 'One, two and three.',
		signature: 'Zmlyc3Q=' };
	const hidden = { type: 'redacted_thinking', data: 'b3BhcXVl' };
	const text = { type: 'text', text: 'Let me see.' };
	const later = { type: 'thinking', thinking: 'And now the clock.',
		signature: 'c2Vjb25k' };
	const call = { type: 'tool_use', id: 'toolu_S', name: 'clock', input: {} };

	claude.answer((c) => c.stream(messageStream([thought, hidden, text, later,
		call], { stop_reason: 'tool_use' })), (c) => c.json(message('42')));
	const said = await openai.chat.completions.stream({ model,
		messages: hello, tools: [clock], reasoning_effort: 'low' })
	    .finalMessage();

	await ask({ messages: [...hello, said, { role: 'tool',
		tool_call_id: 'toolu_S', content: 'noon' }], tools: [clock],
		reasoning_effort: 'low' });
	assert.deepEqual(claude.last.json.messages[1].content, [thought, hidden,
		text, later, call]);
});

test('the SDK\'s own accumulator brings a signature back', async () => {
	const thought = { type: 'thinking', thinking: 'A thought in many pieces.',
		signature: 'V2hvbGU=' };
	const use = { type: 'tool_use', id: 'toolu_S', name: 'clock', input: {} };

	claude.answer((c) => c.stream(messageStream([thought, use],
	    { stop_reason: 'tool_use' })), (c) => c.json(message('Noon')));
	const said = await openai.chat.completions.stream({ model,
		messages: hello, tools: [clock], reasoning_effort: 'high' })
	    .finalMessage();

	await ask({ messages: [...hello, said, { role: 'tool',
		tool_call_id: 'toolu_S', content: 'noon' }], tools: [clock],
	    reasoning_effort: 'high' });
	assert.deepEqual(claude.last.json.messages[1].content, [thought, use]);
});

test('an answer that must fit a JSON schema', async () => {
	const schema = { type: 'object', properties: { n: { type: 'integer' } },
		required: ['n'], additionalProperties: false };

	claude.answer((c) => c.json(message('{"n":7}')));
	const whole = await openai.chat.completions.parse({ model,
		messages: hello, response_format: { type: 'json_schema',
		    json_schema: { name: 'number', strict: true, schema } } });

	assert.deepEqual(JSON.parse(whole.choices[0].message.content), { n: 7 });
	assert.deepEqual(claude.last.json.output_config.format,
	    { type: 'json_schema', schema });
});

test('what cannot be carried is named, and refused in strict mode', async () => {
	claude.answer((c) => c.json(message('Yes')));
	const { response } = await ask({ messages: hello, seed: 7,
		logit_bias: { 50256: -100 }, frequency_penalty: 0.5 })
	    .withResponse();
	const warnings = response.headers.get('x-dragoman-warnings');
	const asked = claude.last.json;

	for (const name of ['seed', 'logit_bias', 'frequency_penalty']) {
		assert.match(warnings, new RegExp(`\\b${name}=dropped`));
		assert.equal(asked[name], undefined);
	}
	const before = claude.requests.length;
	const error = await failure(openai.chat.completions.create({ model,
		messages: hello, seed: 7 }, { headers: { 'x-dragoman-strict': '1' } }));

	assert.equal(error.status, 400);
	assert.match(error.message, /seed/);
	assert.equal(claude.requests.length, before);
});

test('an abort closes the stream of the provider', async () => {
	let held;

	claude.answer((c) => {
		held = c;
		c.begin().piece(sse(...messageEvents('Never ended').slice(0, 3)));
	});
	const stream = await ask({ messages: hello, stream: true });

	for await (const chunk of stream)
		if (chunk.choices[0].delta.content)
			break;		// leaves, and so aborts
	stream.controller.abort();
	await until(() => held.socket.destroyed || held.socket.readableEnded,
	    'the provider\'s connection to be closed');
	held.cut();
});

stage.close();
