// The official OpenAI SDK speaks Responses to models behind Chat and Messages.
import { Stage, assert, failure, pair, test } from './harness.mjs';
import { call, completion, completionStream, message, messageEvents,
	messageStream, openaiError, sse } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude) });
const openai = gateway.openai({ maxRetries: 0 });
const ask = (rest) => openai.responses.create({ model: 'gpt/gpt-4o', ...rest });
const stream = (rest) => openai.responses.stream({ model: 'gpt/gpt-4o',
	...rest });
const kinds = (response) => response.output.map((item) => item.type);

const weather = { type: 'function', name: 'weather', strict: false,
	parameters: { type: 'object', properties: { city: { type: 'string' } },
	    required: ['city'] } };
const oslo = call('call_1', 'weather', { city: 'Oslo' });

test('text, whole', async () => {
	gpt.answer((c) => c.json(completion('Good day')));
	const got = await ask({ input: 'Hello', instructions: 'Be brief.',
		max_output_tokens: 50 });

	assert.equal(got.object, 'response');
	assert.match(got.id, /^resp_/);
	assert.equal(got.status, 'completed');
	assert.equal(got.model, 'gpt/gpt-4o');
	assert.equal(got.output_text, 'Good day');
	assert.equal(got.instructions, 'Be brief.');
	assert.deepEqual(gpt.last.json.messages.map((m) => [m.role,
		m.content]), [['system', 'Be brief.'], ['user', 'Hello']]);
	assert.equal(gpt.last.target, '/v1/chat/completions');
});

test('a call, streamed, and its result in the next turn', async () => {
	gpt.answer((c) => c.stream(completionStream({ tool_calls: [oslo] })));
	const input = [{ role: 'user', content: 'Weather?' }];
	const first = await stream({ input, tools: [weather] })
	    .finalResponse();
	const made = first.output.find((item) => item.type === 'function_call');

	assert.deepEqual([made.call_id, made.name, JSON.parse(made.arguments)],
	    ['call_1', 'weather', { city: 'Oslo' }]);
	gpt.answer((c) => c.stream(completionStream('Rain.')));
	const second = await stream({ tools: [weather], input: [...input,
		...first.output, { type: 'function_call_output',
		call_id: made.call_id, output: 'rain' }] }).finalResponse();

	assert.equal(second.output_text, 'Rain.');
	assert.deepEqual(gpt.last.json.messages.map((m) => m.role),
	    ['user', 'assistant', 'tool']);
	assert.equal(gpt.last.json.messages[2].tool_call_id, 'call_1');
});

test('signed thinking comes back to its maker', async () => {
	const thought = { type: 'thinking', thinking: 'Hm.',
		signature: 'c2lnbmVk' };
	const use = { type: 'tool_use', id: 'toolu_1', name: 'weather',
		input: { city: 'Oslo' } };
	const rest = { model: 'claude/claude-opus-4-8', tools: [weather],
		reasoning: { effort: 'high', summary: 'auto' } };
	const input = [{ role: 'user', content: 'Weather?' }];

	claude.answer((c) => c.stream(messageStream([thought, use],
	    { stop_reason: 'tool_use' })));
	const first = await stream({ ...rest, input }).finalResponse();

	assert.deepEqual(kinds(first), ['reasoning', 'function_call']);
	assert.equal(first.output[0].summary[0].text, 'Hm.');
	claude.answer((c) => c.json(message([{ type: 'text', text: 'Rain.' }])));
	await ask({ ...rest, input: [...input, ...first.output,
		{ type: 'function_call_output', call_id: 'toolu_1',
		    output: 'rain' }] });
	assert.deepEqual(claude.last.json.messages[1].content[0], thought);
	assert.equal(claude.last.json.messages[1].content[1].id, 'toolu_1');
});

test('one id for all of a stream, and numbers without a gap', async () => {
	gpt.answer((c) => c.stream(completionStream('Good day')));
	const events = [];

	for await (const e of await ask({ input: 'Hi', stream: true }))
		events.push(e);
	assert.equal(events[0].type, 'response.created');
	assert.equal(events.at(-1).type, 'response.completed');
	assert.deepEqual(events.map((e) => e.sequence_number),
	    events.map((e, i) => i));
	assert.equal(new Set(events.filter((e) => e.response)
	    .map((e) => e.response.id)).size, 1);
});

test('a stream that is cut is never complete', async () => {
	const events = messageEvents([{ type: 'text', text: 'Good day' }]);

	claude.answer((c) => c.stream(sse(...events.slice(0, -3))));
	const types = [];

	for await (const e of await ask({ input: 'Hi', stream: true,
		model: 'claude/claude-opus-4-8' })) {
		types.push(e.type);
		if (e.response?.error)
			assert.equal(e.response.error.code, 'server_error');
	}
	assert.equal(types.at(-1), 'response.failed');
});

test('errors in the words of the protocol', async () => {
	gpt.answer((c) => c.json(openaiError('Slow down',
	    'rate_limit_exceeded'), 429));
	const limited = await failure(ask({ input: 'Hi' }));

	assert.equal(limited.status, 429);
	assert.equal(limited.code, 'rate_limit_exceeded');
	const unknown = await failure(ask({ input: 'Hi',
		previous_response_id: 'resp_unknown' }));

	assert.equal(unknown.status, 400);
	assert.equal(unknown.code, 'previous_response_not_found');
	const mcp = await failure(ask({ input: 'Hi', tools: [{ type: 'mcp',
		server_label: 'd', server_url: 'https://e.example' }] }));

	assert.equal(mcp.param, 'tools[0].type');
	assert.equal(mcp.code, 'unsupported_tool');
});
