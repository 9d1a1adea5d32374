// The catalogue: models with prices, limits and dates, for each SDK; and what the
// configuration says of them.
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { Stage, assert, run, test, until } from './harness.mjs';
import { completion, message } from './shapes.mjs';

const stage = new Stage();
const provider = await stage.provider();
const config = {
	providers: {
		openai: { base_url: `${provider.url}/v1`, key: 'k' },
		anthropic: { base_url: provider.url, key: 'k' },
		google: { base_url: provider.url, key: 'k' },
		groq: { base_url: provider.url, key: 'k' },
		openrouter: { base_url: provider.url, key: 'k' },
		local: { chat: `${provider.url}/v1` },
	},
	models: {
		one: { targets: ['openai/gpt-5-mini'] },
		two: { targets: ['anthropic/claude-haiku-4-5', 'local/qwen3'] },
	},
	catalog: {
		'local/qwen3': { name: 'Qwen 3', context: 40960, max_output: 8192,
			input: ['text', 'image'], reasons: true, also: ['qwen'],
			price: { in: 0.1, out: 0.4, cached: 0.0125 },
			tiers: [{ above: 32000, price: { in: 0.2, out: 0.8 } }],
			released: '2025-04-28' },
		'openai/gpt-5': { price: { in: 1.1 } },
		'anthropic/claude-opus-4-5': { retired: '2100-01-31' },
		'anthropic/claude-opus-4-1': { retired: '2020-01-31' },
	},
	env: false,
};
const gateway = await stage.gateway({ config });
const list = (await gateway.ask('/v1/models')).json.data;
const byId = (id) => list.find((m) => m.id === id);

test('OpenAI\'s SDK: the list, and one model', async () => {
	const client = gateway.openai();
	const seen = [];

	for await (const model of client.models.list())
		seen.push(model);
	assert.deepEqual(seen, list);
	assert.deepEqual(await client.models.retrieve('gpt-5.4'),
	    byId('gpt-5.4'));
	assert.deepEqual(byId('gpt-5.4'), {
		id: 'gpt-5.4', object: 'model', created: 1772668800,
		owned_by: 'openai', context_length: 1050000,
		max_output_tokens: 128000, shutdown_date: null,
		x_protocols: ['chat', 'responses'],
		x_input: ['text', 'image', 'pdf'], x_output: ['text'],
		x_reasons: true,
		x_price: { in: 2.5, out: 15, cached: 0.25 },
		x_tiers: [{ above: 272000,
			price: { in: 5, out: 22.5, cached: 0.5 } }],
		x_released: '2026-03-05', x_retired: null,
		x_as_of: '2026-09-23' });
});

test('every id that is listed leads to its model, and each stands once', async () => {
	assert.equal(new Set(list.map((m) => m.id)).size, list.length);
	assert.ok(list.length >= 100);
	for (const model of list) {
		const { json } = await gateway.ask(
		    `/v1/models/${encodeURIComponent(model.id)}`);

		assert.deepEqual(json, model);
	}
	// a vendor's own model is not listed as another's
	assert.equal(byId('anthropic/claude-haiku-4.5'), undefined);
	assert.equal(byId('x-ai/grok-4.6').owned_by, 'openrouter');
	assert.equal(byId('openai/gpt-oss-120b').owned_by, 'groq');
});

test('Anthropic\'s SDK: pages, limits, and when a model retires', async () => {
	const client = gateway.anthropic();
	const seen = [];

	for await (const model of client.models.list({ limit: 7 }))
		seen.push(model);
	const opus = await client.models.retrieve('claude-opus-4-5');
	const gone = await client.models.retrieve('claude-opus-4-1');
	const retired = await client.models.list({ lifecycle: ['retired'] });

	assert.ok(seen.length > 50);
	assert.equal(new Set(seen.map((m) => m.id)).size, seen.length);
	assert.deepEqual(seen.find((m) => m.id === opus.id), opus);
	assert.equal(opus.lifecycle, 'deprecated');
	assert.equal(opus.retires_at, '2100-01-31T00:00:00Z');
	assert.equal(opus.created_at, '2025-11-24T00:00:00Z');
	assert.equal(opus.max_input_tokens, 200000);
	assert.equal(opus.max_tokens, 64000);
	assert.deepEqual(opus.x_price, { in: 5, out: 25, cached: 0.5,
		cache_write: 6.25, cache_write_long: 10 });
	assert.equal(gone.lifecycle, 'retired');
	assert.ok(!seen.some((m) => m.id === gone.id));
	assert.ok(retired.data.some((m) => m.id === gone.id));
	assert.ok(retired.data.every((m) => m.lifecycle === 'retired'));
});

