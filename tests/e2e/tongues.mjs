// The four protocols under their official SDKs, each behind the same few words: ask for
// an answer, whole or streamed, and get it told in the same way whatever the
// client library makes of it.
//
//	const one = await tongues.chat(gateway).ask({ model, turns, ... });
//	one.text, one.think, one.refusal, one.calls, one.done, one.usage
//
// A turn is { user: text }, { user: text, image: base64 }, { said: one } with an
// answer that came before, or { results: [[call, text], ...] }.  Responses has no
// stop sequences.
import { gather } from './harness.mjs';

const PNG = 'image/png';
const join = (list) => list.filter((one) => one).join('');
const parse = (text) => JSON.parse(text || '{}');

// ---- Chat

function chatTurn(turn) {
	if (turn.said)
		return [turn.said.raw];
	if (turn.results)
		return turn.results.map(([call, content]) => ({ role: 'tool',
			tool_call_id: call.id, content }));
	return [{ role: 'user', content: turn.image ? [
		{ type: 'text', text: turn.user },
		{ type: 'image_url', image_url: {
			url: `data:${PNG};base64,${turn.image}` } },
	] : turn.user }];
}

function chat(gateway) {
	const sdk = gateway.openai();

	return { async ask({ model, turns, stream, tools = [], think, stop,
	    max = 4000 }) {
		const wish = { model, messages: turns.flatMap(chatTurn),
			max_completion_tokens: max, ...(stop && { stop }),
			...(tools.length && { tools: tools.map((tool) =>
			    ({ type: 'function', function: tool })) }),
			...(think && { reasoning_effort: 'low' }) };
		let thought = '';
		const one = stream
		    ? await sdk.chat.completions.stream({ ...wish,
			stream_options: { include_usage: true } })
			.on('chunk', ({ choices: [choice] }) => {
				thought += choice?.delta.reasoning_content ?? '';
			}).finalChatCompletion()
		    : await sdk.chat.completions.create(wish);
		const { message, finish_reason } = one.choices[0];

		// members that it does not know the library does not put together
		if (thought)
			message.reasoning_content = thought;
		return { raw: message, usage: one.usage && [
			one.usage.prompt_tokens, one.usage.completion_tokens],
			text: message.content ?? '',
			refusal: message.refusal ?? '',
			think: message.reasoning_content ?? '',
			calls: (message.tool_calls ?? []).map((c) => ({ id: c.id,
			    name: c.function.name,
			    args: parse(c.function.arguments) })),
			done: { stop: 'end', tool_calls: 'calls',
			    length: 'length',
			    content_filter: 'refused' }[finish_reason] };
	} };
}

// ---- Messages

function messagesTurn(turn) {
	if (turn.said)
		return { role: 'assistant', content: turn.said.raw.content };
	if (turn.results)
		return { role: 'user', content: turn.results.map(
			([call, content]) => ({ type: 'tool_result',
			    tool_use_id: call.id, content })) };
	return { role: 'user', content: turn.image ? [
		{ type: 'text', text: turn.user },
		{ type: 'image', source: { type: 'base64', media_type: PNG,
			data: turn.image } },
	] : turn.user };
}

function messages(gateway) {
	const sdk = gateway.anthropic();

	return { async ask({ model, turns, stream, tools = [], think, stop,
	    max = 4000 }) {
		const wish = { model, messages: turns.map(messagesTurn),
			max_tokens: max, ...(stop && { stop_sequences: [stop] }),
			...(tools.length && { tools: tools.map(
			    ({ name, description, parameters }) => ({ name,
				description, input_schema: parameters })) }),
			...(think && { thinking: { type: 'enabled',
			    budget_tokens: 2000 } }) };
		const one = stream
		    ? await sdk.messages.stream(wish).finalMessage()
		    : await sdk.messages.create(wish);
		const of = (type) => one.content.filter((b) => b.type === type);

		return { raw: one, usage: one.usage && [one.usage.input_tokens,
			one.usage.output_tokens],
			text: join(of('text').map((b) => b.text)), refusal: '',
			think: join(of('thinking').map((b) => b.thinking)),
			calls: of('tool_use').map((b) => ({ id: b.id,
			    name: b.name, args: b.input })),
			done: { end_turn: 'end', stop_sequence: 'end',
			    tool_use: 'calls',
			    max_tokens: 'length',
			    refusal: 'refused' }[one.stop_reason] };
	} };
}

