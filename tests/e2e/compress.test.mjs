// What the providers get of requests that are compressed, and of those that get cache
// marks: from every protocol to every protocol, as conversations grow.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, run, test } from './harness.mjs';
import { completion, message } from './shapes.mjs';
import { tongues } from './tongues.mjs';

const stage = new Stage();
const names = ['chat', 'messages', 'responses', 'gemini'];
const said = {
	chat: completion('Fine'),
	messages: message('Fine'),
	responses: { id: 'resp_1', object: 'response', status: 'completed',
		model: 'm', output: [{ type: 'message', id: 'msg_1',
		    role: 'assistant', status: 'completed', content: [{
			type: 'output_text', text: 'Fine', annotations: [] }] }],
		usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
	gemini: { candidates: [{ content: { role: 'model',
		parts: [{ text: 'Fine' }] }, finishReason: 'STOP' }],
	    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1,
		totalTokenCount: 2 } },
};
const providers = {}, behind = {};

for (const name of names) {
	behind[name] = await stage.provider();
	behind[name].always((c) => c.json(said[name]));
	providers[name] = { key: 'k', [name]: behind[name].url +
	    ({ messages: '', gemini: '/v1beta' }[name] ?? '/v1') };
}
providers.messages.dialect = 'anthropic';
const real = { chat: 'gpt-4o', messages: 'claude-opus-4-8',
	responses: 'gpt-4o', gemini: 'gemini-2.5-pro' };
const models = {};

for (const name of names) {
	const targets = [`${name}/${real[name]}`];

	models[`slim-${name}`] = { targets, compress: true };
	models[`marked-${name}`] = { targets, prompt_cache: 'auto' };
	models[`both-${name}`] = { targets, prompt_cache: 'auto',
		compress: true };
}
models['repeats'] = { targets: ['chat/gpt-4o'], compress: { json: false,
	blanks: false } };
models['off'] = { targets: ['messages/claude-opus-4-8'], compress: false };
models['fallback'] = { targets: ['messages/claude-opus-4-8', 'chat/gpt-4o'],
	prompt_cache: 'auto', compress: true };
const gateway = await stage.gateway({ config: { providers, models } });
const general = await stage.gateway({ config: { providers, models: {
	off: models.off, on: { targets: ['messages/claude-opus-4-8'] } },
    compress: true, prompt_cache: 'auto' } });

// ---- an agent's conversation

const file = Array.from({ length: 60 }, (_, i) =>
    `${i + 1}\tline of a file that is read more than once`).join('\n');
const listing = Array.from({ length: 20 }, (_, i) =>
    `drwxr-xr-x 2 root root 4096 entry${i}`.padEnd(80)).join('\n');
const data = { total: 2, items: [{ id: 1, name: 'a  b' },
	{ id: 2, price: 2.5 }] };
const pretty = JSON.stringify(data, null, 4);
const results = [file, pretty, listing, file, 'one\n\n\n\n\n\ntwo', file];
const paths = ['a.c', 'list', 'dir', 'a.c', 'b.c', 'a.c'];
const short = [file, JSON.stringify(data),
	listing.replace(/ +$/gm, '  '), null, 'one\n\n\n\ntwo', null];
const schema = { type: 'object', properties: { path: { type: 'string' } } };

