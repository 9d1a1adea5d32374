// The official Anthropic SDK calls a model behind Chat: what it is told, and what the
// provider was asked.
import { Stage, assert, failure, gather, pair, test, until } from './harness.mjs';
import { PDF, PNG, call, completion, completionEvents, completionStream, sse }
    from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const gateway = await stage.gateway({ config: {
	...pair(gpt, gpt), providers: { ...pair(gpt, gpt).providers,
	    think: { chat: `${gpt.url}/v1`, dialect: 'deepseek', key: 'k' } },
} });
const anthropic = gateway.anthropic();
const model = 'gpt/gpt-4o';
const ask = (rest) => anthropic.messages.create({ model, max_tokens: 100,
	...rest });
const hello = [{ role: 'user', content: 'Hello' }];

const weather = { name: 'weather', description: 'Tells the weather',
	input_schema: { type: 'object', properties: { city: { type: 'string' } },
	    required: ['city'] } };
const clock = { name: 'clock', input_schema: { type: 'object',
	properties: {} } };

test('text, whole', async () => {
	gpt.answer((c) => c.json(completion('Good day', { usage: {
	    prompt_tokens: 116, completion_tokens: 3, total_tokens: 119,
	    prompt_tokens_details: { cached_tokens: 100 } } })));
	const { data, response } = await ask({ messages: hello,
		system: 'Be brief.', temperature: 0.5 }).withResponse();
	const asked = gpt.last;

	assert.deepEqual(data.content, [{ type: 'text', text: 'Good day',
		citations: null }]);
	assert.equal(data.type, 'message');
	assert.equal(data.role, 'assistant');
	assert.equal(data.model, model);
	assert.equal(data.stop_reason, 'end_turn');
	assert.equal(data.stop_sequence, null);
	assert.equal(data.usage.input_tokens, 16);
	assert.equal(data.usage.cache_read_input_tokens, 100);
	assert.equal(data.usage.output_tokens, 3);
	assert.match(data.id, /^msg_/);
	assert.match(data._request_id, /^req_/);
	assert.equal(response.headers.get('x-dragoman-target'), 'gpt/gpt-4o');

	assert.equal(asked.target, '/v1/chat/completions');
	assert.equal(asked.headers.authorization, 'Bearer key-of-gpt');
	assert.equal(asked.headers['x-api-key'], undefined);
	assert.equal(asked.headers['anthropic-version'], undefined);
	assert.doesNotMatch(asked.head, /sk-client|stainless/i);
	assert.equal(asked.json.model, 'gpt-4o');
	assert.equal(asked.json.temperature, 0.5);
	assert.equal(asked.json.max_completion_tokens ?? asked.json.max_tokens,
	    100);
	assert.deepEqual(asked.json.messages, [
		{ role: 'system', content: 'Be brief.' },
		{ role: 'user', content: 'Hello' }]);
});

test('text, streamed, through the SDK\'s accumulator', async () => {
	gpt.answer((c) => c.stream(completionStream('Good day to you', { usage: {
	    prompt_tokens: 30, completion_tokens: 5, total_tokens: 35 } })));
	const texts = [];
	const whole = await anthropic.messages.stream({ model, max_tokens: 9,
		messages: hello }).on('text', (t) => texts.push(t)).finalMessage();

	assert.equal(texts.join(''), 'Good day to you');
	assert.equal(whole.content[0].text, 'Good day to you');
	assert.equal(whole.stop_reason, 'end_turn');
	assert.equal(whole.usage.input_tokens, 30);
	assert.equal(whole.usage.output_tokens, 5);
	assert.equal(gpt.last.json.stream, true);
	assert.deepEqual(gpt.last.json.stream_options, { include_usage: true });
});

