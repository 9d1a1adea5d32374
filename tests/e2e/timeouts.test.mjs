// Every wait has an end: slow clients, slow providers, silent ones.
//
// The limits are set so small that they run out soon, and to the largest they may have
// where they must not.  No test looks at how long it took.
import { Stage, assert, failure, gather, pair, test, within } from './harness.mjs';
import { chunk, completion, completionEvents, messageEvents, sse }
    from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const with_ = (limits, rest) => stage.gateway({ config: pair(gpt, claude,
	{ limits, ...rest }) });
const hello = [{ role: 'user', content: 'Hello' }];
const toClaude = (gateway, rest) => gateway.openai().chat.completions.create({
	model: 'claude/claude-opus-4-8', messages: hello, ...rest });
const toGpt = (gateway, rest) => gateway.anthropic().messages.create({
	model: 'gpt/gpt-4o', max_tokens: 9, messages: hello, ...rest });
// Far beyond what any test waits: that limit is not the one being tested.
const NEVER = 600000;

/** A call that is not answered before the gateway lets go of it. */
const hang = async (c) => { await c.closed; };

test('a head that drips is a 408', async () => {
	const gateway = await with_({ head_ms: 300 });
	const raw = await stage.raw(gateway);
	const drip = setInterval(() => raw.write('a'), 20);

	raw.write('GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ');
	const seen = await raw.closed();

	clearInterval(drip);
	assert.match(seen, /^HTTP\/1\.1 408 /);
	assert.match(seen, /connection: close/);
});

test('a body that does not come is a 408', async () => {
	const gateway = await with_({ body_ms: 300 });
	const raw = await stage.raw(gateway, 'POST /v1/chat/completions HTTP/1.1' +
	    '\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"model":');
	const drip = setInterval(() => raw.write(' '), 20);
	const seen = await raw.closed();

	clearInterval(drip);
	assert.match(seen, /^HTTP\/1\.1 408 /);
	assert.match(seen, /connection: close/);
});

test('slow clients do not hold up the others', async () => {
	const gateway = await with_({ head_ms: NEVER });
	const slow = await Promise.all(Array.from({ length: 50 }, () =>
	    stage.raw(gateway, 'POST /v1/chat/completions HTTP/1.1\r\nhost:')));

	gpt.answer((c) => c.json(completion('quick')));
	assert.equal((await gateway.openai().chat.completions.create({
		model: 'gpt/gpt-4o', messages: hello })).choices[0].message.content,
	    'quick');
	assert.ok(slow.every((raw) => raw.open && !raw.seen));
});

test('an idle connection is closed without a word', async () => {
	const gateway = await with_({ idle_ms: 200 });
	const fresh = await stage.raw(gateway);
	const used = await stage.raw(gateway,
	    'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');

	assert.equal(await fresh.closed(), '');
	await used.sees(/"ok"/);
	assert.match(await used.closed(), /"ok"\}\s*$/);
});

test('a provider that never answers is a time-out in both shapes', async () => {
	const gateway = await with_({ first_token_ms: 200 });

	for (const stream of [false, true]) {
		const calls = [];

		for (const provider of [gpt, claude])
			provider.answer((c) => { calls.push(c); });
		const one = await failure(toClaude(gateway, { stream }));
		const two = await failure(toGpt(gateway, { stream }));

		assert.equal(one.status, 504);
		assert.equal(one.code, 'timeout');
		assert.equal(two.status, 504);
		assert.equal(two.error.error.type, 'timeout_error');
		for (const call of calls)
			await within(call.closed, 'the end of a lost attempt');
	}
});

test('a provider that begins and says nothing has the same limit', async () => {
	const gateway = await with_({ first_token_ms: 200, commit_ms: NEVER });

	gpt.answer(async (c) => { c.begin(); await c.closed; });
	claude.answer(async (c) => {
		c.begin().piece(': only a comment\n\n');
		await c.closed;
	});
	assert.equal((await failure(toGpt(gateway, { stream: true }))).status,
	    504);
	assert.equal((await failure(toClaude(gateway, { stream: true }))).status,
	    504);
});

