// Everything that the echo provider can do to an answer, through every pairing of protocols,
// whole and streamed: the client gets what was said, or an error, and never half of it
// as if it were all.
import { Stage, assert, test } from './harness.mjs';
import { tongues } from './tongues.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gateway = await stage.gateway({ config: { providers: {
	chat: { chat: `${echo.url}/v1`, key: 'echo-key' },
	messages: { messages: echo.url, key: 'echo-key' },
	responses: { responses: `${echo.url}/v1`, key: 'echo-key' },
	gemini: { gemini: `${echo.url}/v1beta`, key: 'echo-key' } },
    limits: { keep_alive_ms: 20 } } });
const words = 'The quick brown fox — größer, 狐狸 🦊 "quoted" \\ and\nmore';
const parameters = { type: 'object', properties: { city: { type: 'string' },
	n: { type: 'integer' } }, required: ['city', 'n'] };
const names = ['alpha', 'beta', 'gamma'];
const tools = names.map((name) => ({ name, parameters }));
const PROTOCOLS = Object.keys(tongues);

// Harmless to the meaning: whatever they do, the answer is the same.
const harmless = ['', 'crlf', 'comments', 'pings', 'bytes=1', 'bytes=7',
	'bytes=100+drip=1', 'slowhead', 'close', 'delay=60', 'first=60', 'drip=5',
	'json', 'sse', 'nousage', 'stale', 'crlf+comments+pings+bytes=3',
	'events=50', 'sse+close', 'json+bytes=2'];
const combos = PROTOCOLS.flatMap((client) => PROTOCOLS.flatMap((provider) =>
    [false, true].map((stream) => [client, provider, stream])));

for (const [client, provider, stream] of combos) {
	const tongue = tongues[client](gateway);
	const ask = (directives) => tongue.ask({ stream, tools, turns: [
		{ user: words }], think: directives.includes('think'),
		model: `${provider}/m${directives && `+${directives}`}` });
	const name = `${client} on ${provider}, ${stream ? 'streamed' : 'whole'}`;
	// what is passed as it comes, and its own SDK makes nothing of
	const senseless = (d) => stream && client === provider && {
		messages: /nousage/, responses: /pings/, gemini: /comments|json/,
	}[client]?.test(d);

	test(`${name}: the same answer, however it comes`, async () => {
		const plain = await ask('');

		assert.ok(plain.text.includes(words), plain.text);
		assert.equal(plain.done, 'end');
		for (const directives of harmless) {
			if (senseless(directives))
				continue;
			const one = await ask(directives);

			assert.equal(one.text, plain.text, directives);
			assert.equal(one.done, 'end', directives);
		}
	});

	test(`${name}: calls, thinking, long texts`, async () => {
		for (const directives of ['tools=1', 'tools=3', 'tools=3+bytes=1',
			'tools=2+think', 'tools=3+comments+crlf']) {
			if (senseless(directives))
				continue;
			const one = await ask(directives);
			const n = Number(/tools=(\d)/.exec(directives)[1]);

			assert.deepEqual(one.calls.map((c) => c.name),
			    names.slice(0, n), directives);
			for (const { args } of one.calls) {
				assert.equal(typeof args.city, 'string');
				assert.ok(Number.isInteger(args.n));
			}
			assert.equal(one.done, 'calls');
		}
		assert.notEqual((await ask('think')).think, '');
		const long = await ask('text=300000');

		assert.ok(long.text.length >= 290000);
		assert.equal((await ask('text=300000+bytes=10000')).text, long.text);
	});

	test(`${name}: what is broken is an error, never half an answer`,
	    async () => {
		const broken = ['badjson', 'status=500', 'status=404+code=x',
			...(stream ? ['cut=1', 'cut=3', 'rst=3', 'error=2',
			    'error=0', 'cut=2+bytes=5', 'error=3+crlf']
			    : ['cut=20', 'rst=20', 'cut=0'])];

		for (const directives of broken) {
			const told = await ask(directives).then((one) =>
			    `no error but ${JSON.stringify(one)}`,
			    (error) => error);

			assert.ok(told instanceof Error, `${directives}: ${told}`);
		}
	});
}

test('nothing was left open', async () => {
	const stats = await echo.stats();

	// the one that asks is counted itself
	assert.ok(stats.open <= 1, JSON.stringify(stats));
	assert.equal(stats.open_streams, 0);
});

stage.close();