test('the events of a stream, one by one', async () => {
	gpt.answer((c) => c.stream(completionStream({ content: 'Look',
		tool_calls: [call('call_1', 'clock', {}),
		    call('call_2', 'weather', { city: 'Rome' })] })));
	const events = await gather(await ask({ messages: hello, stream: true,
		tools: [weather, clock] }));
	let open = null;
	let next = 0;

	assert.equal(events[0].type, 'message_start');
	assert.deepEqual(events[0].message.content, []);
	assert.ok(events[0].message.usage.input_tokens >= 0);
	for (const ev of events) {
		switch (ev.type) {
		case 'content_block_start':
			assert.equal(open, null, 'two blocks are open');
			assert.equal(ev.index, next++);
			open = ev.index;
			break;
		case 'content_block_delta':
			assert.equal(ev.index, open);
			break;
		case 'content_block_stop':
			assert.equal(ev.index, open);
			open = null;
			break;
		}
	}
	assert.equal(next, 3);
	assert.deepEqual(events.slice(-2).map((e) => e.type),
	    ['message_delta', 'message_stop']);
	assert.equal(events.at(-2).delta.stop_reason, 'tool_use');
	assert.ok(events.at(-2).usage.output_tokens > 0);
});

test('tool calls whose pieces are mixed are told one after the other', async () => {
	const piece = (index, rest) => [null, { id: 'chatcmpl-1', object:
	    'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0,
		delta: { tool_calls: [{ index, ...rest }] },
		finish_reason: null }] }];

	gpt.answer((c) => c.stream(sse(
	    piece(0, { id: 'call_a', type: 'function',
		function: { name: 'weather', arguments: '' } }),
	    piece(1, { id: 'call_b', type: 'function',
		function: { name: 'clock', arguments: '{' } }),
	    piece(0, { function: { arguments: '{"city":' } }),
	    piece(1, { function: { arguments: '}' } }),
	    piece(0, { function: { arguments: '"Oslo"}' } }),
	    ...completionEvents({ tool_calls: [] }).slice(-3))));
	const whole = await anthropic.messages.stream({ model, max_tokens: 9,
		messages: hello, tools: [weather, clock] }).finalMessage();

	assert.deepEqual(whole.content.map((b) => [b.type, b.id, b.name,
		b.input]), [
		['tool_use', 'call_a', 'weather', { city: 'Oslo' }],
		['tool_use', 'call_b', 'clock', {}],
	]);
});

test('system blocks, and cache marks that mean nothing there', async () => {
	const cache_control = { type: 'ephemeral' };

	gpt.answer((c) => c.json(completion('Yes')));
	await ask({ messages: [{ role: 'user', content: [
		{ type: 'text', text: 'Hello', cache_control }] }],
	    system: [{ type: 'text', text: 'One.' },
		{ type: 'text', text: 'Two.', cache_control }],
	    tools: [{ ...clock, cache_control }], metadata: { user_id: 'u1' } });
	assert.deepEqual(gpt.last.json.messages[0], { role: 'system',
		content: 'One.\n\nTwo.' });
	assert.doesNotMatch(gpt.last.body, /cache_control/);
});

