// Answers that no provider has given, but any could: made from a seed, in both
// protocols, whole and streamed, with the habits of many servers.

const words = ['Hello', 'world', '"quoted"', 'back\\slash', 'line\nbreak',
	'tab\there', 'emoji 😀', '中文字', 'é', 'a', '  two', '{"json": 1}',
	'<think>', '```json\n', '\u2028', 'end.', '[DONE]', 'data: x', '\u0001'];
const inputs = ['{}', '{"a":1}', '{"a": 1.0, "b": [1,2,{"c":null}]}',
	'{"s":"x\\ny \\u00e9 \\"q\\""}', '{"big":12345678901234567890}',
	'{ "k" : "v" , "k" : "w" }', '{"b":"}{","c":"\\\\"}', '{"e":"😀"}'];
const names = ['get_weather', 'run', 'a-b', 'Read',
	'list_files_in_the_directory_of_the_user'];

/** What chance decides, the same for the same seed. */
class Dice {
	constructor(seed) {
		this.state = seed >>> 0;
	}

	next() {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;

		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	int(low, high) { return low + Math.floor(this.next() * (high - low + 1)); }
	pick(list) { return list[this.int(0, list.length - 1)]; }
	chance(p) { return this.next() < p; }
	list(low, high, one) {
		return Array.from({ length: this.int(low, high) }, one);
	}

	text() {
		return this.list(1, 8, () => this.pick(words))
		    .join(this.pick([' ', '', '\n']));
	}

	/** A text in pieces. */
	cut(text) {
		const pieces = [];

		for (let at = 0; at < text.length;) {
			const n = this.int(1, 9);

			pieces.push(text.slice(at, at + n));
			at += n;
		}
		return pieces;
	}
}

// ---- Chat ----

const callIds = [(d) => `call_${d.int(1, 1e9)}`,
	(d) => `functions.run:${d.int(0, 99999)}`,
	(d) => `tool-${d.int(1e8, 1e9)}${'abcdef'.repeat(10)}`,
	(d) => `a b/c=${d.int(1, 1e9)}`];

function chatUsage(d) {
	const usage = { prompt_tokens: d.int(1, 5000),
		completion_tokens: d.int(1, 900) };

	usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
	if (d.chance(0.5))
		usage.prompt_tokens_details = {
			cached_tokens: d.int(0, usage.prompt_tokens) };
	if (d.chance(0.4))
		usage.completion_tokens_details = {
			reasoning_tokens: d.int(0, usage.completion_tokens) };
	else if (d.chance(0.2))
		usage.completion_tokens_details = null;
	return usage;
}

const calls = (d) => d.chance(0.5) ? [] : d.list(1, 4, () => ({
	id: d.pick(callIds)(d), name: d.pick(names), args: d.pick(inputs) }));

const signed = (d, text) => ({ type: 'reasoning.text', text,
	signature: `Sg${d.int(1, 1e9)}==`, format: 'anthropic-claude-v1',
	index: 0 });

// The ways to tell thinking in a message.
const thoughts = [
	() => ({}),
	(d) => ({ reasoning_content: d.text() }),
	(d) => ({ reasoning: d.text() }),
	(d) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text',
		text: d.text() }] }, { type: 'text', text: d.text() }] }),
	(d) => {
		const text = d.text();

		return { reasoning: text, reasoning_details: [signed(d, text)] };
	},
];

function chatWhole(d) {
	const made = calls(d);
	const message = { role: 'assistant', content: made.length ?
		d.pick([null, '', d.text()]) : d.text(), ...d.pick(thoughts)(d) };

	if (made.length)
		message.tool_calls = made.map(({ id, name, args }, index) => ({
			...(d.chance(0.5) ? { index } : {}), id,
			type: 'function', function: { name, arguments: args } }));
	else if (d.chance(0.1))
		Object.assign(message, { refusal: d.text(), content: null });
	return JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion',
		created: 1, model: 'm', choices: [{ index: 0, message,
		    finish_reason: d.pick(made.length ?
			['tool_calls', 'tool_calls', 'stop', 'length'] :
			['stop', 'stop', 'length', 'content_filter', 'eos']) }],
		usage: chatUsage(d) });
}

