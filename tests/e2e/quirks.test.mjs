// The operator's own quirks: they hold for bodies that are translated and for those that
// are passed on, for the models they name, and what they lose is named.
import { Stage, assert, pair, test } from './harness.mjs';
import { completion, message } from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const gpt = await stage.provider();
const config = pair(gpt, claude);

config.providers.gpt.dialect = 'generic';
config.providers.gpt.quirks = [
	{ models: 'picky*', rename: { seed: 'random_seed' }, drop: ['top_p'],
		clamp: { temperature: [0.25, 0.75] },
		default: { reasoning_split: true }, refuse: ['logit_bias'] },
	{ models: '*-small', set: { max_field: 'max_output', id_exact: 9,
		parallel_tool_calls: false } },
];
config.providers.claude.quirks = [
	{ models: 'claude-opus-4-*', drop: ['service_tier'],
		default: { top_k: 40 }, clamp: { temperature: [null, 0.5] },
		refuse: ['inference_geo'], set: { max_output: 900 } },
];
const native = await stage.provider();

config.providers.native = { responses: `${native.url}/v1`, key: 'key',
	dialect: 'openai', quirks: [{ models: 'gpt-5.6', rename: { seed: 'dice' },
	drop: ['truncation'], clamp: { max_output_tokens: [null, 900] },
	default: { service_tier: 'flex' }, refuse: ['background'] }] };
const gateway = await stage.gateway({ config });
const hello = [{ role: 'user', content: 'Hello' }];
const said = { seed: 7, top_p: 0.5, temperature: 0.9 };
const chat = (model, rest) => gateway.post('/v1/chat/completions',
	{ model, messages: hello, ...rest });
const messages = (model, rest) => gateway.post('/v1/messages',
	{ model, max_tokens: 1000, messages: hello, ...rest },
	{ 'anthropic-version': '2023-06-01' });
const warned = (answer) => (answer.headers['x-dragoman-warnings'] ?? '')
	.split('; ').filter(Boolean).sort();

for (const [way, ask] of [['passed on', chat], ['translated', messages]]) {
	test(`to Chat, ${way}: renamed, dropped, clamped, by default`, async () => {
		gpt.answer((c) => c.json(completion('Yes')));
		const answer = await ask('gpt/picky-1', said);
		const sent = gpt.last.json;

		assert.equal(answer.status, 200);
		assert.equal(sent.random_seed, 7);
		assert.ok(!('seed' in sent) && !('top_p' in sent));
		assert.equal(sent.temperature, 0.75);
		assert.equal(sent.reasoning_split, true);
		assert.deepEqual(warned(answer),
		    ['temperature=clamped', 'top_p=dropped']);
	});

	test(`to Chat, ${way}: what the client says stays, in bounds`, async () => {
		gpt.answer((c) => c.json(completion('Yes')));
		const answer = await ask('gpt/picky-1', { temperature: 0.5 });

		assert.equal(gpt.last.json.temperature, 0.5);
		assert.deepEqual(warned(answer), []);
	});

	test(`to Chat, ${way}: refused before anybody is asked`, async () => {
		const before = gpt.requests.length;
		const answer = await ask('gpt/picky-1',
		    { logit_bias: { 5: 1 } });

		assert.equal(answer.status, 400);
		assert.match(answer.json.error.message, /logit_bias/);
		assert.equal(gpt.requests.length, before);
	});

	test(`to Chat, ${way}: other models are left alone`, async () => {
		gpt.answer((c) => c.json(completion('Yes')));
		const answer = await ask('gpt/easy', said);

		for (const name of Object.keys(said))
			assert.equal(gpt.last.json[name], said[name]);
		assert.ok(!('reasoning_split' in gpt.last.json));
		assert.deepEqual(warned(answer), []);
	});
}

test('to Chat, translated: facts that are set', async () => {
	gpt.answer((c) => c.json(completion('Yes')));
	const answer = await messages('gpt/any-small', { messages: [...hello,
		{ role: 'assistant', content: [{ type: 'tool_use',
			id: 'toolu_0123456789', name: 'f', input: {} }] },
		{ role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'toolu_0123456789', content: '1' }] }],
	tools: [{ name: 'f', input_schema: { type: 'object' } }],
	tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
	const sent = gpt.last.json;

	assert.equal(sent.max_output, 1000);
	assert.ok(!('max_tokens' in sent));
	assert.match(sent.messages[1].tool_calls[0].id, /^[A-Za-z0-9]{9}$/);
	assert.equal(sent.messages[2].tool_call_id,
	    sent.messages[1].tool_calls[0].id);
	assert.deepEqual(warned(answer),
	    ['tool_choice.disable_parallel_tool_use=dropped']);
});

for (const [way, ask, tier] of [['passed on', messages, 'standard_only'],
	['translated', chat, 'default']]) {
	test(`to Messages, ${way}`, async () => {
		claude.answer((c) => c.json(message('Yes')));
		const answer = await ask('claude/claude-opus-4-6', {
			max_tokens: 1000, temperature: 0.9,
			service_tier: tier });
		const sent = claude.last.json;

		assert.equal(answer.status, 200);
		assert.equal(sent.max_tokens, 900);
		assert.equal(sent.temperature, 0.5);
		assert.equal(sent.top_k, 40);
		assert.ok(!('service_tier' in sent));
		assert.deepEqual(warned(answer), ['max_tokens=clamped',
			'service_tier=dropped', 'temperature=clamped']);
	});
}

test('to Messages, passed on: refused', async () => {
	const before = claude.requests.length;
	const answer = await messages('claude/claude-opus-4-6',
	    { inference_geo: 'us' });

	assert.equal(answer.status, 400);
	assert.match(answer.json.error.message, /inference_geo/);
	assert.equal(claude.requests.length, before);
});

test('strict: a quirk that loses something refuses', async () => {
	const answer = await gateway.post('/v1/chat/completions',
	    { model: 'gpt/picky-1', messages: hello, top_p: 0.5 },
	    { 'x-dragoman-strict': '1' });

	assert.equal(answer.status, 400);
	assert.match(answer.json.error.message, /top_p=dropped/);
});

test('Responses, passed on: what the model takes, and the operator says', async () => {
	native.answer((c) => c.json({ id: 'resp_1', object: 'response',
		status: 'completed', output: [], usage: null }));
	const ask = (rest) => gateway.post('/v1/responses',
	    { model: 'native/gpt-5.6', input: 'Hello', ...rest });
	const answer = await ask({ seed: 7, truncation: 'auto', temperature: 0.5,
		max_output_tokens: 1000, reasoning: { effort: 'max' } });
	const { seed, dice, truncation, temperature, max_output_tokens,
		service_tier, reasoning } = native.last.json;

	assert.equal(answer.status, 200);
	assert.deepEqual([seed, dice, truncation, temperature, service_tier],
	    [undefined, 7, undefined, undefined, 'flex']);
	assert.equal(max_output_tokens, 900);
	assert.deepEqual(reasoning, { effort: 'xhigh' });
	assert.deepEqual(warned(answer), ['max_output_tokens=clamped',
		'reasoning.effort=adjusted', 'temperature=dropped',
		'truncation=dropped']);
	assert.equal((await ask({ background: true })).status, 400);
});