test('Gemini\'s SDK: pages of its own', async () => {
	const client = gateway.gemini();
	const seen = [];

	for await (const model of await client.models.list({
		config: { pageSize: 9 } }))
		seen.push(model.name);
	const { json } = await gateway.ask('/v1beta/models/gemini-2.5-pro');

	assert.deepEqual(seen, list.map((m) => `models/${m.id}`));
	assert.equal(json.inputTokenLimit, 1048576);
	assert.deepEqual(json.x_input, ['text', 'image', 'audio', 'video', 'pdf']);
	assert.deepEqual(json.x_tiers, [{ above: 200000,
		price: { in: 2.5, out: 15, cached: 0.25 } }]);
});

test('the operator\'s own names say where they lead', () => {
	assert.deepEqual(byId('one').x_targets, ['openai/gpt-5-mini']);
	assert.deepEqual(byId('one').x_price, { in: 0.25, out: 2, cached: 0.025 });
	assert.deepEqual(byId('two').x_targets, ['anthropic/claude-haiku-4-5',
		'local/qwen3']);
	// which of two is asked is not known before
	assert.equal(byId('two').x_price, undefined);
});

test('the configuration adds models and corrects figures', () => {
	const qwen = byId('qwen3'), gpt = byId('gpt-5');

	assert.equal(qwen.owned_by, 'local');
	assert.equal(qwen.context_length, 40960);
	assert.equal(qwen.created, 1745798400);
	assert.deepEqual(qwen.x_protocols, ['chat']);
	assert.deepEqual(qwen.x_input, ['text', 'image']);
	assert.deepEqual(qwen.x_price, { in: 0.1, out: 0.4, cached: 0.0125 });
	assert.deepEqual(qwen.x_tiers, [{ above: 32000,
		price: { in: 0.2, out: 0.8 } }]);
	assert.deepEqual(qwen.x_also, ['qwen']);
	assert.equal(qwen.x_as_of, null);
	assert.deepEqual(gpt.x_price, { in: 1.1, out: 10, cached: 0.125 });
	assert.equal(gpt.x_as_of, null);
	assert.equal(gpt.context_length, 400000);
});

test('other names reach the model that they mean', async () => {
	const chat = async (model) => {
		provider.answer((c) => c.json(completion('Hi')));
		await gateway.openai().chat.completions.create({ model,
			messages: [{ role: 'user', content: 'Hi' }] });
		return provider.last.json.model;
	};

	assert.equal(await chat('qwen'), 'qwen3');
	assert.equal(await chat('gpt-5-mini-2025-08-07'), 'gpt-5-mini-2025-08-07');
	assert.equal(await chat('gemini-flash-latest'), 'gemini-flash-latest');
	assert.equal(await chat('gemini-3-flash'), 'gemini-3-flash-preview');
	assert.equal(await chat('x-ai/grok-4.6'), 'x-ai/grok-4.6');
	const { json } = await gateway.ask('/v1/models/claude-4.5-sonnet');

	assert.equal(json.id, 'claude-4.5-sonnet');
	assert.deepEqual(json.x_price, { in: 3, out: 15, cached: 0.3,
		cache_write: 3.75, cache_write_long: 6 });
});

