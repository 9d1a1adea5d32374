// Errors of providers that clients act upon: told so that they do, whichever
// protocol the provider speaks, and with what its headers say.
import { Stage, assert, pair, test } from './harness.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude) });
const messages = [{ role: 'user', content: 'Hello' }];
const chat = (model) => gateway.post('/v1/chat/completions', { model, messages });
const anthropic = (model) => gateway.post('/v1/messages', { model, messages,
	max_tokens: 9 });
const range = { code: 'InvalidParameter', request_id: 'r',
	message: 'Range of input length should be [1, 129024]' };

test('a request too long, to a client of the other protocol', async () => {
	gpt.answer((c) => c.json({ error: { code: 400, type:
	    'exceed_context_size_error', n_prompt_tokens: 9876, n_ctx: 4096,
	    message: 'the request exceeds the available context size' } }, 400));
	const one = await anthropic('gpt/gpt-4o');

	assert.equal(one.status, 400);
	assert.equal(one.json.error.type, 'invalid_request_error');
	assert.equal(one.json.error.message,
	    'prompt is too long: 9876 tokens > 4096 maximum');

	claude.answer((c) => c.json({ type: 'error', error: { type:
	    'invalid_request_error', message:
	    'prompt is too long: 201000 tokens > 200000 maximum' } }, 400));
	const two = await chat('claude/claude-opus-4-8');

	assert.equal(two.json.error.code, 'context_length_exceeded');
});

test('... and of the same, where the provider has words of its own', async () => {
	gpt.answer((c) => c.json(range, 400));
	const { status, json } = await chat('gpt/gpt-4o');

	assert.equal(status, 400);
	assert.equal(json.error.code, 'context_length_exceeded');
	assert.match(json.error.message, /maximum context length is 129024 tokens\. Range/);

	// one that says it as everybody does stays as it is, byte for byte
	const plain = '{ "error": {"code": "context_length_exceeded", "x": 1 }}';

	gpt.answer((c) => c.json(JSON.parse(plain), 400));
	assert.deepEqual((await chat('gpt/gpt-4o')).json, JSON.parse(plain));
});

test('what is used up decides between tokens and requests', async () => {
	const limited = (headers) => claude.answer((c) => c.json({ type: 'error',
		error: { type: 'rate_limit_error', message: 'tokens, says the text' } },
	    429, headers));

	limited({ 'anthropic-ratelimit-requests-remaining': '0',
		'anthropic-ratelimit-tokens-remaining': '500' });
	assert.equal((await chat('claude/claude-opus-4-8')).json.error.type, 'requests');
	limited({ 'anthropic-ratelimit-requests-remaining': '5',
		'anthropic-ratelimit-input-tokens-remaining': '0' });
	assert.equal((await chat('claude/claude-opus-4-8')).json.error.type, 'tokens');
});

test('an error inside of a 200, in a shape of its own', async () => {
	gpt.answer((c) => c.json({ base_resp: { status_code: 1008,
		status_msg: 'insufficient balance' } }));
	const { status, json } = await anthropic('gpt/gpt-4o');

	assert.ok(status >= 400);
	assert.match(json.error.message, /insufficient balance/);
});

test('an address that is none has a code of its own', async () => {
	const { status, json } = await gateway.post('/v1/nowhere', {});

	assert.equal(status, 404);
	assert.equal(json.error.code, 'not_found');
});

stage.close();
