// Clients that go, and clients that do not read: the provider is let go at once, or held
// back, and the gateway keeps no more than its bounds.
import { readFileSync, readdirSync } from 'node:fs';
import { EMULATED, SANITIZED, Stage, assert, pair, test, until, within }
    from './harness.mjs';
import { chunk, completion, completionEvents, messageEvents, sse }
    from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude) });
const hello = [{ role: 'user', content: 'Hello' }];

const post = (path, body) => {
	const text = JSON.stringify(body);

	return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ` +
	    `application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
};
const toGpt = post('/v1/messages', { model: 'gpt/gpt-4o', max_tokens: 9,
	stream: true, messages: hello });
const toClaude = post('/v1/chat/completions', {
	model: 'claude/claude-opus-4-8', stream: true, messages: hello });
const straight = post('/v1/chat/completions', { model: 'gpt/gpt-4o',
	stream: true, messages: hello });

const cases = [
	['translated', gpt, toGpt, completionEvents('Endless').slice(0, 2)],
	['translated the other way', claude, toClaude,
	    messageEvents('Endless').slice(0, 3)],
	['passed', gpt, straight, completionEvents('Endless').slice(0, 2)],
];

for (const [what, provider, request, events] of cases)
	for (const how of ['closes', 'resets', 'shuts down its side'])
		test(`${what}: the client ${how} in mid-stream`, async () => {
			let call;

			provider.answer((c) => {
				call = c;
				c.begin().piece(sse(...events));
			});
			const raw = await stage.raw(gateway, request);

			await raw.sees(/"En/);
			if (how === 'closes')
				raw.socket.destroy();
			else if (how === 'resets')
				raw.socket.resetAndDestroy();
			else
				raw.socket.end();
			await within(call.closed, 'the provider to be let go');
		});

test('the client goes before the provider has answered', async () => {
	for (const [, provider, request] of cases) {
		let call;

		provider.answer((c) => { call = c; });
		const raw = await stage.raw(gateway, request);

		await until(() => call, 'the request at the provider');
		raw.socket.destroy();
		await within(call.closed, 'the provider to be let go');
	}
});

test('the echo provider counts the streams that were given up', async () => {
	const echo = await stage.echo();
	const own = await stage.gateway({ config: { providers: { local: {
		chat: `${echo.url}/v1`, messages: echo.url } } } });
	const streams = [];

	for (const client of [own.openai(), own.openai(), own.openai()])
		streams.push(await client.chat.completions.create({
			model: 'local/gpt-4o+drip=20+events=100000+text=100000',
			messages: hello, stream: true }));
	await until(async () => (await echo.stats()).open_streams === 3,
	    'three streams under way');
	for (const stream of streams)
		stream.controller.abort();
	await until(async () => (await echo.stats()).aborted === 3,
	    'three streams given up');
	await until(async () => (await echo.stats()).open_streams === 0,
	    'no stream under way');
});

/** Resident memory of a process and its children, bytes. */
function memory(pid) {
	const rss = (p) => Number(/VmRSS:\s+(\d+)/.exec(
	    readFileSync(`/proc/${p}/status`, 'utf8'))?.[1] ?? 0) * 1024;
	const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
	    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
		.split(' ').filter((p) => p));

	return [pid, ...children].reduce((sum, p) => sum + rss(p), 0);
}

const MB = 1 << 20;
// What a sanitizer has freed still counts, and what an emulator has translated.
const BOUND = SANITIZED || EMULATED ? 64 * MB : 4 * MB;

for (const [what, provider, request, delta] of [
	['translated', gpt, toGpt, (text) => sse(chunk({ content: text }))],
	['passed', gpt, straight, (text) => sse(chunk({ content: text }))],
	['translated the other way', claude, toClaude, (text) => sse([
	    'content_block_delta', { type: 'content_block_delta', index: 0,
		delta: { type: 'text_delta', text } }])]])
	test(`${what}: a client that stops reading holds the provider back`,
	    async () => {
		const own = await stage.gateway({ config: pair(gpt, claude) });
		const text = 'x'.repeat(16 << 10);
		const LOTS = 96 * MB;
		let sent = 0, stalled = false, call, finish;
		const finished = new Promise((go) => { finish = go; });

		provider.answer(async (c) => {
			call = c;
			c.begin();
			if (provider === claude)
				c.piece(sse(...messageEvents('').slice(0, 2)));
			while (sent < LOTS && !c.socket.destroyed) {
				c.piece(delta(text));
				sent += text.length;
				if (c.socket.writableLength > 256 << 10) {
					stalled = true;
					await new Promise((go) => {
						c.socket.once('drain', go);
						c.socket.once('close', go);
					});
					stalled = false;
				}
			}
			if (provider === claude)
				c.piece(sse(...messageEvents('').slice(-3)));
			else
				c.piece(sse(...completionEvents('').slice(-3)));
			c.end();
			finish();
		});
		const before = memory(own.pid);
		const raw = await stage.raw(own, request);

		await raw.sees(/200 OK/);
		raw.socket.pause();
		// what the gateway and the kernel hold is soon full, and stays so
		let last = -1;

		await until(async () => {
			const now = sent;
			const same = stalled && now === last;

			last = now;
			await new Promise((go) => setTimeout(go, 100));
			return same && sent === now;
		}, 'the provider to be held back');
		assert.ok(sent < LOTS / 2, `${sent} bytes were taken`);
		assert.ok(memory(own.pid) - before < BOUND,
		    `${memory(own.pid) - before} bytes more`);
		raw.seen = '';
		let heard = 0;

		raw.socket.removeAllListeners('data');
		raw.socket.on('data', (d) => {
			heard += d.length;
			raw.seen = (raw.seen + d.toString('latin1')).slice(-500);
		});
		raw.socket.resume();
		await within(finished, 'the rest of the stream', 90000);
		await raw.sees(/\[DONE\]|message_stop/);
		assert.ok(heard > LOTS / 2);
		assert.ok(memory(own.pid) - before < BOUND);
		call.cut();
	});

test('many that hang up leave nothing behind', async () => {
	gpt.always((c) => { c.begin().piece(sse(...completionEvents('Endless')
	    .slice(0, 2))); });
	const round = async () => {
		const raws = await Promise.all(Array.from({ length: 50 }, () =>
		    gateway.raw(toGpt)));

		await Promise.all(raws.map((raw) => raw.sees(/"En/)));
		for (const raw of raws)
			raw.socket.destroy();
		await until(() => gpt.sockets.size === 0,
		    'all connections to be closed');
	};

	for (const socket of gpt.sockets)
		socket.destroy();
	await round();
	const before = memory(gateway.pid);

	for (let i = 0; i < 4; i++)
		await round();
	assert.ok(memory(gateway.pid) - before < BOUND);
	gpt.forget();
	gpt.answer((c) => c.json(completion('Still here')));
	assert.equal((await gateway.openai().chat.completions.create({
		model: 'gpt/gpt-4o', messages: hello })).choices[0].message.content,
	    'Still here');
});

stage.close();
