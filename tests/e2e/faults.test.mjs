// The fault matrix: whatever can go wrong at a provider, in the midst of what, for
// clients of each protocol, whole and streamed, passed on and translated, with
// another target behind it and without.
//
// Every cell is a model of its own with a script of its own, so that many run at
// once.  What is expected of it stands in the tables below: the provider's side
// (who was asked, how often), the SDK's (which error of its own it raises, or
// which text it got), and the ledger's (who answered, what was booked).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SLOWER, Stage, assert, gather, test } from './harness.mjs';
import { ScriptedProvider } from './provider.mjs';
import { anthropicError, completion, completionEvents, message, messageEvents,
    openaiError, sse } from './shapes.mjs';

const stage = new Stage();
const WORDS = 'Yes, indeed';
// What is waited for is waited for to its end.
const WAIT_MS = 4000 * Math.min(SLOWER, 3);
const IN = 20, OUT = 7;

// ---- providers: what they say when nothing is wrong, and how they complain

const item = (status, content) => ({ type: 'message', id: 'msg_1', status,
	role: 'assistant', content });
const text = { type: 'output_text', text: WORDS, annotations: [] };
const response = (status, output, usage = null) => ({ id: 'resp_1',
	object: 'response', created_at: 1790000000, status, error: null,
	incomplete_details: null, model: 'm', output, usage, tools: [],
	tool_choice: 'auto', parallel_tool_calls: true });
const done = response('completed', [item('completed', [text])], {
	input_tokens: IN, input_tokens_details: { cached_tokens: 0 },
	output_tokens: OUT, output_tokens_details: { reasoning_tokens: 0 },
	total_tokens: IN + OUT });
const where = { item_id: 'msg_1', output_index: 0, content_index: 0 };

const responseEvents = [
	{ type: 'response.created', response: response('in_progress', []) },
	{ type: 'response.output_item.added', output_index: 0,
	    item: item('in_progress', []) },
	{ type: 'response.content_part.added', ...where,
	    part: { ...text, text: '' } },
	{ type: 'response.output_text.delta', ...where, delta: WORDS },
	{ type: 'response.output_text.done', ...where, text: WORDS },
	{ type: 'response.content_part.done', ...where, part: text },
	{ type: 'response.output_item.done', output_index: 0,
	    item: item('completed', [text]) },
	{ type: 'response.completed', response: done },
].map((event, i) => [event.type, { ...event, sequence_number: i }]);