const chunk = (delta, finish_reason = null, rest = {}) => ({
	id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1,
	model: 'm', choices: [{ index: 0, delta, finish_reason }], ...rest });

const streamedThoughts = [
	() => [],
	(d) => d.cut(d.text()).map((t) => ({ reasoning_content: t })),
	(d) => d.cut(d.text()).map((t) => ({ content: '', reasoning: t })),
	(d) => d.cut(d.text()).map((t) => ({ content: [{ type: 'thinking',
		thinking: [{ type: 'text', text: t }] }] })),
	(d) => [...d.cut(d.text()).map((t) => ({ reasoning: t,
		reasoning_details: [{ ...signed(d, t), signature: null }] })),
	    { reasoning_details: [signed(d, '')] }],
];

// The pieces of each call; servers number them in several ways.
function callPieces(d, made, numbering) {
	const number = { usual: (i) => ({ index: i }), all0: () => ({ index: 0 }),
		from1: (i) => ({ index: i + 1 }), none: () => ({}) }[numbering];

	return made.map(({ id, name, args }, i) => {
		const whole = d.chance(0.3);

		return [{ ...number(i), id, type: 'function', function: { name,
			arguments: whole ? args : '' } },
		    ...(whole ? [] : d.cut(args).map((piece) => ({ ...number(i),
			function: { arguments: piece } })))];
	});
}

function callDeltas(d, made) {
	const numbering = d.pick(['usual', 'usual', 'all0', 'from1', 'none']);
	const pieces = callPieces(d, made, numbering);
	const deltas = [];

	if (numbering !== 'usual' || d.chance(0.7))
		return pieces.flat().map((piece) => ({ tool_calls: [piece] }));
	// Interleaved, once all have begun.
	for (const one of pieces)
		deltas.push({ tool_calls: [one.shift()] });
	while (pieces.some((one) => one.length))
		deltas.push({ tool_calls: [d.pick(pieces.filter((one) =>
		    one.length)).shift()] });
	return deltas;
}

function chatStream(d) {
	const made = calls(d);
	const usage = { usage: chatUsage(d) };
	const apart = d.chance(0.5);
	const chunks = [
		chunk({ role: 'assistant', content: d.pick(['', null]) }),
		...d.pick(streamedThoughts)(d).map((delta) => chunk(delta)),
		...(made.length && d.chance(0.5) ? [] : d.cut(d.text()).map(
		    (content) => chunk({ content }))),
		...callDeltas(d, made).map((delta) => chunk(delta)),
		chunk({}, d.pick(made.length ? ['tool_calls', 'stop', 'length'] :
		    ['stop', 'stop', 'length', 'content_filter']),
		    apart ? {} : usage),
		...(apart ? [{ ...chunk({}), choices: [], ...usage }] : []),
	];
	const end = d.pick(['\n', '\r\n']);
	const frame = (data) => `data: ${data}${end}${end}`;

	return chunks.map((c) => frame(JSON.stringify(c)) +
	    (d.chance(0.05) ? `: waiting${end}${end}` : '')).join('') +
	    (d.chance(0.9) ? frame('[DONE]') : '');
}

// ---- Messages ----

function messagesUsage(d) {
	const usage = { input_tokens: d.int(1, 5000),
		output_tokens: d.int(1, 900) };

	if (d.chance(0.7))
		Object.assign(usage, {
			cache_creation_input_tokens: d.int(0, 900),
			cache_read_input_tokens: d.int(0, 900) });
	if (d.chance(0.3))
		usage.output_tokens_details = {
			thinking_tokens: d.int(0, usage.output_tokens) };
	return usage;
}

const makers = [
	(d) => ({ type: 'text', text: d.text() }),
	(d) => ({ type: 'text', text: d.text(), citations: [{
		type: 'web_search_result_location', title: d.pick(['T', null]),
		url: `https://e.example/${d.int(1, 99)}`, cited_text: 'c',
		encrypted_index: 'x' }] }),
	(d) => ({ type: 'thinking', thinking: d.pick(['', d.text()]),
		signature: `Sig${d.int(1, 1e9)}==` }),
	(d) => ({ type: 'redacted_thinking', data: `Red${d.int(1, 1e9)}` }),
	(d) => ({ type: 'server_tool_use', id: `srvtoolu_${d.int(1, 1e9)}`,
		name: 'web_search', input: { query: 'q' } }),
];

