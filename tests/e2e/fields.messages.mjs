// What becomes of every member of a Messages request that goes to a model
// behind Chat: data for fields.test.mjs, where the columns are explained.
import { PDF, PNG } from './shapes.mjs';

const schema = { type: 'object', properties: { city: { type: 'string' } },
	required: ['city'], additionalProperties: false };
const weather = { name: 'weather', description: 'Tells',
	input_schema: schema };
const tools = [weather];
const hello = { role: 'user', content: 'Hello' };
const user = (...content) => ({ messages: [{ role: 'user', content }] });
const text = { type: 'text', text: 'Hello' };
const ephemeral = { type: 'ephemeral' };
const pdf = { type: 'base64', media_type: 'application/pdf', data: PDF };
const document = (rest) => user({ type: 'document', source: {
	type: 'text', media_type: 'text/plain', data: 'Notes' }, ...rest });
const call = { type: 'tool_use', id: 'toolu_1', name: 'weather',
	input: { city: 'Oslo' } };
const result = { type: 'tool_result', tool_use_id: 'toolu_1',
	content: 'Rain' };
const answered = (rest, more) => ({ tools, messages: [hello,
	{ role: 'assistant', content: [{ ...call, ...more }] },
	{ role: 'user', content: [{ ...result, ...rest }] }] });
// Something that stands in the history, with more of the talk behind it.
const earlier = (...content) => ({ messages: [hello, { role: 'assistant',
	content: [...content, text] }, hello] });
const search = { type: 'search_result', source: 'https://a.example/x',
	title: 'X', content: [{ type: 'text', text: 'Found' }] };
const hosted = (type, name, rest) => ({ tools: [weather, { type, name,
	...rest }] });
const parameters = 'tools[0].function.parameters';
const fnOf = (i) => `tools[${i}].function`;
const cited = { type: 'char_location', cited_text: 'x', document_index: 0,
	document_title: null, start_char_index: 0, end_char_index: 1 };

export const model = 'gpt-4o';
export const base = { model: `gpt/${model}`, max_tokens: 100,
	messages: [hello] };