// Google's name for a status
const google = (code) => ({ 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED',
	403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED',
	503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED' }[code] ??
    (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'));
const candidates = (text_, finishReason) => ({ candidates: [{ index: 0,
	content: { role: 'model', parts: [{ text: text_ }] }, finishReason }],
    usageMetadata: { promptTokenCount: IN, candidatesTokenCount: OUT,
	totalTokenCount: IN + OUT }, modelVersion: 'm' });

/** `words`: how many events it takes until something was said. */
const speaks = {
	chat: { whole: completion(WORDS), events: completionEvents(WORDS),
		words: 2, error: (status, say) => openaiError(say, null,
		    status < 500 ? 'invalid_request_error' : 'server_error'),
		failed: (say) => [null, openaiError(say, null, 'server_error')] },
	messages: { whole: message(WORDS), events: messageEvents(WORDS),
		words: 3, error: (status, say) => anthropicError({
		    400: 'invalid_request_error', 401: 'authentication_error',
		    403: 'permission_error', 404: 'not_found_error',
		    413: 'request_too_large', 429: 'rate_limit_error',
		    529: 'overloaded_error' }[status] ?? 'api_error', say),
		failed: (say) => ['error', anthropicError('api_error', say)] },
	responses: { whole: done, events: responseEvents, words: 4,
		error: (status, say) => openaiError(say, null,
		    status < 500 ? 'invalid_request_error' : 'server_error'),
		failed: (say) => ['error', { type: 'error', code: 'server_error',
		    message: say, param: null, sequence_number: 4 }] },
	gemini: { whole: candidates(WORDS, 'STOP'),
		events: [[null, candidates(WORDS.slice(0, 3))],
		    [null, candidates(WORDS.slice(3), 'STOP')]], words: 1,
		error: (status, say) => ({ error: { code: status, message: say,
		    status: google(status) } }),
		failed: (say) => [null, { error: { code: 500, message: say,
		    status: google(500) } }] },
};
const PROTOCOLS = Object.keys(speaks);

/** The provider's own view of a request: its words, the cell, whole or not. */
function look({ request }) {
	const path = /\/models\/([^:/]+):(\w+)/.exec(request.path);
	const [, tail] = /\/(completions|messages|responses)$/.exec(request.path)
	    ?? [];

	return path ? { say: speaks.gemini, cell: path[1],
		stream: path[2] === 'streamGenerateContent' }
	    : { say: speaks[tail === 'completions' ? 'chat' : tail],
		cell: request.json.model, stream: request.json.stream === true };
}

function answer(call, { say, stream }) {
	if (stream)
		call.stream(sse(...say.events));
	else
		call.json(say.whole);
}

// ---- faults

const status = (code, headers) => (call, { say }) =>
    call.json(say.error(code, 'Scripted trouble'), code, headers);
const first = (say) => sse(...say.events.slice(0, say.words));
const begin = (call) => call.begin();

/** Does it happen before anything of an answer?  Then another may answer. */
const ELSEWHERE = 'elsewhere';
/** Is it the request's fault?  Then nobody else is asked. */
const FINAL = 'final';
/** Has the client seen some of it?  Then the answer ends with an error. */
const BROKEN = 'broken';

/*
 * What happens: of what kind it is; what a client is told if there is no other
 * target, a status, or one where the provider's answer is passed on and one for
 * each protocol to which it is told; what the provider does; and `stream` where
 * it can only happen to streams.
 */
const told = (passed, all, rest = {}) => ({ passed, chat: all, messages: all,
	responses: all, gemini: all, ...rest });
const FAULTS = {
	// before a request could be sent: no script, see providers below
	'connection refused': [ELSEWHERE, 502],
	'TLS fails': [ELSEWHERE, 502],
	'nobody shakes hands': [ELSEWHERE, 504],

	// before the head
	'closed without an answer': [ELSEWHERE, 502, (c) => c.cut()],
	'reset without an answer': [ELSEWHERE, 502, (c) => c.reset()],
	'no answer in time': [ELSEWHERE, 504, () => {}],
	'no end of the head in time': [ELSEWHERE, 504, (c) =>
	    c.raw('HTTP/1.1 200 OK\r\ncontent-type: appl')],
	'closed inside the head': [ELSEWHERE, 502, (c) =>
	    c.raw('HTTP/1.1 200 OK\r\ncontent-').cut()],
	'not HTTP': [ELSEWHERE, 502, (c) => c.raw('SSH-2.0-x\r\n\r\n').cut()],

	// a status
	400: [FINAL, 400, status(400)],
	401: [ELSEWHERE, 502, status(401)],
	403: [ELSEWHERE, 502, status(403)],
	404: [ELSEWHERE, 404, status(404)],
	408: [ELSEWHERE, told(408, 504), status(408)],
	409: [ELSEWHERE, 409, status(409)],
	413: [FINAL, told(413, 413, { gemini: 400 }), status(413)],
	422: [FINAL, told(422, 422, { messages: 400, gemini: 400 }), status(422)],
	'429, seconds': [ELSEWHERE, 429, status(429, { 'retry-after': '7' })],
	'429, a date': [ELSEWHERE, 429, (c, cell) => status(429, {
	    'retry-after': new Date(Date.now() + 9e3).toUTCString() })(c, cell)],
	'429, milliseconds': [ELSEWHERE, 429, status(429,
	    { 'retry-after-ms': '6500' })],
	'429, a reset': [ELSEWHERE, 429, status(429, {
	    'x-ratelimit-remaining-requests': '0',
	    'x-ratelimit-reset-requests': '6s' })],
	500: [ELSEWHERE, 500, status(500)],
	502: [ELSEWHERE, 502, status(502)],
	503: [ELSEWHERE, told(503, 503, { messages: 529 }), status(503)],
	504: [ELSEWHERE, 504, status(504)],
	529: [ELSEWHERE, told(529, 503, { messages: 529 }), status(529)],
	'a page, 502': [ELSEWHERE, 502, (c) => c.text(502,
	    '<html><body>Bad gateway</body></html>',
	    { 'content-type': 'text/html' })],
	'an error without a word': [ELSEWHERE, 500, (c) => c.text(500, '')],
	'an error that breaks off': [ELSEWHERE, 500, (c) => c.head(500,
	    { 'content-length': 99 }).raw('{"error":').cut()],
	'a redirect': [ELSEWHERE, 502, (c) => c.text(302, '',
	    { location: 'http://127.0.0.1:1/' })],

	// a good head, and nothing good behind it
	'nothing': [ELSEWHERE, 502, (c) => c.text(200, '')],
	'a page': [ELSEWHERE, 502, (c) => c.text(200, '<html></html>',
	    { 'content-type': 'text/html' })],
	'bad JSON': [ELSEWHERE, 502, (c) => c.text(200, '{"id":"x",')],
	'a whole answer cut in two': [ELSEWHERE, 502, (c, { say }) => c.head(200,
	    { 'content-type': 'application/json', 'content-length': 9999 })
	    .raw(JSON.stringify(say.whole).slice(0, 40)).cut()],
	'compressed': [ELSEWHERE, 502, (c, { say }) => c.text(200, gzipSync(
	    JSON.stringify(say.whole)), { 'content-encoding': 'gzip' })],
	'an error as the answer': [ELSEWHERE, 500, (c, { say }) =>
	    c.json(say.error(500, 'Scripted trouble'))],

	// a stream, before the first word
	'a stream of nothing': [ELSEWHERE, 502, (c) => begin(c).end(), 'stream'],
	'a stream cut before the first word': [ELSEWHERE, 502, (c) =>
	    begin(c).piece(': wait\n\n').cut(), 'stream'],
	'a stream reset before the first word': [ELSEWHERE, 502, (c) =>
	    begin(c).reset(), 'stream'],
	'a stream that begins with an error': [ELSEWHERE, 500, (c, { say }) =>
	    c.stream(sse(say.failed('Scripted trouble'))), 'stream'],
	'no first word in time': [ELSEWHERE, 504, (c) =>
	    begin(c).piece(': wait\n\n'), 'stream'],
	'a stream of nonsense': [ELSEWHERE, 502, (c) =>
	    begin(c).piece('data: {nonsense\n\ndata: }\n\n').end(), 'stream'],
	'chunks that are none': [ELSEWHERE, 502, (c) =>
	    begin(c).raw('zz\r\nwhatever').cut(), 'stream'],

	// ... and after it
	'cut after the first word': [BROKEN, 502, (c, { say }) =>
	    begin(c).piece(first(say)).cut(), 'stream'],
	'reset after the first word': [BROKEN, 502, (c, { say }) =>
	    begin(c).piece(first(say)).reset(), 'stream'],
	'an end after the first word': [BROKEN, 502, (c, { say }) =>
	    begin(c).piece(first(say)).end(), 'stream'],
	'an error after the first word': [BROKEN, 500, (c, { say }) =>
	    begin(c).piece(first(say) + sse(say.failed('Scripted trouble')))
	    .end(), 'stream'],
	'silence after the first word': [BROKEN, 504, (c, { say }) =>
	    begin(c).piece(first(say)), 'stream'],
	'broken chunks after the first word': [BROKEN, 502, (c, { say }) =>
	    begin(c).piece(first(say)).raw('zz\r\n'), 'stream'],
};

// ---- cells

const cells = [];

for (const [fault, [kind, alone, act, on]] of Object.entries(FAULTS))
	for (const client of PROTOCOLS) for (const stream of [false, true])
	for (const passed of [false, true]) for (const other of [false, true]) {
		if (on === 'stream' && !stream)
			continue;
		cells.push({ id: `cell-${cells.length}`, fault, kind, act, client,
			stream, passed, other,
			alone: alone[passed ? 'passed' : client] ?? alone });
	}

const good = await stage.provider();
const bad = await stage.provider();
const gone = await ScriptedProvider.start();
const mute = net.createServer(() => {});
const plain = net.createServer((socket) => {
	socket.on('error', () => {});
	socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n'));
});
const port = (server) => new Promise((done_) => server.listen(0, '127.0.0.1',
    () => done_(server.address().port)));

await gone.refuse();
after(() => { plain.close(); mute.close(); });

const BASES = {
	'connection refused': gone.url,
	'TLS fails': `https://127.0.0.1:${await port(plain)}`,
	'nobody shakes hands': `https://127.0.0.1:${await port(mute)}`,
};
/** The protocol that a client's request is translated to. */
const TOLD = { chat: 'messages', messages: 'chat', responses: 'chat',
	gemini: 'messages' };
const at = (base, protocols) => Object.fromEntries(protocols.map((p) => [p,
	base + { chat: '/v1', messages: '', responses: '/v1',
	    gemini: '/v1beta' }[p]]));
const name = ({ fault, passed, client }) => (BASES[fault] ? {
	'connection refused': 'gone', 'TLS fails': 'plain',
	'nobody shakes hands': 'mute' }[fault] : 'bad') +
    (passed ? '' : `-${TOLD[client]}`);
const providers = { good: { ...at(good.url, PROTOCOLS), key: 'key-of-good' } };
const models = {};

for (const cell of cells) {
	providers[name(cell)] = { ...at(BASES[cell.fault] ?? bad.url,
	    cell.passed ? PROTOCOLS : [TOLD[cell.client]]), key: 'key-of-bad' };
	models[cell.id] = { targets: [`${name(cell)}/${cell.id}`,
		...(cell.other ? [`good/${cell.id}`] : [])] };
}

const asked = { good: {}, bad: {} };
const tally = (who, { cell }) => {
	asked[who][cell] = (asked[who][cell] ?? 0) + 1;
};

good.always((call) => {
	const seen = look(call);

	tally('good', seen);
	assert.match(call.request.head, /key-of-good/);
	assert.doesNotMatch(call.request.head, /key-of-bad|sk-client|key-of-cl/);
	answer(call, seen);
});
bad.always((call) => {
	const seen = look(call);

	tally('bad', seen);
	assert.doesNotMatch(call.request.head, /key-of-good|sk-client|key-of-cl/);
	cells[seen.cell.slice(5)].act(call, seen);
});

const dir = stage.dir();

execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(dir, 'ca.key'),
    '-out', join(dir, 'ca.pem'), '-subj', '/CN=nobody', '-days', '2'],
    { stdio: 'ignore' });

const gateway = await stage.gateway({
	env: { SSL_CERT_FILE: join(dir, 'ca.pem') },
	config: {
		providers, models, workers: 2,
		options: { learn: false },
		// every cell is on its own
		circuit: { failures: 0, rate_percent: 0, cool_max_ms: 0 },
		// each request of a provider's is seen once: none meets a
		// connection that was used before, and is sent again
		limits: { connect_ms: WAIT_MS, first_token_ms: WAIT_MS,
			silence_ms: WAIT_MS, pool_idle: 0 },
		ledger: { path: join(dir, 'ledger.jsonl'), sync: 'always' },
	},
});

// ---- clients

const openai = gateway.openai(), anthropic = gateway.anthropic();
const gemini = gateway.gemini();
const turns = [{ role: 'user', content: 'Hello' }];

/** What an SDK makes of it: the text, and the error that it raised, if any. */
const asks = {
	async chat(model, stream, seen) {
		const one = await openai.chat.completions.create({ model, stream,
			messages: turns });

		for await (const c of stream ? one : [])
			seen.text += c.choices[0]?.delta.content ?? '';
		if (!stream)
			seen.text = one.choices[0].message.content;
	},
	async messages(model, stream, seen) {
		const one = await anthropic.messages.create({ model, stream,
			max_tokens: 99, messages: turns });

		for await (const e of stream ? one : [])
			seen.text += e.delta?.text ?? '';
		if (!stream)
			seen.text = one.content[0].text;
	},
	async responses(model, stream, seen) {
		const one = await openai.responses.create({ model, stream,
			input: 'Hello', store: false });

		for await (const e of stream ? one : []) {
			if (e.type === 'response.output_text.delta')
				seen.text += e.delta;
			seen.end = e.type;
		}
		if (!stream)
			seen.text = one.output_text;
	},
	async gemini(model, stream, seen) {
		const wish = { model, contents: 'Hello' };

		if (!stream) {
			seen.text = (await gemini.models.generateContent(wish)).text;
			return;
		}
		for await (const one of
		    await gemini.models.generateContentStream(wish)) {
			seen.text += one.text ?? '';
			seen.end = one.candidates?.[0]?.finishReason ?? seen.end;
		}
	},
};

async function run(cell) {
	const seen = { text: '' };

	try {
		await asks[cell.client](cell.id, cell.stream, seen);
	} catch (error) {
		seen.error = error;
	}
	return seen;
}

// ---- what is expected

/** The error that each SDK raises for a status; all others raise this one. */
const RAISED = {
	openai: { 400: 'BadRequestError', 404: 'NotFoundError', 408: 'APIError',
		409: 'ConflictError', 413: 'APIError',
		422: 'UnprocessableEntityError', 429: 'RateLimitError',
		rest: 'InternalServerError' },
	anthropic: { 400: 'BadRequestError', 404: 'NotFoundError',
		408: 'RequestTimeoutError', 409: 'ConflictError',
		413: 'ContentTooLargeError', 422: 'UnprocessableEntityError',
		429: 'RateLimitError', 503: 'ServiceUnavailableError',
		504: 'GatewayTimeoutError', 529: 'OverloadedError',
		rest: 'InternalServerError' },
	google: { rest: 'ApiError' },
};
const SDK = { chat: 'openai', messages: 'anthropic', responses: 'openai',
	gemini: 'google' };

/** ... and for an error inside a stream; of Responses an event says it. */
const RAISED_INSIDE = { chat: 'APIError', messages: 'APIError',
	responses: null, gemini: 'ApiError' };

/** What an exhausted limit is told to last, in seconds. */
const WAITS = { '429, seconds': /^7$/, '429, a date': /^([1-9]|.* GMT)$/,
	'429, milliseconds': /^7$/, '429, a reset': /^6$/ };

function checkAnswered(cell, seen, line) {
	assert.equal(seen.error, undefined);
	assert.equal(seen.text, WORDS);
	assert.deepEqual([line.status, line.provider, line.target, line.attempts],
	    [200, 'good', cell.id, 2]);
	assert.deepEqual([line.in, line.out, line.error], [IN, OUT, null]);
}

function checkRefused(cell, { error, text: said }, line) {
	const raised = RAISED[SDK[cell.client]];

	assert.equal(said, '');
	assert.equal(error?.status, cell.alone);
	assert.equal(error.constructor.name, raised[cell.alone] ?? raised.rest);
	assert.deepEqual([line.status, line.provider, line.target, line.attempts],
	    [cell.alone, name(cell), cell.id, 1]);
	assert.deepEqual([line.in, line.out], [0, 0]);
	assert.equal(typeof line.error, 'string');
	if (!(cell.fault in WAITS) || cell.client === 'gemini')
		return;
	// byte for byte, or in the one spelling that all clients know
	if (!cell.passed || error.headers.get('retry-after'))
		assert.match(error.headers.get('retry-after'),
		    WAITS[cell.fault]);
	else
		assert.match(cell.fault, /milliseconds|a reset/);
}

function checkBroken(cell, { error, text: said, end }, line) {
	const passedError = cell.passed && /^an error/.test(cell.fault);
	const raised = cell.client === 'responses' && passedError ? 'APIError'
	    : RAISED_INSIDE[cell.client];

	assert.equal(error?.constructor.name, raised ?? undefined);
	if (!raised)
		assert.equal(end, 'response.failed');
	// what was said before is kept, and nothing follows it
	assert.ok(said && WORDS.startsWith(said), said);
	assert.notEqual(end, 'STOP');
	assert.deepEqual([line.status, line.provider, line.target, line.attempts],
	    [200, name(cell), cell.id, 1]);
	assert.equal(typeof line.error, 'string');
}

/** How often the failing target, and then the good one, was asked. */
const ASKED = { [ELSEWHERE]: [1, 1], [FINAL]: [1, 0], [BROKEN]: [1, 0] };

function check(cell, seen, line) {
	const [atBad, atGood] = ASKED[cell.kind];

	assert.deepEqual([asked.bad[cell.id] ?? 0, asked.good[cell.id] ?? 0],
	    [cell.fault in BASES ? 0 : atBad, cell.other ? atGood : 0],
	    'who was asked');
	assert.equal(line.protocol, cell.client);
	if (cell.kind === BROKEN)
		checkBroken(cell, seen, line);
	else if (cell.kind === ELSEWHERE && cell.other)
		checkAnswered(cell, seen, line);
	else
		checkRefused(cell, seen, line);
}

// ---- all of it

/** Those only wait: all of them at once, beside the others. */
const SLOW = /in time|silence|nobody shakes/;
const LANES = 24;
const outcomes = new Map();

test(`${cells.length} requests meet a fault`, { timeout: 300000 * SLOWER },
    async () => {
	const lanes = Array.from({ length: LANES }, () => []);

	cells.forEach((cell, i) => {
		if (SLOW.test(cell.fault))
			lanes.push([cell]);
		else
			lanes[i % LANES].push(cell);
	});
	await Promise.all(lanes.map(async (lane) => {
		for (const cell of lane)
			outcomes.set(cell, await run(cell));
	}));
	assert.equal(outcomes.size, cells.length);
});

const ledger = {};

test('each is booked once', () => {
	const lines = readFileSync(join(dir, 'ledger.jsonl'), 'utf8').trim()
	    .split('\n').map((line) => JSON.parse(line));

	for (const line of lines) {
		assert.equal(ledger[line.model], undefined, line.model);
		ledger[line.model] = line;
	}
	assert.equal(lines.length, cells.length);
});

for (const fault of Object.keys(FAULTS))
	test(fault, () => {
		for (const cell of cells) {
			if (cell.fault !== fault)
				continue;
			const { client, stream, passed, other } = cell;
			const seen = outcomes.get(cell);

			try {
				check(cell, seen, ledger[cell.id]);
			} catch (error) {
				throw new Error(`${client}, ${stream ? 'streamed'
				    : 'whole'}, ${passed ? 'passed on' : 'told'}, ${
				    other ? 'with another target' : 'alone'}: ${
				    seen?.error}, booked as ${JSON.stringify(
				    ledger[cell.id])}`, { cause: error });
			}
		}
	});

stage.close();
