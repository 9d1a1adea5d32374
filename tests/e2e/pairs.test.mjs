// Every client protocol on every provider protocol, under the official SDKs: what a
// provider says and what a client sees of it is the same, whichever two they are.
import { Stage, assert, failure, test } from './harness.mjs';
import { tongues } from './tongues.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gateway = await stage.gateway({ config: { providers: {
	chat: { chat: `${echo.url}/v1`, key: 'echo-key' },
	messages: { messages: echo.url, key: 'echo-key' },
	responses: { responses: `${echo.url}/v1`, key: 'echo-key' },
	gemini: { gemini: `${echo.url}/v1beta`, key: 'echo-key' } } } });
const words = 'The quick brown fox — größer, 狐狸 🦊 "quoted" \\ and\nmore';
const parameters = { type: 'object', properties: { city: { type: 'string' },
	n: { type: 'integer' } }, required: ['city', 'n'] };
const tools = ['alpha', 'beta', 'gamma'].map((name) => ({ name, parameters,
	description: `does ${name}` }));
const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060' +
    '000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049' +
    '454e44ae426082', 'hex').toString('base64');
const PROTOCOLS = Object.keys(tongues);
const clients = Object.fromEntries(PROTOCOLS.map((name) =>
    [name, tongues[name](gateway)]));

for (const client of PROTOCOLS) for (const provider of PROTOCOLS)
for (const stream of [false, true]) {
	// a name of which both Gemini and the gateway know that it signs its calls
	const ask = (directives, wish = {}) => clients[client].ask({ stream,
		model: `${provider}/gemini-3-pro${directives && `+${directives}`}`,
		turns: [{ user: words }], ...wish });
	const name = `${client} on ${provider}, ${stream ? 'streamed' : 'whole'}`;

	test(`${name}: text`, async () => {
		const one = await ask('');

		assert.ok(one.text.includes(words), one.text);
		assert.equal(one.done, 'end');
		assert.ok(one.usage[0] > 0);
		assert.ok(one.usage[1] > 0);
	});

	for (const [what, directives, count, think] of [
		['a tool', 'tools=1', 1, false],
		['parallel tools', 'tools=3', 3, false],
		['parallel tools after a thought', 'tools=2+think', 2, true],
		['a thought that was asked for', 'tools=2', 2, true],
	])
		test(`${name}: ${what}, over three turns`, async () => {
			const turns = [{ user: words }];
			const wish = { turns, tools, think };
			const one = await ask(directives, wish);

			assert.equal(one.done, 'calls');
			assert.deepEqual(one.calls.map((c) => [c.name, c.args]),
			    tools.slice(0, count).map((tool) => [tool.name,
				{ city: 'x', n: 1 }]));
			assert.equal(new Set(one.calls.map((c) => c.id)).size,
			    count);
			turns.push({ said: one }, { results: one.calls.map(
			    (call, i) => [call, `${call.name} says ${i}`]) });
			const two = await ask(think ? 'think' : '', wish);

			assert.equal(two.done, 'end');
			for (let i = 0; i < count; i++)
				assert.ok(two.text.includes(
				    `The tool said: "${tools[i].name} says ${
					i}"`), two.text);
			turns.push({ said: two }, { user: 'and now?' });
			const three = await ask(directives, wish);

			assert.equal(three.done, 'calls');
			assert.equal(three.calls.length, count);
			turns.push({ said: three }, { results: three.calls.map(
			    (call) => [call, 'so be it']) });
			assert.match((await ask('', wish)).text, /so be it/);
		});

	test(`${name}: a thought`, async () => {
		const one = await ask('think', { think: true });

		assert.match(one.think, /^The user wrote \d+ bytes\./);
		assert.ok(one.text.includes(words), one.text);
		const two = await ask('think', { think: true, turns: [
			{ user: words }, { said: one }, { user: 'go on' }] });

		assert.match(two.text, /go on/);
	});

	test(`${name}: an image`, async () => {
		const { text } = await ask('', { turns: [
			{ user: 'Look here', image: png }] });

		assert.match(text, /Look here/);
		assert.match(text, /image\/png, 70 bytes/);
	});

	test(`${name}: an end by length, a refusal`, async () => {
		const short = await ask('', { max: 16, turns: [
			{ user: 'so many words '.repeat(20) }] });

		assert.equal(short.done, 'length');
		assert.ok(short.text.length > 10 && short.text.length < 100);
		const no = await ask('refuse');

		assert.equal(no.calls.length, 0);
		assert.ok(no.done === 'refused' || /cannot help/.test(
		    no.refusal + no.text), JSON.stringify(no));
	});

	if (client !== 'responses')
		test(`${name}: a stop sequence`, async () => {
			const one = await ask('', { stop: 'ck br' });

			assert.equal(one.text, 'You said: The qui');
			assert.equal(one.done, 'end');
		});

	test(`${name}: errors`, async () => {
		for (const [directives, status] of [['status=429+retry=1', 429],
			['status=404', 404],
			['status=413', client === 'gemini' &&
			    provider !== 'gemini' ? 400 : 413]])
			assert.equal((await failure(ask(directives))).status,
			    status, directives);
		assert.ok((await failure(ask('status=500'))).status >= 500);
		const over = await failure(ask('overflow'));

		assert.equal(over.status, 400);
		assert.match(over.message, /200000|context window/);
		// programs shorten their history when they are told in these words
		assert.match(`${over.code} ${over.message}`, {
			chat: /^context_length_exceeded /,
			responses: /^context_length_exceeded /,
			messages: /prompt is too long/,
			gemini: /input token count/ }[client]);
		// of the other two a stream may end without its last event
		const cuts = stream ? ['cut=1', 'cut=3', 'error=2',
		    ...(/responses|gemini/.test(provider) ? ['nodone'] : [])]
		    : ['cut=20', 'badjson'];

		for (const directives of cuts)
			assert.ok(await failure(ask(directives)), directives);
	});
}

