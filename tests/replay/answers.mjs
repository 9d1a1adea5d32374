// What a client sees of an answer, read from either protocol:
//
//	{ text, thinking, calls: [{ name, args }], finish, usage, error }
//
// Recordings are read with patience, as providers break every rule.  What the
// program wrote is read strictly: a breach throws.

const empty = () => ({ text: '', thinking: '', calls: [], finish: null,
	usage: null, error: null });

function must(fact, what) {
	if (!fact)
		throw new Error(what);
}

export function frames(sse) {
	return sse.replace(/\r\n?/g, '\n').split('\n\n').map(block => {
		const lines = block.split('\n');
		const field = name => lines.filter(l => l.startsWith(name + ':'))
			.map(l => l.slice(name.length + 1).replace(/^ /, ''));
		return { name: field('event')[0] ?? '',
			data: field('data').join('\n') };
	}).filter(f => f.data.trim());
}

// ---- Chat ----

const chatEnds = { stop: 'end', eos: 'end', tool_calls: 'tool',
	function_call: 'tool', length: 'length', content_filter: 'filter' };

function chatUsage(u) {
	const d = u.prompt_tokens_details ?? {};
	const reasoning = u.completion_tokens_details?.reasoning_tokens ?? 0;
	const apart = u.total_tokens === u.prompt_tokens +
		u.completion_tokens + reasoning;
	return { in: u.prompt_tokens ?? 0,
		out: (u.completion_tokens ?? 0) + (apart ? reasoning : 0),
		read: d.cached_tokens ?? u.prompt_cache_hit_tokens ??
			u.cached_tokens ?? 0,
		written: d.cache_write_tokens ?? 0, reasoning };
}

function chatThinking(m) {
	const details = (m.reasoning_details ?? [])
		.map(d => d.text ?? d.summary ?? '').join('');
	return details || m.reasoning_content || m.reasoning || '';
}

function chatContent(out, m) {
	out.thinking += chatThinking(m);
	for (const part of Array.isArray(m.content) ? m.content : []) {
		if (part.type === 'thinking')
			out.thinking += part.thinking.map(t => t.text).join('');
		else
			out.text += part.text ?? '';
	}
	if (typeof m.content === 'string')
		out.text += m.content;
	if (m.refusal)
		out.refusal = (out.refusal ?? '') + m.refusal;
}

function chatEnd(out, reason) {
	if (reason && (!out.finish || out.finish === 'end'))
		out.finish = chatEnds[reason] ?? 'end';
}

function chatClose(out) {
	if (out.finish !== 'length' && out.finish !== 'filter')
		out.finish = out.calls.length ? 'tool' : 'end';
	if (out.refusal && out.finish === 'end')
		out.finish = 'filter';
	if (!out.text)
		out.text = out.refusal ?? '';
	delete out.refusal;
	return out;
}

export function chatWhole(body) {
	const out = empty();
	const a = JSON.parse(body);
	if (a.error)
		return { ...out, error: a.error.message ?? String(a.error) };
	const choice = a.choices[0];
	chatContent(out, choice.message);
	for (const c of choice.message.tool_calls ?? [])
		out.calls.push({ name: c.function.name,
			args: c.function.arguments ?? '' });
	chatEnd(out, choice.finish_reason);
	if (a.usage)
		out.usage = chatUsage(a.usage);
	return chatClose(out);
}

function chatCalls(out, list, byIndex, strict) {
	for (const c of list) {
		let call = byIndex.get(c.index);
		if (!call) {
			must(!strict || (c.index === byIndex.size && c.id &&
				c.function?.name), 'a call begins without index, id or name');
			call = { id: c.id, name: c.function.name, args: '' };
			byIndex.set(c.index, call);
			out.calls.push(call);
		}
		call.args += c.function?.arguments ?? '';
	}
}

