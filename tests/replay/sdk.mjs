// sdk.mjs PROGRAM [FOLDER]: each recording through the gateway, decoded by the
// official SDKs before and after.  Without a folder they are invented: COUNT of
// them, from SEED.
//
// A provider on loopback answers what was recorded, in pieces of several
// sizes.  Its own SDK reads it there; the other protocol's SDK reads it behind
// the gateway, whole, streamed, and by the stream's helper; its own SDK behind
// the gateway must get the same bytes.  differ.mjs says what may differ.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync,
	writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { again } from './again.mjs';
import { differences } from './differ.mjs';
import { invent } from './invent.mjs';
import * as seen from './seen.mjs';

const modules = new URL('../e2e/node_modules/', import.meta.url);
const { default: OpenAI } = await import(new URL('openai/index.mjs', modules));
const { default: Anthropic } = await import(new URL(
    '@anthropic-ai/sdk/index.mjs', modules));
const [program, folder] = process.argv.slice(2);
const verbose = !!process.env.VERBOSE;

for (const name of ['http_proxy', 'https_proxy', 'talesproxy'])
	for (const spelt of [name, name.toUpperCase()])
		delete process.env[spelt];

// ---- the provider ----

let now = null;		/* { status, text, sse, cut } */
let asked = null;	/* the body of the last request */

function* pieces(text, cut) {
	const bytes = Buffer.from(text);
	// Single bytes cost much and find their mistakes early.
	const fine = cut === 1 ? Math.min(bytes.length, 3000) : bytes.length;

	for (let at = 0; at < fine; at += cut)
		yield bytes.subarray(at, Math.min(at + cut, fine));
	if (fine < bytes.length)
		yield bytes.subarray(fine);
}

