// Where requests go: names, conditions, weights, the caller's fallbacks and what a key may use;
// and that `dragoman route` says the same as what then happens.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, failure, run, test } from './harness.mjs';
import { PDF, PNG, completion, openaiError } from './shapes.mjs';

const stage = new Stage();
const a = await stage.provider();
const b = await stage.provider();
const c = await stage.provider();
const router = await stage.provider();
const hash = (key) => createHash('sha256').update(key).digest('hex');
const TEAM = 'dg-the-key-of-team-a-0123456789', BOSS = 'dg-of-the-boss-9876543210';
const quirks = [{ set: { vision: true, pdf: true } }];
const when = (condition) => ({ targets: [{ model: 'b/met', when: condition },
	'a/other'] });
const config = {
	log: 'debug',
	providers: {
		a: { chat: `${a.url}/v1`, key: 'key-of-a', quirks: [...quirks,
			{ models: 'text', set: { vision: false, pdf: false } }] },
		b: { chat: `${b.url}/v1`, key: 'key-of-b', quirks },
		c: { chat: `${c.url}/v1`, keys: ['key-1', 'key-2', 'key-3'] },
		old: { chat: `${router.url}/v1`, key: 'key-of-r',
			dialect: 'openrouter' },
		openrouter: { base_url: `${router.url}/api/v1`, key: 'key-of-r' },
	},
	prefixes: { 'tokenpak-a': 'a', gateway: '' },
	catalog: {
		'a/text': { input: ['text'], context: 2000 },
		'b/eyes': { input: ['text', 'image', 'pdf'], context: 400000 },
	},
	models: {
		fast: 'a/quick',
		'big-*': ['b/large-*', 'fast'],
		'big-x-*': 'c/*',
		'*': 'c/rest-*',
		image: when({ input: 'image' }), pdf: when({ input: ['pdf'] }),
		audio: when({ input: ['audio', 'video'] }),
		text: when({ input: 'text' }),
		tools: when({ tools: true }), stream: when({ stream: true }),
		short: when({ max_tokens: 500 }), long: when({ min_tokens: 500 }),
		tier: when({ header: { 'x-tier': 'gold*' } }),
		team: when({ key: 'team-*' }),
		only: { targets: [{ model: 'a/x', when: { tools: true } }] },
		able: ['a/text', 'b/eyes'],
		unable: ['a/text'],
		cheap: { targets: [{ model: 'a/one', weight: 3 },
			{ model: 'b/two', weight: 1 }] },
		keyed: { pick: 'weighted', targets: ['c/three'] },
	},
	keys: [{ name: 'team-a', sha256: hash(TEAM), models: ['a/*', 'team', 'big-*',
		'openrouter/x/*'] }, { name: 'boss', sha256: hash(BOSS) }],
};
const gateway = await stage.gateway({ config });
const hello = [{ role: 'user', content: 'Hello' }];
const say = (...parts) => [{ role: 'user', content: parts }];
const long = 'A word or two more. '.repeat(300);
const tool = { type: 'function', function: { name: 'f', parameters: {
	type: 'object', properties: {} } } };

const dir = stage.dir();
const written = join(dir, 'route.json');

writeFileSync(written, JSON.stringify({ env: false, ...config }));

/** What the dry run says of it. */
async function dry(protocol, body, { headers = {}, key = 'boss', stream } = {}) {
	const args = ['route', '-c', written, '--json', '--protocol', protocol,
		'--key', key];

	if (protocol === 'gemini')
		args.splice(1, 0, body.model);
	if (stream)
		args.push('--stream');
	for (const [name, value] of Object.entries(headers))
		args.push('--header', `${name}: ${value}`);
	const { model, ...rest } = body;
	const { out, err, code } = await run(args, { input: JSON.stringify(
	    protocol === 'gemini' ? rest : body) });

	assert.notEqual(out, '', err);
	return { code, ...JSON.parse(out) };
}

for (const provider of [a, b, c, router])
	provider.always((call) => call.json(completion('Yes')));

/** Send it with the SDK of that protocol: the target that answered. */
const send = {
	async chat(body, headers) {
		const { response } = await gateway.openai({ apiKey: BOSS })
		    .chat.completions.create(body, { headers }).withResponse();

		return response.headers.get('x-dragoman-target');
	},
	async messages(body, headers) {
		const { response } = await gateway.anthropic({ apiKey: BOSS })
		    .messages.create({ max_tokens: 9, ...body }, { headers })
		    .withResponse();

		return response.headers.get('x-dragoman-target');
	},
	async responses(body, headers) {
		const { response } = await gateway.openai({ apiKey: BOSS })
		    .responses.create(body, { headers }).withResponse();

		return response.headers.get('x-dragoman-target');
	},
	async gemini(body) {
		const answer = await gateway.gemini({ apiKey: BOSS }).models
		    .generateContent(body);

		return answer.sdkHttpResponse.headers['x-dragoman-target'];
	},
};