test('several turns keep their order', async () => {
	gpt.answer((c) => c.json(completion('d')));
	await ask({ messages: [{ role: 'user', content: 'a' },
		{ role: 'assistant', content: [{ type: 'text', text: 'b' }] },
		{ role: 'user', content: [{ type: 'text', text: 'c' }] }] });
	assert.deepEqual(gpt.last.json.messages, [
		{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' },
		{ role: 'user', content: 'c' }]);
});

test('images by address and by value, and documents', async () => {
	gpt.answer((c) => c.json(completion('A dot')));
	await ask({ messages: [{ role: 'user', content: [
		{ type: 'text', text: 'What is this?' },
		{ type: 'image', source: { type: 'url',
		    url: 'https://example.org/a.png' } },
		{ type: 'image', source: { type: 'base64',
		    media_type: 'image/png', data: PNG } },
		{ type: 'document', title: 'paper.pdf', source: { type: 'base64',
		    media_type: 'application/pdf', data: PDF } },
		{ type: 'document', source: { type: 'text',
		    media_type: 'text/plain', data: 'Plain words' } },
	] }] });
	const parts = gpt.last.json.messages[0].content;

	assert.deepEqual(parts[0], { type: 'text', text: 'What is this?' });
	assert.equal(parts[1].image_url.url, 'https://example.org/a.png');
	assert.equal(parts[2].image_url.url, `data:image/png;base64,${PNG}`);
	assert.deepEqual(parts[3], { type: 'file', file: { filename: 'paper.pdf',
		file_data: `data:application/pdf;base64,${PDF}` } });
	assert.match(parts[4].text, /Plain words/);
});

test('tools and every form of tool_choice', async () => {
	const forms = [
		[undefined, undefined, undefined],
		[{ type: 'auto' }, 'auto', undefined],
		[{ type: 'any' }, 'required', undefined],
		[{ type: 'none' }, 'none', undefined],
		[{ type: 'tool', name: 'clock' },
		    { type: 'function', function: { name: 'clock' } }, undefined],
		[{ type: 'auto', disable_parallel_tool_use: true }, 'auto', false],
	];

	for (const [given, wanted, parallel] of forms) {
		gpt.answer((c) => c.json(completion('No')));
		await ask({ messages: hello, tools: [weather, clock],
			...(given && { tool_choice: given }) });
		assert.deepEqual(gpt.last.json.tool_choice ?? 'auto',
		    wanted ?? 'auto');
		assert.equal(gpt.last.json.parallel_tool_calls, parallel);
		assert.deepEqual(gpt.last.json.tools, [
			{ type: 'function', function: { name: 'weather',
			    description: 'Tells the weather',
			    parameters: weather.input_schema } },
			{ type: 'function', function: { name: 'clock',
			    parameters: clock.input_schema } },
		]);
	}
});

for (const stream of [false, true])
	test(`parallel tools over several turns, ${stream ? 'streamed'
	    : 'whole'}`, async () => {
		const speak = (c, text, rest) => stream
		    ? c.stream(completionStream(text, rest))
		    : c.json(completion(text, rest));
		const say = (messages) => {
			const wish = { model, max_tokens: 99, messages,
				tools: [weather, clock] };

			return stream ? anthropic.messages.stream(wish)
			    .finalMessage() : anthropic.messages.create(wish);
		};
		const messages = [{ role: 'user', content: 'Weather and time?' }];

		gpt.answer(
		    (c) => speak(c, { content: 'I look.', tool_calls: [
			call('call_A', 'weather', '{"city":"Rome","n":1.50}'),
			call('call_B', 'clock', '{}')] }),
		    (c) => speak(c, { tool_calls: [
			call('call_C', 'weather', { city: 'Oslo' })] }),
		    (c) => speak(c, 'Done.'));

		const one = await say(messages);

		assert.equal(one.stop_reason, 'tool_use');
		assert.deepEqual(one.content.map((b) => [b.type, b.text ?? b.id,
			b.input]), [
			['text', 'I look.', undefined],
			['tool_use', 'call_A', { city: 'Rome', n: 1.5 }],
			['tool_use', 'call_B', {}],
		]);
		messages.push({ role: 'assistant', content: one.content },
		    { role: 'user', content: [
			{ type: 'tool_result', tool_use_id: 'call_A',
			    content: 'Sunny' },
			{ type: 'tool_result', tool_use_id: 'call_B', content: [
			    { type: 'text', text: 'Noon' },
			    { type: 'image', source: { type: 'base64',
				media_type: 'image/png', data: PNG } }] },
			{ type: 'text', text: 'And in Oslo?' }] });
		const two = await say(messages);
		const asked = gpt.last.json.messages;

		assert.equal(asked[1].content, 'I look.');
		assert.deepEqual(asked[1].tool_calls.map((t) => [t.id,
			t.function.name, JSON.parse(t.function.arguments)]), [
			['call_A', 'weather', { city: 'Rome', n: 1.5 }],
			['call_B', 'clock', {}]]);
		assert.deepEqual(asked[2], { role: 'tool', tool_call_id: 'call_A',
			content: 'Sunny' });
		assert.equal(asked[3].role, 'tool');
		assert.equal(asked[3].tool_call_id, 'call_B');
		assert.match(asked[3].content, /^Noon/);
		// tools answer in text alone: the picture follows behind them
		assert.equal(asked[4].role, 'user');
		assert.ok(asked[4].content.some((p) => p.image_url?.url ===
		    `data:image/png;base64,${PNG}`));
		assert.ok(asked[4].content.some((p) => p.text === 'And in Oslo?'));
		assert.deepEqual(two.content[0].input, { city: 'Oslo' });

		messages.push({ role: 'assistant', content: two.content },
		    { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'call_C', is_error: true,
			content: 'No such place' }] });
		const three = await say(messages);

		assert.equal(three.content[0].text, 'Done.');
		assert.equal(three.stop_reason, 'end_turn');
		assert.deepEqual(gpt.last.json.messages.at(-1), { role: 'tool',
			tool_call_id: 'call_C', content: 'Error: No such place' });
	});

