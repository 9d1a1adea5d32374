// The stage of a replay: a provider on loopback that answers what was recorded,
// in pieces of several sizes; the gateway; and the official SDKs of four
// protocols, which ask the one or the other.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as seen from './seen.mjs';
import { fromResponse, fromResponseDeltas, fromResponseEvents }
	from './seen-items.mjs';
import { fromGenerated } from './seen-parts.mjs';

const modules = new URL('../e2e/node_modules/', import.meta.url);
const { default: OpenAI } = await import(new URL('openai/index.mjs', modules));
const { default: Anthropic } = await import(new URL(
    '@anthropic-ai/sdk/index.mjs', modules));
const google = await import(new URL('@google/genai/dist/node/index.mjs',
    modules));

for (const name of ['http_proxy', 'https_proxy', 'all_proxy'])
	for (const spelt of [name, name.toUpperCase()])
		delete process.env[spelt];
for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY'])
	delete process.env[name];

export const protocols = ['chat', 'messages', 'responses', 'gemini'];

// ---- the provider ----

/** What is answered: { status, text, sse, cut }; `asked`: the last body. */
export const provider = { now: null, asked: null, url: null };

function* pieces(text, cut) {
	const bytes = Buffer.from(text);
	// Single bytes cost much and find their mistakes early.
	const fine = cut === 1 ? Math.min(bytes.length, 3000) : bytes.length;

	for (let at = 0; at < fine; at += cut)
		yield bytes.subarray(at, Math.min(at + cut, fine));
	if (fine < bytes.length)
		yield bytes.subarray(fine);
}

const server = http.createServer((request, response) => {
	const body = [];

	request.on('data', (d) => body.push(d));
	request.on('end', async () => {
		provider.asked = Buffer.concat(body).toString();
		const { status, text, sse, cut } = provider.now;

		response.writeHead(status, { 'content-type': sse ?
			'text/event-stream' : 'application/json' });
		response.socket.setNoDelay(true);
		if (cut)
			for (const piece of pieces(text, cut)) {
				if (response.destroyed)
					return;
				response.write(piece);
				await new Promise(setImmediate);
			}
		else
			response.write(text);
		response.end();
	});
});

await new Promise((go) => server.listen(0, '127.0.0.1', go));
provider.url = `http://127.0.0.1:${server.address().port}`;

// ---- the gateway ----

const dialects = ['generic', 'openai', 'deepseek', 'kimi', 'qwen', 'glm',
	'xai', 'openrouter', 'gemini', 'mistral', 'vllm', 'ollama', 'groq',
	'minimax', 'lmstudio'];
const alias = { zai: 'glm', moonshot: 'kimi', moonshotai: 'kimi',
	azure: 'openai', alibaba: 'qwen', sglang: 'vllm' };

/** The dialect of a recording's provider. */
export const dialectOf = (r) => alias[r.provider] ??
	(dialects.includes(r.provider) ? r.provider : 'generic');

/** The name under which the gateway knows the recording's model. */
export const modelOf = (r) => ({
	chat: `p-${dialectOf(r)}/some-model`,
	messages: 'claude/claude-sonnet-4-5',
	responses: `r-${dialectOf(r)}/gpt-5.2`,
	gemini: 'google/gemini-3-pro-preview' })[r.protocol];

const dir = mkdtempSync(join(tmpdir(), 'replay-'));
const config = { listen: ['127.0.0.1:0'], workers: 1, env: false, log: 'info',
	providers: { claude: { messages: provider.url, key: 'k',
	    dialect: 'anthropic' }, google: { gemini: provider.url, key: 'k' } } };

for (const dialect of dialects) {
	config.providers[`p-${dialect}`] = { chat: `${provider.url}/v1`,
		key: 'k', dialect };
	config.providers[`r-${dialect}`] = { responses: `${provider.url}/v1`,
		key: 'k', dialect };
}

export const gateway = { log: '', url: null };

