// `serve --demo`: both SDKs work at once, without a key and without a network.
import { Stage, assert, gather, test } from './harness.mjs';

const stage = new Stage();
const gateway = await stage.gateway({ args: ['serve', '--demo'],
	env: { DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '1' } });
const openai = gateway.openai({ apiKey: 'any' });
const anthropic = gateway.anthropic({ apiKey: 'any' });
const hello = [{ role: 'user', content: 'Hello dragoman' }];
const weather = { type: 'object', properties: { city: { type: 'string' } },
	required: ['city'] };

for (const model of ['claude-opus-4-8', 'gpt-5', 'deepseek-chat',
	'anthropic/claude-sonnet-4.6', 'openai/gpt-4o'])
	test(`${model}, whole and streamed, from both SDKs`, async () => {
		const one = await openai.chat.completions.create({ model,
			messages: hello });
		const two = await openai.chat.completions.stream({ model,
			messages: hello }).finalContent();
		const three = await anthropic.messages.create({ model,
			max_tokens: 500, messages: hello });
		const four = await anthropic.messages.stream({ model,
			max_tokens: 500, messages: hello }).finalText();
		const texts = [one.choices[0].message.content, two,
			three.content.find((b) => b.type === 'text').text, four];

		for (const text of texts)
			assert.match(text, /Hello dragoman/);
		assert.ok(one.usage.total_tokens > 0);
		assert.ok(three.usage.output_tokens > 0);
		assert.equal(three.stop_reason, 'end_turn');
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

test('models are listed, and counted for', async () => {
	const ids = [];

	for await (const one of await openai.models.list())
		ids.push(one.id);
	for (const id of ['claude-opus-4-8', 'gpt-5', 'deepseek-chat'])
		assert.ok(ids.includes(id), id);
	const theirs = await gather(await anthropic.models.list({ limit: 5 }));

	assert.deepEqual(theirs.map((m) => m.id), ids);
	for (const model of ['gpt-5', 'claude-opus-4-8'])
		assert.ok((await anthropic.messages.countTokens({ model,
			messages: hello })).input_tokens > 0);
});

test('it is ready', async () => {
	assert.equal((await gateway.ask('/readyz')).status, 200);
});

stage.close();