// Without alt=sse a stream of Gemini's is one JSON array, whatever happens in it.
for (const provider of PROTOCOLS) for (const version of ['v1', 'v1beta'])
	test(`one array of ${provider}'s, at /${version}`, async () => {
		const ask = (directives) => gateway.post(`/${version}/models/${
			provider}/gemini-3-pro+${directives}:streamGenerateContent`,
		    { contents: [{ role: 'user', parts: [{ text: words }] }] });
		const all = await ask('events=5');
		const amid = await ask('events=5+error=4');
		const none = await ask('status=503');

		assert.match(all.headers['content-type'], /^application\/json/);
		assert.ok(all.json.length >= 5);
		assert.equal(all.json.map((one) => one.candidates[0].content.parts
		    .map((part) => part.text).join('')).join(''),
		    `You said: ${words}`);
		assert.equal(all.json.at(-1).candidates[0].finishReason, 'STOP');
		assert.ok(amid.json.at(-1).error.code >= 500, amid.body);
		assert.equal(none.status, 503);
		assert.equal(none.json[0].error.status, 'UNAVAILABLE');
	});

// Counting is asked of a provider that counts, else it is a guess; some number there is.
for (const provider of PROTOCOLS)
	test(`tokens are counted by, or for, ${provider}`, async () => {
		const model = `${provider}/gemini-3-pro`;
		const content = words.repeat(20);
		const counts = [
			(await gateway.anthropic().messages.countTokens({ model,
			    messages: [{ role: 'user', content }] })).input_tokens,
			(await gateway.openai().responses.inputTokens.count({ model,
			    input: content })).input_tokens,
			(await gateway.gemini().models.countTokens({ model,
			    contents: content })).totalTokens,
		];

		for (const count of counts)
			assert.ok(count > 100 && count < 1000, String(counts));
	});

// What one provider sealed must not reach another, nor be missed when it is asked again.
for (const client of PROTOCOLS) for (const stream of [false, true])
	test(`${client}, ${stream ? 'streamed' : 'whole'}: a conversation that ${
	    ''}goes from provider to provider`, async () => {
		const round = [...PROTOCOLS, ...PROTOCOLS.toReversed(), 'chat',
			'gemini', 'messages', 'chat', 'responses', 'messages'];
		const turns = [{ user: words }];
		const wish = { turns, tools, think: true, stream };
		const ask = (provider, directives) => clients[client].ask({
			...wish, model: `${provider}/gemini-3-pro+${directives}`,
		}).catch((error) => assert.fail(`${provider}, turn ${
			turns.length}: ${error.message}`));

		for (const [i, provider] of round.entries()) {
			const one = await ask(provider, 'tools=2+think');

			assert.equal(one.calls.length, 2, provider);
			turns.push({ said: one }, { results: one.calls.map(
			    (call) => [call, `${provider} ${i}`]) });
			// the next one answers within the turn, then it is over
			const two = await ask(round[(i + 1) % round.length],
			    'think');

			assert.ok(two.text.includes(`${provider} ${i}`));
			turns.push({ said: two }, { user: 'and now?' });
		}
	});

stage.close();
