// count_tokens: told by the provider where it can, estimated where it cannot or does not,
// and then said to be so.
import { Stage, assert, ask, test } from './harness.mjs';
import { anthropicError } from './shapes.mjs';

const stage = new Stage();
const provider = await stage.provider();
const silent = await stage.provider();
const url = provider.url;
const gateway = await stage.gateway({ config: {
	providers: {
		claude: { preset: 'anthropic', base_url: url, key: 'k' },
		other: { messages: url, dialect: 'minimax' },
		vllm: { preset: 'vllm', chat: `${url}/v1` },
		kimi: { base_url: url, key: 'k' },
		ollama: { base_url: url },
		plain: { chat: `${url}/v1` },
		keeps: { chat: `${url}/v1`, quirks: [{ models: 'thinks*',
			set: { replay: 'always' } }] },
		gone: { messages: 'http://127.0.0.1:1' },
		deepseek: { base_url: url, translate: true },
	},
	models: { fast: { targets: ['gone/m', 'claude/claude-opus-4-8'] } },
	env: false,
} });
const hello = { messages: [{ role: 'user', content: 'Hello there' }] };
const tools = [{ name: 'look', description: 'Look it up', input_schema: {
	type: 'object', properties: { q: { type: 'string' } } } }];

async function count(model, body = hello) {
	const answer = await gateway.post('/v1/messages/count_tokens',
	    { model, ...body });

	return { ...answer, n: answer.json.input_tokens,
		estimated: answer.headers['x-dragoman-estimated'] };
}

test('a provider of Messages is asked', async () => {
	provider.answer((c) => c.json({ input_tokens: 42, new: 1 }));
	const answer = await count('claude/claude-opus-4-8');

	assert.equal(provider.last.target, '/v1/messages/count_tokens');
	assert.deepEqual(answer.json, { input_tokens: 42, new: 1 });
	assert.equal(answer.estimated, undefined);
});

test('an estimate knows the quirks of the operator', async () => {
	const body = { messages: [...hello.messages, { role: 'assistant',
		content: [{ type: 'thinking', thinking: 'Hm, well, '.repeat(50),
			signature: 'x' }, { type: 'text', text: 'Hi' }] },
	...hello.messages] };
	const [kept, other] = [await count('keeps/thinks-1', body),
		await count('keeps/does-not', body)];

	assert.equal(kept.estimated, 'input_tokens');
	assert.ok(kept.n > other.n + 100, `${kept.n} and ${other.n}`);
});

test('vLLM is asked for the tokens of a Chat request', async () => {
	provider.answer((c) => c.json({ count: 17, max_model_len: 4096,
		tokens: [1, 2] }));
	const answer = await count('vllm/m', { ...hello, system: 'Be brief.', tools });

	assert.equal(provider.last.target, '/tokenize');
	assert.deepEqual(answer.json, { input_tokens: 17 });
	assert.equal(answer.estimated, undefined);
	assert.equal(answer.headers['x-dragoman-target'], 'vllm/m');
	const asked = provider.last.json;

	assert.equal(asked.model, 'm');
	assert.equal(asked.messages[0].content, 'Be brief.');
	assert.equal(asked.tools[0].function.name, 'look');
	assert.equal(asked.max_tokens, undefined);
});

test('Kimi has an address of its own', async () => {
	provider.answer((c) => c.json({ data: { total_tokens: 80 } }));
	const answer = await count('kimi/kimi-k2.5');

	assert.equal(provider.last.target, '/v1/tokenizers/estimate-token-count');
	assert.equal(provider.last.headers.authorization, 'Bearer k');
	assert.deepEqual(answer.json, { input_tokens: 80 });
});

test('who cannot count is not asked', async () => {
	const before = provider.requests.length;

	for (const model of ['ollama/m', 'plain/m', 'deepseek/m']) {
		const { n, estimated, status } = await count(model);

		assert.equal(status, 200, model);
		assert.equal(estimated, 'input_tokens', model);
		assert.ok(n > 3 && n < 30, model);
	}
	assert.equal(provider.requests.length, before);
});

