// Several answers to one request (`n`) where the provider makes one at a time: it is
// asked that often, at the same time, and the client sees one answer with all choices.
import { Stage, assert, attempts, failure, gather, pair, test, until, within
    } from './harness.mjs';
import { anthropicError, call as toolCall, completion, completionEvents,
	completionStream, message, messageEvents, messageStream, openaiError, sse }
    from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const gpt = await stage.provider();
const groq = await stage.provider();
const providers = {
	...pair(gpt, claude).providers,
	groq: { chat: `${groq.url}/v1`, key: 'key-of-groq', dialect: 'groq' },
};
const gateway = await stage.gateway({ config: { providers,
	models: {
		both: { targets: ['claude/claude-opus-4-8', 'gpt/gpt-4o'] },
		twice: { targets: ['claude/claude-opus-4-8', 'groq/llama-3.3'] },
		back: { targets: ['gpt/gpt-4o', 'claude/claude-opus-4-8'] },
	},
	circuit: { failures: 0, rate_percent: 0, cool_max_ms: 0 } } });
const openai = gateway.openai();
const model = 'claude/claude-opus-4-8';
const hello = [{ role: 'user', content: 'Hello' }];
const ask = (rest) => openai.chat.completions.create({ model, messages: hello,
	...rest });
const forget = () => [claude, gpt, groq].forEach((p) => p.forget());

/** The texts of all choices, in the order of their index. */
function texts(chunks) {
	const all = [];

	for (const chunk of chunks)
		for (const { index, delta } of chunk.choices)
			all[index] = (all[index] ?? '') + (delta.content ?? '');
	return all;
}

// ---- what the client sees ----

test('whole: every choice, in order, and the sum of what they cost', async () => {
	forget();
	claude.answer((c) => c.json(message('One')),
	    (c) => c.json(message('Two', { stop_reason: 'max_tokens' })),
	    (c) => c.json(message('Three', { usage: { input_tokens: 1,
		cache_read_input_tokens: 5, output_tokens: 100 } })));
	const from = gateway.log.length;
	const { data, response } = await ask({ n: 3 }).withResponse();

	assert.deepEqual(data.choices.map((c) => c.index), [0, 1, 2]);
	assert.deepEqual(data.choices.map((c) => c.message.content).sort(),
	    ['One', 'Three', 'Two']);
	for (const { message: m, finish_reason } of data.choices)
		assert.equal(finish_reason, m.content === 'Two' ? 'length' : 'stop');
	assert.equal(data.usage.prompt_tokens, 20 + 20 + 6);
	assert.equal(data.usage.completion_tokens, 7 + 7 + 100);
	assert.equal(data.usage.prompt_tokens_details.cached_tokens, 5);
	assert.equal(data.model, model);
	assert.equal(data.id, `chatcmpl-${response.headers.get('x-request-id')}`);
	assert.equal(attempts(response.headers), '1');
	assert.equal(response.headers.get('x-dragoman-warnings'), null);
	assert.equal(response.headers.get('x-dragoman-target'), model);

	assert.equal(claude.requests.length, 3);
	for (const request of claude.requests) {
		assert.equal(request.body, claude.last.body);
		assert.equal(request.json.n, undefined);
		assert.equal(request.headers['x-api-key'], 'key-of-claude');
	}
	await gateway.says(
	    /msg=request .* answers=3 tokens_in=46 tokens_out=114 .*\n/, from);
	assert.equal(gateway.log.slice(from).match(/msg=request/g).length, 1);
});

for (const include_usage of [true, false])
	test(`streamed, ${include_usage ? 'with' : 'without'} usage`, async () => {
		forget();
		claude.answer((c) => c.stream(messageStream('One is not many')),
		    (c) => c.stream(messageStream('Two')),
		    (c) => c.stream(messageStream('Three are a crowd', {
			stop_reason: 'max_tokens' })));
		const chunks = await gather(await ask({ n: 3, stream: true,
			stream_options: { include_usage } }));

		assert.deepEqual(texts(chunks).sort(), ['One is not many',
			'Three are a crowd', 'Two']);
		for (const key of ['id', 'created', 'model', 'object'])
			assert.equal(new Set(chunks.map((c) => c[key])).size, 1);
		for (let i = 0; i < 3; i++) {
			const own = chunks.map((c) => c.choices[0])
			    .filter((c) => c?.index === i);

			assert.deepEqual(own[0].delta,
			    { role: 'assistant', content: '' });
			assert.equal(own.filter((c) => c.delta.role).length, 1);
			assert.equal(own.filter((c) => c.finish_reason).length, 1);
			assert.equal(own.at(-1).finish_reason,
			    texts(chunks)[i].startsWith('Three') ? 'length' : 'stop');
		}
		const told = chunks.filter((c) => c.usage);

		assert.equal(told.length, include_usage ? 1 : 0);
		if (include_usage) {
			assert.equal(chunks.at(-1), told[0]);
			assert.deepEqual(told[0].choices, []);
			assert.equal(told[0].usage.prompt_tokens, 60);
			assert.equal(told[0].usage.completion_tokens, 21);
			assert.equal(told[0].usage.total_tokens, 81);
		}
	});

