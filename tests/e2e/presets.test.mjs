// Presets: whose address is asked, in which protocol, with which credential, and what
// of the client's headers goes along.
import { Stage, assert, ask, run, test } from './harness.mjs';
import { chunk, completion, completionStream, message, sse } from './shapes.mjs';

const stage = new Stage();
const provider = await stage.provider();
const url = provider.url;
const gateway = await stage.gateway({ config: {
	providers: {
		deepseek: { base_url: url, key: 'key-of-deepseek' },
		anew: { preset: 'deepseek', base_url: url, key: 'k', translate: true },
		azure: { base_url: url, key: 'key-of-azure' },
		entra: { preset: 'azure', base_url: `${url}/openai`,
			api_version: '2025-04-01-preview', key: 'eyJhbGciOiJub25lIn0.e30.' },
		next: { preset: 'azure', base_url: `${url}/openai/v1`, key: 'k' },
		claude: { preset: 'anthropic', base_url: url, key: 'key-of-claude' },
		qwen: { base_url: `${url}/compatible-mode/v1` },
		vllm: { base_url: url, key: 'key-of-vllm' },
	},
	models: {
		turned: { targets: ['deepseek/deepseek-chat'], translate: true },
	},
	env: false,
} });
const chat = (model, rest) => ({ model, messages: [{ role: 'user',
	content: 'Hi' }], ...rest });
const messages = (model, rest) => ({ max_tokens: 10, ...chat(model, rest) });

/** The head of what a provider was asked, after an answer in its protocol. */
async function asked(path, body, headers) {
	provider.answer((c) => c.json(c.request.path.endsWith('/messages')
	    ? message([{ type: 'text', text: 'Hi' }]) : completion('Hi')));
	const answer = await gateway.post(path, body, headers);

	assert.equal(answer.status, 200, answer.body);
	return provider.last;
}

test('the address of the client\'s protocol is asked where there is one', async () => {
	const same = await asked('/v1/messages', messages('deepseek/deepseek-chat'));

	assert.equal(same.target, '/anthropic/v1/messages');
	assert.equal(same.headers['x-api-key'], 'key-of-deepseek');
	assert.equal(same.headers.authorization, undefined);
	const other = await asked('/v1/chat/completions',
	    chat('deepseek/deepseek-chat'));

	assert.equal(other.target, '/v1/chat/completions');
	assert.equal(other.headers.authorization, 'Bearer key-of-deepseek');
});

test('translate asks the other one', async () => {
	for (const model of ['anew/deepseek-chat', 'turned']) {
		const there = await asked('/v1/messages', messages(model));

		assert.equal(there.target, '/v1/chat/completions', model);
		assert.equal(there.json.messages[0].content, 'Hi');
		const back = await asked('/v1/chat/completions', chat(model));

		assert.equal(back.target, '/anthropic/v1/messages', model);
	}
});

test('Azure: a deployment in the path, a version in the query, its own header', async () => {
	const one = await asked('/v1/chat/completions?x=1', chat('azure/my gpt'));

	assert.equal(one.target, '/openai/deployments/my%20gpt/chat/completions' +
	    '?api-version=2024-10-21');
	assert.equal(one.headers['api-key'], 'key-of-azure');
	assert.equal(one.headers.authorization, undefined);
	assert.equal(one.json.model, 'my gpt');
	const token = await asked('/v1/messages', messages('entra/d'));

	assert.equal(token.target, '/openai/deployments/d/chat/completions' +
	    '?api-version=2025-04-01-preview');
	assert.match(token.headers.authorization, /^Bearer eyJ/);
	assert.equal(token.headers['api-key'], undefined);
	const next = await asked('/v1/chat/completions', chat('next/d'));

	assert.equal(next.target, '/openai/v1/chat/completions');
	assert.equal(next.headers['api-key'], 'k');
});

test('Azure: a first chunk with results of a filter alone disturbs nobody', async () => {
	const filter = [null, { choices: [], created: 0, id: '', model: '',
		object: '', prompt_filter_results: [{ prompt_index: 0,
			content_filter_results: { hate: { filtered: false } } }] }];
	const stream = sse(filter) + completionStream('Hello');

	provider.answer((c) => c.stream(stream), (c) => c.stream(stream));
	const said = await gateway.anthropic().messages.stream(
	    messages('azure/d')).finalMessage();

	assert.equal(said.content[0].text, 'Hello');
	assert.equal(said.stop_reason, 'end_turn');
	const passed = await gateway.openai().chat.completions.stream(
	    chat('azure/d')).finalChatCompletion();

	assert.equal(passed.choices[0].message.content, 'Hello');
});

