// What may differ between the answer that a provider gave and the one that the
// other protocol's client sees, and why.  Whatever else differs is a mistake.

const chatStops = {
	stop: 'end_turn', eos: 'end_turn', end_turn: 'end_turn',
	stop_sequence: 'end_turn', length: 'max_tokens',
	max_tokens: 'max_tokens', tool_calls: 'tool_use',
	function_call: 'tool_use', tool_use: 'tool_use',
	content_filter: 'refusal', sensitive: 'refusal', safety: 'refusal',
	recitation: 'refusal', model_length: 'model_context_window_exceeded',
	model_context_window_exceeded: 'model_context_window_exceeded',
};
const messagesStops = {
	end_turn: 'stop', stop_sequence: 'stop', max_tokens: 'length',
	model_context_window_exceeded: 'length', tool_use: 'tool_calls',
	pause_turn: 'stop', refusal: 'content_filter', compaction: 'stop',
};

function isObject(text) {
	try {
		const value = JSON.parse(text);

		return !!value && typeof value === 'object' &&
			!Array.isArray(value);
	} catch {
		return false;
	}
}

const plain = (text) => {
	try {
		return JSON.stringify(JSON.parse(text || '{}'));
	} catch {
		return null;
	}
};

/** What the reason of the end should be on the other side. */
function stopThere(from, seen) {
	if (from === 'messages') {
		if (seen.stop === 'end_turn' || !messagesStops[seen.stop])
			return seen.calls.length ? 'tool_calls' : 'stop';
		if (seen.stop === 'tool_use')
			return seen.calls.length ? 'tool_calls' : 'stop';
		return messagesStops[seen.stop];
	}
	const stop = chatStops[seen.stop];

	if (seen.refusal && stop === 'end_turn')
		return 'refusal';
	if (!stop || stop === 'end_turn' || stop === 'tool_use') {
		if (seen.calls.length)
			return 'tool_use';
		return typeof seen.sequence === 'string' ? 'stop_sequence' :
			'end_turn';
	}
	return stop;
}

// Ids that Anthropic would refuse are told in another alphabet.
const fineId = (id) => /^[A-Za-z0-9_-]{1,64}$/.test(id ?? '') &&
	!/^gwh?_/.test(id);

function compareCalls(from, want, got, say, exact) {
	if (want.length !== got.length)
		return say('calls', want, got);
	want.forEach((w, i) => {
		const g = got[i];

		if (w.name !== g.name)
			say('call name', w.name, g.name);
		if (from === 'messages' || fineId(w.id) ? w.id !== g.id : !g.id)
			say('call id', w.id, g.id);
		if (exact && isObject(w.args) ? w.args !== g.args :
		    isObject(w.args || '{}') ? plain(w.args) !== plain(g.args) :
		    exact ? false : !isObject(g.args))
			say('call arguments', w.args, g.args);
	});
	const ids = got.map((g) => g.id);

	if (new Set(ids).size !== ids.length)
		say('call ids are distinct', 'distinct', ids);
}

// Whitespace before a tool call is no text that Messages would take back.
function textThere(from, seen) {
	let text = seen.text;

	if (from === 'chat' && !text.trim() && (seen.calls.length || text))
		return '';
	if (from === 'chat' && !text)
		text = seen.refusal;
	return text;
}

function compareThinking(from, want, got, say, how) {
	// The accumulator of Chat's SDK keeps only the last piece of members it
	// does not know.
	if (how.helper && from === 'messages')
		return;
	if (want.thinking !== got.thinking &&
	    !(from === 'chat' && want.detailed === got.detailed))
		say('thinking', want.thinking, got.thinking);
	if (from === 'messages') {
		const bare = (s) => s.map((x) => x.signature ?? x.data);

		if (String(bare(want.signatures)) !== String(bare(got.signatures)))
			say('signatures', want.signatures, got.signatures);
		if (String(bare(want.redacted)) !== String(bare(got.redacted)))
			say('redacted', want.redacted, got.redacted);
		return;
	}
	// Unsigned thinking gets an envelope; Anthropic's own stays as it is.
	const own = want.signatures.filter((s) => /^anthropic/.test(s.format));

	if (own.length && String(own.map((s) => s.signature)) !==
	    String(got.signatures.map((s) => s.signature)))
		say('signatures', own, got.signatures);
	if (got.thinking && !got.signatures.length)
		say('thinking is signed', 'signed', got.signatures);
}