test('a model\'s own limit for the first token', async () => {
	const gateway = await with_({}, { models: { quick: { targets:
	    ['gpt/gpt-4o'], first_token_timeout_ms: 200 } } });

	gpt.answer(hang);
	assert.equal((await failure(gateway.openai().chat.completions.create({
		model: 'quick', messages: hello, stream: true }))).status, 504);
});

test('a stream that falls silent is told as an error in it', async () => {
	const gateway = await with_({ silence_ms: 300, keep_alive_ms: NEVER });

	gpt.answer(async (c) => {
		c.begin().piece(sse(...completionEvents('Half').slice(0, 2)));
		await c.closed;
	});
	claude.answer(async (c) => {
		c.begin().piece(sse(...messageEvents('Half').slice(0, 3)));
		await c.closed;
	});
	const one = await failure(gather(await toClaude(gateway,
	    { stream: true })));
	const two = await failure(gather(await toGpt(gateway,
	    { stream: true })));

	assert.match(one.message, /silent/);
	assert.equal(one.code, 'timeout');
	assert.match(two.message, /silent/);
});

/** Start a stream at the provider and hold it until `go` is called. */
function held(provider, first, rest) {
	const gate = {};
	const opened = new Promise((done) => { gate.go = done; });

	provider.answer(async (c) => {
		c.begin();
		if (first)
			c.piece(first);
		await opened;
		c.piece(rest).end();
	});
	return gate;
}

test('a silent stream is kept alive in the form of each protocol', async () => {
	const gateway = await with_({ keep_alive_ms: 50 });
	const chat = completionEvents('Half and half');
	const messages = messageEvents('Half and half');
	const ask = (path, model) => stage.raw(gateway, [`POST ${path} HTTP/1.1`,
		'host: x', 'connection: close', 'content-type: application/json',
		''].join('\r\n') + ((body) => `content-length: ${body.length}\r\n\r\n` +
	    body)(JSON.stringify({ model, stream: true, max_tokens: 9,
		messages: hello })));

	// from the other protocol, and from the same
	for (const [provider, model, events, cut] of [
		[gpt, 'gpt/gpt-4o', chat, 2],
		[claude, 'claude/claude-opus-4-8', messages, 3]]) {
		let gate = held(provider, sse(...events.slice(0, cut)),
		    sse(...events.slice(cut)));
		const one = await ask('/v1/chat/completions', model);

		await one.sees(/"Half and|"Half a|"Half/);
		await one.sees(/(: ping\r?\n\r?\n[\s\S]*){2}/);
		gate.go();
		const chatText = await one.closed();

		assert.match(chatText, /\[DONE\]/);
		assert.doesNotMatch(chatText, /data: *\r?\n/);

		gate = held(provider, sse(...events.slice(0, cut)),
		    sse(...events.slice(cut)));
		const two = await ask('/v1/messages', model);

		await two.sees(/(event: ping\ndata: \{"type": ?"ping"\}[\s\S]*){3}/);
		gate.go();
		assert.match(await two.closed(), /event: message_stop/);
	}
});

test('the SDKs read a stream that is kept alive', async () => {
	const gateway = await with_({ keep_alive_ms: 30 });
	const chat = completionEvents('Half and half');
	const messages = messageEvents('Half and half');
	let gate = held(claude, sse(...messages.slice(0, 3)),
	    sse(...messages.slice(3)));
	const one = gateway.openai().chat.completions.stream({
		model: 'claude/claude-opus-4-8', messages: hello });

	one.once('content', () => setTimeout(() => gate.go(), 200));
	assert.equal(await one.finalContent(), 'Half and half');
	gate = held(gpt, sse(...chat.slice(0, 2)), sse(...chat.slice(2)));
	const two = gateway.anthropic().messages.stream({ model: 'gpt/gpt-4o',
		max_tokens: 9, messages: hello });

	two.once('text', () => setTimeout(() => gate.go(), 200));
	assert.equal(await two.finalText(), 'Half and half');
});

test('the head of a slow stream goes out before its first event', async () => {
	const gateway = await with_({ commit_ms: 50, keep_alive_ms: 50 });
	const chat = completionEvents('Late');
	const messages = messageEvents('Late');
	let gate = held(gpt, '', sse(...chat));
	// both resolve with the head of the answer
	const two = await toGpt(gateway, { stream: true });

	gate.go();
	const events = await gather(two);

	assert.equal(events[0].type, 'message_start');
	assert.equal(events.at(-1).type, 'message_stop');
	gate = held(claude, '', sse(...messages));
	const one = await toClaude(gateway, { stream: true });

	gate.go();
	const chunks = await gather(one);

	assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''),
	    'Late');
});

