// The mock provider itself: what it says, what it refuses, and every way in
// which it can be told to misbehave.  Only Node's own modules: what comes over
// the wire is looked at as bytes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const BIN = process.env.DRAGOMAN_BIN;
assert.ok(BIN, 'DRAGOMAN_BIN must name the program under test');

let child, port, folder, stderr = '';

/** Start the provider; resolves to its process and port. */
function start(...args) {
	const provider = spawn(BIN, ['echo', '--listen', '127.0.0.1:0', ...args],
	    { stdio: ['ignore', 'pipe', 'pipe'] });

	provider.stderr.on('data', (data) => { stderr += data; });
	return new Promise((go, fail) => {
		let out = '';

		provider.stdout.on('data', (data) => {
			const at = /listening on http:\/\/[\d.]+:(\d+)\n/
			    .exec(out += data);

			if (at)
				go([provider, Number(at[1])]);
		});
		provider.on('exit', () => fail(new Error(stderr)));
	});
}

/** SIGTERM ends it in good order: nothing leaked, nothing broke. */
async function stop(provider) {
	const ended = new Promise((go) => provider.on('exit',
	    (code, signal) => go({ code, signal })));

	provider.kill('SIGTERM');
	assert.deepEqual(await ended, { code: 0, signal: null }, stderr);
}

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'echo-'));
	writeFileSync(join(folder, 'one.sse'),
	    ': hello\r\n\r\ndata: {"a":1}\r\n\r\ndata: [DONE]\n\nrest');
	writeFileSync(join(folder, 'two.json'), '{ "b" : 2 }\n');
	[child, port] = await start('--record', '--replay-dir', folder);
});

after(async () => {
	await stop(child);
	rmSync(folder, { recursive: true });
});

// ---- clients

/** One exchange; resolves at its end, whatever that is. */
function send(method, path, body, { headers = {}, agent } = {}) {
	return new Promise((go, fail) => {
		const request = http.request({ host: '127.0.0.1', port,
		    method, path, agent, headers });

		request.on('error', fail);
		request.on('response', (response) => {
			const seen = { status: response.statusCode,
			    headers: response.headers, text: '', pieces: 0,
			    error: null };

			response.setEncoding('utf8');
			response.on('data', (data) => {
				seen.text += data;
				seen.pieces++;
			});
			response.on('error', (error) => {
				seen.error = error.code;
			});
			response.on('close', () => go(seen));
		});
		request.end(body && (typeof body === 'string' ? body :
		    JSON.stringify(body)));
	});
}

const user = (content) => ({ role: 'user', content });
const chat = (directives, more = {}, options) => send('POST',
    '/v1/chat/completions', { model: `gpt-4o+${directives}`,
	messages: [user('hello')], ...more }, options);
const messages = (directives, more = {}, options) => send('POST',
    '/v1/messages', { model: `claude+${directives}`, max_tokens: 100,
	messages: [user('hello')], ...more }, options);

const responses = (directives, more = {}, options) => send('POST',
    '/v1/responses', { model: `gpt-5+${directives}`, input: 'hello', ...more },
    options);
const gemini = (directives, more = {}, { method = 'generateContent',
    model = 'gemini-3-pro', ...options } = {}) => send('POST',
    `/v1beta/models/${model}+${directives}:${method}`,
    { contents: [{ role: 'user', parts: [{ text: 'hello' }] }], ...more },
    options);
const SSE = { method: 'streamGenerateContent?alt=sse' };
const ARRAY = { method: 'streamGenerateContent' };

/**
 * All bytes that come for a request, up to the end of the connection.  Node may
 * take a reset for an end: only the former makes the next write fail.
 */
function raw(text) {
	return new Promise((go) => {
		const socket = net.connect({ port, host: '127.0.0.1',
		    allowHalfOpen: true });
		const seen = { text: '', reset: false };

		socket.setEncoding('utf8');
		socket.on('data', (data) => { seen.text += data; });
		socket.on('end', () => socket.end('x'));
		socket.on('error', () => { seen.reset = true; });
		socket.on('close', () => go(seen));
		socket.write(text);
	});
}

