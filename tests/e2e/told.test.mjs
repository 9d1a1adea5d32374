// What every answer tells in its head, in all four protocols: whole, streamed,
// passed, translated, refused by the provider or by the gateway.
import { Stage, assert, pair, test } from './harness.mjs';
import { anthropicError, completion, completionStream, message, messageStream,
    openaiError } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude),
	env: { DRAGOMAN_KEY: 'the-key' } });

const say = [{ role: 'user', content: 'Hello' }];

/** By protocol: the address and the body of a request; what it loses there. */
const clients = {
	chat: (model, stream) => ['/v1/chat/completions',
		{ model, stream, messages: say, service_tier: 'flex' }],
	messages: (model, stream) => ['/v1/messages',
		{ model, stream, messages: say, max_tokens: 9, top_k: 3 }],
	responses: (model, stream) => ['/v1/responses',
		{ model, stream, input: 'Hello', truncation: 'auto' }],
	gemini: (model, stream) => [`/v1beta/models/${model}:${stream
	    ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
		{ contents: [{ parts: [{ text: 'Hello' }] }],
			safetySettings: [] }],
};

/** Rate limits as the providers tell them, and as the clients read them. */
const openaiLimits = { 'x-ratelimit-limit-requests': '60',
	'x-ratelimit-remaining-requests': '59',
	'x-ratelimit-reset-requests': '1s' };
const anthropicLimits = { 'anthropic-ratelimit-requests-limit': '60',
	'anthropic-ratelimit-requests-remaining': '59',
	'anthropic-ratelimit-requests-reset': '2099-01-01T00:00:00Z' };

const providers = {
	'gpt/m': { one: gpt, good: (c, stream) => stream
	    ? c.stream(completionStream('Hi'), openaiLimits)
	    : c.json(completion('Hi'), 200, openaiLimits),
	    bad: (c, status) => c.json(openaiError('No.'), status,
		openaiLimits) },
	'claude/m': { one: claude, good: (c, stream) => stream
	    ? c.stream(messageStream('Hi'), anthropicLimits)
	    : c.json(message('Hi'), 200, anthropicLimits),
	    bad: (c, status) => c.json(anthropicError(
		'invalid_request_error', 'No.'), status, anthropicLimits) },
};

const limitsOf = { chat: 'x-ratelimit-limit-requests',
	responses: 'x-ratelimit-limit-requests',
	messages: 'anthropic-ratelimit-requests-limit' };

async function ask(client, model, stream, key = 'the-key', rest = {}) {
	const [path, body] = clients[client](model, stream);

	return gateway.post(path, body, { authorization: `Bearer ${key}`,
		'x-request-id': 'my-own-id', ...rest });
}

/** What stands in every answer to a request, whatever became of it. */
function always(headers) {
	assert.equal(headers['x-request-id'], 'my-own-id');
	assert.match(headers['x-dragoman-overhead-us'], /^\d+$/);
}

for (const [client, limit] of Object.keys(clients).map((c) =>
    [c, limitsOf[c]]))
	for (const [model, { one, good, bad }] of Object.entries(providers))
		for (const stream of [false, true]) {
			const what = `${client} of ${model}, ${stream ? 'streamed'
			    : 'whole'}`;

			test(`${what}: an answer`, async () => {
				one.answer((c) => good(c, stream));
				const { status, headers, body } = await ask(client,
				    model, stream, 'the-key', { traceparent:
				    '00-0af7651916cd43dd8448eb211c80319c-' +
				    'b7ad6b7169203331-01' });

				assert.equal(status, 200, body);
				always(headers);
				assert.equal(headers['x-dragoman-target'], model);
				assert.match(headers['x-dragoman-attempts'], /^1/);
				if (limit)
					assert.equal(headers[limit], '60');
				assert.match(one.last.headers.traceparent, /0af76519/);
			});

			for (const status of [400, 429, 500])
				test(`${what}: a provider's ${status}`, async () => {
					one.answer((c) => bad(c, status));
					const answer = await ask(client, model, stream);

					assert.ok(answer.status >= 400);
					always(answer.headers);
					assert.equal(answer.headers[
					    'x-dragoman-target'], model);
					assert.match(answer.headers[
					    'x-dragoman-attempts'], /^1/);
					if (limit)
						assert.equal(answer.headers[limit],
						    '60');
				});

			test(`${what}: no such model, no such key`, async () => {
				for (const [name, key, wanted] of [
					[`${model.split('/')[0]}x`, 'the-key', 404],
					[model, 'another', 401]]) {
					const { status, headers } = await ask(client,
					    name, stream, key);

					assert.equal(status, wanted);
					always(headers);
					assert.equal(headers['x-dragoman-target'],
					    undefined);
				}
			});
		}

test('what was lost is told with a stream, too', async () => {
	for (const stream of [false, true]) {
		claude.answer((c) => providers['claude/m'].good(c, stream));
		const { headers } = await gateway.post('/v1/chat/completions',
		    { model: 'claude/m', messages: say, stream, seed: 7 },
		    { authorization: 'Bearer the-key' });

		assert.equal(headers['x-dragoman-warnings'], 'seed=dropped');
	}
});

test('an id that is not fit to be repeated is replaced', async () => {
	for (const id of ['a b', 'x'.repeat(129), 'a"b']) {
		gpt.answer((c) => providers['gpt/m'].good(c, false));
		const { headers } = await ask('chat', 'gpt/m', false, 'the-key',
		    { 'x-request-id': id });

		assert.match(headers['x-request-id'], /^req_\w+$/);
	}
});

stage.close();