/** The calls stand last, as they do in what Claude makes. */
const blocks = (d) => [...d.list(1, 4, () => d.pick(makers)(d)),
	...d.list(0, 3, () => ({ type: 'tool_use', id: `toolu_${d.int(1, 1e9)}`,
	    name: d.pick(names), input: d.pick(inputs) }))];

const stopOf = (d, made) => d.pick(made.at(-1).type === 'tool_use' ?
    ['tool_use', 'tool_use', 'max_tokens'] :
    ['end_turn', 'end_turn', 'max_tokens', 'stop_sequence', 'refusal']);

const messageHead = (d, rest) => ({ id: 'msg_1', type: 'message',
	role: 'assistant', model: 'm', ...rest });

function messagesWhole(d) {
	const made = blocks(d);
	const stop = stopOf(d, made);
	const head = JSON.stringify(messageHead(d, { stop_reason: stop,
		stop_sequence: stop === 'stop_sequence' ? 'END' : null,
		usage: messagesUsage(d) }));
	// Input as it is spelled, which no object would keep.
	const spelled = (b) => b.type === 'tool_use' ? JSON.stringify({ ...b,
		input: 0 }).replace('"input":0', () => `"input":${b.input}`) :
		JSON.stringify(b);

	return `${head.slice(0, -1)},"content":[${made.map(spelled)}]}`;
}

// How a block begins, and the deltas that follow.
const streamed = {
	text: (d, b) => [{ type: 'text', text: '' },
		...(b.citations ?? []).map((citation) => ({
		    type: 'citations_delta', citation })),
		...d.cut(b.text).map((text) => ({ type: 'text_delta', text }))],
	thinking: (d, b) => [{ type: 'thinking', thinking: '', signature: '' },
		...d.cut(b.thinking).map((thinking) => ({
		    type: 'thinking_delta', thinking })),
		{ type: 'signature_delta', signature: b.signature }],
	redacted_thinking: (d, b) => [b],
	server_tool_use: (d, b) => [{ ...b, input: {} }, {
		type: 'input_json_delta', partial_json: '{"query":"q"}' }],
	tool_use: (d, b) => [{ ...b, input: {} },
		...(b.input === '{}' ? [] : ['', ...d.cut(b.input)]).map(
		    (partial_json) => ({ type: 'input_json_delta',
			partial_json }))],
};

function messagesStream(d) {
	const made = blocks(d);
	const usage = messagesUsage(d);
	const stop = stopOf(d, made);
	const events = [{ type: 'message_start', message: messageHead(d, {
		content: [], stop_reason: null, stop_sequence: null,
		usage: { ...usage, output_tokens: 1 } }) }];

	made.forEach((block, index) => {
		const [content_block, ...deltas] = streamed[block.type](d, block);

		events.push({ type: 'content_block_start', index, content_block },
		    ...deltas.map((delta) => ({ type: 'content_block_delta',
			index, delta })), { type: 'content_block_stop', index });
	});
	events.push({ type: 'message_delta', delta: { stop_reason: stop,
		stop_sequence: stop === 'stop_sequence' ? 'END' : null },
	    usage: { output_tokens: usage.output_tokens } },
	    { type: 'message_stop' });
	return events.map((e) => `event: ${e.type}\ndata: ${
		JSON.stringify(e)}\n\n`).join('');
}

const kinds = [
	{ protocol: 'chat', sse: false, make: chatWhole },
	{ protocol: 'chat', sse: true, make: chatStream },
	{ protocol: 'messages', sse: false, make: messagesWhole },
	{ protocol: 'messages', sse: true, make: messagesStream },
];

/** `count` recordings as sdk.mjs reads them from a folder. */
export function* invent(count, seed) {
	const d = new Dice(seed);

	for (let i = 0; i < count; i++) {
		const { protocol, sse, make } = kinds[i % kinds.length];

		yield { id: `invented/${seed}-${i}`, protocol, sse, status: 200,
			provider: d.pick(['generic', 'openai', 'openrouter',
			    'deepseek', 'mistral', 'groq', 'vllm', 'kimi']),
			text: make(d) };
	}
}
