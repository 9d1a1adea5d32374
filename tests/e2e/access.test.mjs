// Who may come in, with what, and where a credential goes.
import { createHash } from 'node:crypto';
import { Stage, assert, ask, failure, pair, run, test } from './harness.mjs';
import { completion, message, openaiError } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const hash = (key) => createHash('sha256').update(key).digest('hex');
const KEY = 'dg-the-key-of-team-a-0123456789', OTHER = 'dg-of-team-b-9876543210';
const gateway = await stage.gateway({ config: pair(gpt, claude, {
	log: 'debug',
	models: { fast: { targets: ['gpt/gpt-4o'] },
	    good: { targets: ['claude/claude-opus-4-8'] } },
	keys: [{ name: 'team-a', sha256: hash(KEY) },
	    { name: 'team-b', sha256: hash(OTHER), models: ['fast', 'claude/*'] }],
}) });
const chat = (client, model = 'gpt/gpt-4o') => client.chat.completions.create({
	model, messages: hello });

test('a client key opens, in every place where it may stand', async () => {
	gpt.always((c) => c.json(completion('In')));
	const body = { model: 'gpt/gpt-4o', messages: hello };

	for (const headers of [{ authorization: `Bearer ${KEY}` },
		{ authorization: `bearer ${KEY}` }, { 'x-api-key': KEY },
		{ 'api-key': KEY }, { 'x-goog-api-key': KEY },
		{ authorization: 'Bearer wrong', 'x-api-key': KEY }])
		assert.equal((await gateway.post('/v1/chat/completions', body,
		    headers)).status, 200, JSON.stringify(headers));
	assert.equal((await gateway.post(`/v1/chat/completions?key=${KEY}`, body))
	    .status, 200);
	assert.equal(gpt.last.target, '/v1/chat/completions');
	assert.doesNotMatch(gpt.requests.map((r) => r.head).join(), /dg-the-key/);
	assert.equal((await chat(gateway.openai({ apiKey: KEY }))).choices[0]
	    .message.content, 'In');
	assert.equal((await gateway.anthropic({ apiKey: KEY }).messages.create({
		model: 'gpt/gpt-4o', max_tokens: 9, messages: hello }))
	    .content[0].text, 'In');
	gpt.forget();
});

// Or a client keeps the connection for its next request, and loses that.
test('who is turned away before the body is told that the connection ends',
    async () => {
	const raw = await stage.raw(gateway, 'POST /v1/chat/completions ' +
	    'HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
	    'content-length: 99\r\n\r\n');

	await raw.sees(/^HTTP\/1\.1 401 [^]*\r\nconnection: close\r\n/);
	await raw.closed();
});

test('nothing, or something else, does not', async () => {
	const body = { model: 'gpt/gpt-4o', messages: hello };

	for (const headers of [{}, { authorization: 'Bearer wrong' },
		{ authorization: `Basic ${KEY}` }, { 'x-api-key': `${KEY}x` },
		{ 'x-api-key': KEY.slice(0, -1) }, { 'x-api-key': hash(KEY) }]) {
		const answer = await gateway.post('/v1/chat/completions', body,
		    headers);

		assert.equal(answer.status, 401);
		assert.equal(answer.json.error.code, 'invalid_api_key');
		assert.equal(answer.headers['www-authenticate'], 'Bearer');
		assert.doesNotMatch(answer.body, /wrong|dg-/);
	}
	const one = await failure(chat(gateway.openai()));
	const two = await failure(gateway.anthropic().messages.create({
		model: 'gpt/gpt-4o', max_tokens: 9, messages: hello }));

	assert.equal(one.constructor.name, 'AuthenticationError');
	assert.equal(two.constructor.name, 'AuthenticationError');
	assert.equal(two.error.error.type, 'authentication_error');
	assert.equal((await gateway.ask('/v1/models')).status, 401);
	assert.equal(gpt.requests.length, 0);
	await gateway.says(/authentication failed.*client=127\.0\.0\.1/);
});

test('a 401 does not wait for the body', async () => {
	const raw = await stage.raw(gateway, 'POST /v1/chat/completions HTTP/1.1' +
	    '\r\nhost: x\r\ncontent-type: application/json\r\n' +
	    'content-length: 100000\r\n\r\n{');

	assert.match(await raw.closed(), /^HTTP\/1\.1 401 /);
});

test('probes need no key', async () => {
	for (const path of ['/healthz', '/readyz', '/health', '/health/liveliness',
		'/health/readiness'])
		assert.equal((await gateway.ask(path)).status, 200, path);
	assert.equal((await gateway.ask('/', { method: 'HEAD' })).status, 200);
});

