// What a program sees of an answer of Responses: seen.mjs has the form.
import { empty } from './seen.mjs';

export function responsesUsage(u) {
	if (!u)
		return null;
	return { in: u.input_tokens ?? 0, out: u.output_tokens ?? 0,
		read: u.input_tokens_details?.cached_tokens ?? 0,
		written: u.input_tokens_details?.cache_write_tokens ?? 0,
		reasoning: u.output_tokens_details?.reasoning_tokens ?? 0 };
}

function foldMessage(out, item) {
	for (const part of item.content ?? []) {
		out.text += part.text ?? '';
		out.refusal += part.refusal ?? '';
		for (const a of part.annotations ?? [])
			if (a.type === 'url_citation')
				out.cites.push({ url: a.url, title: a.title ?? '' });
			else
				out.others.push(a.type);
	}
}

const textsOf = (list) => (list ?? []).map((p) => p.text ?? '');

function foldReasoning(out, item) {
	const summary = textsOf(item.summary), raw = textsOf(item.content);

	out.thinkings.push(...(summary.join('') ? summary : raw));
	if (item.encrypted_content)
		out.signatures.push({ signature: item.encrypted_content });
}

const call = (item, name, args) => ({ id: item.call_id ?? item.id,
	name: item.namespace ? `${item.namespace}__${name}` : name, args,
	custom: false });

// Calls of tools whose schema clients know by heart are objects.
const folds = {
	message: foldMessage,
	reasoning: foldReasoning,
	function_call: (out, item) => out.calls.push(call(item, item.name,
		item.arguments)),
	// Those of xAI's own search are told in the same way.
	custom_tool_call: (out, item) => /^xs_call/.test(item.call_id) ?
		out.others.push(item.type) : out.calls.push({ ...call(item,
		item.name, item.input), custom: true }),
	tool_search_call: (out, item) => item.execution === 'client' ?
		out.calls.push(call(item, 'tool_search',
		    JSON.stringify(item.arguments))) : out.others.push(item.type),
	local_shell_call: (out, item) => out.calls.push(call(item,
		'local_shell', JSON.stringify(item.action))),
	shell_call: (out, item) => out.calls.push(call(item, 'shell',
		JSON.stringify(item.action))),
	apply_patch_call: (out, item) => out.calls.push(call(item,
		'apply_patch', JSON.stringify(item.operation))),
};

function foldItems(items) {
	const out = { ...empty(), thinkings: [] };

	for (const item of items)
		if (folds[item.type])
			folds[item.type](out, item);
		else
			out.others.push(item.type);
	out.thinking = out.thinkings.filter((t) => t).join('\n\n');
	out.detailed = out.thinkings.join('');
	delete out.thinkings;
	return out;
}

function close(out, r) {
	out.stop = r?.status === 'incomplete' ?
		r.incomplete_details?.reason ?? 'incomplete' : r?.status ?? null;
	out.usage = responsesUsage(r?.usage);
	out.tier = r?.service_tier ?? null;
	out.model = r?.model ?? null;
	if (r?.status === 'failed' || r?.error)
		out.error = { name: 'failed', status: null,
			type: r.error?.type ?? null, code: r.error?.code ?? null,
			message: r.error?.message };
	return out;
}

export const fromResponse = (r) => close(foldItems(r.output ?? []), r);

// ---- streams ----

const part = (item, list, at) => {
	item[list] ??= [];
	return item[list][at] ??= {};
};
const add = (object, name, text) => {
	object[name] = (object[name] ?? '') + text;
};

const deltas = {
	'response.output_text.delta': (item, e) => add(part(item, 'content',
		e.content_index), 'text', e.delta),
	'response.refusal.delta': (item, e) => add(part(item, 'content',
		e.content_index), 'refusal', e.delta),
	'response.output_text.annotation.added': (item, e) => {
		(part(item, 'content', e.content_index).annotations ??= [])
		    .push(e.annotation);
	},
	'response.reasoning_summary_text.delta': (item, e) => add(part(item,
		'summary', e.summary_index), 'text', e.delta),
	'response.reasoning_text.delta': (item, e) => add(part(item, 'content',
		e.content_index), 'text', e.delta),
	'response.function_call_arguments.delta': (item, e) => add(item,
		'arguments', e.delta),
	'response.custom_tool_call_input.delta': (item, e) => add(item, 'input',
		e.delta),
};

function gather(events) {
	const items = new Map();

	for (const e of events)
		if (e.type === 'response.output_item.added')
			items.set(e.output_index, { ...e.item, content: [],
				summary: [] });
		else if (deltas[e.type] && items.has(e.output_index))
			deltas[e.type](items.get(e.output_index), e);
	return items;
}

const isMute = (item) => ![...item.content ?? [], ...item.summary ?? []]
	.some((p) => p.text || p.refusal) && !item.encrypted_content;

// Some tell in the end only where it is, not what was said.
function whole(done, told) {
	if (!told)
		return done;
	if (/^(message|reasoning)$/.test(done.type) && isMute(done))
		return { ...done, content: told.content,
			summary: told.summary };
	return done.call_id ? { ...done, call_id: told.call_id ??
		done.call_id } : done;
}

/** As Codex reads a stream: the items as they are when they are done. */
export function fromResponseEvents(events) {
	const items = new Map(), told = gather(events);
	let last = null, error = null;

	for (const e of events)
		if (e.type === 'response.output_item.done')
			items.set(e.output_index, whole(e.item,
			    told.get(e.output_index)));
		else if (/^response\.(completed|incomplete|failed)$/.test(e.type))
			last = e.response;
		else if (e.type === 'error')
			error = e.error ?? e;
	const done = [...items].sort((a, b) => a[0] - b[0]).map((i) => i[1]);
	const out = close(foldItems(done.length ? done :
	    last?.output ?? []), last);

	if (error)
		out.error = { name: 'error', status: null, type: error.type,
			code: error.code, message: error.message };
	if (!last && !error)
		out.error = { name: 'cut', message: '' };
	return out;
}

/** As a program that shows what comes: the pieces alone. */
export const fromResponseDeltas = (events) =>
	foldItems([...gather(events).values()]);
