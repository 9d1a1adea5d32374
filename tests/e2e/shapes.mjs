// Answers as providers give them, whole and streamed, in both protocols.

export const sse = (...events) => events.map(([name, data]) =>
    `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string'
	? data : JSON.stringify(data)}\n\n`).join('');

// ---- Messages ----

const usage = { input_tokens: 20, cache_creation_input_tokens: 0,
	cache_read_input_tokens: 0, output_tokens: 7 };

export function message(content, rest = {}) {
	return {
		id: 'msg_01abc', type: 'message', role: 'assistant',
		model: 'claude-opus-4-8',
		content: typeof content === 'string'
		    ? [{ type: 'text', text: content }] : content,
		stop_reason: 'end_turn', stop_sequence: null, ...rest,
		usage: { ...usage, ...rest.usage },
	};
}

/** The deltas of a block; texts are cut in two, so that they must be put together. */
function deltas(block) {
	const halves = (text) => [text.slice(0, text.length >> 1),
		text.slice(text.length >> 1)];

	switch (block.type) {
	case 'text':
		return [{ ...block, text: '' }, ...halves(block.text).map((text) =>
		    ({ type: 'text_delta', text }))];
	case 'thinking':
		return [{ type: 'thinking', thinking: '', signature: '' },
			...halves(block.thinking).filter((t) => t).map((thinking) =>
			    ({ type: 'thinking_delta', thinking })),
			{ type: 'signature_delta', signature: block.signature }];
	case 'tool_use':
		return [{ ...block, input: {} },
			{ type: 'input_json_delta', partial_json: '' },
			...halves(JSON.stringify(block.input)).map(
			    (partial_json) => ({ type: 'input_json_delta',
				partial_json }))];
	default:
		return [block];
	}
}

/** The events of a streamed message, as [name, data] pairs. */
export function messageEvents(content, rest = {}) {
	const whole = message(content, rest);
	const events = [['message_start', { type: 'message_start', message: {
		...whole, content: [], stop_reason: null,
		usage: { ...whole.usage, output_tokens: 1 } } }]];

	whole.content.forEach((block, index) => {
		const [start, ...rest_] = deltas(block);

		events.push(['content_block_start', { type: 'content_block_start',
			index, content_block: start }]);
		for (const delta of rest_)
			events.push(['content_block_delta', {
				type: 'content_block_delta', index, delta }]);
		events.push(['content_block_stop', { type: 'content_block_stop',
			index }]);
	});
	events.push(['message_delta', { type: 'message_delta', delta: {
		stop_reason: whole.stop_reason,
		stop_sequence: whole.stop_sequence },
	    usage: { output_tokens: whole.usage.output_tokens } }]);
	events.push(['message_stop', { type: 'message_stop' }]);
	return events;
}

export const messageStream = (content, rest) =>
    sse(...messageEvents(content, rest));

export const anthropicError = (type, text) =>
    ({ type: 'error', error: { type, message: text } });

// ---- Chat ----

const chatUsage = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 };

export function completion(given, rest = {}) {
	const text = typeof given === 'string' ? { content: given } : given;

	return {
		id: 'chatcmpl-abc123', object: 'chat.completion',
		created: 1790000000, model: 'gpt-4o-2024-08-06',
		choices: [{ index: 0, message: { role: 'assistant', content: null,
			refusal: null, ...text }, logprobs: null,
		    finish_reason: rest.finish_reason ??
			(text.tool_calls ? 'tool_calls' : 'stop') }],
		usage: { ...chatUsage, ...rest.usage },
	};
}

export const chunk = (delta, finish_reason = null, rest = {}) => [null, {
	id: 'chatcmpl-abc123', object: 'chat.completion.chunk',
	created: 1790000000, model: 'gpt-4o-2024-08-06',
	choices: [{ index: 0, delta, finish_reason }], ...rest }];

export const call = (id, name, args) => ({ id, type: 'function',
	function: { name, arguments: typeof args === 'string' ? args
	    : JSON.stringify(args) } });

/** The events of a streamed completion. */
export function completionEvents(given, rest = {}) {
	const text = typeof given === 'string' ? { content: given } : given;
	const events = [chunk({ role: 'assistant', content: '' })];
	const halves = (s) => [s.slice(0, s.length >> 1), s.slice(s.length >> 1)];

	for (const member of ['reasoning_content', 'content'])
		for (const half of text[member] ? halves(text[member]) : [])
			events.push(chunk({ [member]: half }));
	(text.tool_calls ?? []).forEach((one, index) => {
		events.push(chunk({ tool_calls: [{ index, id: one.id,
			type: 'function', function: { name: one.function.name,
			    arguments: '' } }] }));
		for (const half of halves(one.function.arguments))
			events.push(chunk({ tool_calls: [{ index,
				function: { arguments: half } }] }));
	});
	events.push(chunk({}, rest.finish_reason ??
	    (text.tool_calls ? 'tool_calls' : 'stop')));
	if (rest.usage !== null)
		events.push([null, { ...chunk({})[1], choices: [],
			usage: { ...chatUsage, ...rest.usage } }]);
	events.push([null, '[DONE]']);
	return events;
}

export const completionStream = (given, rest) =>
    sse(...completionEvents(given, rest));

export const openaiError = (text, code = null, type = 'invalid_request_error',
    param = null) => ({ error: { message: text, type, param, code } });

// A picture of one pixel, and a document of one page that need not be read.
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');
