// What count_tokens says of recorded requests, beside the usage that their
// providers told: node estimate.mjs PROGRAM FOLDER
//
// Requests of all protocols are put into the words of Messages; what cannot be
// (tools that the provider runs, contents of files) is left out of the sums.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync }
    from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , program, folder] = process.argv;
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

// Errors in the middle of a class that are too much, in percent.
const LIMITS = { text: 15, 'long text': 15, tools: 30, schema: 30 };

function events(path) {
	return readFileSync(path, 'utf8').split(/\r?\n/)
	    .filter((line) => line.startsWith('data:'))
	    .flatMap((line) => {
		try {
			return [JSON.parse(line.slice(5))];
		} catch {
			return [];
		}
	});
}

/** Tokens of the input as the provider counted them, or null. */
function told(dir) {
	const whole = join(dir, 'response.json'), stream = join(dir, 'response.sse');
	let usage = null;

	for (const o of existsSync(whole) ? [read(whole)] : events(stream))
		for (const u of [o.message?.usage, o.usage, o.response?.usage,
			o.usageMetadata, o.x_groq?.usage])
			if (u)
				usage = { ...usage, ...u };
	if (!usage)
		return null;
	return usage.promptTokenCount ?? usage.prompt_tokens ??
	    (usage.input_tokens === undefined ? null : usage.input_tokens +
	    (usage.cache_creation_input_tokens ?? 0) +
	    (usage.cache_read_input_tokens ?? 0));
}

/** Facts of one request that decide where it is counted. */
class Facts {
	media = 0;
	odd = 0;
}

function parts(content, facts) {
	if (typeof content === 'string')
		return content;
	return (content ?? []).flatMap((part) => {
		const text = part.text ?? part.refusal;

		if (part.thinking || part.thoughtSignature ||
		    part.type === 'redacted_thinking')
			facts.odd++;
		if (part.functionCall)
			return [{ type: 'tool_use', id: 'c',
				name: part.functionCall.name,
				input: part.functionCall.args ?? {} }];
		if (part.functionResponse)
			return [{ type: 'tool_result', tool_use_id: 'c',
				content: JSON.stringify(part.functionResponse.response) }];
		if (part.type === 'tool_use' || part.type === 'tool_result')
			return [part];
		if (typeof text === 'string')
			return [{ type: 'text', text }];
		facts.media += !part.thinking;
		return [];
	});
}

const args = (text) => {
	try {
		return JSON.parse(text);
	} catch {
		return { text };
	}
};

function chatMessage(m, facts) {
	if (m.role === 'tool')
		return { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'c', content: parts(m.content, facts) }] };
	const content = parts(m.content, facts);
	const calls = (m.tool_calls ?? []).map((c) => ({ type: 'tool_use', id: 'c',
		name: c.function.name, input: args(c.function.arguments) }));

	if (m.reasoning_content || m.reasoning_details)
		facts.odd++;
	return { role: m.role === 'assistant' ? 'assistant' : 'user',
		content: calls.length ? [...(content.length ? typeof content ===
		    'string' ? [{ type: 'text', text: content }] : content : []),
		...calls] : content };
}

function responsesItem(item, facts) {
	if (item.type === 'function_call')
		return { role: 'assistant', content: [{ type: 'tool_use', id: 'c',
			name: item.name, input: args(item.arguments) }] };
	if (item.type === 'function_call_output')
		return { role: 'user', content: [{ type: 'tool_result',
			tool_use_id: 'c', content: parts(item.output, facts) }] };
	if (item.type === 'reasoning') {
		facts.odd++;
		return null;
	}
	return { role: item.role === 'assistant' ? 'assistant' : 'user',
		content: parts(item.content, facts) };
}

const isSystem = (m) => m.role === 'system' || m.role === 'developer';

const shapes = {
	messages: (b, facts) => [b.system, b.messages.map((m) => ({ role: m.role,
		content: parts(m.content, facts) }))],
	chat: (b, facts) => [b.messages.filter(isSystem).map((m) =>
	    parts(m.content, facts)).join('\n'), b.messages.filter((m) =>
	    !isSystem(m)).map((m) => chatMessage(m, facts))],
	responses: (b, facts) => {
		const items = typeof b.input === 'string' ? [{ role: 'user',
			content: b.input }] : b.input;

		return [[b.instructions ?? '', ...items.filter(isSystem).map((m) =>
		    parts(m.content, facts))].join('\n').trim(),
		items.filter((m) => !isSystem(m)).map((m) =>
		    responsesItem(m, facts)).filter(Boolean)];
	},
	gemini: (b, facts) => [b.systemInstruction ?
	    parts(b.systemInstruction.parts, facts) : '',
	b.contents.map((m) => ({ role: m.role === 'model' ? 'assistant' : 'user',
		content: parts(m.parts, facts) }))],
};

