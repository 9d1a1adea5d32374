// replay.mjs PROGRAM FOLDER: see ../replay.sh.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as answers from './answers.mjs';
import { lost } from './leaves.mjs';
import { requestWords } from './requests.mjs';

const [program, folder] = process.argv.slice(2);
const other = { chat: 'messages', messages: 'chat' };
const read = {
	chat: { response: answers.chatWhole, stream: answers.chatStream },
	messages: { response: answers.messagesWhole,
		stream: answers.messagesStream },
};
let passed = 0, failed = 0;

// Clients that ask for all that there is to see.
const messages = [{ role: 'user', content: 'Hi' }];
const clients = {
	chat: { model: 'm', messages, stream: true,
		stream_options: { include_usage: true } },
	messages: { model: 'm', messages, max_tokens: 4096, stream: true,
		thinking: { type: 'enabled', budget_tokens: 1024 } },
};
const tmp = mkdtempSync(join(tmpdir(), 'replay-'));
for (const protocol in clients)
	writeFileSync(join(tmp, protocol), JSON.stringify(clients[protocol]));

// The folders of recordings, at any depth.
function recordings(dir) {
	if (existsSync(join(dir, 'meta.json')))
		return [dir];
	return readdirSync(dir, { withFileTypes: true })
		.filter(d => d.isDirectory()).map(d => d.name).sort()
		.flatMap(name => recordings(join(dir, name)));
}

function translate(from, to, what, input, ...more) {
	const run = spawnSync(program, ['translate', '--from', from, '--to', to,
		'--what', what, '--now', '1700000000', ...more],
		{ input, encoding: 'utf8', maxBuffer: 1 << 28 });
	if (run.error || run.signal || run.status > 1 ||
	    /out of order|Sanitizer|runtime error/.test(run.stderr))
		throw new Error(`translate ${from} to ${to}: ${run.error ??
			run.signal ?? ''} ${run.stderr}`);
	return run;
}

function same(want, got, what) {
	if (JSON.stringify(want) !== JSON.stringify(got))
		throw new Error(`${what}: ${JSON.stringify(want)?.slice(0, 300)} ` +
			`became ${JSON.stringify(got)?.slice(0, 300)}`);
}

function isJSON(text) {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

// Arguments keep their bytes, but for white space where they are no string.
function sameArgs(want, got, what) {
	if (!want.trim())
		want = '{}';
	if (!isJSON(want))
		return same('object', typeof JSON.parse(got), `${what} mended`);
	const plain = s => JSON.stringify(JSON.parse(s));
	same(plain(want), plain(got), what);
}

// `exact`: streams carry the arguments byte for byte.
function compare(want, got, exact, usageKnown) {
	if (want.error !== null || got.error !== null) {
		same(want.error !== null, got.error !== null, 'is an error');
		return;
	}
	// White space alone is no block that Messages would take back.
	const trim = want.calls.length ? s => s.trim() : s => s;
	same(trim(want.text), trim(got.text), 'text');
	same(want.thinking, got.thinking, 'thinking');
	same(want.calls.map(c => c.name), got.calls.map(c => c.name), 'calls');
	want.calls.forEach((c, i) => {
		if (exact && isJSON(c.args))
			same(c.args, got.calls[i].args, 'arguments, byte for byte');
		sameArgs(c.args, got.calls[i].args, 'arguments');
	});
	same(want.finish, got.finish, 'finish');
	if (usageKnown)
		same(want.usage, got.usage, 'usage');
}

// There, in both forms that a client may ask for, and back again.
function replayAnswer(protocol, what, text) {
	const want = read[protocol][what](text, false);
	const exact = what === 'stream';
	for (const form of ['stream', 'response']) {
		const flag = form === 'stream' ? '--stream' : '--whole';
		const asks = p => ['--request', join(tmp, p), flag];
		const there = translate(protocol, other[protocol], what, text,
			...asks(other[protocol]));
		if (want.error !== null && there.status === 0)
			throw new Error('an error went by without notice');
		const error = there.status === 1 && there.stdout[0] === '{';
		const form2 = error ? 'response' : form;
		compare(want, read[other[protocol]][form2](there.stdout, true),
			exact && form === 'stream', want.usage);
		if (want.error !== null)
			continue;
		const back = translate(other[protocol], protocol, form,
			there.stdout, ...asks(protocol));
		compare(want, read[protocol][form](back.stdout, true),
			exact && form === 'stream', want.usage);
	}
}

function replayError(protocol, status, text) {
	const run = translate(protocol, other[protocol], 'error', text,
		'--status', String(status));
	const body = JSON.parse(run.stdout);
	if (!body.error?.message || !body.error.type)
		throw new Error(`no error body: ${run.stdout}`);
}

// The words of a conversation survive the way to the other side and back.
function replayRequest(protocol, text) {
	const models = { chat: 'gpt-4o', messages: 'claude-sonnet-4-5' };
	const dialects = { chat: 'openai', messages: 'anthropic' };
	const at = p => ['--model', models[p], '--dialect', dialects[p]];
	const there = translate(protocol, other[protocol], 'request', text,
		...at(other[protocol]));
	// A tool that only its vendor can run, and nothing else to call.
	if (there.status === 1 && /tool type .* is not supported/.test(
		there.stdout) && !JSON.parse(text).tools.some(t => t.input_schema))
		return;
	if (there.status !== 0)
		throw new Error(`refused: ${there.stdout}`);
	const back = translate(other[protocol], protocol, 'request',
		there.stdout, ...at(protocol));
	if (back.status !== 0)
		throw new Error(`refused on the way back: ${back.stdout}`);
	const want = requestWords(protocol, JSON.parse(text));
	const named = run => run.stderr.split('\n');
	same([], lost(JSON.parse(text), JSON.parse(there.stdout), named(there)),
		'values of the request');
	same([], lost(JSON.parse(text), JSON.parse(back.stdout),
		[...named(there), ...named(back)]), 'values, and back');
	same(want, requestWords(other[protocol], JSON.parse(there.stdout)),
		'request');
	same(want, requestWords(protocol, JSON.parse(back.stdout)),
		'request and back');
}

function attempt(name, fn) {
	try {
		fn();
		passed++;
	} catch (e) {
		failed++;
		console.log(`${name}: ${e.message}`);
	}
}

for (const dir of recordings(folder)) {
	const meta = JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8'));
	const load = name => existsSync(join(dir, name)) ?
		readFileSync(join(dir, name), 'utf8') : null;
	if (!other[meta.protocol])
		continue;
	const body = load('response.json'), sse = load('response.sse');
	const request = load('request.json');
	if (meta.status >= 400)
		attempt(`${meta.id} error`, () =>
			replayError(meta.protocol, meta.status, body));
	else if (sse !== null)
		attempt(`${meta.id} stream`, () =>
			replayAnswer(meta.protocol, 'stream', sse));
	else if (body !== null)
		attempt(`${meta.id} whole`, () =>
			replayAnswer(meta.protocol, 'response', body));
	if (request !== null && meta.status < 400)
		attempt(`${meta.id} request`, () =>
			replayRequest(meta.protocol, request));
}
rmSync(tmp, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
