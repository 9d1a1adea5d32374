// The second turn, for any two protocols: what a provider answered comes back to
// it in the history, by way of a client that speaks another one, as if it had
// never been away.  again.mjs is stricter, for the two that it knows.

const plain = (text) => {
	try {
		return JSON.stringify(JSON.parse(text || '{}'));
	} catch {
		return text;
	}
};

// ---- the client: its tools, and the history with the answer in it ----

const schema = { type: 'object', properties: {} };

/** How a client declares tools of these names. */
export const toolsOf = {
	chat: (names) => ({ tools: names.map((name) => ({ type: 'function',
		function: { name, parameters: schema } })) }),
	messages: (names) => ({ tools: names.map((name) => ({ name,
		input_schema: schema })) }),
	responses: (names) => ({ tools: names.map((name) => ({ type: 'function',
		name, parameters: schema, strict: false })) }),
	gemini: (names) => ({ config: {
		thinkingConfig: { includeThoughts: true },
		tools: [{ functionDeclarations: names.map((name) => ({ name,
		    parametersJsonSchema: schema })) }] } }),
};

// The pieces of a Chat stream, put together with all their details.
function chatMessage(chunks) {
	const message = { role: 'assistant', content: '' };
	const details = [], calls = [];

	for (const { choices: [choice] } of chunks) {
		message.content += choice?.delta.content ?? '';
		if (choice?.delta.reasoning_content)
			message.reasoning_content =
			    (message.reasoning_content ?? '') +
			    choice.delta.reasoning_content;
		details.push(...choice?.delta.reasoning_details ?? []);
		for (const t of choice?.delta.tool_calls ?? []) {
			calls[t.index] ??= { ...t, function: { ...t.function,
				arguments: '' } };
			calls[t.index].function.arguments +=
			    t.function?.arguments ?? '';
		}
		if (choice?.delta.extra_content)
			message.extra_content = choice.delta.extra_content;
	}
	return { ...message, ...(details.length ?
	    { reasoning_details: details } : {}),
	    ...(calls.length ? { tool_calls: calls } : {}) };
}

const doneItems = (events) => events.filter((e) => e.type ===
    'response.output_item.done').sort((a, b) => a.output_index -
    b.output_index).map((e) => e.item);

const user = { role: 'user', content: 'Hi' };
const goOn = { role: 'user', content: 'Go on' };

/** The next request's members, from an answer as ways[way] has it. */
export const historyOf = {
	chat: (raw, way) => {
		const message = way === 'stream' ? chatMessage(raw) :
			raw.choices[0].message;
		const calls = message.tool_calls ?? [];

		return { messages: [user, message, ...(calls.length ?
		    calls.map((c) => ({ role: 'tool', tool_call_id: c.id,
			content: 'Done' })) : [goOn])] };
	},
	messages: (raw) => {
		const calls = raw.content.filter((b) => b.type === 'tool_use');

		return { messages: [user, { role: 'assistant',
			content: raw.content }, calls.length ? { role: 'user',
			content: calls.map((c) => ({ type: 'tool_result',
			    tool_use_id: c.id, content: 'Done' })) } : goOn] };
	},
	responses: (raw, way) => {
		const items = way === 'stream' ? doneItems(raw) : raw.output;
		const results = items.flatMap((i) => i.type ===
		    'function_call' ? [{ type: 'function_call_output',
			call_id: i.call_id, output: 'Done' }] :
		    i.type === 'custom_tool_call' ? [{
			type: 'custom_tool_call_output', call_id: i.call_id,
			output: 'Done' }] : []);

		return { input: [user, ...items, ...(results.length ? results :
			[goOn])] };
	},
	gemini: (raw) => {
		const parts = raw.flatMap((r) =>
		    r.candidates?.[0]?.content?.parts ?? []);
		const calls = parts.filter((p) => p.functionCall);

		return { contents: [{ role: 'user', parts: [{ text: 'Hi' }] },
		    { role: 'model', parts }, { role: 'user',
			parts: calls.length ? calls.map((p) => ({
			    functionResponse: { id: p.functionCall.id,
				name: p.functionCall.name,
				response: { output: 'Done' } } })) :
			    [{ text: 'Go on' }] }] };
	},
};

// ---- the provider: what of its answer it is told again ----

