// What a translation loses is named to the client, refused where it is to be, and
// counted for the operator.
import { Stage, assert, pair, test, until } from './harness.mjs';
import { completion, message } from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const gpt = await stage.provider();
const models = {
	soft: { targets: ['claude/claude-opus-4-8'], strict: false },
	hard: { targets: ['claude/claude-opus-4-8'], strict: true },
};
const ADMIN = 'dg-admin-0123456789';
const lax = await stage.gateway({ config: pair(gpt, claude, { models, workers: 2 }),
	env: { DRAGOMAN_ADMIN_KEY: ADMIN } });
const strict = await stage.gateway({
	config: pair(gpt, claude, { models, strict: true }) });
const hello = [{ role: 'user', content: 'Hello' }];
const body = (model) => ({ model, messages: hello, seed: 7, tools: [
	{ type: 'function', function: { name: 'a', parameters: {} } },
	{ type: 'function', function: { name: 'b', strict: true, parameters: {
	    type: 'object', properties: { n: { type: 'number', minimum: 1 } } } } }] });
const chat = (gateway, model, headers = {}) =>
	gateway.post('/v1/chat/completions', body(model), headers);

test('each is named by its place in the request, in the header and the log', async () => {
	claude.answer((c) => c.json(message('Yes')));
	const answer = await chat(lax, 'claude/claude-opus-4-8');

	assert.equal(answer.status, 200);
	assert.equal(answer.headers['x-dragoman-warnings'],
	    'seed=dropped; tools[1].function.strict=dropped');
	await lax.says(/warnings.*tools\[1\]\.function\.strict=dropped/);
});

test('so it is when the provider answers with an error', async () => {
	claude.answer((c) => c.json({ type: 'error', error: {
		type: 'invalid_request_error', message: 'no' } }, 400));
	const answer = await chat(lax, 'claude/claude-opus-4-8');

	assert.equal(answer.status, 400);
	assert.match(answer.headers['x-dragoman-warnings'], /^seed=dropped; /);
});

test('strict by header, by model, or in general: refused, with the reason', async () => {
	const before = claude.requests.length;

	for (const answer of [
		await chat(lax, 'soft', { 'x-dragoman-strict': '1' }),
		await chat(lax, 'hard'),
		await chat(strict, 'claude/claude-opus-4-8'),
		await chat(strict, 'hard')]) {
		assert.equal(answer.status, 400);
		assert.match(answer.json.error.message,
		    /seed=dropped \(.+\); tools\[1\]\.function\.strict=dropped \(.+\)/);
		assert.match(answer.headers['x-dragoman-warnings'], /seed=dropped/);
	}
	assert.equal(claude.requests.length, before);
	claude.answer((c) => c.json(message('Yes')));
	assert.equal((await chat(strict, 'soft')).status, 200);
});

test('they are counted, over all workers', async () => {
	const row = (path) => new RegExp('dragoman_losses_total\\{from="chat",' +
	    `to="messages",path="${path}",action="dropped"\\} (\\d+)`);
	// a request is counted when it is over, a moment after its answer
	const page = await until(async () => {
		const now = await lax.ask('/metrics');

		return row('seed').exec(now.body)?.[1] === '4' && now;
	}, 'four requests without their seed');

	assert.equal(page.status, 200);
	assert.match(page.headers['content-type'], /^text\/plain; version=0\.0\.4/);
	assert.equal(row('tools\\[\\]\\.function\\.strict').exec(page.body)[1], '4');
	assert.match(page.body, /dragoman_requests_total\{status="4xx"\} 3\n/);
	assert.match(page.body, /dragoman_attempts_total 4\n/);
	assert.doesNotMatch(page.body, /losses_total.* 0\n/);
});

test('the numbers are for the operator', async () => {
	const by = (headers) => lax.ask('/metrics', { headers });
	const proxied = { 'x-forwarded-for': '203.0.113.9' };

	assert.equal((await by(proxied)).status, 401);
	assert.equal((await by({ ...proxied, authorization: 'Bearer no' })).status, 401);
	assert.equal((await by({ ...proxied,
		authorization: `Bearer ${ADMIN}` })).status, 200);
	assert.equal((await lax.post('/metrics', {})).status, 405);
});

test('nothing is lost, nothing is named', async () => {
	gpt.answer((c) => c.json(completion('Yes')));
	const answer = await lax.post('/v1/chat/completions',
	    { ...body('gpt/gpt-4o'), tools: undefined });

	assert.equal(answer.status, 200);
	assert.equal(answer.headers['x-dragoman-warnings'], undefined);
});

test('what an answer holds and the client cannot be told is named, too', async () => {
	const searched = message([{ type: 'server_tool_use', id: 's', name: 'web_search',
		input: {} }, { type: 'text', text: 'Yes' }]);

	claude.answer((c) => c.json(searched));
	const one = await lax.post('/v1/chat/completions',
	    { model: 'claude/claude-opus-4-8', messages: hello });

	assert.equal(one.headers['x-dragoman-warnings'], 'answer.content[0]=dropped');
	claude.answer((c) => c.json(searched), (c) => c.json(searched));
	const two = await lax.post('/v1/chat/completions',
	    { model: 'claude/claude-opus-4-8', messages: hello, n: 2 });

	assert.equal(two.json.choices?.length, 2, JSON.stringify(two.json));
	assert.match(two.headers['x-dragoman-warnings'], /answer\.content\[0\]=dropped/);
});

stage.close();