const failures = [
	['a 404', (c) => c.text(404, 'Not Found', { 'content-type': 'text/plain' })],
	['a 405', (c) => c.json({ detail: 'Method Not Allowed' }, 405)],
	['a 500', (c) => c.json(anthropicError('api_error', 'oops'), 500)],
	['a 429', (c) => c.json(anthropicError('rate_limit_error', 'slow'), 429)],
	['a page', (c) => c.text(200, '<html>', { 'content-type': 'text/html' })],
	['another answer', (c) => c.json({ id: 'x', usage: { input_tokens: 3 } })],
	['a number of another kind', (c) => c.json({ input_tokens: -1.5 })],
	['half an answer', (c) => {
		c.head(200, { 'content-length': 100 });
		c.raw('{"input');
		return c.cut();
	}],
	['nothing', (c) => c.cut()],
];

for (const [what, answer] of failures)
	test(`${what} is followed by an estimate`, async () => {
		provider.answer(answer);
		const { n, estimated, status } = await count('other/m');

		assert.equal(status, 200);
		assert.equal(estimated, 'input_tokens');
		assert.ok(n > 3 && n < 60);
	});

test('a provider that is not there is followed by an estimate for its model', async () => {
	const before = provider.requests.length;
	const { estimated, status } = await count('fast');

	assert.equal(status, 200);
	assert.equal(estimated, 'input_tokens');
	assert.equal(provider.requests.length, before);
});

test('a counter that refuses our request is followed by an estimate', async () => {
	provider.answer((c) => c.json({ error: { message: 'no tools' } }, 400));
	const { estimated, status } = await count('vllm/m', { ...hello, tools });

	assert.equal(status, 200);
	assert.equal(estimated, 'input_tokens');
});

test('what is wrong with request, key or model is told', async () => {
	const bad = anthropicError('invalid_request_error', 'messages: too short');

	provider.answer((c) => c.json(bad, 400));
	const refused = await count('claude/claude-opus-4-8');

	assert.equal(refused.status, 400);
	assert.deepEqual(refused.json, bad);
	provider.answer((c) => c.json(anthropicError('not_found_error',
	    'model: claude-gone'), 404));
	assert.equal((await count('claude/claude-gone')).status, 404);
	provider.answer((c) => c.json(anthropicError('authentication_error',
	    'invalid x-api-key'), 401));
	// which is the gateway's own
	assert.equal((await count('claude/claude-opus-4-8')).status, 502);
	const wrong = await count('plain/m', { messages: 'Hello' });

	assert.equal(wrong.status, 400);
	assert.equal(wrong.json.type, 'error');
	assert.equal((await count('nobody/m')).status, 404);
});

test('a body that no provider could take is counted all the same', async () => {
	const { n, status } = await count('plain/m', { messages: [{ role: 'user',
		content: [{ type: 'text', text: 'Hi' }, { type: 'brand_new', x: 1 }] }],
	tools: [] });

	assert.equal(status, 200);
	assert.ok(n > 0);
});

test('what is longer counts for more', async () => {
	let before = 0;

	for (const words of [1, 10, 100, 1000]) {
		const { n } = await count('plain/gpt-4o', { messages: [{ role: 'user',
			content: 'some words '.repeat(words) }] });

		assert.ok(n > before);
		before = n;
	}
	assert.ok(before > 1700 && before < 2300);
	const { n } = await count('plain/gpt-4o', { ...hello, tools });

	assert.ok(n > (await count('plain/gpt-4o')).n + 20);
});

test('25 at once stand', async () => {
	const one = (i) => i % 3 === 0 ? 'plain/m' : i % 3 === 1 ? 'other/m'
	    : 'claude/claude-opus-4-8';

	provider.always((c) => c.request.headers['x-api-key'] === 'k'
	    ? c.json({ input_tokens: 7 }) : c.json({}, 404));
	const answers = await Promise.all(Array.from({ length: 25 }, (_, i) =>
	    count(one(i))));

	provider.always(null);
	answers.forEach((a, i) => {
		assert.equal(a.status, 200);
		assert.equal(a.estimated, i % 3 === 2 ? undefined : 'input_tokens');
	});
});

test('who hangs up while it is counted leaves nothing behind', async () => {
	const mute = await stage.gateway({ config: { providers: {
		m: { messages: silent.url } }, env: false } });
	const heard = new Promise((done) => silent.answer((c) => {
		done(c);
		return c.closed;
	}));
	const stop = new AbortController();
	const asked = fetch(`${mute.url}/v1/messages/count_tokens`, {
		method: 'POST', headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ model: 'm/x', ...hello }),
		signal: stop.signal }).catch(() => 'gone');
	const call = await heard;

	stop.abort();
	assert.equal(await asked, 'gone');
	await call.closed;
	assert.equal((await ask(`${mute.url}/healthz`)).status, 200);
});

stage.close();