const provider = http.createServer((request, response) => {
	const body = [];

	request.on('data', (d) => body.push(d));
	request.on('end', async () => {
		asked = Buffer.concat(body).toString();
		const { status, text, sse, cut } = now;

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

await new Promise((go) => provider.listen(0, '127.0.0.1', go));
const providerURL = `http://127.0.0.1:${provider.address().port}`;

// ---- the gateway ----

const dialects = ['generic', 'openai', 'deepseek', 'kimi', 'qwen', 'glm',
	'xai', 'openrouter', 'gemini', 'mistral', 'vllm', 'ollama', 'groq',
	'minimax'];
const alias = { zai: 'glm', moonshot: 'kimi', azure: 'openai',
	alibaba: 'qwen', sglang: 'vllm' };
const dir = mkdtempSync(join(tmpdir(), 'replay-'));
const config = { listen: ['127.0.0.1:0'], workers: 1, env: false, log: 'info',
	providers: { claude: { messages: providerURL, key: 'k',
	    dialect: 'anthropic' } } };

for (const dialect of dialects)
	config.providers[`p-${dialect}`] = { chat: `${providerURL}/v1`, key: 'k',
		dialect };
writeFileSync(join(dir, 'dragoman.json'), JSON.stringify(config));
const gateway = spawn(program, ['serve', '-c', join(dir, 'dragoman.json')],
    { stdio: ['ignore', 'pipe', 'pipe'] });
let log = '';
const port = await new Promise((go, fail) => {
	const hear = (d) => {
		log += d;
		const m = /listening on [^\s"]*:(\d+)/.exec(log);

		if (m)
			go(m[1]);
	};

	gateway.stdout.on('data', hear);
	gateway.stderr.on('data', hear);
	gateway.on('exit', () => fail(new Error(`no gateway: ${log}`)));
});
const gatewayURL = `http://127.0.0.1:${port}`;

// ---- clients ----

const options = { apiKey: 'k', maxRetries: 0 };
const near = {
	chat: new OpenAI({ ...options, baseURL: `${providerURL}/v1` }),
	messages: new Anthropic({ ...options, baseURL: providerURL }),
};
const far = {
	chat: new OpenAI({ ...options, baseURL: `${gatewayURL}/v1` }),
	messages: new Anthropic({ ...options, baseURL: gatewayURL }),
};
const hello = [{ role: 'user', content: 'Hi' }];
const bodies = {
	chat: { messages: hello, stream_options: { include_usage: true } },
	messages: { messages: hello, max_tokens: 4096,
		thinking: { type: 'enabled', budget_tokens: 1024 } },
};

async function all(stream, into) {
	for await (const one of stream)
		into.push(one);
}

/** Ask in one of three ways; errors are part of what is seen. */
async function ask(sdk, protocol, model, way) {
	const body = { ...bodies[protocol], model };
	const api = protocol === 'chat' ? sdk.chat.completions : sdk.messages;
	const got = [];

	if (way === 'whole')
		delete body.stream_options;
	try {
		if (way === 'whole')
			return protocol === 'chat' ?
				seen.fromCompletion(await api.create(body)) :
				seen.fromMessage(await api.create(body));
		if (way === 'helper')
			return protocol === 'chat' ?
				seen.fromCompletion(await api.stream(body)
				    .finalChatCompletion()) :
				seen.fromMessage(await api.stream(body)
				    .finalMessage());
		await all(await api.create({ ...body, stream: true }), got);
		return protocol === 'chat' ? seen.fromChunks(got) :
			seen.fromEvents(got);
	} catch (error) {
		if (!(error instanceof OpenAI.APIError ||
		    error instanceof Anthropic.APIError ||
		    error instanceof OpenAI.OpenAIError ||
		    error instanceof Anthropic.AnthropicError))
			error.message = `SDK: ${error.message}`;
		return { ...seen.fromError(error), midstream: got.length > 0 };
	}
}

/** The answer's bytes with one name of the model. */
async function bytes(url, protocol, model, stream) {
	const path = protocol === 'chat' ? '/v1/chat/completions' :
		'/v1/messages';
	const answer = await fetch(url + path, { method: 'POST', headers: {
		'content-type': 'application/json', 'x-api-key': 'k',
		authorization: 'Bearer k' },
	    body: JSON.stringify({ ...bodies[protocol], stream, model,
		...(stream ? {} : { stream_options: undefined }) }) });

	return (await answer.text()).replace(/("model"\s*:\s*)"[^"]*"/g,
	    '$1"m"');
}

// ---- the comparison ----

const other = { chat: 'messages', messages: 'chat' };
let passed = 0, failed = 0, runs = 0;
const kinds = new Map();

function report(name, found) {
	if (!found.length)
		return;
	failed++;
	for (const { what, want, got } of found) {
		kinds.set(what, (kinds.get(what) ?? 0) + 1);
		const short = (v) => (JSON.stringify(v) ?? 'nothing').slice(0,
		    verbose ? 3000 : 200);

		console.log(`${name}: ${what}: ${short(want)} became ${
			short(got)}`);
	}
}

// What is answered when only the question counts.
const shortly = {
	chat: { choices: [{ index: 0, message: { role: 'assistant',
		content: 'Well' }, finish_reason: 'stop' }], id: 'chatcmpl-2',
	    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
	messages: { id: 'msg_2', type: 'message', role: 'assistant', model: 'm',
		content: [{ type: 'text', text: 'Well' }],
		stop_reason: 'end_turn', stop_sequence: null,
		usage: { input_tokens: 1, output_tokens: 1 } },
};

/** The blocks of a Messages recording, their input parsed. */
async function blocksOf(r) {
	const api = near.messages.messages;
	const got = [];

	if (!r.sse)
		return (await api.create({ ...bodies.messages, model: 'm' }))
		    .content;
	await all(await api.create({ ...bodies.messages, model: 'm',
		stream: true }), got);
	return seen.blocksOf(got).map((b) => b.args ? { ...b,
		input: JSON.parse(b.args) } : b);
}

/** What differs when the answer is sent back as history. */
async function replayAgain(r, want, dialect, model) {
	const whole = { ...r, cut: 0 };

	now = whole;
	const blocks = r.protocol === 'messages' ? await blocksOf(r) : null;

	return again({ far, model, dialect, first: () => { now = whole; },
		second: async (ask) => {
			now = { status: 200, sse: false, cut: 0,
				text: JSON.stringify(shortly[r.protocol]) };
			await ask();
			return JSON.parse(asked);
		} }, r, want, blocks);
}

// The client asked for usage: where its provider told none, the gateway adds a
// chunk of its own.
const withoutAdded = (before, after) => /"usage" ?: ?\{/.test(before) ? after :
	after.replace(/data: \{[^\n]*"choices":\[\][^\n]*"usage":\{[^\n]*\n\n/, '');

const ended = (r) => r.protocol === 'messages' ?
	/"stop_reason" ?: ?"/.test(r.text) : /^data: ?\[DONE\]/m.test(r.text) ||
	/"finish_reason" ?: ?"/.test(r.text);

async function replay(r) {
	const dialect = alias[r.provider] ?? (dialects.includes(r.provider) ?
		r.provider : 'generic');
	const model = r.protocol === 'chat' ? `p-${dialect}/some-model` :
		'claude/claude-sonnet-4-5';
	const ways = r.status >= 400 ? ['whole', 'stream'] :
		['whole', 'stream', 'helper'];
	const found = new Map();

	now = { ...r, cut: 0 };
	const want = await ask(near[r.protocol], r.protocol, 'm',
	    r.sse ? 'stream' : 'whole');

	if (r.sse && !want.error && !ended(r))
		want.error = { message: '' };
	for (const way of ways)
		for (const cut of way === 'helper' || !r.sse ? [0] :
		    [0, 1, 7, 1000]) {
			now = { ...r, cut };
			runs++;
			const got = await ask(far[other[r.protocol]],
			    other[r.protocol], model, way);

			for (const d of differences(r.protocol, want, got, {
				stream: r.sse && way === 'stream',
				helper: way === 'helper',
				midstream: r.status < 400 }))
				if (!found.has(d.what))
					found.set(d.what, { ...d, what:
					    `${d.what} (${way}, ${cut})` });
		}
	if (!want.error)
		for (const d of await replayAgain(r, want, dialect, model))
			found.set(d.what, d);
	now = { ...r, cut: 0 };
	runs++;
	const before = await bytes(providerURL, r.protocol, 'm', r.sse);
	const after = await bytes(gatewayURL, r.protocol, model, r.sse);

	if (r.status < 400 && !want.error && before !== withoutAdded(before,
	    after))
		found.set('bytes', { what: 'bytes', want: before, got: after });
	report(r.id, [...found.values()]);
	if (!found.size)
		passed++;
}

// The folders of recordings, at any depth.
function recordings(at) {
	if (existsSync(join(at, 'meta.json')))
		return [at];
	return readdirSync(at, { withFileTypes: true })
		.filter((d) => d.isDirectory()).map((d) => d.name).sort()
		.flatMap((name) => recordings(join(at, name)));
}

function load(at) {
	const meta = JSON.parse(readFileSync(join(at, 'meta.json'), 'utf8'));
	const sse = existsSync(join(at, 'response.sse'));
	const file = join(at, sse ? 'response.sse' : 'response.json');

	return { ...meta, sse, text: existsSync(file) ?
		readFileSync(file, 'utf8') : null };
}

const tales = folder ? recordings(folder).map(load) :
    invent(Number(process.env.COUNT ?? 160), Number(process.env.SEED ?? 1));

for (const r of tales)
	if (other[r.protocol] && r.text !== null)
		await replay(r);
gateway.kill('SIGTERM');
await new Promise((go) => gateway.on('close', go));
provider.close();
provider.closeAllConnections();
rmSync(dir, { recursive: true });
if (/Sanitizer|runtime error|CHECK/.test(log)) {
	console.log(log);
	failed++;
}
console.log(`sdk: ${runs} answers, ${[...kinds].map(([k, n]) =>
	`${k}: ${n}`).join(', ') || 'no difference'}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
