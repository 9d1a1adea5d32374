// Memory within limits.memory_mb: what would need more is told to come again, what has begun goes
// on, and all of it is there again afterwards.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, EMULATED, SANITIZED, Stage, assert, failure, pair, test, until }
    from './harness.mjs';
import { completion, completionStream, message, messageStream } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const hello = (size = 5) => [{ role: 'user', content: 'H'.repeat(size) }];
const MB = 1024 * 1024;
const FULL = /memory is in use: try again in a moment/;

const config = (limits, rest = {}) => pair(gpt, claude, { limits, ...rest });
const gauge = async (gateway, name) => Number(new RegExp(`^${name} (\\d+)$`,
    'm').exec((await gateway.ask('/metrics')).body)?.[1]);
const taken = (gateway) => gauge(gateway, 'dragoman_memory_bytes');
const chat = (gateway, body) => gateway.post('/v1/chat/completions', {
	model: 'claude/claude-opus-4-8', messages: hello(), ...body });

/** Calls of a provider that wait until they are let go. */
function held(provider) {
	const calls = [];

	provider.always((c) => { calls.push(c); return c.done; });
	return calls;
}

test('requests beyond the bound get 503, those under way go on',
    async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 8 }) });
	const began = await taken(gateway);
	const calls = held(claude);
	const asked = [];
	let refused;

	// 100 KB of text each, which takes several times that while it waits
	while (!refused) {
		assert.ok(asked.length < 100, 'it never gets full');
		const answer = chat(gateway, { messages: hello(100000) });
		const before = calls.length;

		asked.push(answer);
		answer.then((a) => { if (a.status === 503) refused = a; });
		await until(() => refused || calls.length > before);
	}
	assert.ok(calls.length >= 5, `${calls.length} requests fill 8 MB`);
	assert.match(refused.json.error.message, FULL);
	assert.equal(refused.json.error.type, 'server_error');
	assert.equal(refused.headers['retry-after'], '1');
	assert.ok(await taken(gateway) <= 8 * MB);
	assert.equal(await gauge(gateway, 'dragoman_memory_limit_bytes'), 8 * MB);

	// in the words of each protocol
	const anthropic = await failure(gateway.anthropic().messages.create({
		model: 'claude/claude-opus-4-8', max_tokens: 9, messages: hello() }));
	const gemini = await gateway.post(
	    '/v1beta/models/gpt%2Fgpt-4o:generateContent',
	    { contents: [{ parts: [{ text: 'Hello' }] }] });

	assert.equal(anthropic.status, 503);
	assert.equal(anthropic.error.error.type, 'overloaded_error');
	assert.match(anthropic.error.error.message, FULL);
	assert.equal(gemini.status, 503);
	assert.equal(gemini.json.error.status, 'UNAVAILABLE');
	// its pages still answer
	assert.equal((await gateway.ask('/healthz')).status, 200);
	assert.equal((await gateway.ask('/readyz')).status, 200);

	for (const call of calls)
		call.json(message('At last'));
	const statuses = (await Promise.all(asked)).map((a) => a.status);

	assert.equal(statuses.filter((s) => s === 200).length, calls.length);
	assert.equal(statuses.filter((s) => s === 503).length,
	    statuses.length - calls.length);
	await until(async () => await taken(gateway) < began + 2 * MB);
	claude.always((c) => c.json(message('As ever')));
	assert.equal((await chat(gateway)).json.choices[0].message.content,
	    'As ever');
	// nobody else was blamed for it
	assert.doesNotMatch(gateway.log, /circuit opened/);
});

test('streams: those that run come to their end', async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 4 },
	    { workers: 2 }) });
	const calls = held(claude);
	const sockets = [];
	const body = JSON.stringify({ model: 'claude/claude-opus-4-8',
		stream: true, messages: hello(20000) });
	const full = () => sockets.filter((s) => s.seen.startsWith(
	    'HTTP/1.1 503')).length;

	while (full() < 3) {
		assert.ok(sockets.length < 400, 'it never gets full');
		sockets.push(await stage.raw(gateway,
		    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
		    'content-type: application/json\r\n' +
		    `content-length: ${body.length}\r\n\r\n${body}`));
		await until(() => calls.length + full() +
		    sockets.filter((s) => !s.open && !s.seen).length ===
		    sockets.length);
	}
	assert.ok(calls.length >= 10, `${calls.length} streams fill 4 MB`);
	for (const call of calls)
		call.stream(messageStream('Words in the middle of a flood'));
	await until(() => sockets.filter((s) => s.seen.includes(
	    'data: [DONE]')).length === calls.length);
	for (const socket of sockets)
		socket.destroy();
	claude.always((c) => c.stream(messageStream('After it')));
	assert.match((await chat(gateway, { stream: true })).body,
	    /"finish_reason":"stop"[^]*\[DONE\]/);
	assert.doesNotMatch(gateway.log, /circuit opened/);
});

