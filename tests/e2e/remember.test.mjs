// Clients that drop the thinking of an answer: the worker that told it puts it back when
// the calls return with their results.
import { Stage, assert, pair, test } from './harness.mjs';
import { call, completion, message, messageStream } from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const deep = await stage.provider();
const config = pair(claude, claude);
config.providers.deep = { chat: `${deep.url}/v1`, key: 'key-of-deep',
	dialect: 'deepseek' };
const gateway = await stage.gateway({ config });
const openai = gateway.openai();
const tools = [{ type: 'function', function: { name: 'look', parameters: {
	type: 'object', properties: {} } } }];
const hello = [{ role: 'user', content: 'Look at it.' }];
const blocks = (n) => [
	{ type: 'thinking', thinking: `First ${n}.`, signature: `sig-a-${n}==` },
	{ type: 'redacted_thinking', data: `sealed-${n}` },
	{ type: 'text', text: `Looking ${n}.` },
	{ type: 'thinking', thinking: '', signature: `sig-b-${n}==` },
	{ type: 'tool_use', id: `toolu_01AAAAAAAAAAAAAAAA${n}`, name: 'look',
		input: {} },
];
const body = (messages, rest) => ({ model: 'claude/claude-opus-4-8', messages,
	tools, reasoning_effort: 'high', ...rest });

/** Text and calls alone, as most programs keep them. */
const bare = ({ content, tool_calls }) => ({ role: 'assistant', content,
	tool_calls });
const results = ({ tool_calls }) => tool_calls.map((c) => ({ role: 'tool',
	tool_call_id: c.id, content: 'seen' }));

test('several rounds, whole and streamed', async () => {
	const history = [...hello];

	for (let n = 1; n <= 4; n++) {
		const stream = n % 2 === 0;
		const rest = { stop_reason: 'tool_use' };

		claude.answer((c) => stream ?
		    c.stream(messageStream(blocks(n), rest)) :
		    c.json(message(blocks(n), rest)));
		const said = stream ? await openai.chat.completions.stream(
		    body(history)).finalMessage() :
		    (await openai.chat.completions.create(body(history)))
		    .choices[0].message;
		const turns = claude.last.json.messages.filter((m) =>
			m.role === 'assistant');

		assert.deepEqual(turns.map((m) => m.content),
		    Array.from({ length: n - 1 }, (_, i) => blocks(i + 1)));
		history.push(bare(said), ...results(said));
	}
});

test('another client gets none of it', async () => {
	const other = gateway.openai({ apiKey: 'sk-somebody-else' });
	const said = { role: 'assistant', content: 'Looking 1.', tool_calls: [{
		id: 'toolu_01AAAAAAAAAAAAAAAA1', type: 'function',
		function: { name: 'look', arguments: '{}' } }] };

	claude.answer((c) => c.json(message('done')));
	await other.chat.completions.create(body([...hello, said,
		...results(said)]));
	assert.deepEqual(claude.last.json.messages[1].content.map((b) =>
		b.type), ['text', 'tool_use']);
});

test('reasoning of a Chat provider, for a client of Messages', async () => {
	const anthropic = gateway.anthropic();
	const ask = (messages) => anthropic.messages.create({
		model: 'deep/deepseek-chat', max_tokens: 900, messages,
		tools: [{ name: 'look', input_schema: { type: 'object' } }] });
	const id = 'call_00_AbCdEfGhIjKlMnOpQrStUv';

	deep.answer((c) => c.json(completion({ content: null,
		reasoning_content: 'I must look.',
		tool_calls: [call(id, 'look', '{}')] })));
	const said = await ask(hello);

	deep.answer((c) => c.json(completion('done')));
	await ask([...hello, { role: 'assistant', content: said.content.filter(
	    (b) => b.type === 'tool_use') }, { role: 'user', content: [{
		type: 'tool_result', tool_use_id: id, content: 'seen' }] }]);
	assert.equal(deep.last.json.messages[1].reasoning_content,
	    'I must look.');
});

test('"remember_mb": 0 keeps nothing', async () => {
	const none = await stage.gateway({ config: { ...config,
		limits: { remember_mb: 0 } } });
	const client = none.openai();

	claude.answer((c) => c.json(message(blocks(1), {
		stop_reason: 'tool_use' })));
	const { choices: [{ message: said }] } =
	    await client.chat.completions.create(body(hello));

	claude.answer((c) => c.json(message('done')));
	await client.chat.completions.create(body([...hello, bare(said),
		...results(said)]));
	assert.deepEqual(claude.last.json.messages[1].content.map((b) =>
		b.type), ['text', 'tool_use']);
});