/** Start PROGRAM as the gateway. */
export async function open(program) {
	writeFileSync(join(dir, 'dragoman.json'), JSON.stringify(config));
	const child = spawn(program, ['serve', '-c', join(dir, 'dragoman.json')],
	    { stdio: ['ignore', 'pipe', 'pipe'] });
	const port = await new Promise((go, fail) => {
		const hear = (d) => {
			gateway.log += d;
			const m = /listening on [^\s"]*:(\d+)/.exec(gateway.log);

			if (m)
				go(m[1]);
		};

		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		child.on('exit', () => fail(new Error(
		    `no gateway: ${gateway.log}`)));
	});

	gateway.child = child;
	gateway.url = `http://127.0.0.1:${port}`;
	far = sdksAt(gateway.url);
}

/** End all; true if the gateway never complained of itself. */
export async function shut() {
	gateway.child.kill('SIGTERM');
	await new Promise((go) => gateway.child.on('close', go));
	server.close();
	server.closeAllConnections();
	rmSync(dir, { recursive: true });
	if (!/Sanitizer|runtime error|CHECK/.test(gateway.log))
		return true;
	console.log(gateway.log);
	return false;
}

// ---- the clients ----

const options = { apiKey: 'k', maxRetries: 0 };

function sdksAt(url) {
	const openai = new OpenAI({ ...options, baseURL: `${url}/v1` });

	return { chat: openai, responses: openai,
		messages: new Anthropic({ ...options, baseURL: url }),
		gemini: new google.GoogleGenAI({ apiKey: 'k',
			httpOptions: { baseUrl: url } }) };
}

export const near = sdksAt(provider.url);
export let far = null;		/* once the gateway is open */

/** What asks for all that there is to see. */
export const asks = {
	chat: { messages: [{ role: 'user', content: 'Hi' }] },
	messages: { messages: [{ role: 'user', content: 'Hi' }],
		max_tokens: 4096,
		thinking: { type: 'enabled', budget_tokens: 1024 } },
	responses: { input: 'Hi', store: false,
		reasoning: { summary: 'auto' },
		include: ['reasoning.encrypted_content'] },
	gemini: { contents: 'Hi',
		config: { thinkingConfig: { includeThoughts: true } } },
};

async function all(stream) {
	const got = [];

	for await (const one of stream)
		got.push(one);
	return got;
}

const streamed = (body) => ({ ...body, stream: true,
	stream_options: { include_usage: true } });

/*
 * How each SDK asks: `whole`, `stream`, and `helper`, which puts a stream
 * together.  Each answers { raw, seen }: as the library has it, and what is
 * seen of it.
 */
export const ways = {
	chat: {
		whole: async (sdk, body) => {
			const raw = await sdk.chat.completions.create(body);

			return { raw, seen: seen.fromCompletion(raw) };
		},
		stream: async (sdk, body) => {
			const raw = await all(await sdk.chat.completions
			    .create(streamed(body)));

			return { raw, seen: seen.fromChunks(raw) };
		},
		helper: async (sdk, body) => {
			const raw = await sdk.chat.completions
			    .stream(streamed(body)).finalChatCompletion();

			return { raw, seen: seen.fromCompletion(raw) };
		},
	},
	messages: {
		whole: async (sdk, body) => {
			const raw = await sdk.messages.create(body);

			return { raw, seen: seen.fromMessage(raw) };
		},
		stream: async (sdk, body) => {
			const raw = await all(await sdk.messages.create({ ...body,
				stream: true }));

			return { raw, seen: seen.fromEvents(raw) };
		},
		helper: async (sdk, body) => {
			const raw = await sdk.messages.stream(body)
			    .finalMessage();

			return { raw, seen: seen.fromMessage(raw) };
		},
	},
	responses: {
		whole: async (sdk, body) => {
			const raw = await sdk.responses.create(body);

			return { raw, seen: fromResponse(raw) };
		},
		stream: async (sdk, body) => {
			const raw = await all(await sdk.responses.create({
				...body, stream: true }));

			return { raw, seen: fromResponseEvents(raw),
				pieces: fromResponseDeltas(raw) };
		},
		helper: async (sdk, body) => {
			const raw = await sdk.responses.stream(body)
			    .finalResponse();

			return { raw, seen: fromResponse(raw) };
		},
	},
	gemini: {
		whole: async (sdk, body) => {
			const raw = await sdk.models.generateContent(body);

			return { raw: [raw], seen: fromGenerated([raw]) };
		},
		stream: async (sdk, body) => {
			const raw = await all(await sdk.models
			    .generateContentStream(body));

			return { raw, seen: fromGenerated(raw) };
		},
	},
};

const libraryErrors = [OpenAI.APIError, OpenAI.OpenAIError, Anthropic.APIError,
	Anthropic.AnthropicError, google.ApiError];

/** Ask in one of these ways; errors are part of what is seen. */
export async function ask(sdks, protocol, model, way, more = {}) {
	try {
		return await ways[protocol][way](sdks[protocol], {
			...asks[protocol], ...more, model });
	} catch (error) {
		if (!libraryErrors.some((kind) => error instanceof kind))
			error.message = `SDK: ${error.message}`;
		return { raw: null, seen: seen.fromError(error) };
	}
}
