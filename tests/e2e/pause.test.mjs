// Tools that the provider runs itself: an answer that pauses goes on inside the
// gateway, and a client that knows nothing of it sees one answer.
import { Stage, assert, gather, pair, test, until } from './harness.mjs';
import { anthropicError, message, messageEvents, sse } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude, {
	limits: { first_token_ms: 20000 } }) });
const hello = [{ role: 'user', content: 'What is new?' }];
const search = { type: 'web_search_20250305', name: 'web_search' };
const lookup = { type: 'function', function: { name: 'look', parameters: {
	type: 'object', properties: { at: { type: 'string' } } } } };
const body = { model: 'claude/claude-opus-4-8', messages: hello,
	max_tokens: 900, tools: [search, lookup] };

const asked = (n) => ({ type: 'server_tool_use', id: `srvtoolu_${n}`,
	name: 'web_search', input: { query: `news ${n}`, 'odd': 1.0 } });
const found = (n) => ({ type: 'web_search_tool_result',
	tool_use_id: `srvtoolu_${n}`, content: [{ type: 'web_search_result',
	    url: 'https://x.test/', title: 'X', encrypted_content: 'Zm9v' }] });
const look = { type: 'tool_use', id: 'toolu_1', name: 'look',
	input: { at: 'it' } };
const cited = { type: 'text', text: 'News: ', citations: [{
	type: 'web_search_result_location', url: 'https://x.test/', title: 'X',
	encrypted_index: 'Zm9v', cited_text: 'y' }] };
const paused = { stop_reason: 'pause_turn', usage: { input_tokens: 10,
	output_tokens: 5 } };

/** The events of a stream as a provider sends them when it runs tools. */
function streamed(content, rest) {
	return sse(...messageEvents(content.map((b) => b.type === 'server_tool_use'
	    ? { ...b, input: {} } : b.citations ? { ...b, citations: [] } : b),
	rest).flatMap(([name, data]) => {
		const block = data.type === 'content_block_stop' &&
		    content[data.index];
		const delta = (d) => ['content_block_delta', {
			type: 'content_block_delta', index: data.index, delta: d }];

		if (block?.type === 'server_tool_use') {
			const json = JSON.stringify(block.input);

			return [delta({ type: 'input_json_delta', partial_json: '' }),
				delta({ type: 'input_json_delta',
				    partial_json: json.slice(0, 9) }),
				delta({ type: 'input_json_delta',
				    partial_json: json.slice(9) }), [name, data]];
		}
		if (block?.citations)
			return [...block.citations.map((citation) => delta({
				type: 'citations_delta', citation })),
			    [name, data]];
		return [[name, data]];
	}));
}

test('whole: two pauses, one answer', async () => {
	claude.answer(
	    (c) => c.json(message([cited, asked(1), found(1)], paused)),
	    (c) => c.json(message([{ type: 'text', text: 'more ' }, asked(2)],
		paused)),
	    (c) => c.json(message([found(2), { type: 'text', text: 'done' }, look],
		{ stop_reason: 'tool_use', usage: { input_tokens: 30,
		    output_tokens: 9 } })));
	const { json, status } = await gateway.post('/v1/chat/completions', body);
	const [one, two, three] = claude.requests.map((r) => r.json);

	assert.equal(status, 200);
	assert.equal(json.choices[0].message.content, 'News: more done');
	assert.deepEqual(json.choices[0].message.tool_calls.map((t) =>
	    [t.id, t.function.arguments]), [['toolu_1', '{"at":"it"}']]);
	assert.equal(json.choices[0].finish_reason, 'tool_calls');
	assert.equal(json.usage.prompt_tokens, 50);
	assert.equal(json.usage.completion_tokens, 19);
	assert.equal(claude.requests.length, 3);
	assert.deepEqual(two.messages, [...one.messages, { role: 'assistant',
		content: [cited, asked(1), found(1)] }]);
	assert.deepEqual(three.messages, [...one.messages, { role: 'assistant',
		content: [cited, asked(1), found(1),
		    { type: 'text', text: 'more ' }, asked(2)] }]);
	assert.deepEqual({ ...three, messages: 0 }, { ...one, messages: 0 });
	claude.forget();
});

