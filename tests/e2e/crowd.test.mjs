// Many at once: idle ones, slow ones, more than are let in.
import { Stage, assert, failure, pair, test, until } from './harness.mjs';
import { completion, completionStream } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const body = (rest) => JSON.stringify({ model: 'gpt/gpt-4o', messages: hello,
	...rest });
const post = (text) => 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
    'content-type: application/json\r\n' +
    `content-length: ${text.length}\r\n\r\n${text}`;
const say = (gateway) => gateway.openai().chat.completions.create({
	model: 'gpt/gpt-4o', messages: hello });

/** `n` connections, not all of them opened at the same instant. */
async function crowd(gateway, n, bytes = '') {
	const all = [];

	while (all.length < n)
		all.push(...await Promise.all(Array.from(
		    { length: Math.min(200, n - all.length) },
		    () => stage.raw(gateway, bytes))));
	return all;
}

test('a thousand idle connections are nobody\'s burden', async () => {
	const gateway = await stage.gateway({ config: pair(gpt, gpt) });
	const idle = await crowd(gateway, 1000);

	gpt.answer((c) => c.json(completion('Still quick')));
	assert.equal((await say(gateway)).choices[0].message.content,
	    'Still quick');
	for (const raw of idle.slice(0, 500))
		raw.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	for (const raw of idle.slice(0, 500))
		await raw.sees(/"ok"/);
	assert.ok(idle.every((raw) => raw.open));
	for (const raw of idle)
		raw.destroy();
	gpt.answer((c) => c.json(completion('And after')));
	assert.equal((await say(gateway)).choices[0].message.content,
	    'And after');
});

test('more than limits.connections are told to come again', async () => {
	const gateway = await stage.gateway({ config: pair(gpt, gpt,
	    { limits: { connections: 10 } }) });
	const ask = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
	const first = await crowd(gateway, 10, ask);

	for (const raw of first)
		await raw.sees(/"ok"/);
	for (const raw of await crowd(gateway, 5, ask)) {
		const seen = await raw.closed();
		const [, head, body] = /^([^]*?)\r\n\r\n([^]*)$/.exec(seen);

		assert.match(head, /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/);
		assert.equal(Number(/content-length: (\d+)/.exec(head)[1]),
		    body.length);
		assert.equal(JSON.parse(body).error.code, 'too_many_connections');
	}
	// one that asks nothing does not stay
	for (const raw of await crowd(gateway, 3))
		assert.equal(await raw.closed(), '');
	assert.match(gateway.log, /10 connections are open: more are turned away/);
	const openai = await failure(gateway.openai().models.list());

	assert.equal(openai.status, 503);
	assert.match(openai.message, /Too many connections/);
	assert.equal(openai.headers.get('retry-after'), '1');
	const anthropic = await failure(gateway.anthropic().models.list());

	assert.equal(anthropic.status, 503);
	assert.equal(anthropic.error.error.type, 'overloaded_error');
	// those inside are served all the while
	first[0].seen = '';
	first[0].write(ask);
	await first[0].sees(/"ok"/);
	// SDKs come again by themselves
	const patient = gateway.openai({ maxRetries: 5 }).models.list();

	for (const raw of first.slice(5))
		raw.destroy();
	assert.ok((await patient).data);
	// more than can be told wait until they can
	for (const raw of first)
		raw.destroy();
	const many = await crowd(gateway, 200, ask.replace('\r\n\r\n',
	    '\r\nconnection: close\r\n\r\n'));

	for (const raw of many)
		assert.match(await raw.closed(), /^HTTP\/1\.1 (200|503) /);
});

test('many streams at once, each with its own words', async () => {
	const gateway = await stage.gateway({ config: pair(gpt, gpt,
	    { workers: 2 }) });
	const waiting = [];

	gpt.always((c) => { waiting.push(c); });
	const all = Array.from({ length: 100 }, (_, i) =>
	    gateway.anthropic().messages.stream({ model: 'gpt/gpt-4o',
		max_tokens: 9, messages: [{ role: 'user',
		    content: `number ${i}` }] }).finalText());

	await until(() => waiting.length === 100, 'all requests at the provider');
	for (const call of waiting)
		call.begin();
	// a piece of each in turn
	const texts = waiting.map((call) => completionStream(
	    `You are ${call.body.messages[0].content}.`));

	for (let at = 0; texts.some((t) => at < t.length); at += 97)
		waiting.forEach((call, i) => {
			const piece = texts[i].slice(at, at + 97);

			if (piece)
				call.piece(piece);
		});
	for (const call of waiting)
		call.end();
	assert.deepEqual(await Promise.all(all), all.map((_, i) =>
	    `You are number ${i}.`));
	gpt.forget();
});

test('clients that read in sips get all of it', async () => {
	const gateway = await stage.gateway({ config: pair(gpt, gpt) });
	const text = 'abcdefghij'.repeat(60000);

	for (const stream of [false, true]) {
		gpt.answer((c) => stream ? c.stream(completionStream(text))
		    : c.json(completion(text)));
		const raw = await gateway.raw();

		raw.socket.removeAllListeners('data');
		raw.socket.pause();
		raw.write(post(body({ stream })));
		let heard = 0, tail = '';

		await until(() => {
			const sip = raw.socket.read(7001) ?? raw.socket.read();

			if (sip) {
				heard += sip.length;
				tail = (tail + sip.toString('latin1')).slice(-300);
			}
			return heard > text.length &&
			    (stream ? /\[DONE\]/ : /"usage"/).test(tail);
		}, 'the whole answer', 60000);
		raw.destroy();
	}
});

stage.close();