const textOf = (content) => typeof content === 'string' ? content :
	(content ?? []).map((p) => p.text ?? p.refusal ?? '').join('');

const turnIn = {
	chat: (body) => {
		const all = body.messages.filter((m) => m.role === 'assistant');

		return { text: all.map((m) => textOf(m.content)).join(''),
			calls: all.flatMap((m) => m.tool_calls ?? []).map(
			    (c) => ({ id: c.id, name: c.function.name,
				args: c.function.arguments })),
			signatures: [] };
	},
	messages: (body) => {
		const all = body.messages.filter((m) => m.role === 'assistant')
			.flatMap((m) => typeof m.content === 'string' ?
			    [{ type: 'text', text: m.content }] : m.content);

		return { text: all.map((b) => b.type === 'text' ? b.text : '')
			.join(''),
			calls: all.filter((b) => b.type === 'tool_use').map(
			    (b) => ({ id: b.id, name: b.name,
				args: JSON.stringify(b.input) })),
			signatures: all.map((b) => b.signature ?? b.data)
			    .filter((s) => s) };
	},
	responses: (body) => {
		const said = body.input.filter((i) => i.role === 'assistant');

		return { text: said.map((m) => textOf(m.content)).join(''),
			calls: body.input.filter((i) => i.type ===
			    'function_call').map((i) => ({ id: i.call_id,
				name: i.name, args: i.arguments })),
			signatures: body.input.map((i) => i.encrypted_content)
			    .filter((s) => s) };
	},
	gemini: (body) => {
		const all = body.contents.filter((c) => c.role === 'model')
			.flatMap((c) => c.parts);

		return { text: all.map((p) => p.thought ? '' : p.text ?? '')
			.join(''),
			calls: all.filter((p) => p.functionCall).map((p) => ({
				id: p.functionCall.id,
				name: p.functionCall.name,
				args: JSON.stringify(p.functionCall.args ?? {}) })),
			signatures: all.map((p) => p.thoughtSignature)
			    .filter((s) => s) };
	},
};

/* What is answered when only the question counts. */
export const shortly = {
	chat: { choices: [{ index: 0, message: { role: 'assistant',
		content: 'Well' }, finish_reason: 'stop' }], id: 'chatcmpl-2',
	    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
	messages: { id: 'msg_2', type: 'message', role: 'assistant', model: 'm',
		content: [{ type: 'text', text: 'Well' }],
		stop_reason: 'end_turn', stop_sequence: null,
		usage: { input_tokens: 1, output_tokens: 1 } },
	responses: { id: 'resp_2', object: 'response', created_at: 1,
		status: 'completed', model: 'm', output: [{ id: 'msg_2',
		    type: 'message', role: 'assistant', status: 'completed',
		    content: [{ type: 'output_text', text: 'Well',
			annotations: [] }] }],
		usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
	gemini: { candidates: [{ content: { role: 'model', parts: [{
		text: 'Well' }] }, finishReason: 'STOP', index: 0 }],
	    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } },
};

const fineId = (id) => /^[A-Za-z0-9_-]{1,40}$/.test(id ?? '') &&
	!/^gwh?_/.test(id);

/**
 * What differs between the answer, as its own client saw it, and what the
 * provider is told of it in `body`.  `signed`: the signatures that must be there.
 */
export function turnDiffers(from, want, body, signed) {
	const found = [];
	const got = turnIn[from](body);
	const check = (what, w, g) => JSON.stringify(w) === JSON.stringify(g) ||
		found.push({ what: `${what} again`, want: w, got: g });
	const said = want.text.trim() ? want.text : want.refusal;

	if (!want.codes?.length)
		check('text', said.replace(/\s+/g, ' ').trim(),
		    got.text.replace(/\s+/g, ' ').trim());
	check('calls', want.calls.map((c) => [c.name, plain(c.args)]),
	    got.calls.map((c) => [c.name, plain(c.args)]));
	// Ids of nine letters are Mistral's own rule.
	want.calls.forEach((c, i) => fineId(c.id) && got.calls[i] &&
	    !(from === 'chat' && got.calls[i].id.length === 9) &&
	    check('id', c.id, got.calls[i].id));
	for (const s of signed)
		if (!got.signatures.includes(s))
			found.push({ what: 'signature again', want: s,
				got: got.signatures });
	return found;
}