test('a key may have models of its own', async () => {
	const client = gateway.openai({ apiKey: OTHER });
	const ids = [];

	gpt.answer((c) => c.json(completion('Yes')));
	claude.answer((c) => c.json(message('Oui')));
	await chat(client, 'fast');
	await chat(client, 'claude/claude-opus-4-8');
	const error = await failure(chat(client, 'gpt/gpt-4o'));

	assert.equal(error.status, 403);
	assert.match(error.message, /team-b/);
	assert.equal((await failure(chat(client, 'good'))).status, 403);
	for await (const model of await client.models.list())
		ids.push(model.id);
	assert.ok(ids.includes('fast'));
	assert.ok(!ids.includes('good'));
	const all = [];

	for await (const model of await gateway.openai({ apiKey: KEY }).models
	    .list())
		all.push(model.id);
	assert.ok(all.includes('good'));
});

test('keys of the environment', async () => {
	const own = await stage.gateway({ config: pair(gpt, claude),
		env: { DRAGOMAN_KEY: 'dg-one-of-two-keys, dg-two-of-two-keys' } });

	for (const apiKey of ['dg-one-of-two-keys', 'dg-two-of-two-keys']) {
		gpt.answer((c) => c.json(completion('Yes')));
		await chat(own.openai({ apiKey }));
	}
	assert.equal((await failure(chat(own.openai()))).status, 401);
});

test('the key that keygen prints opens by the line that it prints', async () => {
	const { out, code } = await run(['keygen', 'team "x"']);
	const [, key] = /^key +(\S+)$/m.exec(out);
	const [, line] = /^line +(.*)$/m.exec(out);
	const own = await stage.gateway({ config: pair(gpt, claude,
	    { keys: [JSON.parse(line)] }) });

	assert.equal(code, 0);
	assert.equal(JSON.parse(line).name, 'team "x"');
	assert.equal(JSON.parse(line).sha256, hash(key));
	gpt.answer((c) => c.json(completion('Yes')));
	await chat(own.openai({ apiKey: key }));
	assert.notEqual((await run(['keygen'])).out, out);
});

test('without a provider\'s key the caller\'s own goes on, in its form', async () => {
	const own = await stage.gateway({ config: { providers: {
		gpt: { chat: `${gpt.url}/v1` }, claude: { messages: claude.url } } } });

	gpt.answer((c) => c.json(completion('Yes')),
	    (c) => c.json(completion('Yes')));
	claude.answer((c) => c.json(message('Oui')), (c) => c.json(message('Oui')));
	await own.post('/v1/chat/completions', { model: 'gpt/m', messages: hello },
	    { 'x-api-key': 'sk-mine' });
	assert.equal(gpt.last.headers.authorization, 'Bearer sk-mine');
	assert.equal(gpt.last.headers['x-api-key'], undefined);
	await chat(own.openai({ apiKey: 'sk-mine' }), 'claude/claude-opus-4-8');
	assert.equal(claude.last.headers['x-api-key'], 'sk-mine');
	assert.equal(claude.last.headers.authorization, undefined);
	// Anthropic's tokens of OAuth travel as Bearer, and say so in a beta
	await own.anthropic({ apiKey: null, authToken: 'sk-ant-oat01-mine' })
	    .messages.create({ model: 'claude/claude-opus-4-8', max_tokens: 9,
		messages: hello });
	assert.equal(claude.last.headers.authorization,
	    'Bearer sk-ant-oat01-mine');
	assert.match(claude.last.headers['anthropic-beta'], /oauth-2025-04-20/);
	// without any, none is made up
	await own.post('/v1/chat/completions', { model: 'gpt/m',
		messages: hello });
	assert.equal(gpt.last.headers.authorization, undefined);
});

test('a provider with a key of its own never sees the caller\'s', async () => {
	const own = await stage.gateway({ config: pair(gpt, claude) });

	gpt.answer((c) => c.json(completion('Yes')));
	await own.post('/v1/chat/completions', { model: 'gpt/gpt-4o',
		messages: hello }, { authorization: 'Bearer sk-mine',
		'openai-organization': 'org-mine', 'openai-project': 'proj-mine' });
	assert.doesNotMatch(gpt.last.head, /mine/);
	assert.equal(gpt.last.headers.authorization, 'Bearer key-of-gpt');
});

test('several keys of a provider take turns', async () => {
	const own = await stage.gateway({ config: { providers: { gpt: {
		chat: `${gpt.url}/v1`, keys: ['key-number-1', 'key-number-2'] } } } });
	const seen = new Set();

	gpt.always((c) => c.json(completion('Yes')));
	for (let i = 0; i < 6; i++) {
		await chat(own.openai(), 'gpt/m');
		seen.add(gpt.last.headers.authorization);
	}
	gpt.forget();
	assert.deepEqual([...seen].sort(), ['Bearer key-number-1',
		'Bearer key-number-2']);
});

test('no request names an address', async () => {
	const before = gpt.requests.length + claude.requests.length;

	for (const model of ['http://127.0.0.1:1/m', '//127.0.0.1/m', '../gpt/m',
		'nobody/m', 'nobody/../m\r\nx: y'])
		assert.equal((await gateway.post('/v1/chat/completions',
		    { model, messages: hello, base_url: 'http://127.0.0.1:1',
			api_base: 'http://127.0.0.1:1' },
		    { 'x-api-key': KEY })).status, 404, model);
	assert.equal(gpt.requests.length + claude.requests.length, before);
});