test('the SDK\'s stream helper puts each choice together', async () => {
	forget();
	const tool = { type: 'function', function: { name: 'look',
		parameters: { type: 'object', properties: {} } } };

	claude.answer((c) => c.stream(messageStream('No need to look')),
	    (c) => c.stream(messageStream([
		{ type: 'text', text: 'I look' },
		{ type: 'tool_use', id: 'toolu_1', name: 'look',
		  input: { where: 'here' } },
		{ type: 'tool_use', id: 'toolu_2', name: 'look',
		  input: { where: 'there' } },
	    ], { stop_reason: 'tool_use' })));
	const stream = openai.chat.completions.stream({ model, messages: hello,
		n: 2, tools: [tool], stream_options: { include_usage: true } });
	const final = await stream.finalChatCompletion();
	const looks = final.choices.find((c) => c.message.tool_calls?.length);
	const talks = final.choices.find((c) => c !== looks);

	assert.deepEqual(final.choices.map((c) => c.index).sort(), [0, 1]);
	assert.equal(talks.message.content, 'No need to look');
	assert.equal(talks.finish_reason, 'stop');
	assert.equal(looks.message.content, 'I look');
	assert.equal(looks.finish_reason, 'tool_calls');
	assert.deepEqual(looks.message.tool_calls.map((c) => [c.id,
		c.function.name, JSON.parse(c.function.arguments)]), [
		['toolu_1', 'look', { where: 'here' }],
		['toolu_2', 'look', { where: 'there' }]]);
	assert.equal(final.usage.total_tokens, 54);
});

