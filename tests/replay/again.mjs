// The second turn: what a provider answered comes back to it in the history, by
// way of a client that speaks the other protocol, as if it had never been away.

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const plain = (text) => JSON.stringify(JSON.parse(text || '{}'));

// ---- a Messages provider, a client of Chat ----

/** What the blocks of a turn say, texts that stand side by side as one. */
function gist(blocks) {
	const out = [];

	for (const b of blocks) {
		const last = out.at(-1);

		if (b.type === 'text' && last?.text !== undefined)
			last.text += b.text;
		else if (b.type === 'text')
			out.push({ text: b.text });
		else if (b.type === 'thinking' && b.signature)
			out.push({ thinking: b.thinking, signature: b.signature });
		else if (b.type === 'redacted_thinking')
			out.push({ data: b.data });
		else if (b.type === 'tool_use')
			out.push({ id: b.id, name: b.name, input: b.input });
	}
	return out.filter((b) => b.text === undefined || b.text.trim());
}

/** Chat puts texts before calls: an answer that mixes them is not the same. */
const mixed = (blocks) => {
	const first = blocks.findIndex((b) => b.type === 'tool_use');

	return first >= 0 && blocks.slice(first).some((b) =>
	    b.type !== 'tool_use');
};

// A client that puts the pieces together by itself, and keeps all details.
async function gather(stream) {
	const message = { role: 'assistant', content: '' };
	const details = [], calls = [];

	for await (const { choices: [choice] } of stream) {
		message.content += choice?.delta.content ?? '';
		details.push(...choice?.delta.reasoning_details ?? []);
		for (const t of choice?.delta.tool_calls ?? []) {
			calls[t.index] ??= { id: t.id, type: 'function',
				function: { name: t.function.name, arguments: '' } };
			calls[t.index].function.arguments +=
			    t.function.arguments;
		}
	}
	return { ...message, ...(details.length ?
	    { reasoning_details: details } : {}),
	    ...(calls.length ? { tool_calls: calls } : {}) };
}

const chatWays = {
	whole: async (api, body) =>
	    (await api.create(body)).choices[0].message,
	stream: async (api, body) =>
	    gather(await api.create({ ...body, stream: true })),
	helper: async (api, body) =>
	    (await api.stream(body).finalChatCompletion()).choices[0].message,
};

async function throughChat(stage, blocks, way) {
	const api = stage.far.chat.chat.completions;
	const hello = { role: 'user', content: 'Hi' };
	const message = await chatWays[way](api, { model: stage.model,
		messages: [hello] });
	const calls = message.tool_calls ?? [];
	const names = [...new Set(blocks.filter((b) => b.type === 'tool_use')
	    .map((b) => b.name))];
	const asked = await stage.second(() => api.create({ model: stage.model,
		messages: [hello, message, ...(calls.length ?
		    calls.map((c) => ({ role: 'tool', tool_call_id: c.id,
			content: 'Done' })) :
		    [{ role: 'user', content: 'Go on' }])],
		...(names.length ? { tools: names.map((name) => ({
		    type: 'function', function: { name } })) } : {}) }));
	const turn = asked.messages.find((m) => m.role === 'assistant');
	const want = gist(blocks), got = gist(turn?.content ?? []);

	return same(want, got) ? [] : [{ what: `the turn again (${way})`, want,
		got }];
}

// ---- a Chat provider, a client of Messages ----

const replayed = ['deepseek', 'kimi', 'qwen', 'glm'];
const textOf = (content) => typeof content === 'string' ? content :
	(content ?? []).map((p) => p.text ?? '').join('');

// An id that Anthropic would refuse is told back as it was where models read it.
const keepsId = (id, dialect) => /^[A-Za-z0-9_-]{1,40}$/.test(id ?? '') ?
	dialect !== 'mistral' : dialect === 'kimi' && id?.length <= 40;

function compareTurn(dialect, want, turn, way) {
	const found = [];
	const check = (what, w, g) => same(w, g) ||
	    found.push({ what: `${what} again (${way})`, want: w, got: g });
	const text = /[^ \t\r\n]/.test(want.text) ? want.text : want.refusal;
	const calls = turn.tool_calls ?? [];

	check('text', text, textOf(turn.content));
	check('calls', want.calls.map((c) => [c.name, plain(c.args)]),
	    calls.map((c) => [c.function.name, plain(c.function.arguments)]));
	want.calls.forEach((c, i) => keepsId(c.id, dialect) &&
	    check('id', c.id, calls[i]?.id));
	if (replayed.includes(dialect) && want.thinking.trim())
		check('thinking', want.thinking, turn.reasoning_content);
	if (dialect === 'openrouter')
		check('signatures', want.signatures.map((s) => s.signature),
		    (turn.reasoning_details ?? []).map((e) => e.signature)
			.filter((s) => s));
	return found;
}

async function throughMessages(stage, want, way) {
	const api = stage.far.messages.messages;
	const hello = { role: 'user', content: 'Hi' };
	const body = { model: stage.model, max_tokens: 4096,
		thinking: { type: 'enabled', budget_tokens: 1024 } };
	const { content } = way === 'whole' ?
		await api.create({ ...body, messages: [hello] }) :
		await api.stream({ ...body, messages: [hello] }).finalMessage();
	const calls = content.filter((b) => b.type === 'tool_use');

	if (!content.length)
		return [];
	const asked = await stage.second(() => api.create({ ...body,
		messages: [hello, { role: 'assistant', content }, { role: 'user',
		    content: calls.length ? calls.map((c) => ({
			type: 'tool_result', tool_use_id: c.id,
			content: 'Done' })) : 'Go on' }],
		...(calls.length ? { tools: [...new Set(calls.map((c) =>
		    c.name))].map((name) => ({ name, input_schema: {
			type: 'object', properties: {} } })) } : {}) }));

	return compareTurn(stage.dialect, want,
	    asked.messages.find((m) => m.role === 'assistant') ?? {}, way);
}

const parses = (c) => {
	try {
		return plain(c.args).startsWith('{');
	} catch {
		return false;
	}
};

/**
 * The differences, as differ.mjs tells them, of the recording `r` and its turn in
 * the history.  `stage` has { far, model, dialect } and second(ask), which answers
 * the request that ask() makes with something and tells what was asked.
 * `want`: what its own client saw of it; `blocks`: of Messages, those.
 */
export async function again(stage, r, want, blocks) {
	// A refusal stands in Chat's history as the words that tell of it.
	if (r.protocol === 'messages' ? !gist(blocks).length || mixed(blocks) ||
	    want.stop === 'refusal' : !want.calls.every(parses))
		return [];
	const found = [];

	// The helper of Chat's SDK keeps not all of what is streamed, and refuses
	// some reasons of the end.
	for (const way of r.protocol === 'messages' ?
	    ['whole', 'stream', ...(want.stop === 'tool_use' ? ['helper'] : [])] :
	    ['whole', 'helper']) {
		await stage.first();
		found.push(...r.protocol === 'messages' ?
		    await throughChat(stage, blocks, way) :
		    await throughMessages(stage, want, way));
	}
	return found;
}
