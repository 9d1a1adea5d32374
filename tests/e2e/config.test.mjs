// The configuration: what it may say, what is told about it, and that it can be changed
// while the program runs.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, failure, pair, run, test } from './harness.mjs';
import { completion, message } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const dir = stage.dir();
let files = 0;

function file(text) {
	const path = join(dir, `c${files++}.json`);

	writeFileSync(path, text);
	return path;
}

/** What `check` says of a text: { code, out, err, path }. */
async function check(text, env) {
	const path = file(text);

	return { ...await run(['check', '-c', path], { env }), path };
}

test('check prints what is resolved', async () => {
	const { code, out } = await check(`{
		// comments, and commas too many
		"listen": ["127.0.0.1:0",], /* both kinds */
		"providers": {
			"anthropic": { "key": "\${SOME_KEY}" },
			"eu": { "preset": "openai",
			    "base_url": "https://eu.example.com/v1",
			    "keys": ["a-key", "b-key"] },
			"local": { "chat": "http://127.0.0.1:8000/v1",
			    "messages": "http://127.0.0.1:8000" },
		},
		"models": {
			"fast": { "targets": ["anthropic/claude-haiku-4-5",
			    { "model": "eu/gpt-5-mini" }], "strict": true },
		},
		"env": false,
	}`, { SOME_KEY: 'sk-ant-secret' });

	assert.equal(code, 0);
	assert.match(out, /anthropic +dialect anthropic, 1 key/);
	assert.match(out,
	    /messages +https:\/\/api\.anthropic\.com\/v1\/messages/);
	assert.match(out, /eu +dialect openai, 2 keys/);
	assert.match(out, /chat +https:\/\/eu\.example\.com\/v1\/chat\/completions/);
	assert.match(out, /local .*the caller's own credential/);
	assert.match(out,
	    /fast -> anthropic\/claude-haiku-4-5, eu\/gpt-5-mini +\(strict\)/);
	assert.doesNotMatch(out, /sk-ant|a-key/);
});

const wrong = [
	['{"listen": [}', /:1:13: /],
	['{\n  "provider": {}\n}', /:2:3: .*"provider".*"providers"/],
	['{"limits": {"body_mbs": 1}}', /:1:13: .*"body_mbs".*"body_mb"/],
	['{"providers": {"x": {"chatt": "http://a"}}}', /"chatt".*"chat"/],
	['{"providers": {"x": {}}}', /"x" has no address/],
	['{"providers": {"x": {"chat": "ftp://a"}}}', /ftp:\/\/a/],
	['{"providers": {"x": {"chat": "http://u:p@a"}}}', /must not hold/],
	['{"providers": {"x": {"preset": "nope"}}}', /"nope"/],
	['{"providers": {"x": {"base_url": "http://a"}}}', /no preset/],
	['{"providers": {"x": {"chat": "http://a", "key": "${NOT_SET}"}}}',
	    /NOT_SET/],
	['{"providers": {"x": {"chat": "http://a", "key": "${file:/no/such}"}}}',
	    /\/no\/such/],
	['{"providers": {"x": {"chat": "http://a", "key": "a b"}}}', /blanks/],
	['{"providers": {"x": {"chat": "http://a", "dialect": "klingon"}}}',
	    /klingon/],
	['{"models": {"m": {"targets": []}}}', /"m" needs "targets"/],
	['{"models": {"m": {"targets": ["nobody/x"]}}}', /"nobody"/],
	['{"models": {"m": {"targets": ["x"]}}}', /provider\/model/],
	['{"models": {"m": {"targets": ["a/x"], "stricts": 1}}}', /"strict"/],
	['{"keys": [{"name": "a"}]}', /keygen/],
	['{"keys": [{"name": "a", "sha256": "abc"}]}', /64 hex/],
	['{"listen": ["nowhere"]}', /nowhere/],
	['{"listen": "127.0.0.1:1"}', /array/],
	['{"workers": -1}', /"workers"/],
	['{"cache": {"max_mb": 65537}}', /:1:22: .*from 0 to 65536/],
	['{"cache": {"ttl_s": 0}}', /"ttl_s" must be from 1/],
	['{"cache": {"single_fligt": true}}', /:1:12: .*"single_flight"/],
	['{"cache": true}', /:1:11: /],
	['{"cache": {}, "models": {"a": {"targets": ["x/y"], "cache": 0}}}',
	    /"cache" must be true, false, or the seconds/],
	['{"models": {"a": {"targets": ["x/y"], "cache": true}}}',
	    /:1:48: there is no memory for it: .*"max_mb"/],
	['{"limits": {"head_ms": 0}}', /"head_ms" must be from 1/],
	['{"circuit": {"failure": 1}}', /:1:14: .*"failure".*"failures"/],
	['{"circuit": {"rate_percent": 101}}',
	    /"rate_percent" must be from 0 to 100/],
	['{"circuit": {"window_s": 0}}', /"window_s" must be from 1/],
	['{"retries": 11}', /:1:13: "retries" must be at most 10/],
	['{"models": {"m": {"targets": ["x/y"], "retries": 11}}}',
	    /:1:13: "retries" must be at most 10/],
	['{"limits": {"body_mb": 5000}}', /"?body_mb"? .*must be from 1 to 1024/],
	['{"limits": {"remember_mb": 1025}}',
	    /"remember_mb" must be from 0 to 1024/],
	['{"log": "loud"}', /"log" must be/],
	['[]', /object/],
	['', /c\d+\.json/],
	['{"workers": 0}', /"workers" must be from 1/],
	['{"workers": 1, "workers": 2}', /:1:16: .*"workers" stands twice/],
	['{"options": {"n_max": 1, "n_max": 2}}', /"n_max" stands twice/],
	['{"options": {"think_tag": true}}', /did you mean "think_tags"/],
	['{"providers": {"opnai": {"key": "k"}}}', /the preset "openai"/],
	['{"providers": {"x": {"chat": "http://a", "dialect": "opnai"}}}',
	    /no dialect .*did you mean "openai"/],
	['{"providers": ["openai"]}', /"providers" must be an object: {/],
	['{"models": ["m"]}', /"models" must be an object: {/],
	['{"keys": {}}', /"keys" must be an array .*keygen/],
	[`{"keys": [{"name": "a", "sha256": "${'a1'.repeat(32)}"},
	    {"name": "a", "sha256": "${'b2'.repeat(32)}"}]}`,
	    /:2:.*key "a" stands twice/],
	[`{"keys": [{"name": "a", "sha256": "${'a1'.repeat(32)}"},
	    {"name": "b", "sha256": "${'A1'.repeat(32)}"}]}`,
	    /:2:.*"a" and "b" are the same key/],
	[`{"keys": [{"name": "a\\tb", "sha256": "${'a1'.repeat(32)}"}]}`,
	    /"name" holds a control character/],
];

for (const [text, pattern] of wrong)
	test(`what is wrong is said: ${text.replace(/\s+/g, ' ') ||
	    'an empty file'}`, async () => {
		const { code, out, err, path } = await check(text);

		assert.equal(code, 1);
		assert.equal(out, '');
		assert.match(err, pattern);
		assert.ok(err.includes(path), err);
		assert.equal(err.trim().split('\n').length, 1, err);
		const serve = await run(['serve', '-c', path]);

		assert.equal(serve.code, 1);
		// a line of the log, where quotes are escaped
		assert.match(serve.err.replaceAll('\\"', '"'), pattern);
	});

test('a key that leads nowhere is said, and harms nothing', async () => {
	const azure = await run(['check'], { env: {
		AZURE_OPENAI_API_KEY: 'k' } });
	const ollama = await run(['check'], { env: { OLLAMA_API_KEY: 'k' } });

	assert.equal(azure.code, 0);
	assert.match(azure.err, /AZURE_OPENAI_API_KEY .*AZURE_OPENAI_ENDPOINT/);
	assert.equal(ollama.code, 0);
	assert.match(ollama.err, /OLLAMA_API_KEY .*OLLAMA_BASE_URL/);
});

test('check misses the certificate authorities, as serve would', async () => {
	const env = { OPENAI_API_KEY: 'k', SSL_CERT_FILE: join(dir, 'none.pem') };

	for (const command of ['check', 'serve']) {
		const { code, err } = await run([command], { env });

		assert.equal(code, 1);
		assert.match(err, /none\.pem.*set SSL_CERT_FILE/);
	}
	// nothing is asked over TLS
	env.OPENAI_BASE_URL = 'http://127.0.0.1:9/v1';
	assert.equal((await run(['check'], { env })).code, 0);
});

test('a file that is not there', async () => {
	const { code, err } = await run(['check', '-c', join(dir, 'none.json')]);

	assert.equal(code, 1);
	assert.match(err, /none\.json/);
});

test('secrets from files, trimmed', async () => {
	const secret = file('key-from-a-file\n');
	const gateway = await stage.gateway({ config: { providers: { gpt: {
		chat: `${gpt.url}/v1`, key: `\${file:${secret}}` } } } });

	gpt.answer((c) => c.json(completion('Yes')));
	await gateway.openai().chat.completions.create({ model: 'gpt/m',
		messages: hello });
	assert.equal(gpt.last.headers.authorization, 'Bearer key-from-a-file');
});

test('no configuration but the environment', async () => {
	const secret = file('sk-ant-from-file\n');
	const gateway = await stage.gateway({ env: {
		DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '1',
		OPENAI_API_KEY: 'sk-openai', OPENAI_BASE_URL: `${gpt.url}/v1`,
		ANTHROPIC_API_KEY_FILE: secret, ANTHROPIC_BASE_URL: claude.url } });

	gpt.answer((c) => c.json(completion('One')));
	claude.answer((c) => c.json(message('Two')));
	const one = await gateway.anthropic().messages.create({ model: 'gpt-4o',
		max_tokens: 9, messages: hello });
	const two = await gateway.openai().chat.completions.create({
		model: 'claude-opus-4.8', messages: hello });

	assert.equal(one.content[0].text, 'One');
	assert.equal(gpt.last.headers.authorization, 'Bearer sk-openai');
	assert.equal(two.choices[0].message.content, 'Two');
	assert.equal(claude.last.json.model, 'claude-opus-4-8');
	assert.equal(claude.last.headers['x-api-key'], 'sk-ant-from-file');
	for (const model of ['anthropic/claude-opus-4.8',
		'anthropic/claude-opus-4-8', 'claude-opus-4-8',
		'anthropic/some-model-of-tomorrow']) {
		claude.answer((c) => c.json(message('Yes')));
		await gateway.openai().chat.completions.create({ model,
			messages: hello });
	}
	assert.equal(claude.last.json.model, 'some-model-of-tomorrow');
	const error = await failure(gateway.openai().chat.completions.create({
		model: 'clod-opus-4-8', messages: hello }));

	assert.equal(error.status, 404);
	assert.match(error.message, /claude-opus-4-8/);
});

test('a server of one\'s own by its address alone', async () => {
	const gateway = await stage.gateway({ env: {
		DRAGOMAN_LISTEN: '127.0.0.1:0', OLLAMA_BASE_URL: gpt.url } });

	gpt.answer((c) => c.json(completion('Hi')), (c) => c.json(message('Ho')));
	await gateway.openai().chat.completions.create({ model: 'qwen3:8b',
		messages: hello });
	assert.equal(gpt.last.target, '/v1/chat/completions');
	assert.equal(gpt.last.json.model, 'qwen3:8b');
	await gateway.anthropic().messages.create({ model: 'ollama/qwen3:8b',
		max_tokens: 9, messages: hello });
	assert.equal(gpt.last.target, '/v1/messages');
});

test('nothing at all is no error, but not ready', async () => {
	const gateway = await stage.gateway({ env: {
		DRAGOMAN_LISTEN: '127.0.0.1:0' } });

	await gateway.says(/no provider is configured/);
	assert.equal((await gateway.ask('/healthz')).status, 200);
	assert.equal((await gateway.ask('/readyz')).status, 503);
	const error = await failure(gateway.openai().chat.completions.create({
		model: 'gpt-4o', messages: hello }));

	assert.equal(error.status, 404);
	assert.match(error.message, /OPENAI_API_KEY/);
});

test('PORT, DRAGOMAN_CONFIG and DRAGOMAN_LOG', async () => {
	const path = file(JSON.stringify({ listen: ['127.0.0.1:0'], workers: 1,
		...pair(gpt, claude) }));
	const gateway = await stage.gateway({ env: { DRAGOMAN_CONFIG: path,
		DRAGOMAN_LOG: 'info,json' } });

	gpt.answer((c) => c.json(completion('Hi')));
	await gateway.openai().chat.completions.create({ model: 'gpt/gpt-4o',
		messages: hello });
	await gateway.says(/"status":200/);
	const lines = gateway.log.trim().split('\n').map((l) => JSON.parse(l));
	const line = lines.find((l) => l.status === 200);

	assert.equal(line.provider, 'gpt');
	assert.equal(line.target, 'gpt-4o');
	assert.equal(line.tokens_in, 20);
	assert.equal(line.tokens_out, 7);
	assert.match((await run(['check'], { env: { PORT: '4711' } })).out,
	    /127\.0\.0\.1:4711/);
});

test('SIGHUP reads it anew; a broken one changes nothing', async () => {
	const write = (models) => JSON.stringify({ listen: ['127.0.0.1:0'],
		env: false, workers: 1, log: 'info', ...pair(gpt, claude),
		models });
	const gateway = await stage.gateway({ config: write({
		first: { targets: ['gpt/one'] } }) });
	const path = join(gateway.dir, 'dragoman.json');
	const models = async () => (await gateway.ask('/v1/models')).json.data
	    .map((m) => m.id);
	const reload = async (text, says) => {
		const from = gateway.log.length;

		writeFileSync(path, text);
		gateway.signal('SIGHUP');
		await gateway.says(says, from);
	};

	assert.deepEqual(await models(), ['first']);
	// a stream that began before goes on with what it began with
	let call;

	gpt.answer((c) => {
		call = c;
		c.begin().piece('data: {"id":"c","choices":[{"index":0,"delta":' +
		    '{"role":"assistant","content":"a"}}]}\n\n');
	});
	const stream = await gateway.openai().chat.completions.create({
		model: 'first', messages: hello, stream: true });

	// those of before take connections until they are told
	await reload(write({ second: { targets: ['gpt/two'] } }),
	    /configuration read anew[^]*draining: /);
	assert.deepEqual(await models(), ['second']);
	gpt.answer((c) => c.json(completion('Two')));
	await gateway.openai().chat.completions.create({ model: 'second',
		messages: hello });
	assert.equal(gpt.last.json.model, 'two');
	call.piece('data: {"id":"c","choices":[{"index":0,"delta":{"content":"b"},' +
	    '"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n').end();
	let text = '';

	for await (const chunk of stream)
		text += chunk.choices[0].delta.content ?? '';
	assert.equal(text, 'ab');

	// a connection of before may ask once more, and is told that it is over
	const raw = await stage.raw(gateway,
	    'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');

	await raw.sees(/"ok"/);
	assert.doesNotMatch(raw.seen, /connection: close/);
	await reload(write({ second: { targets: ['gpt/two'] } }),
	    /draining: [1-9] connections/);
	raw.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	await raw.sees(/connection: close[^]*"ok"/);
	await raw.closed();

	await reload('{"models": {', /stays as it was/);
	assert.match(gateway.log, /dragoman\.json:1:13: /);
	assert.deepEqual(await models(), ['second']);
	await reload(write({ third: { targets: ['nobody/x'] } }),
	    /stays as it was/);
	assert.deepEqual(await models(), ['second']);
	await reload(write({ third: { targets: ['gpt/x'] } }),
	    /configuration read anew[^]*draining: /);
	assert.deepEqual(await models(), ['third']);
});

test('a file behind a symbolic link', async () => {
	const path = file('{"env": false, "providers": {"a": {"chat": "http://b"}}}');
	const link = join(dir, 'link.json');

	symlinkSync(path, link);
	assert.equal((await run(['check', link])).code, 0);
});

stage.close();