test('an answer that does not fit is nobody\'s fault but ours', async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 2,
		answer_mb: 64 }) });

	claude.always((c) => c.json(message('x'.repeat(6 * MB))));
	for (let i = 0; i < 8; i++) {
		const answer = await chat(gateway);

		assert.equal(answer.status, 503, answer.body.slice(0, 300));
		assert.match(answer.json.error.message, FULL);
		assert.equal(answer.headers['retry-after'], '1');
	}
	gpt.always((c) => c.json(completion('x'.repeat(100000))));
	const passed = await gateway.post('/v1/chat/completions', {
		model: 'gpt/gpt-4o', messages: hello() });

	assert.equal(passed.status, 200);
	claude.always((c) => c.json(message('Small')));
	assert.equal((await chat(gateway)).status, 200);
	assert.doesNotMatch(gateway.log, /circuit opened/);
});

test('a body whose values do not fit is not said to be wrong', async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 2,
		body_mb: 8 }) });
	const many = { values: Array(200000).fill(1) };

	claude.always((c) => c.json(message('Hello')));
	for (const [path, body] of [
		['/v1/chat/completions', { messages: hello() }],
		['/v1/messages', { max_tokens: 9, messages: hello() }],
		['/v1/responses', { input: 'Hello' }],
		['/v1/embeddings', { input: 'Hello' }]]) {
		const answer = await gateway.post(path,
		    { model: 'claude/claude-opus-4-8', ...body, ...many });

		assert.equal(answer.status, 503, `${path}: ${answer.body}`);
		assert.match(answer.json.error.message, FULL);
		assert.equal(answer.headers['retry-after'], '1');
	}
	assert.equal((await chat(gateway)).status, 200);
});

test('a body that can never fit is too large, whatever its framing',
    async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 8 }) });
	const text = JSON.stringify({ model: 'gpt/gpt-4o',
		messages: hello(2 * MB) });
	const known = await gateway.post('/v1/chat/completions', text);
	const raw = await stage.raw(gateway,
	    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
	    'content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n' +
	    `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);

	// an eighth of what there is: limits.body_mb was not said
	assert.equal(known.status, 413);
	assert.match(known.json.error.message, /limits\.body_mb/);
	await raw.sees(/^HTTP\/1\.1 413 /);
});

test('in a room too small for anything it lives on', async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 1,
		body_mb: 64, answer_mb: 64 }) });
	const flood = (round) => Promise.all(Array.from({ length: 60 },
	    (_, i) => chat(gateway, { stream: (i + round) % 2 === 0,
		model: i % 3 ? 'claude/claude-opus-4-8' : 'gpt/gpt-4o',
		messages: hello(1 + (i * 7919 + round * 104729) % 60000) })
	    .then((a) => a.status, (error) => error.code ?? error.message)));

	claude.always((c) => c.body.stream
	    ? c.stream(messageStream('w'.repeat(3000)))
	    : c.json(message('w'.repeat(30000))));
	gpt.always((c) => c.body.stream
	    ? c.stream(completionStream('w'.repeat(3000)))
	    : c.json(completion('w'.repeat(30000))));
	const seen = {};

	for (let round = 0; round < 8; round++)
		for (const status of await flood(round))
			seen[status] = (seen[status] ?? 0) + 1;
	const { 200: served, 503: refused, ...others } = seen;

	assert.ok(served > 0 && refused > 0, JSON.stringify(seen));
	// one for whom there was not even a buffer
	for (const other of Object.keys(others))
		assert.match(other, /ECONNRESET|EPIPE|hang up/);
	await until(async () => (await chat(gateway)).status === 200);
	assert.doesNotMatch(gateway.log, /circuit opened/);
});

test('clients that begin a request and wait take no room from others',
    async () => {
	const gateway = await stage.gateway({ config: config({ memory_mb: 4 },
	    { workers: 1 }) });
	const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
	    'content-type: application/json\r\n';
	const open = (n, text) => Promise.all(Array.from({ length: n },
	    () => stage.raw(gateway, text)));
	// half heads: a buffer for each would be all that there is
	const sockets = await open(150, head);

	// and bodies that were only told of
	sockets.push(...await open(12, `${head}content-length: 1000000\r\n\r\n{`));
	claude.always((c) => c.json(message('In between')));
	gpt.always((c) => c.json(completion('With all of it')));
	assert.equal((await chat(gateway)).status, 200);

	// byte by byte it is read all the same
	const slow = sockets[7];
	const body = JSON.stringify({ model: 'gpt/gpt-4o', messages: hello(9000) });

	for (const piece of ['content-', `length: ${body.length}\r\n`, '\r\n',
		...body.match(/[^]{1,3000}/g)]) {
		slow.write(piece);
		assert.equal((await chat(gateway)).status, 200);
	}
	await slow.sees(/^HTTP\/1\.1 200 [^]*With all of it/);
	for (const socket of sockets)
		socket.destroy();
	assert.equal((await chat(gateway)).status, 200);
	await until(async () => await taken(gateway) < MB);
});

/**
 * A gateway in a control group of that many bytes, version 1 or 2; null where none can be made.
 * It has to end before remove().
 */
async function grouped(bytes) {
	const own = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup',
	    'utf8'))?.[1];
	const group = join(own === undefined ? '/sys/fs/cgroup'
	    : join('/sys/fs/cgroup/memory', own), `dragoman-${process.pid}`);
	const [limit, peak] = own === undefined ? ['memory.max', 'memory.peak']
	    : ['memory.limit_in_bytes', 'memory.max_usage_in_bytes'];
	const bin = join(stage.dir(), 'grouped');

	try {
		mkdirSync(group);
		writeFileSync(join(group, limit), String(bytes));
	} catch {
		if (existsSync(group))
			rmdirSync(group);
		return null;
	}
	writeFileSync(bin, `#!/bin/sh\necho $$ >${group}/cgroup.procs\n` +
	    `exec ${BIN} "$@"\n`, { mode: 0o755 });
	return { gateway: await stage.gateway({ config: config({}), bin }),
		peak: () => Number(readFileSync(join(group, peak))),
		remove: () => rmdirSync(group) };
}

