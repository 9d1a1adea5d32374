// What a program sees of an answer through an official SDK, in one form for
// both protocols:
//
//	{ text, refusal, thinking, signatures, redacted, calls: [{ id, name,
//	  args, custom }], stop, sequence, usage, cites, tier, model, error }
//
// `args` is text as it came, or JSON of what a library has parsed.  Recordings
// are folded with patience, as providers break every rule; the SDKs themselves
// complain of what the gateway must not do.

export const empty = () => ({ text: '', refusal: '', thinking: '', signatures: [],
	redacted: [], calls: [], stop: null, sequence: null, usage: null,
	cites: [], others: [], tier: null, model: null, error: null });

// ---- Chat ----

export function chatUsage(u) {
	if (!u)
		return null;
	const details = u.prompt_tokens_details ?? {};
	const reasoning = u.completion_tokens_details?.reasoning_tokens ??
		u.reasoning_tokens ?? 0;
	const apart = reasoning > 0 && u.total_tokens === u.prompt_tokens +
		u.completion_tokens + reasoning;

	return { in: u.prompt_tokens ?? 0,
		out: (u.completion_tokens ?? 0) + (apart ? reasoning : 0),
		read: details.cached_tokens ?? u.prompt_cache_hit_tokens ??
			u.cached_tokens ?? u.cache_read_input_tokens ?? 0,
		written: details.cache_write_tokens ??
			u.cache_creation_input_tokens ?? 0,
		reasoning };
}

// The entries of reasoning_details, those of one index put together.
function details(entries) {
	const byIndex = new Map();

	entries.forEach((e, i) => {
		const key = `${e.type} ${e.index ?? i}`;
		const one = byIndex.get(key);

		if (!one)
			return byIndex.set(key, { ...e });
		one.text = (one.text ?? '') + (e.text ?? '');
		one.data = (one.data ?? '') + (e.data ?? '');
		one.summary = (one.summary ?? '') + (e.summary ?? '');
		one.signature = e.signature ?? one.signature;
	});
	return [...byIndex.values()];
}

function foldParts(out, content) {
	for (const part of content) {
		if (part.type === 'thinking')
			out.thinking += typeof part.thinking === 'string' ?
				part.thinking : part.thinking.map((t) =>
				    t.text ?? '').join('');
		else
			out.text += part.text ?? '';
	}
}

// One message, or one delta of it.
function foldChat(out, m, entries) {
	if (Array.isArray(m.content))
		foldParts(out, m.content);
	else
		out.text += m.content ?? '';
	out.refusal += m.refusal ?? '';
	out.plain += m.reasoning_content || m.reasoning || '';
	entries.push(...m.reasoning_details ?? []);
	out.others.push(...(m.images ?? []).map(() => 'image'));
	for (const a of m.annotations ?? [])
		if (a.url_citation)
			out.cites.push({ url: a.url_citation.url,
				title: a.url_citation.title ?? '' });
}

function closeChat(out, entries) {
	const all = details(entries);
	const texts = all.map((e) => e.text || e.summary || '')
		.filter((t) => t);

	out.detailed = texts.join('') || out.thinking;
	out.thinking += out.plain || texts.join('\n\n');
	out.signatures = all.filter((e) => e.signature).map((e) => ({
		signature: e.signature, format: e.format ?? null,
		id: e.id ?? null, type: e.type }));
	out.redacted = all.filter((e) => e.data && e.type ===
		'reasoning.encrypted').map((e) => ({ data: e.data,
		format: e.format ?? null }));
	delete out.plain;
	return out;
}

const callOf = (c) => c.custom ?
	{ id: c.id, name: c.custom.name, args: c.custom.input ?? '',
		custom: true } :
	{ id: c.id, name: c.function?.name,
		args: typeof c.function?.arguments === 'object' &&
		c.function.arguments ? JSON.stringify(c.function.arguments) :
		c.function?.arguments ?? '', custom: false };

export function fromCompletion(a) {
	const out = { ...empty(), plain: '' };
	const entries = [];
	const choice = a.choices[0];

	foldChat(out, choice.message, entries);
	out.calls = (choice.message.tool_calls ?? []).map(callOf);
	if (choice.message.function_call)
		out.calls.push(callOf({ function: choice.message.function_call }));
	out.stop = choice.finish_reason ?? null;
	out.sequence = choice.stop_reason ?? null;
	out.usage = chatUsage(a.usage ?? choice.usage);
	out.tier = a.service_tier ?? null;
	out.model = a.model;
	return closeChat(out, entries);
}

