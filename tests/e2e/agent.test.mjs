// What a coding agent of OpenAI's sends, before any provider: developers who speak
// first, tools that come in an item, in namespaces and of free form, tools of OpenAI's
// own, members that nobody else knows, and a loop of two turns over all of it.
import { Stage, assert, test } from './harness.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gateway = await stage.gateway({ config: { providers: {
	chat: { chat: `${echo.url}/v1`, key: 'echo-key' },
	messages: { messages: echo.url, key: 'echo-key' },
	gemini: { gemini: `${echo.url}/v1beta`, key: 'echo-key' } } } });
const said = (role, text) => ({ type: 'message', role,
	content: [{ type: 'input_text', text }] });
const command = { type: 'object', properties: { cmd: { type: 'string' } },
	required: ['cmd'], additionalProperties: false };
const tools = [
	{ type: 'function', name: 'exec_command', strict: false,
		description: 'Runs a command.', parameters: command },
	{ type: 'custom', name: 'apply_patch', description: 'Edits files.',
		format: { type: 'grammar', syntax: 'lark',
		    definition: 'start: "*** Begin Patch" /.+/' } },
	{ type: 'namespace', name: 'mcp__docs', description: 'Documents.',
		tools: [{ type: 'function', name: 'lookup', strict: false,
		    parameters: command }] },
	{ type: 'tool_search', execution: 'client', description: 'Finds tools.',
		parameters: { type: 'object', properties: {
		    query: { type: 'string' } }, required: ['query'] } },
	{ type: 'web_search' },
];
const start = [
	{ type: 'additional_tools', role: 'developer', tools },
	said('developer', 'You are a coding agent. ' + 'Be careful. '.repeat(3000)),
	said('developer', '<permissions>all</permissions>'),
	said('user', '<environment>/src</environment>'),
	said('user', 'What is here?'),
];
const body = (provider, directives, input) => ({
	model: `${provider}/gemini-3-pro${directives}`, input, stream: true,
	store: false, tool_choice: 'auto', parallel_tool_calls: true,
	include: ['reasoning.encrypted_content'], prompt_cache_key: 'thread-1',
	reasoning: { effort: 'medium', summary: 'auto', context: 'all_turns' },
	text: { verbosity: 'low' }, client_metadata: { installation: 'x' } });

async function turn(provider, directives, input) {
	const answer = await gateway.post('/v1/responses',
	    body(provider, directives, input));

	assert.equal(answer.status, 200, String(answer.body));
	// nothing else is lost
	for (const lost of (answer.headers['x-dragoman-warnings'] ?? '')
	    .split('; '))
		assert.match(lost, /^(tools\[[14]\]|text\.verbosity|reasoning)/);
	const events = String(answer.body).split('\n\n').filter((e) => e)
	    .map((e) => JSON.parse(e.slice(e.indexOf('data: ') + 6)));

	assert.deepEqual(events.map((e) => e.sequence_number),
	    events.map((e, i) => i));
	assert.equal(events.at(-1).type, 'response.completed');
	// agents take items from these events alone
	const items = events.filter((e) => e.type === 'response.output_item.done')
	    .map((e) => e.item);

	assert.deepEqual(items, events.at(-1).response.output);
	return items;
}

// What the agent answers to each kind of call.
const results = {
	function_call: (call) => ({ type: 'function_call_output',
		call_id: call.call_id, output: 'README.md' }),
	custom_tool_call: (call) => ({ type: 'custom_tool_call_output',
		call_id: call.call_id, output: 'Done.' }),
	tool_search_call: (call) => ({ type: 'tool_search_output',
		call_id: call.call_id, execution: 'client', status: 'completed',
		tools: [{ type: 'function', name: 'found_later', strict: false,
		    parameters: command }] }),
};

for (const provider of ['chat', 'messages', 'gemini'])
	test(`an agent's loop on ${provider}`, async () => {
		const first = await turn(provider, '+tools=4+think', start);
		const calls = first.filter((item) => results[item.type]);
		const kinds = calls.map((c) => [c.type, c.namespace, c.name]);

		assert.deepEqual(kinds, [
			['function_call', undefined, 'exec_command'],
			['custom_tool_call', undefined, 'apply_patch'],
			['function_call', 'mcp__docs', 'lookup'],
			['tool_search_call', undefined, undefined],
		]);
		assert.equal(typeof calls[3].arguments, 'object');
		assert.equal(calls[3].execution, 'client');
		const second = await turn(provider, '', [...start, ...first,
			...calls.map((call) => results[call.type](call)),
			said('user', 'Thank you, that is all.')]);
		const texts = second.filter((item) => item.type === 'message')
		    .flatMap((item) => item.content).map((part) => part.text);

		assert.ok(texts.join('').includes('that is all'), texts.join(''));
	});