test('what one says is told at once, whatever the others do', async () => {
	forget();
	const calls = [];

	claude.always((c) => { calls.push(c); });
	const raw = await stage.raw(gateway, post({ n: 2, stream: true }));

	await until(() => calls.length === 2, 'two requests');
	calls[0].stream(messageStream('Early'));
	await raw.sees(/ly"/);
	await raw.sees(/"finish_reason":"stop"/);
	assert.doesNotMatch(raw.seen, /DONE/);
	const events = messageEvents('Later');

	calls[1].begin().piece(sse(...events.slice(0, 3)));
	await raw.sees(/"La"/);
	calls[1].piece(sse(...events.slice(3))).end();
	await raw.sees(/DONE/);
	assert.equal(raw.seen.match(/DONE/g).length, 1);
	raw.destroy();
});

test('n: 1 is one request, and its id is the provider\'s', async () => {
	forget();
	claude.answer((c) => c.json(message('One')));
	const answer = await ask({ n: 1 });

	assert.equal(answer.choices.length, 1);
	assert.equal(answer.id, 'chatcmpl-01abc');
	assert.equal(claude.requests.length, 1);
});

test('as many as the operator allows, and no more', async () => {
	forget();
	claude.always((c) => c.json(message('Yes')));
	assert.equal((await ask({ n: 8 })).choices.length, 8);
	const refused = await failure(ask({ n: 9 }));

	assert.equal(refused.status, 400);
	assert.equal(refused.param, 'n');
	assert.match(refused.message, /n must be at most 8/);
	const own = await stage.gateway({ config: { providers: {
		...providers, claude: { ...providers.claude,
		    options: { n_max: 1 } } } } });
	const alone = await failure(own.openai().chat.completions.create({ model,
		messages: hello, n: 2 }));

	assert.equal(alone.status, 400);
	assert.equal(alone.param, 'n');
	assert.match(alone.message, /n must be 1/);
	assert.equal(claude.requests.length, 8);
});

test('nothing of it is a loss in strict mode', async () => {
	forget();
	claude.always((c) => c.json(message('Yes')));
	const answer = await openai.chat.completions.create({ model, n: 2,
		messages: hello, max_tokens: 9 },
	    { headers: { 'x-dragoman-strict': '1' } });

	assert.equal(answer.choices.length, 2);
});

test('an old client of HTTP/1.0', async () => {
	forget();
	claude.always((c) => c.stream(messageStream('Good day')));
	const raw = await stage.raw(gateway, post({ n: 2, stream: true })
	    .replace('HTTP/1.1', 'HTTP/1.0'));
	const seen = await raw.closed();

	assert.doesNotMatch(seen, /chunked/);
	assert.equal(seen.match(/"finish_reason":"stop"/g).length, 2);
	assert.match(seen, /data: \[DONE\]\n\n$/);
});

test('one request after the other on a connection', async () => {
	forget();
	claude.always((c) => (c.body.stream ? c.stream(messageStream('Hi'))
	    : c.json(message('Hi'))));
	const raw = await stage.raw(gateway, [true, false, true, true, false]
	    .map((stream) => post({ n: 2, stream, max_tokens: 9 })).join(''));

	await until(() => raw.seen.match(/"finish_reason":"stop"/g)?.length === 10,
	    'five answers of two');
	assert.equal(raw.seen.match(/HTTP\/1.1 200/g).length, 5);
	assert.equal(raw.seen.match(/DONE/g).length, 3);
	raw.destroy();
});

// ---- a Chat provider that makes one answer at a time ----

test('a Chat provider: asked one by one, with all else as it was', async () => {
	forget();
	groq.always((c) => c.json(completion('Yes')));
	const data = await ask({ model: 'groq/llama-3.3', n: 2, odd: { a: 1.0 } });

	assert.deepEqual(data.choices.map((c) => [c.index, c.message.content]),
	    [[0, 'Yes'], [1, 'Yes']]);
	assert.equal(data.usage.total_tokens, 54);
	assert.equal(groq.requests.length, 2);
	for (const request of groq.requests)
		assert.deepEqual(request.json, { model: 'llama-3.3',
			messages: hello, odd: { a: 1 } });
});

test('a Chat provider: streamed, with calls', async () => {
	forget();
	groq.answer((c) => c.stream(completionStream('Yes and no')),
	    (c) => c.stream(completionStream({ tool_calls: [
		toolCall('call_1', 'f', { a: 1 })] })));
	const chunks = await gather(await ask({ model: 'groq/llama-3.3', n: 2,
		stream: true, stream_options: { include_usage: true } }));
	const called = chunks.map((c) => c.choices[0]).filter((c) =>
	    c?.delta.tool_calls);

	assert.deepEqual(texts(chunks).sort(), ['', 'Yes and no']);
	assert.equal(called.map((c) => c.delta.tool_calls[0].function.arguments)
	    .join(''), '{"a":1}');
	assert.equal(new Set(called.map((c) => c.index)).size, 1);
	assert.equal(chunks.at(-1).usage.total_tokens, 54);
});

test('a provider that makes several is asked once', async () => {
	forget();
	gpt.answer((c) => c.json({ ...completion('A'), choices: [0, 1].map((index) =>
	    ({ ...completion(`${index}`).choices[0], index })) }));
	const data = await ask({ model: 'gpt/gpt-4o', n: 2 });

	assert.equal(data.choices.length, 2);
	assert.equal(gpt.requests.length, 1);
	assert.equal(gpt.last.json.n, 2);
});

test('a provider that refuses several is asked one by one, from then on',
    async () => {
	forget();
	gpt.answer((c) => c.json(openaiError('Unsupported value: \'n\' does not ' +
	    'support 2 with this model. Only the default (1) value is ' +
	    'supported.', 'unsupported_value', 'invalid_request_error', 'n'),
	    400)).always((c) => c.json(completion('Yes')));
	const wish = { model: 'gpt/o9', n: 2 };
	const { data, response } = await ask(wish).withResponse();

	assert.deepEqual(data.choices.map((c) => c.message.content),
	    ['Yes', 'Yes']);
	assert.equal(attempts(response.headers), '2');
	assert.equal(response.headers.get('x-dragoman-warnings'), null);
	assert.deepEqual(gpt.requests.map((r) => r.json.n),
	    [2, undefined, undefined]);
	assert.equal((await ask(wish)).choices.length, 2);
	assert.equal(gpt.requests.length, 5);
	assert.equal(gpt.last.json.n, undefined);
});

test('a refusal of one that says how to ask is heeded for all', async () => {
	forget();
	const others = [];

	claude.answer((c) => { others.push(c); }, (c) => c.json(anthropicError(
	    'invalid_request_error', '`temperature` is deprecated for this ' +
	    'model.'), 400)).always((c) => c.json(message('Fine')));
	const { data, response } = await ask({ model: 'claude/claude-opus-4-6',
		n: 2, temperature: 0.5 }).withResponse();

	assert.deepEqual(data.choices.map((c) => c.message.content),
	    ['Fine', 'Fine']);
	assert.match(response.headers.get('x-dragoman-warnings'),
	    /temperature=dropped/);
	assert.deepEqual(claude.requests.map((r) => r.json.temperature),
	    [0.5, 0.5, undefined, undefined]);
	await within(others[0].closed, 'the other to be let go');
});

test('an answer that pauses goes on, beside one that does not', async () => {
	for (const stream of [false, true]) {
		const tell = (c, text, rest) => (stream
		    ? c.stream(messageStream(text, rest))
		    : c.json(message(text, rest)));

		forget();
		claude.answer((c) => tell(c, 'Wait', { stop_reason: 'pause_turn' }),
		    (c) => tell(c, 'Once')).always((c) => tell(c, ' a moment'));
		const answer = await ask({ n: 2, stream, tools: [{
			type: 'web_search_20250305', name: 'web_search' }] });
		const all = stream ? texts(await gather(answer))
		    : answer.choices.map((c) => c.message.content);

		assert.deepEqual(all.sort(), ['Once', 'Wait a moment']);
		assert.equal(claude.requests.length, 3);
		assert.equal(claude.last.json.messages.at(-1).role, 'assistant');
	}
});

// ---- what goes wrong ----

const post = (rest, name = model) => {
	const text = JSON.stringify({ model: name, messages: hello, ...rest });

	return `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: ` +
	    `application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
};

const ways = {
	'an error': (c) => c.json(anthropicError('rate_limit_error', 'Slow down'),
	    429, { 'retry-after': '3' }),
	'a cut head': (c) => c.raw('HTTP/1.1 200 O').cut(),
	'a cut': (c) => c.cut(),
	'a reset': (c) => c.reset(),
	'no HTTP': (c) => c.raw('What?\r\n\r\n').cut(),
	'an error as the first event': (c) => c.stream(sse(['error',
	    anthropicError('overloaded_error', 'Overloaded')])),
	'nonsense': (c) => c.stream('data: {"type":"message_st\n\n'),
};

for (const [what, fail] of Object.entries(ways))
	for (const stream of [true, false])
		test(`one answers with ${what}, ${stream ? 'streamed' : 'whole'}`,
		    async () => {
			forget();
			const others = [];

			claude.answer((c) => { others.push(c); },
			    (c) => { others.push(c); }).always(fail);
			const raw = await stage.raw(gateway, post({ n: 3, stream }));

			await until(() => others.length === 2, 'two requests');
			await Promise.all(others.map((c) => within(c.closed,
			    'the others to be let go')));
			await raw.sees(/"error":/);
			assert.match(raw.seen, what === 'an error'
			    ? /^HTTP\/1.1 429 [^]*retry-after: 3\r/
			    : /^HTTP\/1.1 5\d\d /);
			raw.destroy();
		});

for (const [what, fail] of Object.entries(ways))
	test(`${what}: another provider answers all`, async () => {
		forget();
		claude.answer((c) => {}, fail, (c) => {});
		gpt.answer((c) => c.json({ ...completion('A'),
			choices: [0, 1, 2].map((index) => ({
				...completion(`${index}`).choices[0], index })) }));
		const { data, response } = await ask({ model: 'both', n: 3 })
		    .withResponse();

		assert.deepEqual(data.choices.map((c) => c.message.content),
		    ['0', '1', '2']);
		assert.equal(attempts(response.headers), '2');
		assert.equal(gpt.last.json.n, 3);
	});

test('another that makes one at a time answers all, whole and streamed',
    async () => {
	for (const stream of [true, false]) {
		forget();
		claude.answer((c) => {}, ways['an error']);
		groq.always((c) => (stream ? c.stream(completionStream('Hi'))
		    : c.json(completion('Hi'))));
		const answer = await ask({ model: 'twice', n: 2, stream });
		const all = stream ? texts(await gather(answer))
		    : answer.choices.map((c) => c.message.content);

		assert.deepEqual(all, ['Hi', 'Hi']);
		assert.equal(groq.requests.length, 2);
	}
});

test('after one that makes several', async () => {
	for (const stream of [true, false]) {
		forget();
		gpt.answer((c) => c.json({ error: { message: 'no' } }, 500));
		claude.always((c) => (stream ? c.stream(messageStream('Hi'))
		    : c.json(message('Hi'))));
		const answer = await ask({ model: 'back', n: 2, stream });
		const all = stream ? texts(await gather(answer))
		    : answer.choices.map((c) => c.message.content);

		assert.deepEqual(all, ['Hi', 'Hi']);
	}
});

test('a provider that is not there', async () => {
	const own = await stage.gateway({ config: { providers: { claude: {
		messages: 'http://127.0.0.1:9', key: 'k' } } } });
	const error = await failure(own.openai().chat.completions.create({ model,
		messages: hello, n: 4 }));

	assert.equal(error.status, 502);
});

const laterWays = {
	'a cut': (c) => c.cut(),
	'a reset': (c) => c.reset(),
	'an error event': (c) => c.piece(sse(['error',
	    anthropicError('overloaded_error', 'Overloaded')])),
	'broken chunks': (c) => c.raw('zz\r\n'),
	'a missing end': (c) => c.end(),
};

for (const [what, fail] of Object.entries(laterWays))
	test(`one breaks off with ${what}: the stream ends with an error`,
	    async () => {
		forget();
		const calls = [];

		claude.always((c) => {
			calls.push(c);
			c.begin().piece(sse(...messageEvents('Endless').slice(0, 3)));
		});
		const raw = await stage.raw(gateway, post({ n: 3, stream: true }));

		await until(() => raw.seen.match(/"End"/g)?.length === 3,
		    'all three');
		fail(calls[1]);
		await raw.sees(/data: {"error":[^]*0\r\n\r\n/);
		assert.doesNotMatch(raw.seen, /DONE/);
		assert.equal(raw.seen.match(/"error"/g).length, 1);
		for (const i of [0, 2])
			await within(calls[i].closed, 'the others to be let go');
		raw.destroy();
	});

test('a provider that closed a kept connection is asked again', async () => {
	forget();
	claude.always((c) => c.json(message('Hi')));
	await ask({ n: 3 });
	/* three connections are kept; they close as the next requests come */
	claude.answer((c) => c.reset(), (c) => c.reset(), (c) => c.reset());
	assert.deepEqual((await ask({ n: 3 })).choices.map((c) =>
	    c.message.content), ['Hi', 'Hi', 'Hi']);
});

// ---- time, and clients that go ----

const slow = (limits) => stage.gateway({ config: { providers, limits } });

test('one that does not answer in time fails them all', async () => {
	forget();
	const own = await slow({ first_token_ms: 300 });
	const calls = [];

	claude.answer((c) => c.json(message('Hi')), (c) => { calls.push(c); });
	const error = await failure(own.openai().chat.completions.create({ model,
		messages: hello, n: 2 }));

	assert.equal(error.status, 504);
	await within(calls[0].closed, 'the provider to be let go');
});

test('one that falls silent ends the stream', async () => {
	forget();
	const own = await slow({ silence_ms: 300 });

	claude.answer((c) => c.stream(messageStream('Hi')), (c) => c.begin()
	    .piece(sse(...messageEvents('Endless').slice(0, 3))));
	const raw = await stage.raw(own, post({ n: 2, stream: true }));

	await raw.sees(/data: {"error":[^]*0\r\n\r\n/);
	assert.doesNotMatch(raw.seen, /DONE/);
	raw.destroy();
});

test('the client is kept waiting while one has not begun', async () => {
	forget();
	const own = await slow({ keep_alive_ms: 200 });
	let late;

	claude.answer((c) => c.stream(messageStream('Hi')), (c) => { late = c; });
	const raw = await stage.raw(own, post({ n: 2, stream: true }));

	await raw.sees(/: ping\n\n[^]*: ping\n\n/);
	late.stream(messageStream('There'));
	await raw.sees(/\[DONE\]/);
	raw.destroy();
});

for (const how of ['closes', 'resets', 'shuts down its side'])
	for (const begun of [0, 1, 3])
		test(`the client ${how} when ${begun} of 3 have begun`, async () => {
			forget();
			const calls = [];

			claude.always((c) => {
				calls.push(c);
				if (calls.length <= begun)
					c.begin().piece(sse(...messageEvents(
					    'Endless').slice(0, 3)));
			});
			const raw = await stage.raw(gateway,
			    post({ n: 3, stream: true }));

			await until(() => calls.length === 3 && (raw.seen
			    .match(/"End"/g)?.length ?? 0) === begun, 'a beginning');
			if (how === 'closes')
				raw.socket.destroy();
			else if (how === 'resets')
				raw.socket.resetAndDestroy();
			else
				raw.socket.end();
			for (const call of calls)
				await within(call.closed, 'all to be let go');
		});

test('a client that does not read holds all of them back', async () => {
	forget();
	const [start, open, delta] = messageEvents('x'.repeat(2000));
	const piece = sse(delta).repeat(16);
	const sent = [];

	claude.always(async (c) => {
		const n = sent.push(0) - 1;

		c.begin().piece(sse(start, open));
		while (sent[n] < (64 << 20) && !c.socket.destroyed) {
			sent[n] += piece.length;
			if (!c.socket.write(`${piece.length.toString(16)}\r\n${
			    piece}\r\n`))
				await new Promise((go) => {
					c.socket.once('drain', go);
					c.socket.once('close', go);
				});
		}
	});
	const raw = await stage.raw(gateway, post({ n: 3, stream: true }));

	await raw.sees(/"index":2/);
	raw.socket.pause();
	let before = -1;

	/* all stand still, and far from the end */
	await until(async () => {
		const now = sent.reduce((a, b) => a + b, 0);
		const still = now === before;

		before = now;
		await new Promise((go) => setTimeout(go, 300));
		return still;
	}, 'the providers to be held back');
	assert.ok(before < (48 << 20), `${before} bytes were taken`);
	raw.socket.resume();
	await until(() => sent.every((n) => n > before / 3), 'all to go on');
	raw.destroy();
});

// Numbers that look like chance, and are the same in every run.
function dice(seed) {
	return (n) => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return (seed >>> 8) % n;
	};
}

const hasty = { keep_alive_ms: 3, commit_ms: 2, first_token_ms: 30,
	silence_ms: 20, write_ms: 30 };

for (const [what, limits] of [['whatever happens', {}], ['in haste', hasty]])
	test(`${what}, in whatever order: nothing is left behind`,
	    () => havoc(limits));

async function havoc(limits) {
	forget();
	const own = await stage.gateway({ config: { providers, limits,
		models: { twice: { targets: ['claude/claude-opus-4-8',
		    'groq/llama-3.3'] } } } });
	const throw_ = dice(7), open = new Set();
	const nap = (ms) => new Promise((go) => setTimeout(go, ms));
	const events = messageEvents('Some words, and then some more of them');
	const turns = [
		(c) => c.stream(sse(...events)),
		(c) => c.json(message('Whole')),
		(c) => c.json(anthropicError('overloaded_error', 'No'), 529),
		(c) => c.cut(),
		(c) => c.reset(),
		(c) => {},
		async (c) => {
			c.begin();
			for (const event of events) {
				c.piece(sse(event));
				await nap(throw_(3));
			}
			c.end();
		},
		async (c) => {
			c.begin().piece(sse(...events.slice(0, throw_(7))));
			await nap(throw_(5));
			if (throw_(2))
				c.cut();
			else
				c.reset();
		},
		(c) => c.begin().piece(sse(...events.slice(0, throw_(7)))),
	];

	claude.always(async (c) => {
		open.add(c);
		c.closed.then(() => open.delete(c));
		await nap(throw_(4));
		await turns[throw_(turns.length)](c);
	});
	groq.always((c) => c.stream(completionStream('Instead')));
	for (let round = 0; round < 40; round++) {
		const clients = [];

		for (let i = 0; i < 5; i++) {
			const raw = await stage.raw(own, post({
				n: 2 + throw_(4), stream: throw_(3) > 0,
			}, throw_(3) ? model : 'twice'));

			if (throw_(3) === 0)
				raw.socket.pause();
			clients.push(raw);
		}
		await nap(throw_(12));
		for (const raw of clients)
			if (throw_(2))
				raw.socket.destroy();
			else
				raw.socket.resetAndDestroy();
	}
	/* what the provider still holds open is only kept for the next */
	forget();
	claude.always((c) => c.json(message('Well')));
	/* nor has the gateway heard yet of every client that went */
	groq.always((c) => c.stream(completionStream('Instead')));
	const fine = await own.openai({ maxRetries: 9 }).chat.completions.create({
		model, messages: hello, n: 2 });

	assert.deepEqual(fine.choices.map((c) => c.message.content),
	    ['Well', 'Well']);
	await until(() => [...open].every((c) => c.over), 'all to be let go');
}

stage.close();