const image = { chat: { messages: say({ type: 'image_url', image_url: { url:
	`data:image/png;base64,${PNG}` } }) },
messages: { messages: say({ type: 'image', source: { type: 'base64',
	media_type: 'image/png', data: PNG } }) },
responses: { input: say({ type: 'input_image', detail: 'auto',
	image_url: `data:image/png;base64,${PNG}` }) },
gemini: { contents: [{ role: 'user', parts: [{ inlineData: {
	mimeType: 'image/png', data: PNG } }] }] } };
const pdf = { chat: { messages: say({ type: 'file', file: { filename: 'x.pdf',
	file_data: `data:application/pdf;base64,${PDF}` } }) },
messages: { messages: say({ type: 'document', source: { type: 'base64',
	media_type: 'application/pdf', data: PDF } }) },
responses: { input: say({ type: 'input_file', filename: 'x.pdf',
	file_data: `data:application/pdf;base64,${PDF}` }) },
gemini: { contents: [{ role: 'user', parts: [{ inlineData: {
	mimeType: 'application/pdf', data: PDF } }] }] } };
const words = (text) => ({ chat: { messages: [{ role: 'user', content: text }] },
	messages: { messages: [{ role: 'user', content: text }] },
	responses: { input: text },
	gemini: { contents: [{ role: 'user', parts: [{ text }] }] } });
const called = { chat: { messages: hello, tools: [tool] },
	messages: { messages: hello, tools: [{ name: 'f', input_schema: {
		type: 'object' } }] },
	responses: { input: 'Hello', tools: [{ type: 'function', name: 'f',
		strict: false, parameters: { type: 'object', properties: {} } }] },
	gemini: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
		config: { tools: [{ functionDeclarations: [{ name: 'f' }] }] } } };
const plain = words('Hello');

/** The SDK puts what it calls `config` elsewhere in the body. */
const sent = ({ config, ...body }) => ({ ...body, ...config });

// name of the model, the request by protocol, the target
const cases = [
	['fast', plain, 'a/quick'],
	['big-5', plain, 'b/large-5'],
	['big-x-5', plain, 'c/5'],
	['whatever', plain, 'c/rest-whatever'],
	['tokenpak-a/any', plain, 'a/any'],
	['gateway/fast', plain, 'a/quick'],
	['b/named', plain, 'b/named'],
	['image', image, 'b/met'], ['image', pdf, 'a/other'],
	['image', plain, 'a/other'],
	['pdf', pdf, 'b/met'], ['pdf', plain, 'a/other'],
	['audio', image, 'a/other'],
	['text', plain, 'b/met'], ['text', image, 'a/other'],
	['tools', called, 'b/met'], ['tools', plain, 'a/other'],
	['stream', plain, 'a/other'],
	['short', plain, 'b/met'], ['short', words(long), 'a/other'],
	['long', words(long), 'b/met'], ['long', plain, 'a/other'],
	['able', plain, 'a/text'], ['able', image, 'b/eyes'],
	['able', words(long.repeat(5)), 'b/eyes'],
	// nobody can: the first is asked all the same, who says no in its own words
	['unable', { chat: image.chat }, 'a/text'],
];

cases.forEach(([model, bodies, want], i) => {
	for (const protocol of Object.keys(bodies))
		test(`case ${i}: ${model} by ${protocol} goes to ${want}`, async () => {
			const body = { model, ...bodies[protocol] };
			const told = await dry(protocol, sent(body));

			assert.equal(told.targets[0]?.target, want,
			    JSON.stringify(told));
			assert.equal(await send[protocol](body), want);
		});
});

test('a stream', async () => {
	const body = { model: 'stream', messages: hello, stream: true };

	assert.equal((await dry('chat', body)).targets[0].target, 'b/met');
	b.answer((call) => call.json(openaiError('No'), 400));
	const error = await failure(send.chat(body));

	assert.equal(error.status, 400);
	assert.equal(b.last.json.stream, true);
});

