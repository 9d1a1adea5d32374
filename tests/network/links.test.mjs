// Links that go without a word and come again, addresses and ways that change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gateway, begun, down, neighbour, one, provider, run, silence, sleep, sound,
	until, up } from './world.mjs';

const far = await provider('::', 8080, 'far');
const near = await neighbour(8081, 'near');
const FAR = 'http://192.0.2.2:8080/v1';
const who = (answer) => answer.json.choices?.[0].message.content;
const told = (what, ms) => console.log(`${what}: ${ms} ms`);

test('a connection that waited is dead: the address has changed', async () => {
	const gateway = await Gateway.start(one(FAR));

	await Promise.all([1, 2, 3].map(() => gateway.good()));
	run('ip addr del 192.0.2.1/24 dev v0');
	run('ip addr add 192.0.2.11/24 dev v0');
	const { ms } = await gateway.good();

	told('on another connection', ms);
	assert.ok(ms < 10000, `${ms} ms`);
	// that one was dead says enough of the others
	const next = await Promise.all([1, 2, 3].map(() => gateway.good()));

	assert.ok(next.every((a) => a.ms < 2000), String(next.map((a) => a.ms)));
	await gateway.stop();
	run('ip addr del 192.0.2.11/24 dev v0');
	await sound();
});

test('a connection that waited is dead: another way leads there', async () => {
	run('ip link add w0 type veth peer name w1 netns isp');
	run('ip addr add 203.0.113.1/24 dev w0');
	run('ip -n isp addr add 203.0.113.2/24 dev w1');
	run('ip link set w0 up');
	run('ip -n isp link set w1 up');
	run('ip -n isp addr add 198.51.100.1/32 dev lo');
	run('ip route add default via 192.0.2.2');
	const gateway = await Gateway.start(one('http://198.51.100.1:8080/v1'));

	await gateway.good();
	silence();
	run('ip route replace default via 203.0.113.2');
	const { ms } = await gateway.good();

	told('on another way', ms);
	assert.ok(ms < 10000, `${ms} ms`);
	await gateway.stop();
	run('ip link del w0');
	run('ip -n isp addr del 198.51.100.1/32 dev lo');
	await sound();
});

for (const [what, go, come] of [['silent', silence, sound],
	['down', down, up]])
	test(`the link is ${what}: another target answers, then this one`, async () => {
		const gateway = await Gateway.start({
			providers: { p: { chat: FAR, key: 'k' },
				q: { chat: 'http://127.0.0.1:8081/v1', key: 'k' } },
			models: { both: { targets: ['p/m', 'q/m'] } },
			limits: { connect_ms: 1000 },
			circuit: { open_ms: 300, open_max_ms: 300 },
		});
		const both = () => gateway.chat({}, { model: 'both' });

		assert.equal(who(await both()), 'far');
		go();
		const first = await both(), second = await both();

		assert.equal(who(first), 'near', first.text);
		assert.equal(who(second), 'near', second.text);
		told(`${what}: the first, the second`, `${first.ms}, ${second.ms}`);
		assert.ok(first.ms < 10000, `${first.ms} ms`);
		assert.ok(second.ms < 6000, `${second.ms} ms`);
		await come();
		const began = performance.now();

		await until(async () => who(await both()) === 'far', 'the way back',
		    9000);
		told('back after', Math.round(performance.now() - began));
		await gateway.stop();
	});

const words = {
	'/v1/chat/completions': /^data: \{"error":\{"message":".*silent/m,
	'/v1/messages': /^event: error\ndata: \{"type":"error",.*silent/m,
	'/v1/responses': /^event: (error|response\.failed)\n.*silent/m,
};

for (const [path, word] of Object.entries(words))
	test(`a stream falls silent, and is told so: ${path}`, async () => {
		const gateway = await Gateway.start(one(FAR,
		    { limits: { silence_ms: 1000 } }));
		const { over } = await begun(gateway, far, path);

		silence();
		const answer = await over;

		assert.match(answer.text, word);
		assert.ok(answer.ms < 10000, `${answer.ms} ms`);
		await sound();
		const next = await gateway.good();

		assert.ok(next.ms < 10000, `${next.ms} ms`);
		told('told, then good', `${answer.ms}, ${next.ms}`);
		await gateway.stop();
	});

test('a stream outlives a gap that is short', async () => {
	const gateway = await Gateway.start(one(FAR));
	const { over } = await begun(gateway, far);

	silence();
	await sleep(1500);
	await far.call('goOn');			// into the gap
	await sleep(500);
	await sound();
	const answer = await over;

	assert.match(answer.text, /two[^]*\[DONE\]/);
	told('a gap of two seconds: the stream was over after', answer.ms);
	await gateway.stop();
});