function tools(body, facts) {
	return (body.tools ?? []).flatMap((t) => t.functionDeclarations ??
	    t.function_declarations ?? [t.function ?? t]).flatMap((t) => {
		if (!t.name || (t.type && t.type !== 'function' &&
		    t.type !== 'custom')) {
			facts.odd++;
			return [];
		}
		return [{ name: t.name, ...(t.description && {
			description: t.description }),
		input_schema: t.parameters ?? t.parametersJsonSchema ??
		    t.input_schema ?? {} }];
	});
}

/** Did the client ask the model to think? */
function thinking(b) {
	const told = b.thinking ?? b.reasoning ?? b.reasoning_effort;

	if (!told || told === 'none' || told.type === 'disabled')
		return {};
	return { max_tokens: 8192, thinking: { type: 'enabled',
		budget_tokens: 1024 } };
}

const schemaOf = (b) => b.response_format?.json_schema?.schema ??
    b.output_config?.format?.schema ?? b.output_format?.schema ??
    b.text?.format?.schema ?? null;

function asMessages(protocol, body, model, facts) {
	const [system, messages] = shapes[protocol](body, facts);
	const schema = schemaOf(body), given = tools(body, facts);

	if (JSON.stringify(body).includes('cachedContent'))
		facts.odd++;
	return {
		facts, class: given.length ? 'tools' : schema ? 'schema' : 'text',
		body: { model: `any/${model}`, messages,
			...(system?.length && { system }),
			...(given.length && { tools: given }),
			...thinking(body),
			...(schema && { output_config: { format: {
				type: 'json_schema', schema } } }) },
	};
}

function start() {
	const dir = mkdtempSync(join(tmpdir(), 'dragoman-estimate-'));
	const file = join(dir, 'config.json');

	// nobody is asked: a provider of Chat that does not count
	writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'], workers: 1,
		env: false, providers: { any: { chat: 'http://127.0.0.1:9/v1' } } }));
	const child = spawn(program, ['-c', file],
	    { stdio: ['ignore', 'ignore', 'pipe'] });

	return new Promise((done, fail) => {
		let seen = '';

		child.once('exit', () => fail(new Error(seen)));
		child.stderr.on('data', (d) => {
			const at = /listening on [^\s"]*:(\d+)/.exec(seen += d);

			if (at)
				done({ url: `http://127.0.0.1:${at[1]}`, stop: () => {
					child.removeAllListeners('exit');
					child.kill();
					rmSync(dir, { recursive: true });
				} });
		});
	});
}

function summary(rows) {
	const classes = {};
	let failed = 0, passed = 0;

	for (const row of rows)
		if (row.class)
			(classes[row.class] ??= []).push(row.error);
	for (const [name, errors] of Object.entries(classes)) {
		const sorted = errors.map(Math.abs).sort((a, b) => a - b);
		const middle = sorted[sorted.length >> 1];
		const good = middle <= LIMITS[name];

		console.log(`${good ? 'ok' : 'FAILED'}\t${name}: half of ${
			sorted.length} within ${middle.toFixed(1)} %, nine of ten ` +
		    `within ${sorted[Math.ceil(sorted.length * 0.9) - 1]
		        .toFixed(1)} %, limit ${LIMITS[name]} %`);
		good ? passed++ : failed++;
	}
	console.log(`${passed} passed, ${failed} failed`);
	return failed;
}

const gateway = await start();
const rows = [];

for (const protocol of Object.keys(shapes)) {
	const root = join(folder, protocol);

	for (const name of existsSync(root) ? readdirSync(root) : []) {
		const dir = join(root, name), path = join(dir, 'request.json');

		if (!existsSync(path) || told(dir) === null)
			continue;
		const request = read(path), body = request.body ?? request;
		const model = body.model ?? read(join(dir, 'meta.json')).model;
		const asked = asMessages(protocol, body, model, new Facts());
		const answer = await (await fetch(
		    `${gateway.url}/v1/messages/count_tokens`, { method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(asked.body) })).json();
		const error = 100 * (answer.input_tokens / told(dir) - 1);
		const { media, odd } = asked.facts;
		const kind = media || odd ? null : asked.class === 'text' &&
		    told(dir) > 200 ? 'long text' : asked.class;

		if (answer.input_tokens === undefined)
			throw new Error(`${name}: ${JSON.stringify(answer)}`);
		rows.push({ class: kind, error });
		console.log(`${name.padEnd(46)} ${(kind ?? (media ? '(media)' :
		    '(other)')).padEnd(10)} told ${String(told(dir)).padStart(6)}` +
		    `  estimated ${String(answer.input_tokens).padStart(6)} ${
			error.toFixed(0).padStart(5)} %`);
	}
}
gateway.stop();
process.exitCode = summary(rows) ? 1 : 0;