/** A round in the words of each protocol, and a request made of rounds. */
const words = {
	chat: {
		path: () => '/v1/chat/completions',
		round: (i) => [{ role: 'assistant', content: null, tool_calls: [{
			id: `call_${i}`, type: 'function', function: {
			    name: 'read', arguments: JSON.stringify({
				path: paths[i] }) } }] },
		    { role: 'tool', tool_call_id: `call_${i}`,
			content: results[i] }],
		body: (model, rounds) => ({ model, tools: [{ type: 'function',
			function: { name: 'read', parameters: schema } }],
		    messages: [{ role: 'user', content: 'Look.     \n' },
			...rounds] }),
		list: (json) => json.messages,
		texts: (list) => list.filter((m) => m.role === 'tool').map((m) =>
		    typeof m.content === 'string' ? m.content
			: m.content[0].text),
	},
	messages: {
		path: () => '/v1/messages',
		round: (i) => [{ role: 'assistant', content: [{ type: 'tool_use',
			id: `call_${i}`, name: 'read',
			input: { path: paths[i] } }] },
		    { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: `call_${i}`, content: i % 2 ? results[i]
			    : [{ type: 'text', text: results[i] }] }] }],
		body: (model, rounds) => ({ model, max_tokens: 99,
		    tools: [{ name: 'read', input_schema: schema }],
		    messages: [{ role: 'user', content: 'Look.     \n' },
			...rounds] }),
		list: (json) => json.messages,
		texts: (list) => list.flatMap((m) => m.content)
		    .filter((b) => b.type === 'tool_result').map((b) =>
		    typeof b.content === 'string' ? b.content
			: b.content[0].text),
	},
	responses: {
		path: () => '/v1/responses',
		round: (i) => [{ type: 'function_call', call_id: `call_${i}`,
			name: 'read', arguments: JSON.stringify({
			    path: paths[i] }) },
		    { type: 'function_call_output', call_id: `call_${i}`,
			output: results[i] }],
		body: (model, rounds) => ({ model, tools: [{ type: 'function',
			name: 'read', parameters: schema, strict: false }],
		    input: [{ role: 'user', content: 'Look.     \n' },
			...rounds] }),
		list: (json) => json.input,
		texts: (list) => list.filter((item) =>
		    item.type === 'function_call_output').map((item) =>
		    typeof item.output === 'string' ? item.output
			: item.output[0].text),
	},
	gemini: {
		path: (model) => `/v1beta/models/${model}:generateContent`,
		round: (i) => [{ role: 'model', parts: [{ functionCall: {
			name: 'read', args: { path: paths[i] } } }] },
		    { role: 'user', parts: [{ functionResponse: { name: 'read',
			response: { output: results[i] } } }] }],
		body: (_, rounds) => ({ tools: [{ functionDeclarations: [{
			name: 'read', parameters: schema }] }],
		    contents: [{ role: 'user', parts: [{
			text: 'Look.     \n' }] }, ...rounds] }),
		list: (json) => json.contents,
		texts: (list) => list.flatMap((c) => c.parts)
		    .filter((p) => p.functionResponse).map((p) =>
		    Object.values(p.functionResponse.response)[0]),
	},
};

async function ask(from, model, count, { to, headers, via = gateway } = {}) {
	const { path, round, body } = words[from];
	const rounds = Array.from({ length: count }, (_, i) => round(i)).flat();
	const text = JSON.stringify(body(model, rounds));
	const answer = await via.post(path(model), text, headers);

	assert.equal(answer.status, 200, answer.body);
	return { answer, text, got: to && behind[to].last };
}

// ---- compression

for (const from of names)
	for (const to of names)
		test(`a conversation grows, ${from} to ${to}`, async () => {
			let before = [];

			for (let n = 1; n <= results.length; n++) {
				const { got, answer } = await ask(from,
				    `slim-${to}`, n, { to });
				const list = words[to].list(got.json);
				const texts = words[to].texts(list);

				// what was sent before is sent as it was
				assert.deepEqual(list.slice(0, before.length),
				    before);
				before = list;
				assert.equal(texts.length, n);
				texts.forEach((text, i) => short[i] === null
				    ? assert.match(text, /^\[Same as the result of .* above: read .*a\.c.*\]$/)
				    : assert.equal(text, short[i]));
				assert.equal(n > 1, Number(answer.headers[
				    'x-dragoman-saved-bytes'] ?? 0) > 0);
				assert.match(got.body, /Look\. {5}\\n/);
			}
		});

test('the header, the log and the metrics say how much', async () => {
	const metric = async () => Number(/^dragoman_saved_bytes_total (\d+)$/m
	    .exec((await gateway.ask('/metrics')).body)?.[1] ?? 0);
	const before = await metric(), from = gateway.log.length;
	const { answer, text, got } = await ask('chat', 'slim-chat', 6,
	    { to: 'chat' });
	const saved = Number(answer.headers['x-dragoman-saved-bytes']);

	assert.equal(got.bytes.length, Buffer.byteLength(text) - saved -
	    ('slim-chat'.length - 'gpt-4o'.length));
	assert.equal(await metric() - before, saved);
	const line = await gateway.says(/saved_bytes=(\d+) saved_tokens=(\d+)/,
	    from);

	assert.equal(Number(line[1]), saved);
	// a token has some four bytes
	assert.ok(line[2] > saved / 10 && line[2] < saved / 2, line[0]);
});

