// The catalogue: models with prices, limits and dates, for each SDK; and what the
// configuration says of them.
import { Stage, assert, run, test } from './harness.mjs';
import { completion } from './shapes.mjs';

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
		cache_write: 6.25 });
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
		cache_write: 3.75 });
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