test('stop sequences, lengths, refusals', async () => {
	gpt.answer((c) => c.json(completion('On', { finish_reason: 'length' })),
	    (c) => c.json(completion('No', { finish_reason: 'content_filter' })),
	    (c) => c.json(completion({ refusal: 'I will not.' })));
	const one = await ask({ messages: hello, stop_sequences: ['x', 'y'] });

	assert.deepEqual(gpt.last.json.stop, ['x', 'y']);
	assert.equal(one.stop_reason, 'max_tokens');
	assert.equal((await ask({ messages: hello })).stop_reason, 'refusal');
	const three = await ask({ messages: hello });

	assert.equal(three.stop_reason, 'refusal');
	assert.equal(three.content[0].text, 'I will not.');
});

test('stop sequences beyond what the provider takes are watched for here',
    async () => {
	gpt.answer((c) => c.stream(completionStream('one two five six')));
	const whole = await anthropic.messages.stream({ model, max_tokens: 50,
		messages: hello, stop_sequences: ['q', 'w', 'z', 'k', 'five'] })
	    .finalMessage();

	assert.equal(gpt.last.json.stop.length, 4);
	assert.equal(whole.stop_reason, 'stop_sequence');
	assert.equal(whole.stop_sequence, 'five');
	assert.equal(whole.content[0].text, 'one two ');
});

test('the thinking of another vendor goes round with a signature of ours',
    async () => {
	const think = 'think/deepseek-v4-flash';
	const thinking = { type: 'enabled', budget_tokens: 2000 };

	gpt.answer((c) => c.stream(completionStream({
		reasoning_content: 'Six times seven.', content: 'I look.',
		tool_calls: [call('call_1', 'clock', {})] })),
	(c) => c.json(completion({ reasoning_content: 'Now I know.',
		content: '42' })));
	const one = await anthropic.messages.stream({ model: think, thinking,
		max_tokens: 4000, messages: hello, tools: [clock] }).finalMessage();

	assert.deepEqual(gpt.last.json.thinking, { type: 'enabled' });
	assert.deepEqual(one.content.map((b) => b.type), ['thinking', 'text',
		'tool_use']);
	assert.equal(one.content[0].thinking, 'Six times seven.');
	assert.match(one.content[0].signature, /^gw1\./);

	const two = await anthropic.messages.create({ model: think, thinking,
		max_tokens: 4000, tools: [clock], messages: [...hello,
		    { role: 'assistant', content: one.content },
		    { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'call_1', content: 'noon' }] }] });
	const said = gpt.last.json.messages[1];

	assert.equal(said.reasoning_content, 'Six times seven.');
	assert.equal(said.content, 'I look.');
	assert.doesNotMatch(gpt.last.body, /gw1/);
	assert.deepEqual(two.content.map((b) => b.thinking ?? b.text),
	    ['Now I know.', '42']);
	// back to the vendor of the protocol: what is not its own is taken out
	gpt.answer((c) => c.json({ type: 'message', id: 'msg_1', role: 'assistant',
		model: 'm', content: [{ type: 'text', text: 'ok' }],
		stop_reason: 'end_turn', stop_sequence: null,
		usage: { input_tokens: 1, output_tokens: 1 } }));
	await anthropic.messages.create({ model: 'claude/claude-opus-4-8',
		max_tokens: 4000, tools: [clock], messages: [...hello,
		    { role: 'assistant', content: one.content },
		    { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'call_1', content: 'noon' }] }] });
	assert.doesNotMatch(gpt.last.body, /gw1/);
	assert.deepEqual(gpt.last.json.messages[1].content.map((b) => b.type),
	    ['text', 'tool_use']);
});