test('what an answer costs is told with it', async () => {
	const cost = async (model, usage, path = 'chat/completions') => {
		provider.answer((c) => c.json(path === 'messages'
		    ? message([{ type: 'text', text: 'Hi' }], { usage })
		    : { ...completion('Hi'), usage }));
		const answer = await gateway.post(`/v1/${path}`, { model,
			max_tokens: 100,
			messages: [{ role: 'user', content: 'Hi' }] });

		assert.equal(answer.status, 200, answer.body);
		return answer.headers['x-dragoman-cost-usd'];
	};
	const chat = (prompt, cached, completion) => ({ prompt_tokens: prompt,
		completion_tokens: completion, total_tokens: prompt + completion,
		prompt_tokens_details: { cached_tokens: cached } });

	// 600 at $0.1, 400 at $0.0125 and 100 at $0.4 a million
	assert.equal(await cost('qwen3', chat(1000, 400, 100)), '0.000105');
	// 40000 at $0.2 and 100 at $0.8
	assert.equal(await cost('qwen', chat(40000, 0, 100)), '0.00808');
	// by way of a name of the operator's own
	assert.equal(await cost('one', chat(1000, 0, 10)), '0.00027');
	// 100 at $3, 50 at $0.3, 20 at $3.75 and 30 at $6; 10 at $15
	for (const model of ['claude-sonnet-4-5', 'claude-4-5-sonnet'])
		assert.equal(await cost(model, { input_tokens: 100,
			cache_read_input_tokens: 50, cache_creation_input_tokens: 50,
			cache_creation: { ephemeral_5m_input_tokens: 20,
				ephemeral_1h_input_tokens: 30 },
			output_tokens: 10 }, 'messages'), '0.00072');
	// nobody told what it costs
	assert.equal(await cost('gpt-6', chat(10, 0, 10)), undefined);
});

test('dragoman models tells the same', async () => {
	const { code, out } = await run(['models', '--json', '-c',
		`${gateway.dir}/dragoman.json`]);
	const models = JSON.parse(out);
	const text = (await run(['models', '-c',
		`${gateway.dir}/dragoman.json`])).out;

	assert.equal(code, 0);
	assert.deepEqual(models.map((m) => m.id).sort(),
	    list.map((m) => m.id).sort());
	for (const model of models.filter((m) => m.owned_by !== 'dragoman'))
		for (const [key, value] of Object.entries(model))
			assert.deepEqual(byId(model.id)[key], value, model.id);
	assert.match(text, /^qwen3 +local +context +40K +output +8K +\$ in +0\.1 +out +0\.4$/m);
});

/** As much of a document as the page of prices uses. */
class Element {
	constructor(tag) {
		Object.assign(this, { tag, children: [], listeners: {}, own: '',
			value: '', className: '' });
	}

	set textContent(text) {
		this.own = String(text);
	}

	get textContent() {
		return [this.own, ...this.children.map((c) => c.textContent)].join(' ');
	}

	append(...children) {
		this.children.push(...children);
	}

	replaceChildren(...children) {
		this.children = children;
	}

	addEventListener(name, listener) {
		this.listeners[name] = listener;
	}

	put(value, event = 'input') {
		this.value = value;
		return this.listeners[event]();
	}
}

/** The page's own script, run; its elements by id, and the address it shows. */
function browse(page, base, search = '') {
	const ids = {};
	const at = { search, pathname: '/pricing' };

	for (const [, tag, id] of page.matchAll(/<(\w+) id="(\w+)"/g))
		ids[id] = new Element(tag);
	ids.provider.children = [new Element('option')];
	ids.key.hidden = true;
	runInNewContext(/<script>([^]*)<\/script>/.exec(page)[1], {
		document: { getElementById: (id) => ids[id],
			createElement: (tag) => new Element(tag) },
		fetch: (path, options) => fetch(new URL(path, `${base}/pricing`),
		    options),
		history: { replaceState: (a, b, url) => { at.url = url; } },
		location: at, URLSearchParams,
	});
	return { ...ids, at, names: () => ids.rows.children.map((tr) =>
	    tr.children[0].children[0].textContent) };
}

const pricing = await gateway.ask('/pricing');