test('a header', async () => {
	const body = { model: 'tier', messages: hello };

	for (const [value, want] of [['gold', 'b/met'], ['golden', 'b/met'],
		['silver', 'a/other'], ['Gold', 'a/other']]) {
		const headers = { 'X-Tier': value };

		assert.equal((await dry('chat', body, { headers }))
		    .targets[0].target, want);
		assert.equal(await send.chat(body, headers), want);
	}
	assert.equal(await send.chat(body), 'a/other');
});

test('a client key', async () => {
	const body = { model: 'team', messages: hello };

	assert.equal((await dry('chat', body, { key: 'team-a' }))
	    .targets[0].target, 'b/met');
	assert.equal((await dry('chat', body)).targets[0].target, 'a/other');
	assert.equal(await send.chat(body), 'a/other');
	const { response } = await gateway.openai({ apiKey: TEAM })
	    .chat.completions.create(body).withResponse();

	assert.equal(response.headers.get('x-dragoman-target'), 'b/met');
});

test('no condition holds: each SDK is told in its own way', async () => {
	const told = await dry('chat', { model: 'only', messages: hello });

	assert.equal(told.code, 1);
	assert.deepEqual(told.targets, []);
	assert.equal(told.passed_over[0].target, 'a/x');
	assert.match(told.passed_over[0].why, /tools/);
	assert.match(told.error.message, /No target of the model 'only'/);
	for (const [protocol, bodies] of Object.entries(plain)) {
		const error = await failure(send[protocol]({ model: 'only',
			...bodies }));

		assert.equal(error.status, 400, protocol);
		assert.match(error.message, /No target of the model 'only'/);
	}
});

test('what was passed over is in the log', async () => {
	await send.chat({ model: 'able', ...image.chat });
	await gateway.says(/target passed over.*a\/text.*does not read such input/);
	await send.chat({ model: 'tier', messages: hello }, { 'x-tier': 'tin' });
	await gateway.says(/target passed over.*b\/met.*x-tier/);
	assert.doesNotMatch(gateway.err ?? '', /x-tier.*\btin\b/);
});

test('the others follow when the first fails', async () => {
	a.answer((call) => call.json(openaiError('No'), 503));
	assert.equal(await send.chat({ model: 'able', messages: hello }),
	    'b/eyes');
	b.answer((call) => call.json(openaiError('No'), 503));
	assert.equal(await send.chat({ model: 'big-7', messages: hello }),
	    'a/quick');
});

test('the caller\'s models', async () => {
	for (const protocol of ['chat', 'messages', 'responses']) {
		const body = { model: 'fast', ...plain[protocol],
			models: ['b/second', 'c/third'] };

		assert.deepEqual((await dry(protocol, body)).targets
		    .map((t) => t.target), ['a/quick', 'b/second', 'c/third']);
		a.answer((call) => call.json(openaiError('No'), 503));
		b.answer((call) => call.json(openaiError('No'), 503));
		assert.equal(await send[protocol](body), 'c/third');
		for (const provider of [a, b, c])
			assert.equal(provider.last.json.models, undefined);
		assert.equal(c.last.json.model, 'third');
	}
	const { response } = await gateway.openai({ apiKey: BOSS }).chat.completions
	    .create({ model: 'fast', messages: hello, models: ['b/x'] })
	    .withResponse();

	assert.equal(response.headers.get('x-dragoman-warnings'), null);
});

test('a list of models alone', async () => {
	const answer = await gateway.post('/v1/chat/completions', {
		models: ['b/first', 'fast'], messages: hello },
	{ authorization: `Bearer ${BOSS}` });

	assert.equal(answer.status, 200, answer.body);
	assert.equal(answer.headers['x-dragoman-target'], 'b/first');
	assert.equal(b.last.json.model, 'first');
	assert.equal(b.last.json.models, undefined);
	for (const protocol of ['messages', 'responses'])
		assert.equal(await send[protocol]({ models: ['b/first'],
			...plain[protocol] }), 'b/first');
});

test('OpenRouter has the member, if the names are its own', async () => {
	await send.chat({ model: 'openrouter/x/1', messages: hello,
		models: ['openrouter/x/2'] });
	assert.deepEqual(router.last.json.models, ['openrouter/x/2']);
	await send.chat({ model: 'openrouter/x/1', messages: hello,
		models: ['fast'] });
	assert.equal(router.last.json.models, undefined);
});