test('effort becomes reasoning_effort where there is one', async () => {
	gpt.answer((c) => c.json(completion('42')));
	await ask({ model: 'gpt/gpt-5.2', messages: hello,
		thinking: { type: 'adaptive' }, output_config: { effort: 'high' } });
	assert.equal(gpt.last.json.reasoning_effort, 'high');
	assert.equal(gpt.last.json.thinking, undefined);
});

test('an answer that must fit a JSON schema', async () => {
	const schema = { type: 'object', properties: { n: { type: 'integer' } },
		required: ['n'], additionalProperties: false };

	gpt.answer((c) => c.json(completion('{"n":7}')));
	await ask({ messages: hello, output_config: { format: {
		type: 'json_schema', schema } } });
	const { response_format } = gpt.last.json;

	assert.equal(response_format.type, 'json_schema');
	assert.deepEqual(response_format.json_schema.schema, schema);
	assert.equal(response_format.json_schema.strict, true);
});

test('tokens are counted here for providers that cannot', async () => {
	const before = gpt.requests.length;
	const { data, response } = await anthropic.messages.countTokens({ model,
		messages: [{ role: 'user', content: 'some words '.repeat(1000) }] })
	    .withResponse();
	const few = await anthropic.messages.countTokens({ model,
		messages: hello });

	assert.ok(data.input_tokens > 500 && data.input_tokens < 5000);
	assert.ok(few.input_tokens > 0 && few.input_tokens < 100);
	assert.equal(response.headers.get('x-dragoman-estimated'),
	    'input_tokens');
	assert.equal(gpt.requests.length, before);
});

test('models are listed in the shape of this SDK', async () => {
	const named = await stage.gateway({ config: { ...pair(gpt, gpt), models: {
		fast: { targets: ['gpt/gpt-4o'] },
		good: { targets: ['claude/claude-opus-4-8'] } } } });
	const list = await named.anthropic().models.list({ limit: 1 });
	const ids = [];

	for await (const one of list)
		ids.push(one.id);
	assert.deepEqual(ids, ['fast', 'good']);
	const one = await named.anthropic().models.retrieve('good');

	assert.equal(one.type, 'model');
	assert.ok(one.display_name);
	assert.ok(!Number.isNaN(Date.parse(one.created_at)));
	const error = await failure(named.anthropic().models.retrieve('gone'));

	assert.equal(error.status, 404);
	assert.equal(error.error.error.type, 'not_found_error');
	const openai = [];

	for await (const model of await named.openai().models.list())
		openai.push([model.id, model.object]);
	assert.deepEqual(openai, [['fast', 'model'], ['good', 'model']]);
});