test('in the protocol of the provider the rest stays byte for byte', async () => {
	const text = '{ "vendor_new" : {"b":1.50} ,\n\t"messages":[{"role":"user",' +
	    '"content":"{ }     \\n"},{"role":"tool","tool_call_id":"x","content":' +
	    '"{ \\"b\\": 1.50e0, \\"a\\": \\"\\u00e9 \\/ \\\\n  \\" }"}],"model":' +
	    '"slim-chat","metadata":{},"metadata":{ } }\r\n';
	const answer = await gateway.post('/v1/chat/completions', text);

	assert.equal(answer.status, 200, answer.body);
	assert.equal(behind.chat.last.body, text.replace('slim-chat', 'gpt-4o')
	    .replace('{ \\"b\\": 1.50e0, \\"a\\": ', '{\\"b\\":1.50e0,\\"a\\":')
	    .replace(' \\" }"', ' \\"}"'));
	assert.equal(answer.headers['x-dragoman-saved-bytes'], '5');
});

test('each kind by itself, off, and of all models', async () => {
	const repeats = await ask('chat', 'repeats', 6, { to: 'chat' });
	const texts = words.chat.texts(repeats.got.json.messages);

	assert.deepEqual([texts[1], texts[2], texts[4]], [pretty, listing,
		results[4]]);
	assert.match(texts[3], /^\[Same as the result of call call_0 above/);
	for (const [via, model] of [[gateway, 'off'], [general, 'off'],
		[gateway, 'messages/claude-opus-4-8']]) {
		const { text, got, answer } = await ask('messages', model, 6,
		    { to: 'messages', via });

		assert.equal(answer.headers['x-dragoman-saved-bytes'],
		    undefined);
		assert.deepEqual(got.json.messages, JSON.parse(via === general
		    ? got.body : text).messages);
		assert.deepEqual(words.messages.texts(got.json.messages),
		    results);
	}
	for (const model of ['on', 'messages/claude-opus-4-8']) {
		const { got } = await ask('messages', model, 6,
		    { to: 'messages', via: general });

		assert.equal(words.messages.texts(got.json.messages)[1],
		    short[1]);
		assert.match(got.body, /cache_control/);
	}
	assert.doesNotMatch((await general.ask('/metrics')).body,
	    /dragoman_saved_bytes_total 0/);
});

test('it is no loss in strict mode', async () => {
	for (const to of names)
		await ask('chat', `slim-${to}`, 6, { to, headers: {
			'x-dragoman-strict': '1' } });
});

test('counting counts what would be sent', async () => {
	behind.messages.answer((c) => c.json({ input_tokens: 7 }));
	const rounds = [0, 1].flatMap(words.messages.round);
	const count = await gateway.anthropic().messages.countTokens({
		model: 'both-messages', messages: words.messages.body('',
		    rounds).messages });

	assert.equal(count.input_tokens, 7);
	assert.equal(words.messages.texts(behind.messages.last.json.messages)[1],
	    short[1]);
	// nothing is cached by it
	assert.doesNotMatch(behind.messages.last.body, /cache_control/);
});

test('what a client refers to is kept as it came', async () => {
	const openai = gateway.openai();
	const tools = words.responses.body('', []).tools;
	const model = 'slim-messages';
	const first = await openai.responses.create({ model, tools, input: [
		{ role: 'user', content: 'Look.' },
		...words.responses.round(0), ...words.responses.round(1)] });
	const second = await openai.responses.create({ model, tools,
		input: words.responses.round(3), previous_response_id: first.id });
	const texts = words.messages.texts(behind.messages.last.json.messages);

	assert.deepEqual(texts.slice(0, 2), [file, short[1]]);
	assert.match(texts[2], /^\[Same as the result of call call_0 above/);
	const outputs = async ({ id }) => (await openai.responses.inputItems
	    .list(id, { order: 'asc' })).data.filter((item) =>
	    item.type === 'function_call_output').map((item) => item.output);

	assert.deepEqual(await outputs(first), [file, pretty]);
	assert.deepEqual(await outputs(second), [file]);
});

// ---- cache marks

/** Where the marks of a Messages request are. */
function marks(json) {
	const found = [];

	json.tools?.forEach((tool, i) => tool.cache_control &&
	    found.push(`tools ${i}`));
	if (Array.isArray(json.system))
		json.system.forEach((b, i) => b.cache_control &&
		    found.push(`system ${i}`));
	json.messages.forEach((m, i) => Array.isArray(m.content) &&
	    m.content.forEach((b, k) => b.cache_control &&
	    found.push(`messages ${i} ${k}`)));
	return found;
}

/** What the provider keeps a prefix of: all but the marks, texts as blocks. */
function prefix(json) {
	const bare = ({ cache_control: _, ...rest }) => rest;
	const blocks = (content) => typeof content === 'string'
	    ? [{ type: 'text', text: content }] : content.map(bare);

	return [...(json.tools ?? []).map(bare), ...blocks(json.system ?? []),
		...json.messages.map((m) => ({ role: m.role,
		    content: blocks(m.content) }))];
}

const tool = { name: 'read', description: 'Reads.', parameters: schema };

for (const from of names)
	test(`marks as a conversation grows, ${from}`, async () => {
		const sdk = tongues[from](gateway);
		const turns = [{ user: 'Begin' }];
		let before = [], ended;

		for (let n = 0; n < 5; n++) {
			const one = await sdk.ask({ model: 'marked-messages',
				turns, tools: [tool] });
			const { json } = behind.messages.last;
			const places = marks(json);
			const end = json.messages.at(-1).content.length - 1;

			assert.equal(one.text, 'Fine');
			assert.deepEqual(prefix(json).slice(0, before.length),
			    before);
			before = prefix(json);
			assert.equal(places[0], 'tools 0');
			assert.equal(places.at(-1), `messages ${
				json.messages.length - 1} ${end}`);
			// where the request before this one ended
			if (ended)
				assert.equal(places.at(-2), ended);
			assert.equal(places.length, n ? 3 : 2);
			ended = places.at(-1);
			turns.push({ said: one }, { user: `More ${n}` });
		}
	});

test('a system has one, and marks of a client are the only ones', async () => {
	const sdk = gateway.anthropic();
	const wish = { model: 'marked-messages', max_tokens: 9,
		system: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }] };

	await sdk.messages.create(wish);
	assert.deepEqual(marks(behind.messages.last.json), ['system 0',
		'messages 0 0']);
	await sdk.messages.create({ ...wish, system: [{ type: 'text',
		text: 'Be brief.', cache_control: { type: 'ephemeral' } }] });
	assert.deepEqual(marks(behind.messages.last.json), ['system 0']);
	await sdk.messages.create({ ...wish,
		cache_control: { type: 'ephemeral' } });
	assert.deepEqual(marks(behind.messages.last.json), []);
	await sdk.messages.create({ ...wish, model: 'slim-messages' });
	assert.deepEqual(marks(behind.messages.last.json), []);
});