test('an error after such a head is told in the stream', async () => {
	const gateway = await with_({ commit_ms: 50, keep_alive_ms: 50 });
	let gate = held(gpt, '', sse([null, { error: { message: 'Broke',
		type: 'server_error', param: null, code: null } }]));
	const two = await toGpt(gateway, { stream: true });

	gate.go();
	assert.match((await failure(gather(two))).message, /Broke/);
	gate = held(claude, '', sse(['error', { type: 'error', error: {
		type: 'overloaded_error', message: 'Broke' } }]));
	const one = await toClaude(gateway, { stream: true });

	gate.go();
	assert.match((await failure(gather(one))).message, /Broke/);
});

test('a stream whose end has come does not wait for the framing', async () => {
	const gateway = await with_({});

	gpt.answer(async (c) => {
		c.begin().piece(sse(...completionEvents('All')));
		await c.closed;
	});
	const events = await gather(await toGpt(gateway, { stream: true }));

	assert.equal(events.at(-1).type, 'message_stop');
});

test('an address where nothing answers is given up', async () => {
	const gateway = await stage.gateway({ config: { providers: {
		void: { chat: 'http://192.0.2.1:9/v1' } },
	    limits: { connect_ms: 200 } } });
	const error = await failure(gateway.anthropic().messages.create({
		model: 'void/m', max_tokens: 9, messages: hello }));

	assert.ok([502, 504].includes(error.status), `status ${error.status}`);
	assert.match(error.message, /void/);
});

test('a deadline for the first token holds the head back', async () => {
	const gateway = await with_({ commit_ms: 20, keep_alive_ms: 20 },
	    { models: { late: { first_token_timeout_ms: 400,
		targets: ['gpt/gpt-4o', 'claude/claude-opus-4-8'] } } });

	gpt.answer(async (c) => {
		c.begin().piece(': wait\n\n');
		await c.closed;
	});
	claude.answer((c) => c.stream(sse(...messageEvents('Here'))));
	const events = await gather(await gateway.openai().chat.completions
	    .create({ model: 'late', messages: hello, stream: true }));

	assert.equal(events.map((one) => one.choices[0]?.delta.content ?? '')
	    .join(''), 'Here');
});

test('an unheard chunk is no silence', async () => {
	// the stream goes on longer than the limit, but never falls silent for it
	const gateway = await with_({ silence_ms: 1500, keep_alive_ms: NEVER });

	gpt.answer(async (c) => {
		c.begin().piece(sse(chunk({ role: 'assistant', content: '' })));
		for (let i = 0; i < 25; i++) {
			await new Promise((go) => setTimeout(go, 100));
			c.piece(sse(chunk({ content: 'x' })));
		}
		c.piece(sse(...completionEvents('').slice(-3))).end();
	});
	const whole = await gateway.anthropic().messages.stream({
		model: 'gpt/gpt-4o', max_tokens: 9, messages: hello }).finalText();

	assert.equal(whole, 'x'.repeat(25));
});

stage.close();