test('what OpenRouter gets by translation has none that we tried', async () => {
	const chat = { model: 'old/x/1', models: ['fast'] };

	await send.messages({ ...chat, messages: hello });
	assert.equal(router.last.json.model, 'x/1');
	assert.equal(router.last.json.models, undefined);
	await send.messages({ model: 'old/x/1', models: ['openrouter/x/2'],
		messages: hello });
	assert.deepEqual(router.last.json.models, ['openrouter/x/2']);
	/* in Gemini's protocol there is no such member */
	const answer = await gateway.post('/v1beta/models/old%2Fx%2F1:generateContent',
	    { ...plain.gemini, models: ['y/2'] }, { 'x-goog-api-key': BOSS });

	assert.equal(answer.status, 200, answer.body);
	assert.equal(router.last.json.models, undefined);
});

test('wrong models', async () => {
	const create = (models) => failure(send.chat({ model: 'fast',
		messages: hello, models }));

	assert.equal((await create([7])).status, 400);
	assert.equal((await create([''])).param, 'models');
	assert.match((await create(Array(33).fill('b/x'))).message, /at most 32/);
});

test('a key reaches what it may use, whatever it asks for', async () => {
	const openai = gateway.openai({ apiKey: TEAM });
	const before = [b, c].map((p) => p.requests.length);
	const create = (model, rest) => openai.chat.completions.create({ model,
		messages: hello, ...rest });
	const refused = async (model, rest) => {
		const error = await failure(create(model, rest));

		assert.equal(error.status, 403, model);
		assert.match(error.message, /may not use the model/);
	};

	await create('a/x', { models: ['a/y'] });
	await create('tokenpak-a/x');
	await refused('b/x');
	await refused('fast');
	await refused('whatever');
	await refused('big-x-1/../2');
	await refused('a/x', { models: ['b/x'] });
	await refused('a/x', { models: ['a/y', 'whatever'] });
	await refused('a/x', { extra_body: { models: ['cheap'] } });
	await refused('openrouter/x/1', { models: ['openrouter/y/1'] });
	await refused('openrouter/y/1');
	assert.deepEqual([b, c].map((p) => p.requests.length), before);
	/* bodies that only go by */
	const answer = await gateway.post('/v1/completions', { prompt: 'x',
		model: 'openrouter/x/1', models: ['y/1'] },
	{ authorization: `Bearer ${TEAM}` });

	assert.equal(answer.status, 403, answer.body);
});

test('weights: a conversation stays, and all together are spread', async () => {
	const openai = gateway.openai({ apiKey: BOSS });
	let first = 0;

	for (let i = 0; i < 40; i++) {
		const messages = [{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: `Question ${i}` }];
		const targets = [];

		for (let turn = 0; turn < 3; turn++) {
			const { data, response } = await openai.chat.completions
			    .create({ model: 'cheap', messages }).withResponse();

			targets.push(response.headers.get('x-dragoman-target'));
			messages.push(data.choices[0].message,
			    { role: 'user', content: `And ${turn}?` });
		}
		assert.equal(new Set(targets).size, 1, targets.join());
		assert.equal((await dry('chat', { model: 'cheap', messages }))
		    .targets[0].target, targets[0]);
		first += targets[0] === 'a/one';
	}
	/* 30 of 40 are expected; these draws are the same each time */
	assert.ok(first > 20 && first < 39, `${first} of 40`);
});

test('weights: a conversation that is only referred to stays, too', async () => {
	const openai = gateway.openai({ apiKey: BOSS }), all = new Set();

	for (let i = 0; i < 12; i++) {
		const targets = new Set();
		let previous_response_id;

		for (let turn = 0; turn < 3; turn++) {
			const { data, response } = await openai.responses.create({
				model: 'cheap', previous_response_id,
				input: turn ? `And ${turn}?` : `Question ${i}` })
			    .withResponse();

			previous_response_id = data.id;
			targets.add(response.headers.get('x-dragoman-target'));
		}
		assert.equal(targets.size, 1, [...targets].join());
		all.add([...targets][0]);
	}
	assert.equal(all.size, 2);
});

test('an image that is only referred to', async () => {
	const openai = gateway.openai({ apiKey: BOSS });
	const first = await openai.responses.create({ model: 'able',
		...image.responses });
	const { response } = await openai.responses.create({ model: 'able',
		input: 'What is it?', previous_response_id: first.id })
	    .withResponse();

	assert.equal(response.headers.get('x-dragoman-target'), 'b/eyes');
});

test('a conversation that was drawn keeps its key', async () => {
	const used = new Set();

	for (let i = 0; i < 12; i++) {
		const keys = new Set();

		for (let turn = 0; turn < 2; turn++) {
			await send.chat({ model: 'keyed', messages: [{ role: 'user',
				content: `Hello ${i}` }, ...turn ? [{ role: 'assistant',
				content: 'Yes' }, { role: 'user', content: 'So?' }]
				: []] });
			keys.add(c.last.headers.authorization);
		}
		assert.equal(keys.size, 1);
		used.add([...keys][0]);
	}
	assert.equal(used.size, 3);
});