function post(path, body, headers = '') {
	const text = JSON.stringify(body);

	return `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ` +
	    `${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/** The events of a stream, with their names; data parsed unless [DONE]. */
function events(text) {
	return text.split(/\r?\n\r?\n/).map((block) => {
		const event = { name: '', data: null };

		for (const line of block.split(/\r?\n/)) {
			if (line.startsWith('event: '))
				event.name = line.slice(7);
			if (line.startsWith('data: '))
				event.data = line.slice(6) === '[DONE]'
				    ? '[DONE]' : JSON.parse(line.slice(6));
		}
		return event;
	}).filter((event) => event.data !== null);
}

/** What a Chat stream says, put together. */
function chatSaid(list) {
	const said = { text: '', think: '', calls: [], finish: null };

	for (const { data } of list) {
		for (const { delta, finish_reason } of data.choices ?? []) {
			said.text += delta.content ?? '';
			said.think += delta.reasoning_content ?? '';
			for (const call of delta.tool_calls ?? []) {
				said.calls[call.index] ??= { id: call.id,
				    name: call.function.name, arguments: '' };
				said.calls[call.index].arguments +=
				    call.function.arguments;
			}
			said.finish = finish_reason ?? said.finish;
		}
	}
	return said;
}

/** What a Messages stream says, as blocks. */
function messagesSaid(list) {
	const said = { content: [], stop: null };

	for (const { name, data } of list) {
		assert.equal(name, data.type);
		if (data.type === 'content_block_start')
			said.content[data.index] = { ...data.content_block,
			    json: '' };
		if (data.type === 'content_block_delta') {
			const block = said.content[data.index];

			for (const key of ['text', 'thinking', 'signature'])
				if (key in data.delta)
					block[key] += data.delta[key];
			block.json += data.delta.partial_json ?? '';
		}
		if (data.type === 'message_delta')
			said.stop = data.delta.stop_reason;
	}
	return said;
}

/** What a Responses stream says, after a look at how it is built. */
function responsesSaid(list) {
	const said = { text: '', think: '', items: [], last: list.at(-1) };

	list.forEach(({ name, data }, i) => {
		assert.equal(name, data.type);
		assert.equal(data.sequence_number, i);
		if (name === 'response.output_text.delta')
			said.text += data.delta;
		if (name === 'response.reasoning_summary_text.delta')
			said.think += data.delta;
		if (name === 'response.output_item.added')
			assert.equal(data.output_index, said.items.length);
		if (name === 'response.output_item.done')
			said.items.push(data.item);
	});
	return said;
}

const parts = (answer) => answer.candidates[0].content.parts;

const stats = async () => JSON.parse((await send('GET', '/echo/stats')).text);

async function until(look) {
	for (let i = 0; i < 2000; i++) {
		if (await look())
			return;
		await new Promise((go) => setTimeout(go, 5));
	}
	assert.fail(`waited in vain for ${look}`);
}

const tool = (name, properties = {}) => ({ name, schema: { type: 'object',
    properties, required: Object.keys(properties) } });
const chatTools = (...tools) => tools.map(({ name, schema }) =>
    ({ type: 'function', function: { name, parameters: schema } }));
const messagesTools = (...tools) => tools.map(({ name, schema }) =>
    ({ name, input_schema: schema }));
const weather = tool('weather', { city: { type: 'string' },
    days: { type: 'integer' }, wet: { type: 'boolean' } });

// ---- what it says

test('chat, whole', async () => {
	const { status, headers, text } = await chat('', { model: 'gpt-4o',
	    messages: [user('say "é\n😀"')] });
	const answer = JSON.parse(text);

	assert.equal(status, 200);
	assert.equal(headers['content-type'], 'application/json');
	assert.match(answer.id, /^chatcmpl-\w{24}$/);
	assert.equal(answer.model, 'gpt-4o');
	assert.equal(answer.choices[0].message.content,
	    'You said: say "é\n😀"');
	assert.equal(answer.choices[0].finish_reason, 'stop');
	assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens +
	    answer.usage.completion_tokens);
});

test('chat, streamed', async () => {
	const { headers, text } = await chat('', { stream: true,
	    stream_options: { include_usage: true },
	    messages: [user('say "é\n😀" to all of them')] });
	const list = events(text);
	const usage = list.at(-2).data;

	assert.match(headers['content-type'], /^text\/event-stream/);
	assert.equal(list.at(-1).data, '[DONE]');
	assert.equal(chatSaid(list).text,
	    'You said: say "é\n😀" to all of them');
	assert.equal(chatSaid(list).finish, 'stop');
	assert.deepEqual(usage.choices, []);
	assert.ok(usage.usage.completion_tokens > 0);
	assert.ok(list.length > 5);
});

test('messages, whole and streamed', async () => {
	const whole = JSON.parse((await messages('')).text);
	const { text, headers } = await messages('', { stream: true });
	const said = messagesSaid(events(text));

	assert.match(whole.id, /^msg_\w+$/);
	assert.equal(whole.stop_reason, 'end_turn');
	assert.equal(whole.content[0].text, 'You said: hello');
	assert.ok(whole.usage.input_tokens > 0);
	assert.match(headers['request-id'], /^req_/);
	assert.equal(said.content[0].text, 'You said: hello');
	assert.equal(said.stop, 'end_turn');
	assert.equal(events(text).at(-1).name, 'message_stop');
});

test('long texts are cut between characters', async () => {
	const { text } = await chat('', { messages: [user('é'.repeat(9000))] });
	const said = JSON.parse(text).choices[0].message.content;

	assert.match(said, /^You said: é+$/);
	assert.ok(said.length > 1000 && said.length < 9000);
});

test('n, stop, max_tokens', async () => {
	const two = JSON.parse((await chat('', { n: 2 })).text);
	const stream = events((await chat('', { n: 2, stream: true })).text);
	const short = JSON.parse((await messages('', { max_tokens: 1 })).text);
	const stopped = JSON.parse((await messages('',
	    { stop_sequences: ['said'] })).text);

	assert.deepEqual(two.choices.map((c) => c.index), [0, 1]);
	assert.deepEqual([...new Set(stream.slice(0, -1).map(
	    ({ data }) => data.choices[0].index))], [0, 1]);
	assert.equal(short.content[0].text, 'You ');
	assert.equal(short.stop_reason, 'max_tokens');
	assert.equal(stopped.content[0].text, 'You ');
	assert.equal(stopped.stop_reason, 'stop_sequence');
	assert.equal(stopped.stop_sequence, 'said');
});

test('chat tools: asked for in words, in parallel, over two turns', async () => {
	const tools = chatTools(weather, tool('clock'));
	const one = JSON.parse((await chat('', { tools,
	    messages: [user('please call it')] })).text);
	const list = events((await chat('tools=2', { tools,
	    stream: true })).text);
	const { calls, finish } = chatSaid(list.slice(0, -1));
	const turn = calls.map(({ id, name, arguments: args }) => ({ id,
	    type: 'function', function: { name, arguments: args } }));
	const done = JSON.parse((await chat('tools=2', { tools, messages: [
	    user('x'), { role: 'assistant', content: null, tool_calls: turn },
	    { role: 'tool', tool_call_id: calls[0].id, content: 'wet' },
	    { role: 'tool', tool_call_id: calls[1].id, content: 'noon' },
	] })).text);

	assert.equal(one.choices[0].message.content, null);
	assert.equal(one.choices[0].message.tool_calls[0].function.name,
	    'weather');
	assert.equal(finish, 'tool_calls');
	assert.deepEqual(calls.map((c) => c.name), ['weather', 'clock']);
	assert.deepEqual(JSON.parse(calls[0].arguments),
	    { city: 'x', days: 1, wet: true });
	assert.equal(calls[1].arguments, '{}');
	assert.equal(new Set(calls.map((c) => c.id)).size, 2);
	assert.equal(done.choices[0].message.content,
	    'The tool said: "wet"\nThe tool said: "noon"');
});

test('messages tools and thinking, over two turns', async () => {
	const tools = messagesTools(weather, tool('clock'));
	const { content, stop } = messagesSaid(events((await messages(
	    'tools=2+think', { tools, stream: true })).text));
	const [think, ...uses] = content;
	const back = [{ type: 'thinking', thinking: think.thinking,
	    signature: think.signature }, ...uses.map(({ type, id, name, json }) =>
	    ({ type, id, name, input: JSON.parse(json) }))];
	const results = uses.map(({ id }, i) => ({ type: 'tool_result',
	    tool_use_id: id, content: [{ type: 'text', text: `r${i}` }],
	    is_error: i === 1 }));
	const second = (assistant) => messages('', { tools, messages: [
	    user('x'), { role: 'assistant', content: assistant },
	    user(results)] });
	const done = JSON.parse((await second(back)).text);
	const forged = await second([{ ...back[0], thinking: 'else' },
	    ...back.slice(1)]);

	assert.equal(stop, 'tool_use');
	assert.equal(think.type, 'thinking');
	assert.deepEqual(uses.map((u) => u.name), ['weather', 'clock']);
	assert.deepEqual(JSON.parse(uses[0].json),
	    { city: 'x', days: 1, wet: true });
	assert.equal(done.content[0].text,
	    'The tool said: "r0"\nThe tool failed (is_error): "r1"');
	assert.equal(forged.status, 400);
	assert.match(JSON.parse(forged.text).error.message,
	    /messages\.1\.content\.0: Invalid `signature`/);
});

test('responses, whole and streamed', async () => {
	const whole = JSON.parse((await responses('think')).text);
	const { headers, text } = await responses('think', { stream: true });
	const said = responsesSaid(events(text));
	const short = JSON.parse((await responses('', { max_output_tokens: 16,
	    input: 'so many words '.repeat(9) })).text);
	const no = events((await responses('refuse', { stream: true })).text);

	assert.match(headers['content-type'], /^text\/event-stream/);
	assert.match(whole.id, /^resp_/);
	assert.deepEqual(whole.output.map((item) => item.type),
	    ['reasoning', 'message']);
	assert.match(whole.output[0].summary[0].text, /5 bytes/);
	assert.equal(whole.output[1].content[0].text, 'You said: hello');
	assert.equal(whole.usage.total_tokens, whole.usage.input_tokens +
	    whole.usage.output_tokens);
	assert.equal(said.text, 'You said: hello');
	assert.match(said.think, /5 bytes/);
	assert.equal(said.last.name, 'response.completed');
	assert.deepEqual(said.last.data.response.output, said.items);
	assert.equal(short.status, 'incomplete');
	assert.equal(short.incomplete_details.reason, 'max_output_tokens');
	assert.equal(no.at(-1).data.response.output[0].content[0].refusal,
	    'I cannot help with that.');
});

test('responses tools over two turns, by history and by name', async () => {
	const tools = [
		{ type: 'function', name: 'weather', parameters: weather.schema },
		{ type: 'custom', name: 'shell' },
		{ type: 'namespace', name: 'fs', tools: [
		    { type: 'function', name: 'list' }] }];
	const { last: { data: { response } } } = responsesSaid(events(
	    (await responses('tools=3+think', { tools, stream: true })).text));
	const [think, ...calls] = response.output;
	const outputs = calls.map(({ type, call_id }, i) => ({ call_id,
	    type: `${type}_output`, output: `r${i}` }));
	const input = [user('x'), think, ...calls, ...outputs];
	const done = JSON.parse((await responses('', { tools, input })).text);
	const named = JSON.parse((await responses('', { tools, input: outputs,
	    previous_response_id: response.id })).text);
	const refers = JSON.parse((await responses('', { tools, input: [
	    ...response.output.map(({ id }) => ({ type: 'item_reference', id })),
	    ...outputs] })).text);
	const without = await responses('', { tools,
	    input: input.filter((item) => item !== think) });

	assert.deepEqual(calls.map((c) => [c.type, c.namespace, c.name]), [
	    ['function_call', undefined, 'weather'],
	    ['custom_tool_call', undefined, 'shell'],
	    ['function_call', 'fs', 'list']]);
	assert.deepEqual(JSON.parse(calls[0].arguments),
	    { city: 'x', days: 1, wet: true });
	for (const answer of [done, named, refers])
		assert.equal(answer.output[0].content[0].text, 'The tool said: '
		    + '"r0"\nThe tool said: "r1"\nThe tool said: "r2"');
	assert.equal(without.status, 400);
	assert.match(without.text, /without its required 'reasoning' item/);
	assert.equal(JSON.parse((await responses('', { tools, input: outputs,
	    previous_response_id: 'resp_0' })).text).error.code,
	    'previous_response_not_found');
});

test('gemini, whole, as events, as one array', async () => {
	const whole = await gemini('think');
	const stream = await gemini('think', {}, SSE);
	const array = await gemini('think', {}, ARRAY);
	const answer = JSON.parse(whole.text);
	const short = JSON.parse((await gemini('',
	    { generationConfig: { maxOutputTokens: 1 } })).text);
	const no = JSON.parse((await gemini('refuse')).text);
	const usage = answer.usageMetadata;

	assert.equal(whole.headers['content-type'],
	    'application/json; charset=UTF-8');
	assert.match(stream.headers['content-type'], /^text\/event-stream/);
	assert.equal(array.headers['content-type'],
	    'application/json; charset=UTF-8');
	assert.deepEqual(parts(answer).map((part) => part.text), [
	    'The user wrote 5 bytes. I will say them back.', 'You said: hello',
	    '']);
	assert.equal(answer.modelVersion, 'gemini-3-pro');
	assert.equal(usage.totalTokenCount, usage.promptTokenCount +
	    usage.candidatesTokenCount + usage.thoughtsTokenCount);
	assert.doesNotMatch(stream.text, /[^\r]\n/);
	for (const list of [events(stream.text).map(({ data }) => data),
		JSON.parse(array.text)]) {
		assert.deepEqual(list.map((one) =>
		    one.candidates[0].finishReason).filter((f) => f), ['STOP']);
		assert.equal(list.flatMap(parts).map((part) => part.text).join(''),
		    parts(answer).map((part) => part.text).join(''));
	}
	assert.equal(short.candidates[0].finishReason, 'MAX_TOKENS');
	assert.equal(parts(short)[0].text, 'You ');
	assert.equal(no.candidates[0].finishReason, 'SAFETY');
});

test('gemini tools over two turns', async () => {
	const tools = [{ function_declarations: [
		{ name: 'weather', parameters: { type: 'OBJECT', properties: {
		    days: { type: 'INTEGER' } }, required: ['days'] } },
		{ name: 'clock', parametersJsonSchema: { type: 'object' } }] }];
	const called = events((await gemini('tools=2', { tools }, SSE)).text)
	    .flatMap(({ data }) => parts(data)).filter((p) => p.functionCall);
	const answers = called.map(({ functionCall: { id, name } }, i) => ({
	    functionResponse: { id, name, response: i ? { error: 'no' }
		: { output: 'wet' } } }));
	const turn = (model, parts) => gemini('', { tools, contents: [
	    { role: 'user', parts: [{ text: 'x' }] }, { role: 'model', parts },
	    { role: 'user', parts: answers }] }, { model });
	const bare = called.map(({ functionCall }) => ({ functionCall }));
	const done = JSON.parse((await turn('gemini-3-pro', called)).text);

	assert.deepEqual(called.map((p) => [p.functionCall.name,
	    p.functionCall.args, 'thoughtSignature' in p]), [
	    ['weather', { days: 1 }, true], ['clock', {}, false]]);
	assert.equal(parts(done)[0].text, 'The tool said: "wet"\n' +
	    'The tool failed (is_error): "no"');
	assert.match((await turn('gemini-3-pro', bare)).text,
	    /missing a thought_signature/);
	assert.equal((await turn('gemini-2.5-pro', bare)).status, 200);
});

test('tokens are counted, texts embedded', async () => {
	const text = async (...args) => JSON.parse((await send('POST',
	    ...args)).text);
	const input = ['one', 'two', 'one'];
	const { data } = await text('/v1/embeddings', { model: 'm', input });
	const packed = await text('/v1/embeddings', { model: 'm', input,
	    encoding_format: 'base64', dimensions: 8 });
	const content = { parts: [{ text: 'one' }] };
	const many = await text('/v1beta/models/m:batchEmbedContents',
	    { requests: [{ content }, { content, outputDimensionality: 3 }] });
	const one = await text('/v1beta/models/m:embedContent', { content });

	assert.ok((await text('/v1/responses/input_tokens',
	    { model: 'm', input: 'hello' })).input_tokens > 0);
	assert.ok((await text('/v1beta/models/m:countTokens', { contents: [
	    content] })).totalTokens > 0);
	assert.deepEqual(data[0].embedding, data[2].embedding);
	assert.notDeepEqual(data[0].embedding, data[1].embedding);
	packed.data.forEach(({ embedding }, i) => {
		const bytes = Buffer.from(embedding, 'base64');

		assert.deepEqual(data[i].embedding.map((_, k) =>
		    bytes.readFloatLE(4 * k)), data[i].embedding);
	});
	assert.deepEqual(many.embeddings[0], one.embedding);
	assert.equal(many.embeddings[1].values.length, 3);
});

test('chat reasoning', async () => {
	const whole = JSON.parse((await chat('think')).text);
	const said = chatSaid(events((await chat('think', { stream: true })).text));

	assert.match(whole.choices[0].message.reasoning_content, /5 bytes/);
	assert.equal(said.think, whole.choices[0].message.reasoning_content);
});

test('images are named', async () => {
	const { text } = await messages('', { messages: [user([
	    { type: 'image', source: { type: 'base64', media_type: 'image/png',
		data: Buffer.alloc(68).toString('base64') } }])] });

	assert.match(JSON.parse(text).content[0].text, /image\/png, 68 bytes/);
});

test('pages, unknown paths, wrong methods, no JSON', async () => {
	const openai = JSON.parse((await send('GET', '/v1/models')).text);
	const anthropic = JSON.parse((await send('GET', '/v1/models', null,
	    { headers: { 'anthropic-version': '2023-06-01' } })).text);
	const count = await send('POST', '/v1/messages/count_tokens',
	    { model: 'm', messages: [user('hello')] });
	const broken = await send('POST', '/v1/messages', '{"model":');

	assert.equal(openai.object, 'list');
	assert.equal(anthropic.data[0].type, 'model');
	assert.match(JSON.parse((await send('GET', '/v1beta/models')).text)
	    .models[0].name, /^models\//);
	assert.ok(JSON.parse(count.text).input_tokens > 0);
	assert.equal((await send('GET', '/nowhere')).status, 404);
	assert.equal((await send('GET', '/v1/messages')).status, 405);
	assert.equal(broken.status, 400);
	assert.equal(JSON.parse(broken.text).type, 'error');
	assert.equal((await send('HEAD', '/')).text, '');
});

test('the last request is shown', async () => {
	await chat('tag=last', {}, { headers: { 'x-mine': 'yes' } });

	const last = JSON.parse((await send('GET', '/echo/last')).text);

	assert.equal(last.path, '/v1/chat/completions');
	assert.equal(last.headers['x-mine'], 'yes');
	assert.equal(JSON.parse(last.body).model, 'gpt-4o+tag=last');
});

// ---- what it refuses: tests/unit/echo_check.c has the rest

test('refusals in the shape of either protocol', async () => {
	const one = await chat('', { messages: [{ role: 'tool', content: 'x',
	    tool_call_id: 'a' }] });
	const two = await messages('', { max_tokens: undefined });

	assert.equal(one.status, 400);
	assert.equal(JSON.parse(one.text).error.type, 'invalid_request_error');
	assert.equal(two.status, 400);
	assert.deepEqual(JSON.parse(two.text).error, {
		type: 'invalid_request_error',
		message: 'max_tokens: Field required' });
	assert.match((await chat('turbo')).text, /turbo.*is no directive/);
});

test('auth', async () => {
	const none = await messages('auth');

	assert.equal(none.status, 401);
	assert.equal(JSON.parse(none.text).error.type, 'authentication_error');
	for (const headers of [{ authorization: 'Bearer x' }, { 'x-api-key': 'x' },
		{ 'x-goog-api-key': 'x' }])
		assert.equal((await messages('auth', {}, { headers })).status, 200);
	assert.equal((await gemini('auth')).status, 403);
	assert.equal((await gemini('auth', {},
	    { method: 'generateContent?key=x' })).status, 200);
});

// ---- errors that are ordered

test('status, code, retry', async () => {
	const limit = await chat('status=429+retry=3');
	const over = await messages('status=529', { stream: true });
	const own = await chat('status=404+code=gone');

	assert.equal(limit.status, 429);
	assert.equal(limit.headers['retry-after'], '3');
	assert.equal(JSON.parse(limit.text).error.code, 'rate_limit_exceeded');
	assert.equal(over.status, 529);
	assert.equal(JSON.parse(over.text).error.type, 'overloaded_error');
	assert.equal(JSON.parse(own.text).error.code, 'gone');
});

test('errors of responses and gemini', async () => {
	const limit = JSON.parse((await gemini('status=429+retry=3')).text);
	const array = JSON.parse((await gemini('status=503', {}, ARRAY)).text);
	const own = await responses('status=429', { stream: true });
	const amid = events((await responses('error=3', { stream: true })).text);
	const broken = events((await gemini('error=1', {}, SSE)).text);
	const torn = JSON.parse((await gemini('error=1', {}, ARRAY)).text);

	assert.deepEqual(limit.error.details, [{ retryDelay: '3s', '@type':
	    'type.googleapis.com/google.rpc.RetryInfo' }]);
	assert.equal(limit.error.status, 'RESOURCE_EXHAUSTED');
	assert.equal(array[0].error.status, 'UNAVAILABLE');
	assert.equal(own.status, 429);
	assert.equal(JSON.parse(own.text).error.code, 'rate_limit_exceeded');
	assert.deepEqual(amid.map(({ name }) => name).slice(2),
	    ['response.output_item.added', 'error']);
	assert.equal(amid[3].data.sequence_number, 3);
	assert.equal(broken[1].data.error.status, 'INTERNAL');
	assert.equal(torn[1].error.code, 500);
});

test('overflow, in the words of each', async () => {
	for (const [ask, words] of [[chat, /maximum context length/],
		[messages, /prompt is too long/],
		[responses, /context_length_exceeded/],
		[gemini, /input token count/]]) {
		const { status, text } = await ask('overflow');

		assert.equal(status, 400);
		assert.match(text, words);
	}
});

test('a stream without its end', async () => {
	const one = events((await responses('nodone', { stream: true })).text);
	const two = events((await gemini('nodone', {}, SSE)).text);

	assert.equal(one.at(-1).name, 'response.output_item.done');
	assert.ok(!two.some(({ data }) => data.candidates[0].finishReason));
	assert.ok(two.length > 1);
});

test('directives in a header', async () => {
	const { status } = await chat('tag=h', {},
	    { headers: { 'x-echo': 'status=418 delay=1' } });

	assert.equal(status, 418);
});

test('fail: so often, then it goes well', async () => {
	const seen = [];

	for (let i = 0; i < 3; i++)
		seen.push((await chat('fail=2+tag=a')).status);
	seen.push((await chat('fail=1+status=429')).status);
	seen.push((await chat('fail=1+status=429')).status);
	assert.deepEqual(seen, [503, 503, 200, 429, 200]);
});

test('error: in mid-stream', async () => {
	const one = events((await chat('error=2', { stream: true })).text);
	const two = events((await messages('error=3', { stream: true })).text);

	assert.equal(one.length, 3);
	assert.ok(one[2].data.error.message);
	assert.equal(two.length, 4);
	assert.equal(two[3].name, 'error');
	assert.equal(two[3].data.error.type, 'api_error');
});

// ---- bytes and their pace

test('cut: the connection ends in mid-stream', async () => {
	const stream = { stream: true };
	const three = await chat('cut=3', stream);
	const none = await messages('cut=0', stream);
	const whole = await chat('cut=10');

	assert.equal(three.error, 'ECONNRESET');	// node: ended too early
	assert.equal(events(three.text).length, 3);
	assert.equal(none.status, 200);
	assert.equal(none.text, '');
	assert.equal(whole.text.length, 10);
	assert.ok(Number(whole.headers['content-length']) > 100);
	assert.ok(whole.error);
});

test('rst: the same with a reset', async () => {
	const body = { model: 'm+cut=2+rst', stream: true,
	    messages: [user('x')] };
	const reset = await raw(post('/v1/chat/completions', body));
	const cut = await raw(post('/v1/chat/completions',
	    { ...body, model: 'm+cut=2' }));

	assert.equal(reset.reset, true);
	assert.equal(cut.reset, false);
	assert.ok(cut.text.includes('data: '));
	assert.ok(!cut.text.includes('[DONE]'));
});

test('nodone, nousage', async () => {
	const stream = { stream: true, stream_options: { include_usage: true } };
	const one = events((await chat('nodone+nousage', stream)).text);
	const two = events((await messages('nodone', { stream: true })).text);

	assert.equal(one.at(-1).data.choices[0].finish_reason, 'stop');
	assert.ok(one.every(({ data }) => !data.usage));
	assert.equal(two.at(-1).name, 'message_delta');
	assert.equal(JSON.parse((await chat('nousage')).text).usage, undefined);
});

test('close: the end of the connection is the end of the body', async () => {
	for (const stream of [false, true]) {
		const { headers, text, error } = await chat('close', { stream });

		assert.equal(headers.connection, 'close');
		assert.equal(headers['content-length'], undefined);
		assert.equal(headers['transfer-encoding'], undefined);
		assert.equal(error, null);
		assert.ok(stream ? text.endsWith('data: [DONE]\n\n')
		    : JSON.parse(text));
	}
});

test('json to a stream, sse to a whole request', async () => {
	const json = await chat('json', { stream: true });
	const sse = await messages('sse');

	assert.equal(JSON.parse(json.text).object, 'chat.completion');
	assert.equal(json.headers['content-type'], 'application/json');
	assert.equal(events(sse.text).at(-1).name, 'message_stop');
});

test('crlf, comments, pings', async () => {
	const crlf = (await messages('crlf+comments+pings',
	    { stream: true })).text;
	const plain = (await messages('', { stream: true })).text;
	const pings = events((await messages('pings', { stream: true })).text);
	const both = (await chat('comments+pings', { stream: true })).text;

	assert.ok(!/[^\r]\n/.test(crlf));
	assert.ok(crlf.startsWith(': echo'));
	assert.deepEqual(messagesSaid(events(crlf)), messagesSaid(events(plain)));
	assert.equal(pings[0].name, 'ping');
	assert.match(both, /^: ping$/m);
	assert.equal(chatSaid(events(both)).text, 'You said: hello');
});

test('badjson', async () => {
	const whole = await chat('badjson');
	const stream = await chat('badjson', { stream: true });

	assert.equal(whole.status, 200);
	assert.throws(() => JSON.parse(whole.text));
	assert.throws(() => events(stream.text));
});

test('text, events', async () => {
	const text = JSON.parse((await chat('text=100000')).text);
	const list = events((await messages('events=300',
	    { stream: true })).text);

	assert.equal(text.choices[0].message.content.length, 100000);
	assert.equal(list.filter(({ name }) =>
	    name === 'content_block_delta').length, 300);
});

test('a large answer to a client that reads when it likes', async () => {
	const socket = net.connect(port, '127.0.0.1');
	let size = 0;

	socket.write(post('/v1/chat/completions', { model: 'm+text=4000000',
	    messages: [user('x')] }, 'connection: close\r\n'));
	socket.pause();
	await new Promise((go) => setTimeout(go, 50));
	for await (const data of socket)
		size += data.length;
	assert.ok(size > 4000000);
});

test('delay, first, drip: nothing is lost', async () => {
	const { text } = await chat('delay=5+first=5+drip=2', { stream: true });

	assert.equal(chatSaid(events(text)).text, 'You said: hello');
});

test('bytes, slowhead: every byte on its own', async () => {
	const body = { model: 'm+bytes=1+slowhead', stream: true,
	    messages: [user('x')] };
	const { text } = await raw(post('/v1/chat/completions', body,
	    'connection: close\r\n'));
	const seven = await messages('bytes=7+drip=1+nousage');

	assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
	assert.ok(text.endsWith('[DONE]\n\n\r\n0\r\n\r\n'));
	assert.equal(JSON.parse(seven.text).content[0].text, 'You said: hello');
});

test('stale: the connection is gone although it was to be kept', async () => {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const kept = await chat('', {}, { agent });

	await until(() => Object.keys(agent.freeSockets).length);

	const stale = await chat('stale', {}, { agent });

	assert.notEqual(kept.headers.connection, 'close');
	assert.notEqual(stale.headers.connection, 'close');
	await until(() => !Object.keys(agent.freeSockets).length);
	agent.destroy();
});

test('requests sent ahead are answered in order', async () => {
	const one = (text, headers) => post('/v1/chat/completions',
	    { model: 'm', messages: [user(text)] }, headers);
	const { text } = await raw(one('first') + one('second') +
	    one('third', 'connection: close\r\n'));

	assert.deepEqual(text.match(/You said: \w+/g), ['You said: first',
	    'You said: second', 'You said: third']);
});

test('hang, and a client that goes away', async () => {
	const before = await stats();
	const controller = new AbortController();
	const hung = fetch(`http://127.0.0.1:${port}/v1/messages`, {
		method: 'POST', signal: controller.signal,
		body: JSON.stringify({ model: 'm+hang', max_tokens: 1,
		    stream: true, messages: [user('x')] }) });

	await until(async () => (await stats()).open_streams === 1);
	controller.abort();
	await assert.rejects(hung);
	await until(async () => (await stats()).open === 0);
	assert.equal((await stats()).aborted, before.aborted + 1);
	assert.equal((await stats()).requests, before.requests + 1);
});