test('a request as coding agents send it', async () => {
	const ephemeral = { type: 'ephemeral' };

	gpt.answer((c) => c.stream(completionStream({ content: 'I look.',
		tool_calls: [call('call_1', 'Bash', { command: 'ls' })] })));
	const { data, response } = await anthropic.beta.messages.create({
		model: 'gpt/gpt-5.2', max_tokens: 32000, stream: true,
		betas: ['claude-code-20250219', 'context-management-2025-06-27'],
		metadata: { user_id: '{"device":"abc","session":"def"}' },
		thinking: { type: 'adaptive', display: 'omitted' },
		output_config: { effort: 'medium' },
		context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
		system: [{ type: 'text', text: 'x-anthropic-billing-header: v=1' },
		    { type: 'text', text: 'You are an agent.',
			cache_control: ephemeral },
		    { type: 'text', text: 'Be careful.',
			cache_control: ephemeral }],
		tools: [{ name: 'Bash', description: 'Runs it',
		    input_schema: { $schema: 'http://json-schema.org/draft-07/schema#',
			type: 'object', properties: { command: { type: 'string' } },
			required: ['command'], additionalProperties: false } },
		    { name: 'Later', defer_loading: true,
			input_schema: { type: 'object', properties: {} } }],
		messages: [
		    { role: 'user', content: [{ type: 'text',
			text: '<system-reminder>Date</system-reminder>' },
			{ type: 'text', text: 'What is here?' }] },
		    { role: 'system', content: [{ type: 'text',
			text: 'Stay in the folder.', cache_control: ephemeral }] },
		    { role: 'assistant', content: [
			{ type: 'thinking', thinking: '', signature: 'RXFz' },
			{ type: 'tool_use', id: 'toolu_01', name: 'Bash',
			    input: { command: 'pwd' } }] },
		    { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'toolu_01', content: '/home',
			cache_control: ephemeral }] }],
	}).withResponse();
	const events = await gather(data);
	const asked = gpt.last.json;

	assert.equal(response.status, 200);
	assert.equal(events.at(-1).type, 'message_stop');
	assert.equal(events.at(-2).delta.stop_reason, 'tool_use');
	assert.equal(asked.max_completion_tokens, 32000);
	assert.equal(asked.reasoning_effort, 'medium');
	assert.equal(gpt.last.headers['anthropic-beta'], undefined);
	assert.deepEqual(asked.messages.map((m) => m.role), ['developer', 'user',
		'developer', 'assistant', 'tool']);
	assert.equal(asked.messages[0].content, 'You are an agent.\n\nBe careful.');
	assert.deepEqual(asked.tools.map((t) => t.function.name), ['Bash',
		'Later']);
	assert.doesNotMatch(gpt.last.body,
	    /cache_control|defer_loading|billing|context_management|RXFz/);
});

test('the tool runner of the SDK goes to its end', async () => {
	gpt.answer(...Array.from({ length: 3 }, () => (c) => {
		const done = c.body.messages.some((m) => m.role === 'tool');

		c.json(done ? completion(`It is ${c.body.messages.at(-1).content}`)
		    : completion({ tool_calls: [call('call_1', 'weather',
			{ city: 'Rome' })] }));
	}));
	const last = await anthropic.beta.messages.toolRunner({ model,
		max_tokens: 500, messages: [{ role: 'user', content: 'Rome?' }],
		tools: [{ ...weather, type: 'custom', run: ({ city }) =>
		    `sunny in ${city}`, parse: (input) => input }] });

	assert.equal(last.content[0].text, 'It is sunny in Rome');
	assert.deepEqual(gpt.last.json.messages.map((m) => m.role), ['user',
		'assistant', 'tool']);
	gpt.forget();
});

test('an abort closes the stream of the provider', async () => {
	let held;

	gpt.answer((c) => {
		held = c;
		c.begin().piece(sse(...completionEvents('Never ended')
		    .slice(0, 2)));
	});
	const stream = await ask({ messages: hello, stream: true });

	for await (const event of stream)
		if (event.type === 'content_block_delta')
			break;
	stream.controller.abort();
	await until(() => held.socket.destroyed || held.socket.readableEnded,
	    'the provider\'s connection to be closed');
	held.cut();
});

stage.close();
