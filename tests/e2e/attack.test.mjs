// Peers that mean harm, or are broken in ways that look like it: nobody else waits for
// them, and nothing of what they send reaches a client as something else.
import { gzipSync } from 'node:zlib';
import { Stage, assert, pair, test, until, within } from './harness.mjs';
import { completion } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude, {
	limits: { first_token_ms: 20000, silence_ms: 20000 } }) });
const hello = [{ role: 'user', content: 'Hello' }];
const asks = [['/v1/chat/completions', { model: 'gpt/g', messages: hello }],
	['/v1/messages', { model: 'gpt/g', max_tokens: 9, messages: hello }]];
const health = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';

const post = (path, body) => {
	const text = JSON.stringify(body);

	return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ` +
	    `application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
};

/** Send `bytes` again and again, as fast as they are taken, until told to stop. */
function flood(socket, bytes) {
	let going = true;
	const more = () => {
		while (going && !socket.destroyed && socket.write(bytes))
			;
	};

	socket.on('drain', more);
	more();
	return () => { going = false; };
}

// ---- answers that are none ----

const text = JSON.stringify(completion('Hi'));
const bodies = `content-type: application/json\r\ncontent-length: ${
	text.length}\r\n\r\n${text}`;
const none = {
	'a 204': 'HTTP/1.1 204 No Content\r\n\r\n',
	'a 204 that claims to be a stream':
	    'HTTP/1.1 204 No\r\ncontent-type: text/event-stream\r\n\r\n',
	'a 205': `HTTP/1.1 205 Reset\r\n${bodies}`,
	'a redirection': `HTTP/1.1 307 No\r\nlocation: http://x.test/\r\n${bodies}`,
	'a 304': 'HTTP/1.1 304 No\r\n\r\n',
	'a web page': `HTTP/1.1 200 OK\r\n${bodies.replace('application/json',
	    'text/html; charset=utf-8')}`,
	'nothing': 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
	'a switch of protocols': `HTTP/1.1 101 No\r\n\r\nHTTP/1.1 200 OK\r\n${bodies}`,
};

for (const [name, answer] of Object.entries(none))
	test(`${name} is no answer of a model`, async () => {
		for (const [path, body] of asks)
			for (const stream of [false, true]) {
				gpt.answer((call) => call.raw(answer).cut());
				const raw = await stage.raw(gateway,
				    post(path, { ...body, stream }) + health);

				await raw.sees(/"status":"ok"/);
				assert.match(raw.seen, /^HTTP\/1\.1 502 /);
				assert.doesNotMatch(raw.seen, /location:/i);
				assert.equal(raw.seen.match(
				    /HTTP\/1\.1/g).length, 2);
				raw.destroy();
			}
	});

test('a compressed answer is not passed on as if it were none', async () => {
	for (const [path, body] of asks)
		for (const status of [200, 400]) {
			gpt.answer((call) => call.text(status, gzipSync(text),
			    { 'content-encoding': 'gzip' }));
			const { status: told, json } =
			    await gateway.post(path, body);

			assert.equal(told, status === 200 ? 502 : 400);
			assert.ok(json.error.message);
		}
});

test('what follows an answer on its connection reaches nobody', async () => {
	for (const [path, body] of asks)
		for (let i = 0; i < 20; i++) {
			gpt.answer((call) => call.raw(`HTTP/1.1 200 OK\r\n${
				bodies}HTTP/1.1 200 OK\r\n${
				bodies.replaceAll('Hi', 'NO')}`));
			const answer = await gateway.post(path, body);

			assert.equal(answer.status, 200);
			assert.match(answer.body, /"Hi"/);
		}
});

test('a provider that began to answer is not asked again', async () => {
	const [path, body] = asks[0];
	let asked = 0;

	gpt.answer((call) => call.json(completion('Hi')));
	assert.equal((await gateway.post(path, body)).status, 200);
	gpt.always((call) => {
		asked++;
		call.raw('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n').cut();
	});
	assert.equal((await gateway.post(path, body)).status, 502);
	assert.equal(asked, 1);
	gpt.forget();
});

// ---- floods: while one goes on, others are served ----

const floods = {
	'heads that are no answer': ['', 'HTTP/1.1 103 No\r\na: b\r\n\r\n'],
	'comments': ['HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n',
		':\n\n'],
	'an error in chunks of a byte':
	    ['HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n',
		'1\r\nx\r\n'],
};

/** Others are served, and what came over the flooded connection shows it went on. */
async function othersAreServed() {
	for (let i = 0; i < 20; i++) {
		const { status } = await gateway.ask('/healthz');

		assert.equal(status, 200);
	}
}

for (const [name, [head, piece]] of Object.entries(floods))
	test(`a provider floods with ${name}`, async () => {
		for (const [path, body] of asks) {
			let call, stop;

			gpt.answer((c) => {
				call = c;
				call.raw(head);
				stop = flood(call.socket, piece.repeat(20000));
			});
			const raw = await stage.raw(gateway,
			    post(path, { ...body, stream: true }));

			await until(() => call);
			await othersAreServed();
			raw.destroy();
			await within(call.closed, 'the provider to be let go');
			stop();
		}
	});

test('a client floods with requests', async () => {
	const raw = await stage.raw(gateway);
	const stop = flood(raw.socket, health.repeat(4000));

	await othersAreServed();
	stop();
	raw.destroy();
});

test('a client sends a body in chunks of a byte', async () => {
	const raw = await stage.raw(gateway, 'POST /v1/messages HTTP/1.1\r\n' +
	    'host: x\r\ntransfer-encoding: chunked\r\n\r\n');
	const stop = flood(raw.socket, '1\r\n \r\n'.repeat(20000));

	await othersAreServed();
	stop();
	raw.destroy();
});

test('a page takes no large body, with a key or without', async () => {
	const { status } = await gateway.ask('/healthz', {
		headers: { 'content-length': 1 << 20 }, body: ' '.repeat(1 << 20) });

	assert.equal(status, 413);
	const chunked = await stage.raw(gateway, 'GET /v1/models HTTP/1.1\r\n' +
	    'host: x\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n' +
	    'x'.repeat(0x10001) + '\r\n0\r\n\r\n');

	assert.match(await chunked.closed(), /^HTTP\/1\.1 413 /);
});

test('a crowd of requests at once, in order, through one connection',
    async () => {
	const raw = await stage.raw(gateway);
	const [path, body] = asks[1];

	gpt.always((call) => call.json(completion('Hi')));
	raw.write((post(path, body) + health).repeat(500));
	await until(() => raw.seen.split('HTTP/1.1 200').length === 1001);
	const kinds = raw.seen.match(/"Hi"|"ok"/g);

	assert.deepEqual(kinds, Array(500).fill(['"Hi"', '"ok"']).flat());
	raw.destroy();
	gpt.forget();
});

stage.close();