export const rows = [
	// ---- the top of the body ----
	{ at: 'Params.max_tokens', body: {},
		want: { max_completion_tokens: 100 } },
	{ at: 'Params.messages', body: {}, want: { messages: [hello] } },
	{ at: 'Params.model', body: {}, want: { model } },
	{ at: 'Params.cache_control', body: { cache_control: ephemeral },
		silent: 'only makes it cheaper' },
	{ at: 'Params.container', body: { container: 'c1' },
		named: 'container=dropped' },
	{ at: 'BetaParams.container', body: { container: { skills: [{
		type: 'anthropic', skill_id: 'pdf' }] } }, refused: 'container' },
	{ at: 'Params.diagnostics', body: { diagnostics: {
		previous_message_id: 'm' } }, silent: 'for the caller\'s records' },
	{ at: 'Params.inference_geo', body: { inference_geo: 'eu' },
		silent: 'where one provider computes' },
	{ at: 'Params.metadata', body: { metadata: { user_id: 'u1' } },
		want: { safety_identifier: 'u1' } },
	{ at: 'OutputConfig.effort', body: { output_config: { effort: 'low' } },
		model: 'gpt-5', want: { reasoning_effort: 'low' } },
	{ at: 'OutputConfig.effort', body: { output_config: { effort: 'low' } },
		silent: 'a model that does not reason' },
	{ at: 'OutputConfig.format', body: { output_config: { format: {
		type: 'json_schema', schema } } },
	    want: { response_format: { type: 'json_schema', json_schema: {
		name: 'response', schema, strict: true } } } },
	{ at: 'BetaOutputConfig.task_budget', body: { output_config: {
		task_budget: { type: 'tokens', total: 9000 } } },
	    silent: 'a hint' },
	{ at: 'BetaParams.output_format', body: { output_format: {
		type: 'json_schema', schema } },
	    want: { 'response_format.json_schema.schema': schema } },
	{ at: 'Params.output_config', body: { output_config: {} },
		silent: 'empty' },
	{ at: 'Params.service_tier', body: { service_tier: 'standard_only' },
		want: { service_tier: 'default' } },
	{ at: 'Params.service_tier', body: { service_tier: 'auto' },
		silent: 'the default' },
	{ at: 'Params.speed', body: { speed: 'fast' }, named: 'speed=dropped' },
	{ at: 'Params.speed', body: { speed: 'standard' },
		silent: 'the default' },
	{ at: 'Params.stop_sequences', body: { stop_sequences: ['a', 'b'] },
		want: { stop: ['a', 'b'] } },
	{ at: 'Params.stop_sequences', body: { stop_sequences: ['a', 'b', 'c',
		'd', 'e'] }, want: { stop: ['a', 'b', 'c', 'd'] },
	    silent: 'the gateway looks for the rest itself' },
	{ at: 'Params.stop_sequences', body: { stop_sequences: ['a'] },
		model: 'gpt-5', want: { stop: undefined },
		silent: 'the gateway looks for them itself' },
	{ at: 'Params.stream', body: { stream: true },
		want: { stream: true, 'stream_options.include_usage': true } },
	{ at: 'Params.system', body: { system: 'Be brief' },
		want: { 'messages[0]': { role: 'system', content: 'Be brief' } } },
	{ at: 'Params.system', body: { system: [{ type: 'text', text: 'A' },
		{ type: 'text', text: 'B', cache_control: ephemeral }] },
	    want: { 'messages[0]': { role: 'system', content: 'A\n\nB' } } },
	{ at: 'Params.system', body: { system: 'Be brief' }, model: 'gpt-5',
		want: { 'messages[0].role': 'developer' } },
	{ at: 'Params.temperature', body: { temperature: 0.7 },
		want: { temperature: 0.7 } },
	{ at: 'Params.temperature', body: { temperature: 0.7 }, model: 'gpt-5',
		named: 'temperature=dropped' },
	{ at: 'Params.top_p', body: { top_p: 0.9 }, want: { top_p: 0.9 } },
	{ at: 'Params.top_p', body: { top_p: 0.9 }, model: 'gpt-5',
		named: 'top_p=dropped' },
	{ at: 'Params.top_k', body: { top_k: 40 },
		silent: 'sampling that most providers do not have' },
	{ at: 'Params.thinking', body: { thinking: { type: 'adaptive' } },
		model: 'gpt-5', silent: 'it reasons anyway' },
	{ at: 'ThinkingConfigEnabled.budget_tokens', body: { thinking: {
		type: 'enabled', budget_tokens: 2000 } }, model: 'gpt-5',
	    want: { reasoning_effort: 'low' } },
	{ at: 'ThinkingConfigEnabled.display', body: { thinking: {
		type: 'enabled', budget_tokens: 2000, display: 'omitted' } },
	    model: 'gpt-5', want: { reasoning_effort: 'low' } },
	{ at: 'ThinkingConfigAdaptive.display', body: { thinking: {
		type: 'adaptive', display: 'omitted' } }, model: 'gpt-5',
	    silent: 'says what the answer is to show' },
	{ at: 'Params.thinking', body: { thinking: { type: 'disabled' } },
		model: 'gpt-5', want: { reasoning_effort: 'minimal' } },
	{ at: 'Params.tool_choice', body: { tools, tool_choice: {
		type: 'none' } }, want: { tool_choice: 'none' } },
	{ at: 'ToolChoiceAuto.disable_parallel_tool_use', body: { tools,
		tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
	    want: { tool_choice: 'auto', parallel_tool_calls: false } },
	{ at: 'ToolChoiceAny.disable_parallel_tool_use', body: { tools,
		tool_choice: { type: 'any', disable_parallel_tool_use: true } },
	    want: { tool_choice: 'required', parallel_tool_calls: false } },
	{ at: 'ToolChoiceTool.name', body: { tools, tool_choice: {
		type: 'tool', name: 'weather' } },
	    want: { tool_choice: { type: 'function',
		function: { name: 'weather' } } } },
	{ at: 'ToolChoiceTool.disable_parallel_tool_use', body: { tools,
		tool_choice: { type: 'tool', name: 'weather',
		    disable_parallel_tool_use: true } },
	    want: { parallel_tool_calls: false } },
	{ at: 'Params.user_profile_id', body: { user_profile_id: 'p' },
		silent: 'for the caller\'s records' },
	{ at: 'Params.workspace_id', body: { workspace_id: 'w' },
		silent: 'for the caller\'s records' },
	{ at: 'BetaParams.billing_policy', body: { billing_policy: {} },
		silent: 'who pays one provider' },
	{ at: 'BetaParams.compaction', body: { compaction: {
		type: 'summarize' } }, refused: 'compaction' },
	{ at: 'BetaParams.context_management', body: { context_management: {
		edits: [] } }, silent: 'only makes it cheaper' },
	{ at: 'BetaParams.fallback_credit_token', body: {
		fallback_credit_token: 't' }, silent: 'who pays one provider' },
	{ at: 'BetaParams.fallbacks', body: { fallbacks: 'default' },
		silent: 'the gateway has its own' },
	{ at: 'BetaParams.mcp_servers', body: { mcp_servers: [{ type: 'url',
		name: 'a', url: 'https://a.example' }] }, refused: 'mcp_servers' },
	{ at: 'BetaParams.mcp_servers', body: { mcp_servers: [] },
		silent: 'empty' },
	{ at: 'BetaParams.thread', body: { thread: { type: 'create' } },
		refused: 'thread' },
	{ at: 'BetaParams.thread', body: { thread: { type: 'continue',
		previous_message_id: 'm' } }, refused: 'thread' },
	{ at: 'BetaParams.betas', body: { betas: ['x-2026'] },
		silent: 'one provider\'s switches' },

	// ---- tools ----
	{ at: 'Params.tools', body: { tools }, want: { 'tools.length': 1 } },
	{ at: 'Tool.input_schema', body: { tools },
		want: { [parameters]: schema } },
	{ at: 'Tool.name', body: { tools },
		want: { [`${fnOf(0)}.name`]: 'weather' } },
	{ at: 'Tool.name', body: { tools: [{ ...weather,
		name: 'w'.repeat(100) }] },
	    want: { [`${fnOf(0)}.name`]: /^w{55}_[0-9a-f]{8}$/ } },
	{ at: 'Tool.description', body: { tools },
		want: { [`${fnOf(0)}.description`]: 'Tells' } },
	{ at: 'Tool.strict', body: { tools: [{ ...weather, strict: true }] },
		want: { [`${fnOf(0)}.strict`]: true } },
	{ at: 'Tool.cache_control', body: { tools: [{ ...weather,
		cache_control: ephemeral }] }, silent: 'only makes it cheaper' },
	{ at: 'Tool.defer_loading', body: { tools: [{ ...weather,
		defer_loading: true }] }, silent: 'loaded at once' },
	{ at: 'Tool.eager_input_streaming', body: { tools: [{ ...weather,
		eager_input_streaming: true }] }, silent: 'a hint' },
	{ at: 'Tool.input_examples', body: { tools: [{ ...weather,
		input_examples: [{ city: 'Oslo' }] }] }, silent: 'a hint' },
	{ at: 'Tool.allowed_callers', body: { tools: [weather, { ...weather,
		name: 'x', allowed_callers: ['code_execution_20260521'] }] },
	    want: { 'tools.length': 1 }, named: 'tools[1]=dropped' },
	{ at: 'tool bash', body: hosted('bash_20250124', 'bash'),
		want: { [`${fnOf(1)}.name`]: 'bash',
		    [`${fnOf(1)}.parameters.properties.command.type`]: 'string' } },
	{ at: 'tool text_editor', body: hosted('text_editor_20250728',
		'str_replace_based_edit_tool'),
	    want: { [`${fnOf(1)}.name`]: 'str_replace_based_edit_tool',
		[`${fnOf(1)}.parameters.required`]: ['command', 'path'] } },
	{ at: 'tool text_editor max_characters', body: hosted(
		'text_editor_20250728', 'str_replace_based_edit_tool',
		{ max_characters: 900 }),
	    named: 'tools[1].max_characters=dropped' },
	{ at: 'tool memory', body: hosted('memory_20250818', 'memory'),
		want: { [`${fnOf(1)}.name`]: 'memory' } },
	{ at: 'tool web_search', body: hosted('web_search_20260318',
		'web_search'), want: { 'tools.length': 1 },
	    named: 'tools[1]=dropped' },
	{ at: 'tool web_search', body: { tools: [{ name: 'web_search',
		type: 'web_search_20250305' }] }, refused: 'tool' },
	{ at: 'tool web_fetch', body: hosted('web_fetch_20260318',
		'web_fetch'), named: 'tools[1]=dropped' },
	{ at: 'tool code_execution', body: hosted('code_execution_20260521',
		'code_execution'), named: 'tools[1]=dropped' },
	{ at: 'tool tool_search', body: hosted(
		'tool_search_tool_regex_20251119', 'tool_search_tool_regex'),
	    named: 'tools[1]=dropped' },
	{ at: 'tool computer', body: hosted('computer_20251124', 'computer',
		{ display_width_px: 1, display_height_px: 1 }), refused: 'tool' },
	{ at: 'tool browser', body: { tools: [weather, {
		type: 'browser_toolset_20260801' }] }, refused: 'tool' },
	{ at: 'tool computer_toolset', body: { tools: [weather, {
		type: 'computer_toolset_20260801' }] }, refused: 'tool' },
	{ at: 'tool mcp_toolset', body: { tools: [weather, {
		type: 'mcp_toolset', mcp_server_name: 'a' }] },
	    named: 'tools[1]=dropped' },

	// ---- messages and blocks ----
	{ at: 'UserMessage.content', body: user(text),
		want: { messages: [hello] } },
	{ at: 'AssistantMessage.content', body: earlier(),
		want: { 'messages[1]': { role: 'assistant',
		    content: 'Hello' } } },
	{ at: 'SystemMessage.content', body: { messages: [hello,
		{ role: 'system', content: 'Be brief' }] },
	    want: { 'messages[1]': { role: 'system', content: 'Be brief' } } },
	{ at: 'BetaSystemMessage.content', body: { tools, messages: [hello,
		{ role: 'system', content: [{ type: 'tool_addition', tool: {
		    type: 'tool_definition', definition: { ...weather,
			name: 'clock' } } }] }] },
	    want: { 'tools.length': 2 } },
	{ at: 'BetaSystemMessage.clear_at', body: { messages: [hello,
		{ role: 'system', content: 'A', clear_at: 'never' }] },
	    silent: 'only makes it shorter' },
	{ at: 'BetaSystemMessage.output_config', body: { messages: [hello,
		{ role: 'system', content: 'A', output_config: {
		    effort: 'low' } }] }, silent: 'a hint' },
	{ at: 'TextBlock.text', body: user(text, text),
		want: { messages: [{ role: 'user',
		    content: 'Hello\n\nHello' }] } },
	{ at: 'TextBlock.cache_control', body: user({ ...text,
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'TextBlock.citations', body: earlier({ ...text,
		citations: [cited] }), silent: 'the text carries what was said' },
	{ at: 'Base64ImageSource.data', body: user({ type: 'image', source: {
		type: 'base64', media_type: 'image/png', data: PNG } }),
	    want: { 'messages[0].content': [{ type: 'image_url', image_url: {
		url: `data:image/png;base64,${PNG}` } }] } },
	{ at: 'Base64ImageSource.media_type', body: user({ type: 'image',
		source: { type: 'base64', media_type: 'image/png',
		    data: PNG } }), want: { 'messages[0].content[0].image_url.url':
	    /^data:image\/png;/ } },
	{ at: 'URLImageSource.url', body: user({ type: 'image', source: {
		type: 'url', url: 'https://a.example/b.png' } }),
	    want: { 'messages[0].content[0].image_url.url':
		'https://a.example/b.png' } },
	{ at: 'FileImageSource.file_id', body: user({ type: 'image', source: {
		type: 'file', file_id: 'file_1' } }), refused: 'image|file' },
	{ at: 'ImageBlock.cache_control', body: user({ type: 'image', source: {
		type: 'base64', media_type: 'image/png', data: PNG },
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'ImageBlock.transformations', body: user({ type: 'image',
		transformations: {}, source: { type: 'base64',
		    media_type: 'image/png', data: PNG } }), silent: 'empty' },
	{ at: 'Base64PDFSource.data', body: user({ type: 'document',
		source: pdf }), want: { 'messages[0].content': [{ type: 'file',
	    file: { filename: 'document.pdf',
		file_data: `data:application/pdf;base64,${PDF}` } }] } },
	{ at: 'Base64PDFSource.media_type', body: user({ type: 'document',
		source: pdf }),
	    want: { 'messages[0].content[0].file.file_data':
		/^data:application\/pdf;/ } },
	{ at: 'PlainTextSource.data', body: document(),
		want: { 'messages[0].content':
		    '<document>\nNotes\n</document>' } },
	{ at: 'PlainTextSource.media_type', body: document(),
		silent: 'always text/plain' },
	{ at: 'ContentBlockSource.content', body: user({ type: 'document',
		source: { type: 'content', content: [text] } }),
	    want: { 'messages[0].content': /<document>\nHello\n<\/document>/ } },
	{ at: 'URLPDFSource.url', body: user({ type: 'document', source: {
		type: 'url', url: 'https://a.example/b.pdf' } }),
	    refused: 'document|content' },
	{ at: 'URLPDFSource.url', body: { messages: [...user({
		type: 'document', source: { type: 'url',
		    url: 'https://a.example/b.pdf' } }).messages,
		{ role: 'assistant', content: 'Hi' }, hello] },
	    want: { 'messages[0].content': /document omitted/ },
	    named: 'messages[0].content[0]=dropped' },
	{ at: 'FileDocumentSource.file_id', body: user({ type: 'document',
		source: { type: 'file', file_id: 'file_1' } }),
	    refused: 'document|file' },
	{ at: 'DocumentBlock.title', body: document({ title: 'T' }),
		want: { 'messages[0].content': /<document title="T">/ } },
	{ at: 'DocumentBlock.context', body: document({ context: 'C' }),
		want: { 'messages[0].content': /<context>C<\/context>/ } },
	{ at: 'DocumentBlock.citations', body: document({ citations: {
		enabled: true } }), named:
	    'messages[0].content[0].citations=dropped' },
	{ at: 'DocumentBlock.cache_control', body: document({
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'SearchResult.content', body: user(search),
		want: { 'messages[0].content': /Found/ } },
	{ at: 'SearchResult.source', body: user(search),
		want: { 'messages[0].content': /source="https:\/\/a.example\/x"/ } },
	{ at: 'SearchResult.title', body: user(search),
		want: { 'messages[0].content': /title="X"/ } },
	{ at: 'SearchResult.citations', body: user({ ...search, citations: {
		enabled: false } }), silent: 'the default' },
	{ at: 'SearchResult.cache_control', body: user({ ...search,
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'Thinking.thinking', body: earlier({ type: 'thinking',
		thinking: 'Hm', signature: 'S' }),
	    silent: 'this provider takes no thinking back' },
	{ at: 'Thinking.thinking', body: answered({}, {}), model: 'gpt-4o',
		silent: 'there is none' },
	{ at: 'Thinking.signature', body: earlier({ type: 'thinking',
		thinking: 'Hm', signature: 'S' }),
	    silent: 'another provider\'s' },
	{ at: 'RedactedThinking.data', body: earlier({
		type: 'redacted_thinking', data: 'D' }),
	    silent: 'another provider\'s' },
	{ at: 'ToolUse.id', body: answered(),
		want: { 'messages[1].tool_calls[0].id': 'toolu_1' } },
	{ at: 'ToolUse.input', body: answered(),
		want: { 'messages[1].tool_calls[0].function.arguments':
		    '{"city":"Oslo"}' } },
	{ at: 'ToolUse.name', body: answered(),
		want: { 'messages[1].tool_calls[0].function.name':
		    'weather' } },
	{ at: 'ToolUse.cache_control', body: answered({}, {
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'ToolUse.caller', body: answered({}, { caller: {
		type: 'direct' } }), silent: 'the default' },
	{ at: 'ToolUse.toolset_name', body: answered({}, {
		toolset_name: 'a' }), silent: 'a label' },
	{ at: 'ToolResult.tool_use_id', body: answered(),
		want: { 'messages[2]': { role: 'tool', tool_call_id: 'toolu_1',
		    content: 'Rain' } } },
	{ at: 'ToolResult.content', body: answered({ content: [text,
		search] }), want: { 'messages[2].content': /Hello\n<search_result/ } },
	{ at: 'ToolResult.content', body: answered({ content: [{
		type: 'image', source: { type: 'base64',
		    media_type: 'image/png', data: PNG } }] }),
	    want: { 'messages[2].content': /image 1 follows/,
		'messages[3].content[1].image_url.url': /png/ } },
	{ at: 'ToolResult.content', body: answered({ content: [{
		type: 'tool_reference', tool_name: 'weather' }] }),
	    want: { 'messages[2].content': '[tool: weather]' } },
	{ at: 'ToolResult.content', body: answered({ content: [{
		type: 'browser_state', tabs: [] }] }),
	    want: { 'messages[2].content': '[browser_state omitted]' },
	    named: 'messages[2].content[0].content[0]=dropped' },
	{ at: 'ToolResult.is_error', body: answered({ is_error: true }),
		want: { 'messages[2].content': 'Error: Rain' } },
	{ at: 'ToolResult.cache_control', body: answered({
		cache_control: ephemeral }), silent: 'only makes it cheaper' },
	{ at: 'ToolResult.toolset_name', body: answered({
		toolset_name: 'a' }), silent: 'a label' },
	{ at: 'block server_tool_use', body: earlier({ type: 'server_tool_use',
		id: 'srvtoolu_1', name: 'web_search', input: {} }, {
		type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1',
		content: [] }),
	    named: ['messages[1].content[0]=dropped',
		'messages[1].content[1]=dropped'] },
	{ at: 'block container_upload', body: earlier({
		type: 'container_upload', file_id: 'f' }),
	    named: 'messages[1].content[0]=dropped' },
	{ at: 'block mcp_tool_use', body: earlier({ type: 'mcp_tool_use',
		id: 'm', name: 'a', server_name: 'b', input: {} }),
	    named: 'messages[1].content[0]=dropped' },
	{ at: 'block compaction', body: { messages: [hello, {
		role: 'assistant', content: [{ type: 'compaction',
		    content: 'So far' }, text] }, hello] },
	    want: { 'messages[0].content': /<conversation_summary>\nSo far/ } },
	{ at: 'block unknown', body: user({ type: 'hologram' }),
		refused: 'hologram|content' },
	{ at: 'block unknown', body: earlier({ type: 'hologram' }),
		named: 'messages[1].content[0]=dropped' },

	// ---- what other programs have added to Messages ----
	{ at: 'extra seed', body: { seed: 7 }, want: { seed: 7 } },
	{ at: 'extra frequency_penalty', body: { frequency_penalty: 0.5 },
		want: { frequency_penalty: 0.5 } },
	{ at: 'extra reasoning_effort', body: { reasoning_effort: 'low' },
		model: 'gpt-5', want: { reasoning_effort: 'low' } },
	{ at: 'extra extra_body', body: { extra_body: { seed: 7 } },
		want: { seed: 7 } },
	{ at: 'extra never_heard_of', body: { never_heard_of: 1 },
		named: 'never_heard_of=dropped' },
];

export const files = [
	'@anthropic-ai/sdk/resources/messages/messages.d.ts',
];
export const types = {
	Params: 'MessageCreateParamsBase',
	OutputConfig: 'OutputConfig',
	ThinkingConfigEnabled: 'ThinkingConfigEnabled',
	ThinkingConfigAdaptive: 'ThinkingConfigAdaptive',
	ToolChoiceAuto: 'ToolChoiceAuto',
	ToolChoiceAny: 'ToolChoiceAny',
	ToolChoiceTool: 'ToolChoiceTool',
	Tool: 'Tool',
	UserMessage: 'UserMessageParam',
	AssistantMessage: 'AssistantMessageParam',
	SystemMessage: 'SystemMessageParam',
	TextBlock: 'TextBlockParam',
	ImageBlock: 'ImageBlockParam',
	DocumentBlock: 'DocumentBlockParam',
	SearchResult: 'SearchResultBlockParam',
	Thinking: 'ThinkingBlockParam',
	RedactedThinking: 'RedactedThinkingBlockParam',
	ToolUse: 'ToolUseBlockParam',
	ToolResult: 'ToolResultBlockParam',
	Base64ImageSource: 'Base64ImageSource',
	URLImageSource: 'URLImageSource',
	FileImageSource: 'FileImageSource',
	Base64PDFSource: 'Base64PDFSource',
	PlainTextSource: 'PlainTextSource',
	ContentBlockSource: 'ContentBlockSource',
	URLPDFSource: 'URLPDFSource',
	FileDocumentSource: 'FileDocumentSource',
};
// Members that only hold those above.
export const told = ['ImageBlock.source', 'DocumentBlock.source'];
// Members that the beta's request has on top of the other.
export const betaFile =
    '@anthropic-ai/sdk/resources/beta/messages/messages.d.ts';