function complete(text) {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

// Which call a piece belongs to: by its index, else its id, else the last one;
// a new id at the place of a call that is complete begins another.
function findCall(calls, piece) {
	const at = calls.findLast((c) => piece.index !== undefined ?
		c.index === piece.index : piece.id ? c.id === piece.id : true);

	if (at && piece.id && at.id !== piece.id && complete(at.args))
		return null;
	return at;
}

function foldCalls(calls, pieces) {
	for (const piece of pieces) {
		const { id, name, args, custom } = callOf(piece);
		let call = findCall(calls, piece);

		if (!call) {
			call = { index: piece.index, id, name: '', args: '', custom };
			calls.push(call);
		}
		call.name ||= name ?? '';
		call.id ||= id;
		call.args += args;
	}
}

export function fromChunks(chunks) {
	const out = { ...empty(), plain: '' };
	const entries = [], calls = [];

	for (const chunk of chunks) {
		const choice = chunk.choices?.find((c) => !c.index);

		out.usage = chatUsage(chunk.usage ?? choice?.usage) ?? out.usage;
		out.tier = chunk.service_tier ?? out.tier;
		out.model ??= chunk.model;
		if (!choice)
			continue;
		foldChat(out, choice.delta ?? choice.message ?? {}, entries);
		foldCalls(calls, choice.delta?.tool_calls ?? []);
		if (choice.delta?.function_call)
			foldCalls(calls, [{ index: 0,
				function: choice.delta.function_call }]);
		out.stop = choice.finish_reason ?? out.stop;
		out.sequence = choice.stop_reason ?? out.sequence;
	}
	out.calls = calls.map(({ id, name, args, custom }) => ({ id, name, args,
		custom }));
	return closeChat(out, entries);
}

// ---- Messages ----

export function messagesUsage(u) {
	if (!u)
		return null;
	const read = u.cache_read_input_tokens ?? 0;
	const written = u.cache_creation_input_tokens ?? 0;

	return { in: (u.input_tokens ?? 0) + read + written,
		out: u.output_tokens ?? 0, read, written,
		reasoning: u.output_tokens_details?.thinking_tokens ?? 0 };
}

const urlCites = (citations) => (citations ?? []).filter((c) =>
    c.type === 'web_search_result_location' ||
    (c.type === 'search_result_location' && /^https?:/.test(c.source)))
    .map((c) => ({ url: c.url ?? c.source, title: c.title ?? '' }));

function foldBlock(out, b) {
	switch (b.type) {
	case 'text':
		out.text += b.text;
		out.cites.push(...urlCites(b.citations));
		out.others.push(...(b.citations ?? []).filter((c) =>
		    !urlCites([c]).length).map((c) => c.type));
		break;
	case 'thinking':
		out.thinkings.push(b.thinking);
		if (b.signature)
			out.signatures.push({ signature: b.signature });
		break;
	case 'redacted_thinking':
		out.redacted.push({ data: b.data });
		break;
	case 'tool_use':
		out.calls.push({ id: b.id, name: b.name, args: b.args ||
			JSON.stringify(b.input ?? {}), custom: false });
		break;
	default:
		out.others.push(b.type);
	}
}

function closeMessage(out) {
	out.thinking = out.thinkings.filter((t) => t).join('\n\n');
	out.detailed = out.thinkings.join('');
	delete out.thinkings;
	return out;
}

export function fromMessage(m) {
	const out = { ...empty(), thinkings: [] };

	m.content.forEach((b) => foldBlock(out, b));
	out.stop = m.stop_reason ?? null;
	out.sequence = m.stop_sequence ?? null;
	out.refusal = m.stop_details?.explanation ?? '';
	out.usage = messagesUsage(m.usage);
	out.tier = m.usage?.service_tier ?? null;
	out.model = m.model;
	return closeMessage(out);
}

const deltas = {
	text_delta: (b, d) => { b.text += d.text; },
	thinking_delta: (b, d) => { b.thinking += d.thinking; },
	signature_delta: (b, d) => { b.signature = d.signature; },
	input_json_delta: (b, d) => { b.args = (b.args ?? '') +
		d.partial_json; },
	citations_delta: (b, d) => { b.citations = [...b.citations ?? [],
		d.citation]; },
};

/** The blocks that the events of a stream make; a call's input is `args`. */
export function blocksOf(events) {
	const blocks = new Map();

	for (const e of events)
		if (e.type === 'message_start' && !blocks.size)
			(e.message.content ?? []).forEach((b, i) =>
			    blocks.set(i, { ...b }));
		else if (e.type === 'content_block_start')
			blocks.set(e.index, { ...e.content_block });
		else if (e.type === 'content_block_delta')
			deltas[e.delta.type]?.(blocks.get(e.index), e.delta);
	return [...blocks.values()];
}

export function fromEvents(events) {
	const out = { ...empty(), thinkings: [] };
	let usage = null, started = false;

	for (const e of events) {
		if (e.type === 'message_start' && !started) {
			started = true;
			usage = { ...e.message.usage };
			out.model = e.message.model;
		} else if (e.type === 'message_delta') {
			out.stop = e.delta.stop_reason ?? out.stop;
			out.sequence = e.delta.stop_sequence ?? out.sequence;
			out.refusal = e.delta.stop_details?.explanation ??
				out.refusal;
			for (const [k, v] of Object.entries(e.usage ?? {}))
				usage = { ...usage, [k]: v ?? usage?.[k] };
		}
	}
	blocksOf(events).forEach((b) => foldBlock(out, b));
	out.usage = messagesUsage(usage);
	out.tier = usage?.service_tier ?? null;
	return closeMessage(out);
}

// ---- errors ----

/** What an SDK's APIError tells. */
export function fromError(e) {
	const body = e.error?.error ?? e.error ?? {};

	return { ...empty(), error: { name: e.constructor.name,
		status: e.status ?? null,
		type: body.type ?? e.type ?? null, code: body.code ?? e.code ?? null,
		message: body.message ?? e.message } };
}
