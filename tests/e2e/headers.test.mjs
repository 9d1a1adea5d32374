// What the heads of answers say, in both vocabularies, whole and streamed.
import { createHash } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Stage, assert, attempts, failure, gather, pair, test
    } from './harness.mjs';
import { anthropicError, completion, completionStream, message, messageStream,
    openaiError } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude, {
	keys: [{ name: 'one', sha256: createHash('sha256').update('sk-client')
	    .digest('hex') }], limits: { body_mb: 1 } }) });
const openai = gateway.openai(), anthropic = gateway.anthropic();
const hello = [{ role: 'user', content: 'Hello' }];
const text = [{ type: 'text', text: 'Hi' }];
const soon = (s) => `${new Date(Date.now() + s * 1000).toISOString()
    .slice(0, 19)}Z`;
const kept = { server: 'them', via: '1.1 them', 'set-cookie': 'a=b',
	'cf-ray': '1', 'openai-processing-ms': '7', 'openai-version': '2020',
	'openai-organization': 'org', 'anthropic-organization-id': 'org',
	'anthropic-workspace-id': 'w', 'x-dragoman-target': 'forged' };

function checkIds(headers, upstream) {
	const id = headers.get('x-request-id');

	assert.match(id, /^req_[0-9A-Za-z]{24}$/);
	assert.equal(headers.get('request-id'), id);
	assert.equal(headers.get('x-dragoman-upstream-request-id'), upstream);
	for (const name of Object.keys(kept))
		assert.notEqual(headers.get(name), kept[name], name);
	assert.equal(attempts(headers), '1');
	return id;
}

