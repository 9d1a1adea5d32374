// Requests with all that a client can wish for, on all sixteen pairs of protocols: a
// provider that refuses whatever real ones refuse takes every one of them, whole and
// streamed.  What the translations do to each wish is for the golden cases.
import { Stage, assert, gather, test } from './harness.mjs';

const stage = new Stage();
const echo = await stage.echo();
const gateway = await stage.gateway({ config: { providers: {
	chat: { chat: `${echo.url}/v1`, key: 'k', dialect: 'openai' },
	messages: { messages: echo.url, key: 'k', dialect: 'anthropic' },
	responses: { responses: `${echo.url}/v1`, key: 'k', dialect: 'openai' },
	gemini: { gemini: `${echo.url}/v1beta`, key: 'k',
		dialect: 'gemini' } } } });
const openai = gateway.openai();
const anthropic = gateway.anthropic();
const genai = gateway.gemini();
const models = ['gemini-3-pro', 'gemini-2.5-flash', 'gpt-5', 'claude-opus-4-8'];

const png = 'iVBORw0KGgo=';
const pdf = 'JVBERi0=';
const url = 'https://example.com/a.png';

// keywords that one provider or another does not know
const schema = { type: 'object', properties: {
	city: { type: 'string', minLength: 1, pattern: '^a' },
	kind: { const: 'x' }, other: { type: ['string', 'null'] },
	list: { type: 'array', items: { $ref: '#/$defs/item' } },
	any: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
    required: ['city', 'kind', 'list'], additionalProperties: false,
    $defs: { item: { type: 'object', properties: {
	a: { type: 'integer', exclusiveMinimum: 0 } }, required: ['a'],
	additionalProperties: false } },
    $schema: 'http://json-schema.org/draft-07/schema#' };

// ---- Chat

const chatCall = (id, args) => ({ id, type: 'function',
	function: { name: 'bare', arguments: args } });
const far = 'x'.repeat(40);
const chatMessages = [
	{ role: 'system', content: 'first' },
	{ role: 'developer', content: [{ type: 'text', text: 'second' }] },
	{ role: 'user', content: 'hello' },
	{ role: 'assistant', content: 'hi', tool_calls: [
		chatCall('call_1', ''), chatCall(far, '{"a":1}')] },
	{ role: 'tool', tool_call_id: far, content: [
		{ type: 'text', text: 'two' }] },
	{ role: 'tool', tool_call_id: 'call_1', content: 'one' },
	{ role: 'system', content: 'amid' },
	{ role: 'user', content: [{ type: 'text', text: 'see' },
		{ type: 'image_url', image_url: { url } },
		{ type: 'file', file: { filename: 'a.pdf',
			file_data: `data:application/pdf;base64,${pdf}` } }] },
	{ role: 'assistant', content: 'so' },
	{ role: 'user', content: 'now' },
	{ role: 'user', content: 'and now' },
];
const chatTools = [
	{ type: 'function', function: { name: 'f', description: 'd',
		parameters: schema, strict: true } },
	{ type: 'function', function: { name: 'bare' } },
	{ type: 'custom', custom: { name: 'free', description: 'c' } },
];
const chatWishes = [
	{}, { tool_choice: 'required' }, { tool_choice: 'none' },
	{ tool_choice: { type: 'function', function: { name: 'bare' } } },
	{ tool_choice: { type: 'allowed_tools', allowed_tools: {
		mode: 'required', tools: [{ type: 'function',
		    function: { name: 'bare' } }] } } },
	{ parallel_tool_calls: false },
	{ temperature: 0.5, top_p: 0.9, stop: ['zzz'], seed: 1, user: 'u',
		presence_penalty: 0.1, frequency_penalty: 0.1,
		metadata: { a: 'b' } },
	{ response_format: { type: 'json_object' } },
	{ response_format: { type: 'json_schema', json_schema: {
		name: 'n', schema, strict: true } } },
	{ reasoning_effort: 'high' }, { max_tokens: 5 },
	{ logprobs: true, top_logprobs: 2 },
];
const askChat = (model, stream, wish) => openai.chat.completions.create({
	model, stream, messages: chatMessages, tools: chatTools, ...wish });

// ---- Messages

const use = (id, input) => ({ type: 'tool_use', id, name: 'f', input });
const messagesTurns = [
	{ role: 'user', content: 'hello' },
	{ role: 'assistant', content: [{ type: 'text', text: 'hi' },
		use('toolu_1', {}), use('toolu_2', { a: 1 })] },
	{ role: 'user', content: [
		{ type: 'tool_result', tool_use_id: 'toolu_2', content: 'bad',
			is_error: true },
		{ type: 'tool_result', tool_use_id: 'toolu_1', content: [
			{ type: 'text', text: 'one' },
			{ type: 'image', source: { type: 'base64',
			    media_type: 'image/png', data: png } }] },
		{ type: 'text', text: 'after' },
		{ type: 'document', source: { type: 'text',
			media_type: 'text/plain', data: 'doc' } }] },
	{ role: 'assistant', content: [{ type: 'text', text: 'so' }] },
	{ role: 'user', content: [
		{ type: 'image', source: { type: 'url', url } },
		{ type: 'document', title: 't', source: { type: 'base64',
			media_type: 'application/pdf', data: pdf } },
		{ type: 'text', text: 'x',
			cache_control: { type: 'ephemeral' } }] },
];
const messagesTools = [
	{ name: 'f', description: 'd', input_schema: schema },
	{ name: 'n'.repeat(100), input_schema: { type: 'object' } },
];
const messagesWishes = [
	{}, { system: 'S' }, { system: [{ type: 'text', text: 'one' },
		{ type: 'text', text: 'two',
			cache_control: { type: 'ephemeral' } }] },
	{ tool_choice: { type: 'any' } }, { tool_choice: { type: 'none' } },
	{ tool_choice: { type: 'tool', name: 'f',
		disable_parallel_tool_use: true } },
	{ temperature: 0.3, stop_sequences: ['zzz', 'b'],
		metadata: { user_id: 'u' } },
	{ thinking: { type: 'enabled', budget_tokens: 2000 } },
	{ output_config: { effort: 'high' } },
	{ output_config: { format: { type: 'json_schema', schema: {
		type: 'object', properties: { a: { type: 'string' } },
		required: ['a'], additionalProperties: false } } } },
	{ messages: [...messagesTurns, { role: 'assistant', content: 'pre' }] },
];
const askMessages = (model, stream, wish) => anthropic.messages.create({
	model, stream, max_tokens: 3000, messages: messagesTurns,
	tools: messagesTools, ...wish });

// ---- Responses

const responsesCall = (call_id, name, more) => ({ type: 'function_call',
	call_id, name, arguments: '{}', ...more });
const responsesOutput = (call_id, output) => ({ type: 'function_call_output',
	call_id, output });
const responsesInput = [
	{ type: 'message', role: 'developer', content: [
		{ type: 'input_text', text: 'first' }] },
	{ role: 'user', content: 'hello' },
	responsesCall('call_1', 'f'),
	{ type: 'custom_tool_call', call_id: 'call_2', name: 'free',
		input: '*** "x"' },
	responsesCall('call_3', 'inner', { namespace: 'space' }),
	{ type: 'custom_tool_call_output', call_id: 'call_2', output: 'two' },
	responsesOutput('call_1', [{ type: 'input_text', text: 'one' },
		{ type: 'input_image', detail: 'auto',
			image_url: `data:image/png;base64,${png}` }]),
	responsesOutput('call_3', ''),
	{ type: 'message', role: 'assistant', phase: 'commentary', content: [
		{ type: 'output_text', text: 'so', annotations: [] }] },
	{ type: 'message', role: 'developer', content: 'amid' },
	{ role: 'user', content: [{ type: 'input_text', text: 'see' },
		{ type: 'input_file', filename: 'a.pdf',
			file_data: `data:application/pdf;base64,${pdf}` },
		{ type: 'input_image', detail: 'low', image_url: url }] },
];
const responsesTools = [
	{ type: 'function', name: 'f', description: 'd', parameters: schema,
		strict: true },
	{ type: 'custom', name: 'free', description: 'c', format: {
		type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
	{ type: 'namespace', name: 'space', description: 'n', tools: [
		{ type: 'function', name: 'inner', strict: false,
			parameters: { type: 'object', properties: {} } }] },
	{ type: 'web_search' },
];
const responsesWishes = [
	{}, { instructions: 'I' }, { tool_choice: 'required' },
	{ tool_choice: { type: 'function', name: 'f' } },
	{ tool_choice: { type: 'custom', name: 'free' } },
	{ tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [
		{ type: 'function', name: 'f' }] } },
	{ parallel_tool_calls: false },
	{ temperature: 0.5, top_p: 0.9, metadata: { a: 'b' }, truncation: 'auto',
		safety_identifier: 'u', prompt_cache_key: 'k' },
	{ reasoning: { effort: 'high', summary: 'auto' },
		include: ['reasoning.encrypted_content'] },
	{ text: { verbosity: 'low', format: { type: 'json_schema', name: 'n',
		schema, strict: true } } },
	{ text: { format: { type: 'json_object' } } }, { max_output_tokens: 20 },
	{ top_logprobs: 2, include: ['message.output_text.logprobs'] },
];
const askResponses = (model, stream, wish) => openai.responses.create({
	model, stream, store: false, input: responsesInput,
	tools: responsesTools, ...wish });

// ---- Gemini

const geminiContents = [
	{ role: 'user', parts: [{ text: 'hello' }, { text: 'two' }] },
	{ role: 'model', parts: [{ text: 'hi' },
		{ functionCall: { name: 'f', args: { a: 1 } },
		    thoughtSignature: 'skip_thought_signature_validator' },
		{ functionCall: { name: 'f' } }] },
	{ role: 'user', parts: [
		{ functionResponse: { name: 'f', response: { output: 'one' } } },
		{ functionResponse: { name: 'f', response: { error: 'no' } } },
		{ inlineData: { mimeType: 'image/png', data: png } }] },
	{ role: 'model', parts: [{ text: 'so' }] },
	{ role: 'user', parts: [{ text: 'see' },
		{ inlineData: { mimeType: 'application/pdf', data: pdf } },
		{ fileData: { mimeType: 'image/png', fileUri: url } }] },
];
const geminiTools = [{ functionDeclarations: [
	{ name: 'f', description: 'd', parametersJsonSchema: schema },
	{ name: 'g.h:i', parameters: { type: 'OBJECT', required: ['a'],
		properties: { a: { type: 'STRING', nullable: true,
		    maxLength: '5' } } } },
	{ name: 'bare' }] }];
const mode = (mode, more) => ({ toolConfig: { functionCallingConfig: {
	mode, ...more } } });
const json = { responseMimeType: 'application/json', tools: [] };
const geminiWishes = [
	{}, { systemInstruction: 'S' }, mode('ANY'), mode('NONE'),
	mode('ANY', { allowedFunctionNames: ['f'] }),
	{ temperature: 0.5, topP: 0.9, topK: 20, seed: 3,
		stopSequences: ['zzz'] },
	{ thinkingConfig: { includeThoughts: true } },
	{ thinkingConfig: { thinkingBudget: 2000 } },
	{ thinkingConfig: { thinkingLevel: 'LOW' } },
	json, { ...json, responseJsonSchema: schema },
	{ ...json, responseSchema: { type: 'OBJECT', properties: {
		a: { type: 'STRING' } } } },
	{ maxOutputTokens: 20 },
	{ safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT',
		threshold: 'BLOCK_NONE' }] },
];
const askGemini = (model, stream, wish) => genai.models[stream
	? 'generateContentStream' : 'generateContent']({ model,
	contents: geminiContents, config: { tools: geminiTools, ...wish } });