test('the page of prices stands alone', () => {
	const policy = pricing.headers['content-security-policy'];
	const hash = (tag) => createHash('sha256').update(new RegExp(
	    `<${tag}>([^]*)</${tag}>`).exec(pricing.body)[1]).digest('base64');

	assert.equal(pricing.status, 200);
	assert.match(pricing.headers['content-type'], /^text\/html/);
	assert.equal(pricing.headers['x-content-type-options'], 'nosniff');
	assert.match(policy, /default-src 'none'; connect-src 'self'/);
	assert.ok(policy.includes(`script-src 'sha256-${hash('script')}'`));
	assert.ok(policy.includes(`style-src 'sha256-${hash('style')}'`));
	assert.doesNotMatch(pricing.body, /https?:|\/\/[a-z]|src=|@import|url\(|style="|\son\w+="|innerHTML/);
	assert.match(pricing.body, /prefers-color-scheme: dark/);
	assert.match(pricing.body, /name="viewport"/);
	assert.ok(pricing.body.length < 10000);
});

test('it shows the models of /v1/models, filtered and sorted', async () => {
	const page = browse(pricing.body, gateway.url);

	await until(() => page.n.textContent === `${list.length} of ${list.length}`);
	assert.deepEqual(page.names().sort(), list.map((m) => m.id).sort());
	const text = page.rows.children.find((tr) =>
	    tr.children[0].textContent.includes('gpt-5.4 ')).textContent;

	for (const part of ['$2.5', '$15', '$0.25', '$5 >272K', '$22.5 >272K', '1.05M',
		'128K', 'image', 'reasons'])
		assert.ok(text.includes(part), `${part} in ${text}`);
	assert.deepEqual(page.provider.children.slice(1).map((o) => o.textContent),
	    [...new Set(list.map((m) => m.owned_by))].sort());
	// native tags are those of x_protocols
	for (const tr of page.rows.children) {
		const id = tr.children[0].children[0].textContent;
		const tags = tr.children[2].children.filter((i) =>
		    i.className === 'native').map((i) => i.textContent);
		const words = { OpenAI: 'chat', Claude: 'messages',
			Gemini: 'gemini', Responses: 'responses' };

		assert.deepEqual(tags.map((t) => words[t]).sort(),
		    [...byId(id).x_protocols ?? []].sort(), id);
		assert.equal(tr.children[2].children.length, 4);
	}
	page.provider.put('anthropic');
	assert.deepEqual(page.names().sort(), list.filter((m) => m.owned_by ===
	    'anthropic').map((m) => m.id).sort());
	page.sort.put('out');
	const prices = page.names().map((id) => byId(id).x_price.out);

	assert.deepEqual(prices, [...prices].sort((a, b) => a - b));
	page.q.put('Opus 4');
	assert.ok(page.names().length > 3);
	assert.ok(page.names().every((id) => /opus.*4/.test(id)));
	assert.equal(page.at.url, '/pricing?q=Opus+4&provider=anthropic&sort=out');
	page.protocol.put('gemini');
	assert.deepEqual(page.names(), []);
});

test('what it shows can be shared by its address', async () => {
	const page = browse(pricing.body, gateway.url,
	    '?provider=gemini&protocol=gemini&sort=in');

	await until(() => page.n.textContent);
	assert.equal(page.provider.value, 'gemini');
	assert.ok(page.names().length > 10);
	assert.ok(page.names().every((id) => byId(id).owned_by === 'gemini'));
	const prices = page.names().map((id) => byId(id).x_price.in);

	assert.deepEqual(prices, [...prices].sort((a, b) => a - b));
});

test('where keys are needed it asks for one', async () => {
	const closed = await stage.gateway({ config,
		env: { DRAGOMAN_KEY: 'the-key' } });
	const { status, body } = await closed.ask('/pricing');
	const page = browse(body, closed.url);

	assert.equal(status, 200);
	await until(() => page.n.textContent);
	assert.equal(page.n.textContent, 'A client key is needed');
	assert.equal(page.key.hidden, false);
	assert.deepEqual(page.names(), []);
	page.key.put('the-key', 'change');
	await until(() => page.names().length === list.length);
});