export function chatStream(sse, strict) {
	const out = empty();
	const byIndex = new Map();
	let done = false;
	for (const { name, data } of frames(sse)) {
		must(!strict || !done, 'data behind [DONE]');
		if (data === '[DONE]') {
			done = true;
			continue;
		}
		const chunk = JSON.parse(data);
		if (chunk.usage)
			out.usage = chatUsage(chunk.usage);
		if (chunk.error || name === 'error')
			return { ...out, error: chunk.error.message };
		const choice = chunk.choices?.[0];
		if (!choice)
			continue;
		chatContent(out, choice.delta ?? {});
		chatCalls(out, choice.delta?.tool_calls ?? [], byIndex, strict);
		chatEnd(out, choice.finish_reason);
	}
	must(!strict || (done && out.finish), 'no finish_reason or [DONE]');
	out.calls = out.calls.map(({ name, args }) => ({ name, args }));
	return chatClose(out);
}

// ---- Messages ----

const messagesEnds = { end_turn: 'end', tool_use: 'tool', max_tokens: 'length',
	stop_sequence: 'end', refusal: 'filter', pause_turn: 'end' };

function messagesUsage(u) {
	const read = u.cache_read_input_tokens ?? 0;
	const written = u.cache_creation_input_tokens ?? 0;
	return { in: (u.input_tokens ?? 0) + read + written,
		out: u.output_tokens ?? 0, read, written,
		reasoning: u.output_tokens_details?.thinking_tokens ?? 0 };
}

function messagesBlock(out, b) {
	if (b.type === 'text')
		out.text += b.text;
	else if (b.type === 'thinking')
		out.thinking += b.thinking;
	else if (b.type === 'tool_use')
		out.calls.push({ name: b.name, args: b.args ??
			JSON.stringify(b.input) });
}

function messagesEnd(out, m) {
	out.finish = messagesEnds[m.stop_reason];
	out.text ||= m.stop_details?.explanation ?? '';
}

export function messagesWhole(body) {
	const out = empty();
	const m = JSON.parse(body);
	if (m.type === 'error')
		return { ...out, error: m.error.message };
	m.content.forEach(b => messagesBlock(out, b));
	messagesEnd(out, m);
	out.usage = messagesUsage(m.usage);
	return out;
}

const deltas = {
	text_delta: (b, d) => b.text += d.text,
	thinking_delta: (b, d) => b.thinking += d.thinking,
	signature_delta: (b, d) => b.signature = d.signature,
	input_json_delta: (b, d) => b.args = (b.args ?? '') + d.partial_json,
};

// One block at a time, each index once and without gaps.
export function messagesStream(sse, strict) {
	const out = empty();
	let usage = {}, open = null, next = 0;
	let stopped = false, unsigned = false;
	for (const { name, data } of frames(sse)) {
		const e = JSON.parse(data);
		must(name === e.type, 'the event is not named by its type');
		must(!stopped, 'an event behind message_stop');
		if (e.type === 'error')
			return { ...out, usage: messagesUsage(usage),
				error: e.error.message };
		if (e.type === 'message_start')
			usage = { ...e.message.usage };
		if (e.type === 'content_block_start') {
			must(!open && e.index === next, 'a block out of turn');
			open = { text: '', thinking: '', ...e.content_block };
			next++;
		}
		if (e.type === 'content_block_delta') {
			must(open && e.index === next - 1, 'a delta out of turn');
			deltas[e.delta.type]?.(open, e.delta);
		}
		if (e.type === 'content_block_stop') {
			must(open, 'a stop of no block');
			unsigned ||= open.type === 'thinking' && !open.signature;
			if (open.type === 'tool_use' && !open.args)
				open.args = JSON.stringify(open.input);
			messagesBlock(out, open);
			open = null;
		}
		if (e.type === 'message_delta') {
			messagesEnd(out, e.delta);
			for (const [k, v] of Object.entries(e.usage))
				usage[k] = v ?? usage[k];
		}
		stopped = e.type === 'message_stop';
	}
	must(stopped, 'no message_stop');
	must(!strict || !unsigned, 'thinking without a signature');
	out.usage = messagesUsage(usage);
	return out;
}
