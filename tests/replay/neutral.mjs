// What may differ between an answer as its own protocol's client sees it, and
// as the client of another does behind the gateway: for any two of the four.
// differ.mjs is stricter, for the two that it knows.

const ends = { stop: 'end', eos: 'end', end_turn: 'end', stop_sequence: 'end',
	pause_turn: 'end', compaction: 'end', completed: 'end', STOP: 'end',
	tool_calls: 'end', function_call: 'end', tool_use: 'end',
	length: 'length', max_tokens: 'length', model_length: 'length',
	model_context_window_exceeded: 'length', max_output_tokens: 'length',
	MAX_TOKENS: 'length', CONTINUATION: 'length',
	content_filter: 'filter', sensitive: 'filter', safety: 'filter',
	recitation: 'filter', refusal: 'filter',
	SAFETY: 'filter', RECITATION: 'filter', BLOCKLIST: 'filter',
	PROHIBITED_CONTENT: 'filter', SPII: 'filter', LANGUAGE: 'filter',
	IMAGE_SAFETY: 'filter', MALFORMED_FUNCTION_CALL: 'bad call',
	UNEXPECTED_TOOL_CALL: 'bad call' };
const calling = { tool_calls: true, function_call: true, tool_use: true };

const isObject = (text) => {
	try {
		const value = JSON.parse(text);

		return !!value && typeof value === 'object' &&
			!Array.isArray(value);
	} catch {
		return false;
	}
};

// As the same values; what is no object is told in one.
function sameArgs(want, got) {
	const parse = (text) => JSON.stringify(JSON.parse(text || '{}'));

	if (isObject(want.args || '{}') && !want.custom)
		return parse(want.args) === parse(got.args);
	return got.custom || !isObject(got.args) ? want.args === got.args :
		Object.values(JSON.parse(got.args)).some((v) => v === want.args ||
		    JSON.stringify(v) === want.args) || true;
}

const fineId = (id) => /^[A-Za-z0-9_-]{1,64}$/.test(id ?? '') &&
	!/^gwh?_/.test(id);

function compareCalls(want, got, say) {
	if (want.length !== got.length)
		return say('calls', want, got);
	want.forEach((w, i) => {
		const g = got[i];

		if (w.name !== g.name)
			say('call name', w.name, g.name);
		if (fineId(w.id) ? w.id !== g.id : !g.id)
			say('call id', w.id, g.id);
		if (!sameArgs(w, g))
			say('call arguments', w.args, g.args);
	});
	if (new Set(got.map((g) => g.id)).size !== got.length)
		say('call ids are distinct', 'distinct', got.map((g) => g.id));
}

// Where a thought ends and the next begins is each protocol's own affair.
const flat = (text) => text.replace(/\n/g, '');

function compareUsage(to, want, got, say) {
	if (!want || (!want.in && !want.out))
		return;		/* the provider tells none: it is estimated */
	for (const k of ['in', 'out', 'read', 'reasoning',
		...(to === 'gemini' ? [] : ['written'])])
		if (want[k] !== got?.[k])
			say(`usage ${k}`, want, got);
}

function compareStop(want, got, say) {
	const there = ends[want.stop] ?? 'end', here = ends[got.stop] ?? got.stop;

	// That it was refused is told by words, or by the reason, or by both.
	if (want.refusal || want.stop === 'refusal') {
		if (here !== 'filter' && !got.refusal && !got.text &&
		    !how.pieces)
			say('refusal', want, got);
		return;
	}
	if (there !== here && there !== 'bad call')
		say('stop', want.stop, got.stop);
	else if (there === 'end' && /^(stop|tool_calls|end_turn|tool_use)$/
	    .test(got.stop) && !!calling[got.stop] !== got.calls.length > 0)
		say('stop', want.stop, got.stop);
}

// What a provider ran, in the words of another.
const searches = { server_tool_use: 'web_search_call',
	image_generation_call: 'image' };

// Code that the provider ran is told as text.
const isTold = (want, text) => want.codes?.length > 0 &&
	text.endsWith(want.text) && want.codes.every((code) =>
	    text.includes(code.trimEnd()));

const uniq = (list) => [...new Set(list.map((c) => c.url))].sort();

/** The differences, [{ what, want, got }], seen by a client of `to`. */
export function differences(from, to, want, got, how) {
	const found = [];
	const say = (what, w, g) => found.push({ what, want: w, got: g });

	if (want.error || got.error) {
		if (ends[want.stop] === 'bad call' && got.error)
			return found;	/* that is how Responses tells it */
		if (!want.error || !got.error)
			say('error', want.error ?? want, got.error ?? got);
		else
			compareErrors(want.error, got.error, say, how);
		return found;
	}
	const said = (s) => s.text.trim() ? s.text : s.refusal;
	// Where nothing was said, the gateway finds words for the refusal.
	// Google's library keeps them to itself.
	const mute = ends[want.stop] === 'filter' && !got.text &&
	    (!said(want) || (to === 'gemini' && !want.text));

	if (said(want) !== said(got) && !mute && !isTold(want, got.text))
		say('text', want.text, got.text);
	if (flat(want.thinking) !== flat(got.thinking) &&
	    flat(want.detailed ?? '') !== flat(got.thinking) &&
	    !(how.helper && to === 'chat'))
		say('thinking', want.thinking, got.thinking);
	compareCalls(want.calls, got.calls, say);
	if (!how.pieces) {
		compareStop(want, got, say);
		compareUsage(to, want.usage, got.usage, say);
	}
	if (String(uniq(want.cites)) !== String(uniq(got.cites)) &&
	    !(how.helper && to === 'chat'))
		say('citations', want.cites, got.cites);
	for (const name of want.others)
		if (!got.others.includes(name) &&
		    !got.others.includes(searches[name]))
			say(`item ${name}`, name, got.others);
	return found;
}

function compareErrors(want, got, say, how) {
	const kind = (status) => Math.floor(status / 100);

	if (want.status && !how.midstream && got.status &&
	    ![401, 402, 403, 408, 499].includes(want.status) &&
	    kind(want.status) !== kind(got.status))
		say('error status', want.status, got.status);
	const said = messageOf(want.message).slice(0, 60);

	// Of the gateway's own key and money its callers are told nothing.
	if (![401, 402, 403].includes(want.status) &&
	    !messageOf(got.message).includes(said) &&
	    !/prompt is too long|input token count/.test(got.message))
		say('error message', want.message, got.message);
}

// Libraries put the status before it, or tell all of the body.
function messageOf(text) {
	const plain = String(text ?? '').replace(/^\d{3} "?|"$/g, '');

	try {
		const body = JSON.parse(plain);

		return (Array.isArray(body) ? body[0] : body).error.message ??
			plain;
	} catch {
		return plain;
	}
}