test('streamed: one stream, one id, what is sent back is unchanged', async () => {
	claude.answer(
	    (c) => c.stream(streamed([{ type: 'thinking', thinking: 'Hmm',
		signature: 'c2ln' }, cited, look, asked(1)], paused)),
	    (c) => c.stream(streamed([found(1), { type: 'text', text: 'done' },
		{ ...look, id: 'toolu_2' }], { id: 'msg_other',
		stop_reason: 'tool_use', usage: { input_tokens: 30,
		    output_tokens: 9 } })));
	const chunks = await gather(await gateway.openai().chat.completions.create(
	    { ...body, stream: true, stream_options: { include_usage: true } }));
	const deltas = chunks.flatMap((c) => c.choices.map((x) => x.delta));

	assert.equal(new Set(chunks.map((c) => c.id)).size, 1);
	assert.equal(deltas.filter((d) => d.role).length, 1);
	assert.equal(deltas.map((d) => d.content ?? '').join(''), 'News: done');
	assert.deepEqual(deltas.flatMap((d) => d.tool_calls ?? [])
	    .filter((t) => t.id).map((t) => [t.index, t.id]),
	[[0, 'toolu_1'], [1, 'toolu_2']]);
	assert.deepEqual(chunks.flatMap((c) => c.choices.map((x) =>
	    x.finish_reason)).filter((r) => r), ['tool_calls']);
	assert.equal(chunks.at(-1).usage.prompt_tokens, 40);
	assert.equal(chunks.at(-1).usage.completion_tokens, 14);
	assert.deepEqual(claude.requests[1].json.messages.at(-1), {
		role: 'assistant', content: [{ type: 'thinking', thinking: 'Hmm',
		    signature: 'c2ln' }, cited, look, asked(1)] });
	assert.match(claude.requests[1].body,
	    /"input":\{"query":"news 1","odd":1\}/);
	claude.forget();
});

test('five times at most', async () => {
	claude.always((c) => c.json(message([{ type: 'text', text: 'a' }],
	    paused)));
	const { json } = await gateway.post('/v1/chat/completions', body);

	assert.equal(claude.requests.length, 6);
	assert.equal(json.choices[0].message.content, 'aaaaaa');
	assert.equal(json.choices[0].finish_reason, 'stop');
	assert.equal(json.usage.completion_tokens, 30);
	claude.forget();
});

test('an answer that goes on and fails', async () => {
	const half = [{ type: 'text', text: 'half' }];

	claude.answer((c) => c.stream(streamed(half, paused)),
	    (c) => c.json(anthropicError('overloaded_error', 'Busy'), 529),
	    (c) => c.json(message(half, paused)),
	    (c) => c.json(anthropicError('invalid_request_error',
		'`temperature` is deprecated for this model.'), 400));
	const stream = await gateway.post('/v1/chat/completions',
	    { ...body, stream: true });

	assert.equal(stream.status, 200);
	assert.match(stream.body, /"half"|"ha"/);
	assert.match(stream.body, /"error":\{"message":"Busy"/);
	assert.doesNotMatch(stream.body, /\[DONE\]/);
	const whole = await gateway.post('/v1/chat/completions', body);

	assert.equal(whole.status, 400);
	assert.match(whole.json.error.message, /temperature/);
	assert.equal(claude.requests.length, 4);
	claude.forget();
});

test('while it goes on the client is kept alive', async () => {
	const lively = await stage.gateway({ config: pair(gpt, claude, {
		limits: { keep_alive_ms: 50 } }) });
	let seen = '';

	claude.answer((c) => c.stream(streamed([{ type: 'text', text: 'half' }],
	    paused)),
	async (c) => {
		await until(() => /"ha?l?f?"[^]*: ping\n\n/.test(seen));
		c.stream(streamed([{ type: 'text', text: 'done' }]));
	});
	const response = await fetch(`${lively.url}/v1/chat/completions`, {
		method: 'POST', body: JSON.stringify({ ...body, stream: true }),
		headers: { 'content-type': 'application/json' } });

	for await (const piece of response.body)
		seen += Buffer.from(piece).toString();
	assert.match(seen, /: ping\n\n[^]*\[DONE\]/);
	claude.forget();
});

test('a client of the provider\'s own protocol is told of the pause', async () => {
	claude.answer((c) => c.json(message([asked(1)], paused)));
	const { json } = await gateway.post('/v1/messages', { ...body,
		tools: [search] });

	assert.equal(json.stop_reason, 'pause_turn');
	assert.equal(claude.requests.length, 1);
	claude.forget();
});

test('who has no such tools does not pause', async () => {
	claude.answer((c) => c.json(message('Odd', paused)));
	const { json } = await gateway.post('/v1/chat/completions',
	    { ...body, tools: [lookup] });

	assert.equal(json.choices[0].finish_reason, 'stop');
	assert.equal(claude.requests.length, 1);
	claude.forget();
});

stage.close();