function compareUsage(want, got, say) {
	if (!want || (!want.in && !want.out))
		return;		/* the provider tells none: it is estimated */
	for (const k of ['in', 'out', 'read', 'written', 'reasoning'])
		if (want[k] !== got?.[k])
			say(`usage ${k}`, want, got);
}

/**
 * The differences between what `from`'s client saw of the recording, `want`, and
 * what the other protocol's client saw behind the gateway: [{ what, want, got }].
 * `how`: { stream, helper }.
 */
export function differences(from, want, got, how) {
	const found = [];
	const say = (what, w, g) => found.push({ what, want: w, got: g });

	if (want.error || got.error) {
		if (!want.error || !got.error)
			say('error', want.error ?? want, got.error ?? got);
		else
			compareErrors(from, want.error, got.error, say, how);
		return found;
	}
	if (textThere(from, want) !== textThere(from, { ...got, refusal: '' }))
		say('text', want.text, got.text);
	compareThinking(from, want, got, say, how);
	compareCalls(from, want.calls, got.calls, say, how.stream &&
	    !how.helper);
	if (stopThere(from, want) !== got.stop)
		say('stop', want.stop, got.stop);
	if (want.sequence && typeof want.sequence === 'string' &&
	    want.sequence !== got.sequence)
		say('stop sequence', want.sequence, got.sequence);
	if (want.refusal && (from === 'messages' || stopThere(from, want) ===
	    'refusal') && want.refusal !== got.refusal)
		say('refusal', want.refusal, got.refusal);
	if (from === 'messages' && want.stop === 'refusal' && !got.refusal)
		say('refusal', 'words', got.refusal);
	if (from === 'messages' && !how.helper && JSON.stringify(uniq(want.cites))
	    !== JSON.stringify(uniq(got.cites)))
		say('citations', want.cites, got.cites);
	compareUsage(want.usage, got.usage, say);
	return found;
}

const uniq = (list) => [...new Map(list.map((c) => [JSON.stringify(c),
	c])).values()];

// ---- errors ----

// Which status and type the other side is told; the rows that say nothing keep
// the status.
const errorsThere = {
	chat: { 400: [400, 'invalid_request_error'],
		401: [502, 'api_error'], 402: [502, 'api_error'],
		403: [502, 'api_error'], 404: [404, 'not_found_error'],
		408: [504, 'timeout_error'], 413: [413, 'request_too_large'],
		422: [400, 'invalid_request_error'],
		429: [429, 'rate_limit_error'], 500: [500, 'api_error'],
		502: [502, 'api_error'], 503: [529, 'overloaded_error'],
		504: [504, 'timeout_error'] },
	messages: { 400: [400, 'invalid_request_error'],
		401: [502, 'server_error'], 403: [502, 'server_error'],
		404: [404, 'invalid_request_error'],
		413: [413, 'invalid_request_error'], 429: [429, null],
		500: [500, 'server_error'], 503: [503, 'server_error'],
		504: [504, 'server_error'], 529: [503, 'server_error'] },
};

function compareErrors(from, want, got, say, how) {
	const [status, type] = errorsThere[from][want.status] ?? [];

	// Within a stream there is no status any more.
	if (!how.midstream && status && status !== got.status)
		say('error status', want.status, got.status);
	if (!how.midstream && type && type !== got.type)
		say('error type', want.type, got.type);
	// The library puts the status before what is no error body of its own.
	const said = String(want.message ?? '').replace(/^\d{3} "?|"$/g, '');

	// Of the gateway's own key and money its callers are told nothing.
	if (![401, 402, 403].includes(want.status) &&
	    !String(got.message).includes(said.slice(0, 60)) &&
	    !/^prompt is too long/.test(got.message))
		say('error message', want.message, got.message);
}