test('keys take the form of the endpoint, the caller\'s own too', async () => {
	const vllm = await asked('/v1/messages', messages('vllm/m'));

	assert.equal(vllm.target, '/v1/messages');
	assert.equal(vllm.headers.authorization, 'Bearer key-of-vllm');
	const qwen = await asked('/v1/messages', messages('qwen/qwen-plus'),
	    { authorization: 'Bearer sk-mine' });

	assert.equal(qwen.target, '/apps/anthropic/v1/messages');
	assert.equal(qwen.headers['x-api-key'], 'sk-mine');
	const back = await asked('/v1/chat/completions', chat('qwen/qwen-plus'),
	    { 'x-api-key': 'sk-mine', 'openai-organization': 'org-1',
		'openai-beta': 'b=v2' });

	assert.equal(back.target, '/compatible-mode/v1/chat/completions');
	assert.equal(back.headers.authorization, 'Bearer sk-mine');
	assert.equal(back.headers['openai-organization'], 'org-1');
	assert.equal(back.headers['openai-beta'], 'b=v2');
});

test('anthropic-beta: joined, each once, to those who know them', async () => {
	const beta = ['one-2026-01-01, two-2026-02-02', 'two-2026-02-02,three'];
	const claude = await asked('/v1/messages',
	    messages('claude/claude-opus-4-8'), { 'anthropic-beta': beta });

	assert.equal(claude.headers['anthropic-beta'],
	    'one-2026-01-01,two-2026-02-02,three');
	assert.equal((await asked('/v1/messages', messages('vllm/m'),
	    { 'anthropic-beta': beta })).headers['anthropic-beta'], undefined);
	assert.equal((await asked('/v1/messages', messages('azure/m'),
	    { 'anthropic-beta': beta })).headers['anthropic-beta'], undefined);
});

test('anthropic-beta of a Chat client: what a request may switch on', async () => {
	const claude = await asked('/v1/chat/completions',
	    chat('claude/claude-sonnet-4-5'), { 'anthropic-beta':
	    'context-1m-2025-08-07,files-api-2025-04-14,context-1m-2025-08-07' });

	assert.equal(claude.headers['anthropic-beta'], 'context-1m-2025-08-07');
	assert.equal((await asked('/v1/chat/completions',
	    chat('claude/claude-sonnet-4-5'), { 'anthropic-beta':
	    'files-api-2025-04-14' })).headers['anthropic-beta'], undefined);
});

test('check and models know the presets', async () => {
	const env = { GOOGLE_API_KEY: 'k', AZURE_OPENAI_API_KEY: 'k',
		AZURE_OPENAI_ENDPOINT: 'https://n.openai.azure.com',
		OPENAI_API_VERSION: '2025-01-01-preview' };
	const { code, out } = await run(['check'], { env });

	assert.equal(code, 0);
	assert.match(out, /gemini +dialect gemini, 1 key/);
	assert.match(out, /azure\.com\/openai\/deployments\/MODEL\/chat\/completions\?api-version=2025-01-01-preview {2}\(api-key\)/);
	const list = await run(['models'], { env });

	assert.match(list.out, /gemini-2\.5-pro +gemini/);
	const all = await run(['models', '--all', '--json']);
	const models = JSON.parse(all.out);

	assert.ok(models.length >= 120);
	assert.equal(new Set(models.map((m) => `${m.owned_by}/${m.id}`)).size,
	    models.length);
});

test('one model by its vendor and name', async () => {
	const named = await stage.gateway({ env: { XAI_API_KEY: 'k' } });

	for (const id of ['x-ai/grok-4.3', 'xai/grok-4-3', 'grok-4.3']) {
		const { json, status } = await ask(`${named.url}/v1/models/${id}`);

		assert.equal(status, 200, id);
		assert.equal(json.owned_by, 'xai');
	}
	assert.equal((await ask(`${named.url}/v1/models/openai%2Fgrok-4.3`)).status,
	    404);
	const gone = await ask(
	    `${named.url}/anthropic/v1/models?lifecycle%5B%5D=retired`);

	assert.ok(gone.json.data.length > 0);
	assert.ok(gone.json.data.every((m) => m.lifecycle === 'retired'));
	const some = await ask(`${named.url}/anthropic/v1/models` +
	    '?lifecycle[]=retired&lifecycle[]=active');

	assert.ok(some.json.data.length > gone.json.data.length + 3);
	const head = await ask(`${named.url}/v1/models`, { method: 'HEAD' });

	assert.equal(head.status, 200);
	assert.equal(head.body, '');
	assert.ok(Number(head.headers['content-length']) > 100);
});

stage.close();