for (const stream of [false, true]) {
	const how = stream ? 'stream' : 'whole';

	test(`Anthropic's limits in OpenAI's words, ${how}`, async () => {
		const headers = { ...kept, 'request-id': 'up_1',
			'anthropic-ratelimit-requests-limit': '50',
			'anthropic-ratelimit-requests-remaining': '49',
			'anthropic-ratelimit-requests-reset': soon(360),
			'anthropic-ratelimit-input-tokens-limit': '9000',
			'anthropic-ratelimit-input-tokens-remaining': '8000',
			'anthropic-ratelimit-input-tokens-reset': soon(-5),
			'anthropic-ratelimit-unified-status': 'allowed' };

		claude.answer((c) => stream ? c.begin(headers)
		    .piece(messageStream(text)).end()
		    : c.json(message('Hi'), 200, headers));
		const { data, response } = await openai.chat.completions.create({
			model: 'claude/claude-opus-4-8', stream,
			messages: hello }).withResponse();
		const head = response.headers;

		if (stream)
			await gather(data);
		checkIds(head, 'up_1');
		assert.equal(head.get('x-dragoman-target'),
		    'claude/claude-opus-4-8');
		assert.equal(head.get('x-ratelimit-limit-requests'), '50');
		assert.equal(head.get('x-ratelimit-remaining-requests'), '49');
		assert.match(head.get('x-ratelimit-reset-requests'),
		    /^(5m5\d(\.\d+)?s|6m0s)$/);
		assert.equal(head.get('x-ratelimit-limit-tokens'), '9000');
		assert.equal(head.get('x-ratelimit-remaining-tokens'), '8000');
		assert.equal(head.get('x-ratelimit-reset-tokens'), '0s');
		assert.equal(head.get('anthropic-ratelimit-unified-status'),
		    null);
	});

	test(`OpenAI's limits in Anthropic's words, ${how}`, async () => {
		const headers = { ...kept, 'x-request-id': 'up_2',
			'x-ratelimit-limit-requests': '60',
			'x-ratelimit-remaining-requests': '59',
			'x-ratelimit-reset-requests': '12ms',
			'x-ratelimit-limit-tokens': '150000',
			'x-ratelimit-remaining-tokens': '149984',
			'x-ratelimit-reset-tokens': '1m2.5s' };

		gpt.answer((c) => stream ? c.begin(headers)
		    .piece(completionStream('Hi')).end()
		    : c.json(completion('Hi'), 200, headers));
		const before = Date.now();
		const { data, response } = await anthropic.messages.create({
			model: 'gpt/gpt-4o', max_tokens: 9, stream,
			messages: hello }).withResponse();
		const head = response.headers;
		const reset = (of) => Date.parse(head.get(
		    `anthropic-ratelimit-${of}-reset`)) - before;

		if (stream)
			await gather(data);
		checkIds(head, 'up_2');
		assert.equal(head.get('anthropic-ratelimit-requests-limit'), '60');
		assert.equal(head.get('anthropic-ratelimit-requests-remaining'),
		    '59');
		assert.equal(head.get('anthropic-ratelimit-tokens-limit'),
		    '150000');
		assert.equal(head.get('anthropic-ratelimit-tokens-remaining'),
		    '149984');
		// a moment on a full second, never too early
		assert.ok(reset('requests') >= 12);
		assert.ok(reset('tokens') >= 62500);
		assert.match(head.get('anthropic-ratelimit-tokens-reset'),
		    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		assert.equal(head.get('anthropic-ratelimit-input-tokens-limit'),
		    null);
	});

	test(`without a word when to come again the limits say it, ${how}`,
	    async () => {
		claude.answer((c) => c.json(anthropicError('rate_limit_error',
		    'Slow'), 429, {
			'anthropic-ratelimit-tokens-remaining': '0',
			'anthropic-ratelimit-tokens-reset': soon(600) }));
		gpt.answer((c) => c.json(openaiError('Slow'), 429, {
			'x-ratelimit-remaining-requests': '0',
			'x-ratelimit-reset-requests': '2.5s' }));
		const one = await failure(openai.chat.completions.create({ stream,
			model: 'claude/claude-opus-4-8', messages: hello }));
		const two = await failure(anthropic.messages.create({ stream,
			model: 'gpt/gpt-4o', max_tokens: 9, messages: hello }));

		assert.ok(one instanceof OpenAI.RateLimitError);
		assert.equal(one.type, 'tokens');
		assert.equal(one.headers.get('retry-after'), '60');
		assert.equal(one.headers.get('x-ratelimit-remaining-tokens'), '0');
		assert.ok(two instanceof Anthropic.RateLimitError);
		assert.equal(two.headers.get('retry-after'), '3');
		assert.equal(two.requestID, two.error.request_id);
	});
}

// ---- what the gateway says itself ----

const sdks = [
	{ name: 'OpenAI', of: OpenAI,
	    ask: (client, rest) => client.chat.completions.create({
		    messages: hello, model: 'claude/claude-opus-4-8',
		    ...rest }),
	    client: (rest) => gateway.openai(rest),
	    type: (error) => error.type },
	{ name: 'Anthropic', of: Anthropic,
	    ask: (client, rest) => client.messages.create({ max_tokens: 9,
		    messages: hello, model: 'gpt/gpt-4o', ...rest }),
	    client: (rest) => gateway.anthropic(rest),
	    type: (error) => error.error.error.type },
];
const own = [
	{ what: 'a wrong value', body: { temperature: 'hot' }, status: 400,
	    of: 'BadRequestError', type: 'invalid_request_error',
	    anthropic: 'invalid_request_error', says: /temperature/ },
	{ what: 'a wrong key', apiKey: 'sk-wrong', status: 401,
	    of: 'AuthenticationError', type: 'invalid_request_error',
	    code: 'invalid_api_key', anthropic: 'authentication_error',
	    says: /key/ },
	{ what: 'an unknown model', body: { model: 'nobody' }, status: 404,
	    of: 'NotFoundError', type: 'invalid_request_error',
	    code: 'model_not_found', anthropic: 'not_found_error',
	    says: /nobody/ },
	{ what: 'a body too large', body: { messages: [{ role: 'user',
		content: 'x'.repeat(1 << 20) }] }, status: 413, of: 'APIError',
	    type: 'invalid_request_error', code: 'request_too_large',
	    anthropic: 'request_too_large', says: /large|limit/i },
];

for (const sdk of sdks)
	for (const row of own)
		for (const stream of [false, true])
			test(`${row.what} as ${sdk.name}'s SDK sees it, ${stream
			    ? 'stream' : 'whole'}`, async () => {
				const error = await failure(sdk.ask(sdk.client(
				    row.apiKey ? { apiKey: row.apiKey } : {}),
				    { stream, ...row.body }));

				assert.ok(error instanceof sdk.of[row.of],
				    error.constructor.name);
				assert.equal(error.status, row.status);
				assert.match(error.message, row.says);
				assert.match(error.requestID, /^req_/);
				assert.equal(sdk.type(error), sdk.of === OpenAI
				    ? row.type : row.anthropic);
				if (sdk.of === OpenAI && row.code)
					assert.equal(error.code, row.code);
				if (sdk.of === Anthropic)
					assert.equal(error.error.request_id,
					    error.requestID);
			});

stage.close();