test('usage tells what was read from the cache', async () => {
	behind.messages.answer((c) => c.json(message('Fine', { usage: {
		cache_read_input_tokens: 900, cache_creation_input_tokens: 50 } })));
	const one = await gateway.openai().chat.completions.create({
		model: 'marked-messages', messages: [{ role: 'user',
		    content: 'Hi' }] });

	assert.equal(one.usage.prompt_tokens_details.cached_tokens, 900);
	assert.equal(one.usage.prompt_tokens, 970);
});

test('the next target gets the shorter request, without marks', async () => {
	behind.messages.answer((c) => c.json({ type: 'error', error: {
		type: 'overloaded_error', message: 'Overloaded' } }, 529));
	const asked = behind.messages.requests.length;
	const { got, answer } = await ask('messages', 'fallback', 6,
	    { to: 'chat' });

	assert.equal(answer.headers['x-dragoman-target'], 'chat/gpt-4o');
	assert.equal(marks(behind.messages.requests[asked].json).length, 3);
	assert.doesNotMatch(got.body, /cache_control/);
	assert.equal(words.chat.texts(got.json.messages)[1], short[1]);
});

test('check tells which models it is about', async () => {
	const file = join(stage.dir(), 'dragoman.json');
	const check = async (top) => {
		writeFileSync(file, JSON.stringify({ env: false, providers,
			models, ...top }));
		return (await run(['check', '-c', file])).out;
	};
	const some = await check({}), all = await check({ compress: true,
		prompt_cache: 'auto' });

	assert.match(some, /^ {2}slim-chat -> chat\/gpt-4o {2}\(compressed\)$/m);
	assert.match(some, /^ {2}both-chat -> .* {2}\(compressed\) {2}\(cache marks\)$/m);
	assert.match(some, /^ {2}off -> messages\/claude-opus-4-8$/m);
	assert.match(all, /^ {2}off -> messages\/claude-opus-4-8 {2}\(cache marks\)$/m);
	assert.match(all, /^ {2}marked-chat -> .* {2}\(compressed\) {2}\(cache marks\)$/m);
});

stage.close();
