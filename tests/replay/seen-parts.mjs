// What a program sees of an answer of Gemini: seen.mjs has the form.
import { empty } from './seen.mjs';

export function geminiUsage(u) {
	if (!u)
		return null;
	const input = (u.promptTokenCount ?? 0) +
		(u.toolUsePromptTokenCount ?? 0);
	const reasoning = u.thoughtsTokenCount ?? 0;
	const out = (u.candidatesTokenCount ?? 0) + reasoning;

	return { in: input, out: Math.max(out, (u.totalTokenCount ?? 0) - input),
		read: u.cachedContentTokenCount ?? 0, written: 0, reasoning };
}

// Vertex tells arguments in pieces, each with its place.
function place(call, { jsonPath, ...piece }) {
	const keys = [...jsonPath.matchAll(/\.(\w+)|\[(?:'([^']*)'|(\d+))\]/g)]
	    .map((m) => m[1] ?? m[2] ?? Number(m[3]));
	const last = keys.pop();
	let at = call.args ??= {};

	keys.forEach((key, i) => {
		const next = i + 1 < keys.length ? keys[i + 1] : last;

		at = at[key] ??= typeof next === 'number' ? [] : {};
	});
	if (piece.stringValue !== undefined)
		at[last] = (at[last] ?? '') + piece.stringValue;
	else
		at[last] = piece.numberValue ?? piece.boolValue ?? null;
}

function foldCall(out, functionCall, part) {
	const open = out.open;

	if (open && !functionCall.name) {
		(functionCall.partialArgs ?? []).forEach((p) => place(open, p));
		if (!functionCall.willContinue)
			out.open = null;
		return;
	}
	const call = { ...functionCall, signature: part.thoughtSignature };

	(functionCall.partialArgs ?? []).forEach((p) => place(call, p));
	out.made.push(call);
	out.open = functionCall.willContinue ? call : null;
}

function foldPart(out, part) {
	if (part.functionCall)
		foldCall(out, part.functionCall, part);
	else if (part.text !== undefined && part.thought)
		out.thinking += part.text;
	else if (part.text !== undefined)
		out.text += part.text;
	else if (part.executableCode)
		out.codes.push(part.executableCode.code);
	else if (part.codeExecutionResult)
		out.codes.push(part.codeExecutionResult.output);
	else if (part.inlineData)
		out.others.push(part.inlineData.mimeType
		    .replace(/^image.*/, 'image'));
	if (part.thoughtSignature)
		out.signatures.push({ signature: part.thoughtSignature });
}

function foldGrounding(out, g) {
	const supports = g?.groundingSupports ?? [];
	const cited = new Set(supports.length ? supports.flatMap((s) =>
	    s.groundingChunkIndices ?? []) : (g?.groundingChunks ?? []).keys());

	for (const i of [...cited].sort((a, b) => a - b)) {
		const { web } = g.groundingChunks?.[i] ?? {};

		if (web?.uri)
			out.cites.push({ url: web.uri, title: web.title ?? '' });
	}
}

/** Of the chunks of a stream, or of the one that is all. */
export function fromGenerated(chunks) {
	const out = { ...empty(), codes: [], made: [], open: null };

	for (const chunk of chunks) {
		const candidate = chunk.candidates?.find((c) => !c.index);
		const usage = Object.fromEntries(Object.entries(
		    chunk.usageMetadata ?? {}).filter(([, v]) => v !== null));

		out.counts = chunk.usageMetadata ? { ...out.counts, ...usage } :
			out.counts;
		out.model ??= chunk.modelVersion ?? null;
		if (chunk.promptFeedback?.blockReason)
			out.stop = 'SAFETY';
		if (!candidate)
			continue;
		for (const part of candidate.content?.parts ?? [])
			foldPart(out, part);
		foldGrounding(out, candidate.groundingMetadata);
		out.stop = candidate.finishReason ?? out.stop;
		out.sequence = null;
		out.message = candidate.finishMessage ?? out.message;
	}
	out.calls = out.made.map((c) => ({ id: c.id, name: c.name,
		args: JSON.stringify(c.args ?? {}), custom: false,
		signature: c.signature }));
	out.usage = geminiUsage(out.counts);
	if (/SAFETY|PROHIBITED|BLOCK/.test(out.stop))
		out.refusal = out.message ?? '';
	out.detailed = out.thinking;
	return out;
}
