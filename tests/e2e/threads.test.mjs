// Conversations that the Anthropic SDK wants a server to keep.  Nothing is kept
// here: the SDK must find out, and send the whole of it again.
import { Stage, assert, pair, test } from './harness.mjs';
import { call, completion } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, gpt) });
const anthropic = gateway.anthropic();
const model = 'gpt/gpt-4o';

const clock = { name: 'clock', description: 'Tells the time',
	input_schema: { type: 'object', properties: {} },
	run: async () => '12:00' };

// Calls a tool until it was called `rounds` times; every question must come
// with all that was said before it, and with the tools.
function script(rounds) {
	for (let round = 0; round <= rounds; round++)
		gpt.answer((c) => {
			const said = c.body.messages;

			assert.equal(said[0].content, 'Time?');
			assert.equal(said.length, 1 + 2 * round);
			assert.equal(c.body.tools.length, 1);
			c.json(completion(round < rounds ? { content: null,
				tool_calls: [call(`call_${round}`, 'clock', {})] } :
			    'It is noon.'));
		});
}

test('the runner of tools gets to its end', async () => {
	script(3);
	const last = await anthropic.beta.messages.toolRunner({ model,
		max_tokens: 100, tools: [clock],
		messages: [{ role: 'user', content: 'Time?' }] });

	assert.equal(last.content[0].text, 'It is noon.');
});

// Every turn would be a thread begun anew, had the first not been refused.
test('after the first refusal it asks for no thread', async () => {
	const before = gpt.requests.length;
	const asked = [];
	const client = gateway.anthropic({ fetch: (url, init) => {
		asked.push(JSON.parse(init.body).thread?.type);
		return fetch(url, init);
	} });

	script(2);
	await client.beta.messages.toolRunner({ model, max_tokens: 100,
		tools: [clock], messages: [{ role: 'user', content: 'Time?' }] });
	assert.deepEqual(asked, ['create', undefined, undefined, undefined]);
	assert.equal(gpt.requests.length - before, 3);
});

test('so does a thread that may go on without one', async () => {
	const { run, ...tool } = clock;

	script(2);
	const thread = anthropic.beta.messages.thread({ model, max_tokens: 100,
		tools: [tool], unsupportedRequestBehavior: 'continue_unthreaded' });
	let answer = await thread.send({ role: 'user', content: 'Time?' });

	while (answer.stop_reason === 'tool_use')
		answer = await thread.send({ role: 'user',
			content: answer.content.filter((b) => b.type === 'tool_use')
			    .map((b) => ({ type: 'tool_result',
				tool_use_id: b.id, content: '12:00' })) });
	assert.equal(answer.content[0].text, 'It is noon.');
});

for (const thread of [{ type: 'create' },
    { type: 'continue', previous_message_id: 'msg_1' }])
	test(`${thread.type} is refused by its details`, async () => {
		const error = await anthropic.beta.messages.create({ model,
			max_tokens: 100, thread,
			messages: [{ role: 'user', content: 'Time?' }] })
		    .then(() => assert.fail('was not refused'), (e) => e);

		assert.equal(error.status, 400);
		assert.equal(error.type, 'invalid_request_error');
		assert.deepEqual(error.error.error.details, {
			error_code: 'thread_unsupported_request',
			unsupported: ['thread'] });
	});

test('a limit of no tokens asks nobody', async () => {
	const before = gpt.requests.length;
	const answer = await anthropic.messages.create({ model, max_tokens: 0,
		messages: [{ role: 'user', content: 'Warm up' }] });

	assert.deepEqual(answer.content, []);
	assert.equal(answer.stop_reason, 'max_tokens');
	assert.equal(answer.usage.output_tokens, 0);
	assert.ok(answer.usage.input_tokens > 0);
	assert.equal(gpt.requests.length, before);
});

stage.close();