test('a name is no way into heads or logs', async () => {
	const model = 'gpt/m\r\nx-forged: yes\nlevel=error msg=forged';

	gpt.answer((c) => c.json(completion('Yes')));
	const answer = await gateway.post('/v1/chat/completions',
	    { model, messages: hello }, { 'x-api-key': KEY,
		'x-request-id': 'a b"c' });

	assert.equal(answer.headers['x-forged'], undefined);
	assert.match(answer.headers['x-request-id'], /^req_/);
	assert.doesNotMatch(gpt.last.head, /forged/);
	await gateway.says(/forged/);
	assert.doesNotMatch(gateway.log, /^(x-forged|level=error)/m);
});

test('web pages are let in only from the origin that is configured', async () => {
	const own = await stage.gateway({ config: pair(gpt, claude,
	    { cors: 'https://app.example' }) });
	const closed = await stage.gateway({ config: pair(gpt, claude) });
	const wish = (g, origin) => g.post('/v1/chat/completions',
	    { model: 'gpt/gpt-4o', messages: hello }, { origin });

	gpt.answer((c) => c.json(completion('Yes')));
	assert.equal((await wish(own, 'https://app.example')).status, 200);
	assert.equal((await wish(own, 'https://evil.example')).status, 403);
	assert.equal((await wish(closed, 'https://app.example')).status, 403);
	assert.equal(gpt.requests.at(-1).headers.origin, undefined);
});

test('a model that is named twice opens nothing', async () => {
	const before = gpt.requests.length;
	const rest = '"messages":[],"input":"x","contents":[],"max_tokens":9';
	const twice = ['"model":"gpt/gpt-5","model":"fast"',
		'"Model":"gpt/gpt-5","model":"fast"',
		'"mod\\u0065l":"fast","model":"fast"',
		'"model":"gpt/gpt-5","model":null,"models":["fast"]',
		'"model":"fast","models":["gpt/gpt-5"],"models":["fast"]'];

	for (const path of ['/v1/chat/completions', '/v1/messages',
		'/v1/responses', '/v1/embeddings',
		'/v1beta/models/fast:generateContent'])
		for (const one of twice) {
			const { status, body } = await gateway.post(path,
			    `{${one},${rest}}`, { 'x-api-key': OTHER });

			assert.equal(status, 400, `${path} ${one}`);
			assert.match(body, /must be given once/);
		}
	assert.equal(gpt.requests.length, before);
});

test('it refuses to start open to the world with keys in its hands', async () => {
	const dir = stage.dir();
	const env = { OPENAI_API_KEY: 'sk-secret-of-the-operator',
		DRAGOMAN_LISTEN: '0.0.0.0:0', HOME: dir };

	for (const args of [['serve'], ['check'], []]) {
		const { code, err } = await run(args, { env });

		assert.equal(code, 1);
		assert.match(err, /DRAGOMAN_KEY/);
		assert.match(err, /DRAGOMAN_OPEN=1/);
		assert.doesNotMatch(err, /sk-secret/);
	}
	assert.equal((await run(['check'], { env: { ...env,
		DRAGOMAN_OPEN: '1' } })).code, 0);
	assert.equal((await run(['check'], { env: { ...env,
		DRAGOMAN_KEY: 'dg-some-client-key' } })).code, 0);
	assert.equal((await run(['check'], { env: { ...env,
		DRAGOMAN_LISTEN: '127.0.0.1:0,[::1]:0' } })).code, 0);
	const open = await stage.gateway({ env: { DRAGOMAN_OPEN: '1',
		DRAGOMAN_LISTEN: '0.0.0.0:0', OPENAI_API_KEY: 'sk-secret-key',
		OPENAI_BASE_URL: `${gpt.url}/v1` } });

	assert.equal((await ask(`${open.url}/healthz`)).status, 200);
});

test('no secret in any log', async () => {
	const own = await stage.gateway({ config: pair(gpt, claude,
	    { log: 'debug', keys: [{ name: 'a', sha256: hash(KEY) }] }) });

	gpt.answer((c) => c.json(openaiError('Incorrect API key: key-of-gpt',
	    'invalid_api_key'), 401));
	claude.answer((c) => c.json(message('A secret answer')));
	await failure(chat(own.openai({ apiKey: KEY })));
	await own.openai({ apiKey: KEY }).chat.completions.create({
		model: 'claude/claude-opus-4-8',
		messages: [{ role: 'user', content: 'A secret question' }] });
	await own.post(`/v1/chat/completions?key=${KEY}`, 'not JSON',
	    { 'x-api-key': 'sk-also-mine' });
	await own.says(/(request.*\n[\s\S]*){3}/);
	for (const one of [own, gateway]) {
		assert.doesNotMatch(one.log, /key-of-|dg-the|dg-of|sk-also|sk-client/);
		assert.doesNotMatch(one.log, /secret (answer|question)/);
	}
});

stage.close();