test('replay: recorded bytes, as they are', async () => {
	const sse = await chat('replay=one+bytes=3');
	const json = await messages('replay=two.json+status=402');

	assert.equal(sse.text,
	    ': hello\r\n\r\ndata: {"a":1}\r\n\r\ndata: [DONE]\n\nrest');
	assert.match(sse.headers['content-type'], /^text\/event-stream/);
	assert.equal(json.text, '{ "b" : 2 }\n');
	assert.equal(json.status, 402);
	assert.equal((await chat('replay=one+cut=2')).text,
	    ': hello\r\n\r\ndata: {"a":1}\r\n\r\n');
	for (const name of ['three', '../one', '/etc/passwd', './one'])
		assert.equal((await chat(`replay=${name}`)).status, 404);
});

test('one recording for everything', async () => {
	const [provider, at] = await start('--replay', join(folder, 'two.json'));
	const ask = (body) => fetch(`http://127.0.0.1:${at}/v1/messages`,
	    { method: 'POST', body: JSON.stringify(body) });

	assert.equal(await (await ask({ model: 'm' })).text(), '{ "b" : 2 }\n');
	assert.equal((await ask({ model: 'm+status=500' })).status, 500);
	await stop(provider);
});

test('the command line', async () => {
	const run = (...args) => new Promise((go) => {
		const program = spawn(BIN, ['echo', ...args]);
		let out = '';

		program.stdout.on('data', (data) => { out += data; });
		program.on('exit', (code) => go({ code, out }));
	});
	const help = await run('--help');

	assert.equal(help.code, 0);
	assert.match(help.out, /slowhead/);
	assert.equal((await run('--nonsense')).code, 2);
	assert.equal((await run('--listen')).code, 2);
	assert.equal((await run('--listen', 'nowhere:x')).code, 2);
	assert.equal((await run('--listen', `127.0.0.1:${port}`)).code, 1);
});
