// Every value of a request must be found again in its translation, be named in
// the warnings, or be on the list below.  Values are texts and numbers, and the
// keys of schemas and arguments; where they stand is each protocol's affair.

// What may be missing: a pattern of the path in the request, and the reason.
const fine = [
	[/^(model|stream)$/, 'who is asked, and how it answers, is not said here'],
	[/^stream_options/, 'says what the answer is to hold'],
	[/(^|\.)(type|role)$/, 'words of the protocol'],
	[/(^|\.)cache_control\b/, 'only makes it cheaper'],
	[/\.media_type$/, 'what the bytes are is seen by the bytes'],
	[/^tool_choice/, 'is compared as a whole by other tests'],
	[/(^|\.)(strict|detail|name)$/, 'hints and labels, but for tools'],
	[/\.signature$/, 'is of use to its maker alone'],
	[/^messages\[\d+\]\.content\[\d+\]\.data$/, 'redacted thinking: the same'],
	[/^(output_config\.effort|top_k)$/, 'for models that have such a thing'],
	[/^stop_sequences/, 'the gateway looks for what the provider cannot'],
	[/^metadata\b/, 'labels for the caller'],
	[/^thinking\b|^reasoning/, 'becomes another measure of effort'],
	[/\.(reasoning_content|reasoning|thinking|reasoning_details.*)$/,
		'thinking that its maker does not want back, or did not sign'],
	[/^(store|n|user|seed|parallel_tool_calls)$/, 'defaults and labels'],
	[/^response_format\.json_schema\.description$/, 'a label'],
	[/\.citations\b.*/, 'said in the text, or named'],
	[/\.encrypted_\w+$|\.page_age$/, 'of use to its maker alone'],
	[/^max_(completion_)?tokens$/, 'may be raised to hold the thinking'],
];

function* walk(value, path = '') {
	if (value && typeof value === 'object')
		for (const [k, v] of Object.entries(value))
			yield* walk(v, Array.isArray(value) ? `${path}[${k}]` :
				path ? `${path}.${k}` : k);
	else if (value !== null)
		yield [path, value];
}

// All that a translation says: texts, numbers and keys, also of JSON in a text.
function* words(value, depth = 0) {
	if (typeof value === 'string') {
		yield value;
		if (/^\s*[[{]/.test(value) && depth < 4)
			try {
				yield* words(JSON.parse(value), depth + 1);
			} catch {
				/* only looked like it */
			}
	} else if (value && typeof value === 'object') {
		for (const [k, v] of Object.entries(value)) {
			yield k;
			yield* words(v, depth);
		}
	} else if (value !== null) {
		yield String(value);
	}
}

const squeeze = (text) => text.replace(/\s+/g, '');

// A data URL and what it holds are one thing; so are texts with other spaces.
function found(value, all, joined) {
	const text = String(value);
	const data = /^data:[^,]*,(.*)$/s.exec(text)?.[1];

	return all.has(text) || joined.includes(squeeze(text)) ||
		(data && joined.includes(squeeze(data))) ||
		(/^\s*[[{]/.test(text) && said(text, all, joined));
}

// Arguments: JSON in a text here, an object there.
function said(text, all, joined) {
	try {
		return [...words(JSON.parse(text))].every((w) => all.has(w) ||
			joined.includes(squeeze(w)));
	} catch {
		return false;
	}
}

/** The values of `request` that `translation` has not: [[path, value], ...]. */
export function lost(request, translation, warnings) {
	const all = new Set(words(translation));
	const joined = squeeze([...all].join('\n'));
	const named = warnings.map((w) => w.split('=')[0]);

	return [...walk(request)].filter(([path, value]) =>
		typeof value !== 'boolean' && value !== '' &&
		!fine.some(([pattern]) => pattern.test(path)) &&
		!named.some((n) => n !== 'messages' && path.startsWith(n)) &&
		!found(value, all, joined));
}