// ---- all of them on all

const clients = {
	chat: [askChat, chatWishes, (all) => all.some((chunk) =>
	    chunk.choices[0]?.finish_reason)],
	messages: [askMessages, messagesWishes, (all) =>
	    all.at(-1).type === 'message_stop'],
	responses: [askResponses, responsesWishes, (all) =>
	    /completed|incomplete/.test(all.at(-1).type)],
	gemini: [askGemini, geminiWishes, (all) =>
	    all.at(-1).candidates[0].finishReason],
};

for (const [client, [ask, wishes, ended]] of Object.entries(clients))
for (const provider of Object.keys(clients))
	test(`${client} on ${provider}`, async () => {
		for (const model of models) for (const wish of wishes) {
			const name = `${model} ${JSON.stringify(wish)}`;
			const fail = (error) => assert.fail(`${name}: ${
				error.message}`);

			await ask(`${provider}/${model}`, false, wish).catch(fail);
			const all = await ask(`${provider}/${model}`, true, wish)
			    .then(gather).catch(fail);

			assert.ok(ended(all), name);
		}
	});

for (const provider of Object.keys(clients))
	test(`tools keep their names and kinds on ${provider}`, async () => {
		const model = `${provider}/claude-opus-4-8+tools=3`;
		const { output } = await openai.responses.stream({ model,
			store: false, input: 'go', tools: responsesTools,
		}).finalResponse();
		const chunks = await gather(await genai.models
			.generateContentStream({ model, contents: 'go',
			config: { tools: geminiTools } }));

		assert.deepEqual(output.filter((item) =>
		    item.type !== 'reasoning').map((item) =>
		    [item.type, item.namespace, item.name]), [
			['function_call', undefined, 'f'],
			['custom_tool_call', undefined, 'free'],
			['function_call', 'space', 'inner']]);
		assert.deepEqual(chunks.flatMap((chunk) =>
		    chunk.functionCalls ?? []).map((call) => call.name),
		    ['f', 'g.h:i', 'bare']);
		for (const [name, type] of [['free', 'custom'], ['f', 'function']])
			assert.ok((await openai.responses.create({ store: false,
				model: `${provider}/claude-opus-4-8`, input: 'go',
				tools: responsesTools, tool_choice: { type, name },
			})).output.some((item) => item.name === name), name);
	});

stage.close();