test('what a control group allows divides itself', async (t) => {
	const group = await grouped(64 * MB);

	if (!group)
		return t.skip('no control group of our own');
	// three quarters, without the answers that it keeps
	await group.gateway.says(/connections and requests may take 44 MB/);
	await group.gateway.stop();
	group.remove();
});

test('a hundred streams in 8 MB, and a thousand of which it serves what it can', {
	skip: SANITIZED && 'sanitizers take more than that' ||
	    EMULATED && 'so does an emulator',
}, async (t) => {
	const group = await grouped(8 * MB);

	if (!group)
		return t.skip('no control group of our own');
	const { gateway } = group;
	const crowd = async (n, content) => {
		const calls = held(claude);
		const body = JSON.stringify({ model: 'claude/claude-opus-4-8',
			stream: true, messages: [{ role: 'user', content }] });
		const sockets = [];
		const gone = () => sockets.filter((s) => !s.open ||
		    s.seen.startsWith('HTTP/1.1 503')).length;

		while (sockets.length < n)
			sockets.push(...await Promise.all(Array.from({ length: 20 },
			    () => stage.raw(gateway,
			    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
			    'content-type: application/json\r\n' +
			    `content-length: ${body.length}\r\n\r\n${body}`))));
		await until(() => calls.length + gone() >= n);
		for (const call of calls) {
			call.begin();
			call.piece(messageStream('Half of it').slice(0, 300));
		}
		for (const call of calls)
			call.piece(messageStream('Half of it').slice(300)).end();
		await until(() => sockets.every((s) => !s.open ||
		    /data: \[DONE\]|^HTTP\/1\.1 503/.test(s.seen)));
		const served = sockets.filter((s) => s.seen.includes(
		    'data: [DONE]')).length;

		for (const s of sockets)
			s.destroy();
		return { served, refused: gone() };
	};

	assert.deepEqual(await crowd(100, 'Hello'), { served: 100, refused: 0 });
	t.diagnostic(`100 streams: at most ${group.peak()} bytes`);
	const { served, refused } = await crowd(1000, 'H'.repeat(3000));

	t.diagnostic(`1000 with 3 KB each: ${served} served, ${refused} refused`);
	assert.ok(served >= 50 && refused >= 50);
	// a body larger than all of it
	assert.equal((await chat(gateway, { messages: hello(20 * MB) })
	    .catch((e) => ({ status: e.code }))).status, 413);
	claude.always((c) => c.json(message('Still there')));
	assert.equal((await chat(gateway)).status, 200);
	await gateway.stop();		// says so if a worker was killed
	group.remove();
});

stage.close();