test('what only goes by', async () => {
	const headers = { authorization: `Bearer ${BOSS}` };
	const embed = (model, more) => gateway.post('/v1/embeddings',
	    { model, input: 'Hello' }, { ...headers, ...more });
	const seen = new Set();

	for (const [more, want] of [[{ 'x-tier': 'gold' }, 'b/met'],
		[{}, 'a/other']]) {
		const answer = await embed('tier', more);

		assert.equal(answer.status, 200, answer.body);
		assert.equal(answer.headers['x-dragoman-target'], want);
	}
	assert.equal((await embed('big-3')).headers['x-dragoman-target'],
	    'b/large-3');
	/* no conversation, and so any of them: 2^-30 that it was chance */
	for (let i = 0; i < 72; i++)
		seen.add((await embed('cheap')).headers['x-dragoman-target']);
	assert.equal(seen.size, 2);
	/* a form has no members to look at */
	const form = new FormData();

	form.set('model', 'tools');
	form.set('file', new Blob(['RIFF']), 'x.wav');
	const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
		method: 'POST', headers, body: form });

	assert.equal(answer.status, 200, await answer.text());
	assert.equal(answer.headers.get('x-dragoman-target'), 'a/other');
});

test('names with a star are not listed', async () => {
	const { json } = await gateway.ask('/v1/models', { headers: {
		authorization: `Bearer ${BOSS}` } });
	const ids = json.data.map((model) => model.id);

	assert.ok(ids.includes('cheap'));
	assert.ok(!ids.some((id) => id.includes('*')), ids.join());
});

test('a star in the name that is asked for', async () => {
	assert.equal(await send.chat({ model: 'big-*', messages: hello }),
	    'b/large-*');
	assert.equal(await send.chat({ model: '*', messages: hello }),
	    'c/rest-*');
});

test('route for people', async () => {
	const told = await run(['route', 'able', '-c', written], { input:
	    JSON.stringify(image.chat) });

	assert.equal(told.code, 0, told.err);
	assert.match(told.out, /^model {5}able {2}\(of this configuration\)$/m);
	assert.match(told.out, /^input {5}text, image, about \d+ tokens$/m);
	assert.match(told.out, /^1\. b\/eyes\n {5}chat, passed on$/m);
	assert.match(told.out, /^- {2}a\/text\n {5}it does not read such input$/m);
	const lossy = await run(['route', 'anthropic/claude-opus-4-8', '-c', written],
	    { input: '{"messages":[{"role":"user","content":"x"}],"seed":1}' });

	assert.match(lossy.out, /c\/rest-anthropic\/claude-opus-4-8/);
});

test('route of what is wrong', async () => {
	const bad = async (args, words, code = 2, input = '') => {
		const told = await run(['route', '-c', written, ...args], { input });

		assert.equal(told.code, code, told.out + told.err);
		assert.match(told.out + told.err, words);
	};

	await bad(['fast', '--protocol', 'smtp'], /no protocol is called "smtp"/);
	await bad(['fast', '--key', 'nobody'], /no client key is called/);
	await bad(['fast', '--header', 'x'], /no header is "x"/);
	await bad(['fast', '--header'], /no header/);
	await bad(['fast', 'more'], /unexpected argument "more"/);
	await bad([], /usage: dragoman route/);
	await bad(['--protocol', 'gemini'], /which model/);
	await bad(['fast'], /not valid JSON/, 1, '{');
	await bad(['fast'], /must be a JSON object/, 1, '[]');
	await bad(['b/x', '--key', 'team-a'], /may not use/, 1);
	await bad(['--help'], /Where a request would go/, 0);
});

test('check prints where names lead', async () => {
	const told = await run(['check', '-c', written]);

	assert.equal(told.code, 0, told.err);
	assert.match(told.out, /^ {2}tokenpak-a\/ -> a$/m);
	assert.match(told.out, /^ {2}fast -> a\/quick$/m);
	assert.match(told.out, /^ {2}big-\* -> b\/large-\*, fast$/m);
	assert.match(told.out, /^ {2}cheap -> a\/one weight 3, b\/two weight 1$/m);
	assert.match(told.out,
	    /^ {2}tier -> b\/met when \(header x-tier: gold\*\), a\/other$/m);
});

stage.close();
