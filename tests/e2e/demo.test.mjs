// `serve --demo`: both SDKs work at once, without a key and without a network.
import { Stage, assert, gather, test } from './harness.mjs';

const stage = new Stage();
const gateway = await stage.gateway({ args: ['serve', '--demo'],
	env: { DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '1' } });
const openai = gateway.openai({ apiKey: 'any' });
const anthropic = gateway.anthropic({ apiKey: 'any' });
const genai = gateway.gemini({ apiKey: 'any' });
const hello = [{ role: 'user', content: 'Hello dragoman' }];
const weather = { type: 'object', properties: { city: { type: 'string' } },
	required: ['city'] };

for (const model of ['claude-opus-4-8', 'gpt-5', 'deepseek-chat', 'gemini-3-pro',
	'anthropic/claude-sonnet-4.6', 'openai/gpt-4o'])
	test(`${model}, whole and streamed, from all SDKs`, async () => {
		const one = await openai.chat.completions.create({ model,
			messages: hello });
		const two = await openai.chat.completions.stream({ model,
			messages: hello }).finalContent();
		const three = await anthropic.messages.create({ model,
			max_tokens: 500, messages: hello });
		const four = await anthropic.messages.stream({ model,
			max_tokens: 500, messages: hello }).finalText();
		const five = await openai.responses.create({ model,
			input: hello });
		const six = await openai.responses.stream({ model,
			input: hello }).finalResponse();
		const contents = hello[0].content;
		const seven = await genai.models.generateContent({ model,
			contents });
		const eight = await gather(await genai.models
			.generateContentStream({ model, contents }));
		const texts = [one.choices[0].message.content, two,
			three.content.find((b) => b.type === 'text').text, four,
			five.output_text, six.output_text, seven.text,
			eight.map((chunk) => chunk.text ?? '').join('')];

		for (const text of texts)
			assert.match(text, /Hello dragoman/);
		assert.ok(one.usage.total_tokens > 0);
		assert.ok(three.usage.output_tokens > 0);
		assert.equal(three.stop_reason, 'end_turn');
		assert.equal(six.status, 'completed');
		assert.equal(eight.at(-1).candidates[0].finishReason, 'STOP');
	});

test('a round of tools from each side', async () => {
	const tools = [{ type: 'function', function: { name: 'weather',
		parameters: weather } }];
	const messages = [...hello];
	const one = await openai.chat.completions.create({ tools, messages,
		model: 'claude-opus-4-8', tool_choice: 'required' });
	const [call] = one.choices[0].message.tool_calls;

	assert.equal(one.choices[0].finish_reason, 'tool_calls');
	assert.equal(call.function.name, 'weather');
	assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');
	messages.push(one.choices[0].message, { role: 'tool',
		tool_call_id: call.id, content: 'sunny as can be' });
	const two = await openai.chat.completions.create({ tools, messages,
		model: 'claude-opus-4-8' });

	assert.match(two.choices[0].message.content, /sunny as can be/);

	const mine = [{ name: 'weather', input_schema: weather }];
	const turns = [...hello];
	const three = await anthropic.messages.stream({ model: 'gpt-5',
		max_tokens: 500, tools: mine, messages: turns,
		tool_choice: { type: 'any' } }).finalMessage();
	const use = three.content.find((b) => b.type === 'tool_use');

	assert.equal(three.stop_reason, 'tool_use');
	assert.equal(use.name, 'weather');
	turns.push({ role: 'assistant', content: three.content },
	    { role: 'user', content: [{ type: 'tool_result',
		tool_use_id: use.id, content: 'raining frogs' }] });
	const four = await anthropic.messages.create({ model: 'gpt-5',
		max_tokens: 500, tools: mine, messages: turns });

	assert.match(four.content.find((b) => b.type === 'text').text,
	    /raining frogs/);
});

test('an answer is gone on from, by its name', async () => {
	for (const model of ['gpt-5', 'claude-opus-4-8', 'gemini-3-pro']) {
		const tools = [{ type: 'function', name: 'weather', strict: false,
			parameters: weather }];
		const one = await openai.responses.create({ model, tools,
			input: 'Which weather?', tool_choice: 'auto',
			reasoning: { effort: 'low' } });
		const two = await openai.responses.create({ model, tools,
			previous_response_id: one.id, input: 'call the tool' });
		const call = two.output.find((i) => i.type === 'function_call');
		const three = await openai.responses.create({ model, tools,
			previous_response_id: two.id, input: [{
			    type: 'function_call_output', output: 'foggy',
			    call_id: call.call_id }] });

		assert.match(one.output_text, /Which weather\?/);
		assert.equal(call.name, 'weather');
		assert.match(three.output_text, /foggy/);
	}
});

test('models are listed, and counted for', async () => {
	const ids = [];

	for await (const one of await openai.models.list())
		ids.push(one.id);
	for (const id of ['claude-opus-4-8', 'gpt-5', 'deepseek-chat'])
		assert.ok(ids.includes(id), id);
	const theirs = await gather(await anthropic.models.list({ limit: 5,
		lifecycle: ['active', 'deprecated', 'retired'] }));

	assert.deepEqual(theirs.map((m) => m.id), ids);
	const google = [];

	for await (const one of await genai.models.list())
		google.push(one.name);
	assert.deepEqual(google, ids.map((id) => `models/${id}`));
	for (const model of ['gpt-5', 'claude-opus-4-8', 'gemini-3-pro']) {
		assert.ok((await anthropic.messages.countTokens({ model,
			messages: hello })).input_tokens > 0);
		assert.ok((await openai.responses.inputTokens.count({ model,
			input: hello })).input_tokens > 0);
		assert.ok((await genai.models.countTokens({ model,
			contents: 'Hello' })).totalTokens > 0);
	}
	const vectors = await openai.embeddings.create({ input: ['a', 'b'],
		model: 'text-embedding-3-small' });

	assert.equal(vectors.data.length, 2);
	assert.equal(typeof vectors.data[0].embedding[0], 'number');
});

test('it is ready', async () => {
	assert.equal((await gateway.ask('/readyz')).status, 200);
});

stage.close();