// ---- Responses

function responsesTurn(turn) {
	if (turn.said)
		return turn.said.raw.output;
	if (turn.results)
		return turn.results.map(([call, output]) => ({
			type: 'function_call_output', call_id: call.id, output }));
	return [{ role: 'user', content: turn.image ? [
		{ type: 'input_text', text: turn.user },
		{ type: 'input_image', detail: 'auto',
			image_url: `data:${PNG};base64,${turn.image}` },
	] : turn.user }];
}

function responses(gateway) {
	const sdk = gateway.openai();

	return { async ask({ model, turns, stream, tools = [], think, max = 4000 }) {
		const wish = { model, input: turns.flatMap(responsesTurn),
			max_output_tokens: max, store: false,
			include: ['reasoning.encrypted_content'],
			...(tools.length && { tools: tools.map((tool) =>
			    ({ type: 'function', strict: false, ...tool })) }),
			...(think && { reasoning: { effort: 'low',
			    summary: 'auto' } }) };
		const one = stream
		    ? await sdk.responses.stream(wish).finalResponse()
		    : await sdk.responses.create(wish);

		if (one.status === 'failed')
			throw new Error(one.error.message);
		const of = (type) => one.output.filter((i) => i.type === type);
		const parts = of('message').flatMap((i) => i.content);
		const calls = of('function_call').map((i) => ({ id: i.call_id,
			name: i.name, args: parse(i.arguments) }));

		return { raw: one, usage: one.usage && [one.usage.input_tokens,
			one.usage.output_tokens], text: one.output_text, calls,
			refusal: join(parts.map((p) => p.refusal)),
			think: join(of('reasoning').flatMap((i) =>
			    i.summary.map((s) => s.text))),
			done: one.status === 'incomplete'
			    ? { max_output_tokens: 'length',
				content_filter: 'refused' }[
				one.incomplete_details.reason]
			    : calls.length ? 'calls' : 'end' };
	} };
}

// ---- Gemini

function geminiTurn(turn) {
	if (turn.said)
		return turn.said.raw;
	if (turn.results)
		return { role: 'user', parts: turn.results.map(
			([{ id, name }, output]) => ({ functionResponse: { id,
			    name, response: { output } } })) };
	return { role: 'user', parts: [{ text: turn.user }, ...(turn.image
		? [{ inlineData: { mimeType: PNG, data: turn.image } }] : [])] };
}

function gemini(gateway) {
	const sdk = gateway.gemini();

	return { async ask({ model, turns, stream, tools = [], think, stop,
	    max = 4000 }) {
		const wish = { model, contents: turns.map(geminiTurn), config: {
			maxOutputTokens: max,
			...(stop && { stopSequences: [stop] }),
			...(tools.length && { tools: [{ functionDeclarations:
			    tools.map(({ name, description, parameters }) => ({
				name, description,
				parametersJsonSchema: parameters })) }] }),
			...(think && { thinkingConfig: {
			    includeThoughts: true } }) } };
		const all = stream
		    ? await gather(await sdk.models.generateContentStream(wish))
		    : [await sdk.models.generateContent(wish)];
		const parts = all.flatMap((one) =>
			one.candidates?.[0]?.content?.parts ?? []);
		const told = all.map((one) => one.candidates?.[0]?.finishReason)
			.filter((reason) => reason);
		const usage = all.map((one) => one.usageMetadata).filter((u) =>
			u).at(-1);
		const calls = parts.filter((p) => p.functionCall).map((p) => ({
			id: p.functionCall.id, name: p.functionCall.name,
			args: p.functionCall.args }));

		// the library takes such an end for a good one
		if (told.length !== 1)
			throw new Error(`finished ${told.length} times`);
		return { raw: { role: 'model', parts }, refusal: '',
			usage: usage && [usage.promptTokenCount,
			    (usage.candidatesTokenCount ?? 0) +
			    (usage.thoughtsTokenCount ?? 0)],
			text: join(parts.filter((p) => !p.thought)
			    .map((p) => p.text)),
			think: join(parts.filter((p) => p.thought)
			    .map((p) => p.text)),
			calls,
			done: calls.length ? 'calls' : { STOP: 'end',
			    MAX_TOKENS: 'length', SAFETY: 'refused' }[told[0]] };
	} };
}

export const tongues = { chat, messages, responses, gemini };
