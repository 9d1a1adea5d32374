// A provider that refuses a request and says why is asked once more, as it wants
// to be asked; and what it said is remembered.
import { Stage, assert, attempts, pair, test } from './harness.mjs';
import { anthropicError, completion, completionStream, message, messageStream,
    openaiError } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const google = await stage.provider();
const config = pair(gpt, claude);

config.providers.google = { gemini: `${google.url}/v1beta`, key: 'key',
	dialect: 'gemini' };
const said = (text) => ({ candidates: [{ content: { role: 'model',
	parts: [{ text }] }, finishReason: 'STOP' }], usageMetadata:
	{ promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
modelVersion: 'g', responseId: 'r' });
const gateway = await stage.gateway({ config });
const post = (path, body, headers) => gateway.post(path, { messages: hello,
	...body }, headers);
const chat = (model, rest, headers) => post('/v1/chat/completions',
    { model: `claude/${model}`, ...rest }, headers);
const refuse = (text) => (c) => c.json(anthropicError('invalid_request_error',
    text), 400);
const refuseParam = (param) => (c) => c.json(openaiError(
    `Unsupported parameter: '${param}' is not supported with this model.`,
    'unsupported_parameter', undefined, param), 400);

test('a parameter that is refused is left out, and never sent again', async () => {
	claude.answer(refuse('`temperature` is deprecated for this model.'),
	    (c) => c.json(message('Fine')), (c) => c.stream(messageStream('Too')));
	const one = await chat('claude-opus-4-6', { temperature: 0.5 });

	assert.equal(one.status, 200);
	assert.equal(one.json.choices[0].message.content, 'Fine');
	assert.equal(attempts(one.headers), '2');
	assert.match(one.headers['x-dragoman-warnings'], /temperature=dropped/);
	assert.equal(claude.requests[0].json.temperature, 0.5);
	assert.equal(claude.requests[1].json.temperature, undefined);
	const two = await chat('claude-opus-4-6', { temperature: 0.7,
		stream: true });

	assert.equal(attempts(two.headers), '1');
	assert.match(two.headers['x-dragoman-warnings'], /temperature=dropped/);
	assert.match(two.body, /"Too"|"T"/);
	assert.equal(claude.requests.length, 3);
	assert.equal(claude.last.json.temperature, undefined);
	// it is that model alone
	claude.answer((c) => c.json(message('Other')));
	await chat('claude-sonnet-4-6', { temperature: 0.7 });
	assert.equal(claude.last.json.temperature, 0.7);
	await gateway.says(/learned from a refusal.*sampling/);
	claude.forget();
});

test('two lessons in one request, a third refusal is told', async () => {
	claude.answer(refuse('This model does not support assistant message ' +
	    'prefill. The conversation must end with a user message.'),
	refuse('max_tokens: 9000 > 4096, which is the maximum allowed number ' +
	    'of output tokens for claude-x'),
	refuse('tool_choice is not supported for this model'));
	const messages = [...hello, { role: 'assistant', content: 'I am' }];
	const body = { messages, max_tokens: 9000 };
	const one = await chat('claude-opus-4-1', body);

	assert.equal(one.status, 400);
	assert.match(one.json.error.message, /tool_choice/);
	assert.equal(attempts(one.headers), '3');
	assert.equal(claude.requests.length, 3);
	assert.equal(claude.requests[1].json.messages.at(-1).role, 'user');
	assert.equal(claude.requests[1].json.max_tokens, 9000);
	assert.equal(claude.requests[2].json.max_tokens, 4096);
	claude.forget();
	// nothing was accepted, so nothing is remembered
	claude.answer((c) => c.json(message('Now')));
	await chat('claude-opus-4-1', body);
	assert.equal(claude.last.json.max_tokens, 9000);
	claude.forget();
});

test('the same refusal twice is told', async () => {
	const text = 'This model does not support the effort parameter.';

	claude.answer(refuse(text), refuse(text));
	const answer = await chat('claude-opus-4-8', { reasoning_effort: 'low' });

	assert.equal(answer.status, 400);
	assert.match(answer.json.error.message, /effort/);
	assert.equal(claude.requests.length, 2);
	assert.equal(claude.last.json.output_config, undefined);
	claude.forget();
});

test('a refusal that a change cannot mend is told at once', async () => {
	claude.answer(refuse('This model does not support the effort parameter.'));
	const answer = await chat('claude-opus-4-7');	// said nothing of effort

	assert.equal(answer.status, 400);
	assert.equal(claude.requests.length, 1);
	claude.forget();
});

test('foreign signatures are taken out of one request, not of all', async () => {
	const signed = [...hello, { role: 'assistant', content: 'Hi',
		reasoning_details: [{ type: 'reasoning.text', text: 'Hm',
		    signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 }],
	}, ...hello];

	claude.answer(refuse('messages.1.content.0: Invalid `signature` in ' +
	    '`thinking` block'), (c) => c.json(message('A')),
	(c) => c.json(message('B')));
	const one = await chat('claude-opus-4-8', { messages: signed });

	assert.equal(one.status, 200);
	assert.match(one.headers['x-dragoman-warnings'],
	    /messages\[1\]\.reasoning_content=dropped/);
	assert.match(claude.requests[0].body, /"signature":"c2ln"/);
	assert.doesNotMatch(claude.requests[1].body, /signature/);
	await chat('claude-opus-4-8', { messages: signed });
	assert.match(claude.last.body, /"signature":"c2ln"/);
	claude.forget();
});

test('a Messages client at a Chat provider', async () => {
	gpt.answer(refuseParam('safety_identifier'),
	    (c) => c.stream(completionStream('Hi')),
	    (c) => c.json(completion('Ho')));
	const body = { model: 'gpt/gpt-4o', max_tokens: 5,
		metadata: { user_id: 'me' } };
	const one = await post('/v1/messages', { ...body, stream: true });

	assert.equal(one.status, 200);
	assert.match(one.headers['x-dragoman-warnings'],
	    /safety_identifier=dropped/);
	assert.equal(gpt.requests[0].json.safety_identifier, 'me');
	assert.equal(gpt.requests[1].json.safety_identifier, undefined);
	const two = await post('/v1/messages', body);

	assert.equal(two.json.content[0].text, 'Ho');
	assert.equal(attempts(two.headers), '1');
	assert.equal(gpt.last.json.safety_identifier, undefined);
	gpt.forget();
});

test('a body that is passed on changes in that one place', async () => {
	const body = '{"model": "gpt/gpt-4o", "seed" : 10,\n"messages":' +
	    '[{"role":"user","content":"Hi"}], "odd": 1.0 }';

	gpt.answer(refuseParam('seed'), (c) => c.json(completion('A')),
	    (c) => c.json(completion('B')));
	const one = await gateway.post('/v1/chat/completions', body);

	assert.equal(one.status, 200);
	assert.equal(one.headers['x-dragoman-warnings'], 'seed=dropped');
	assert.equal(gpt.last.body, '{"model": "gpt-4o", "messages":' +
	    '[{"role":"user","content":"Hi"}], "odd": 1.0 }');
	await gateway.post('/v1/chat/completions', body);
	assert.equal(gpt.requests.length, 3);
	assert.equal(gpt.last.json.seed, undefined);
	gpt.forget();
});

test('what would change too much of a passed body is told', async () => {
	const text = 'This model does not support assistant message prefill.';

	claude.answer(refuse(text));
	const answer = await post('/v1/messages', { model: 'claude/claude-opus-4-8',
		max_tokens: 5, messages: [...hello, { role: 'assistant',
		    content: 'I' }] });

	assert.equal(answer.status, 400);
	assert.deepEqual(answer.json, anthropicError('invalid_request_error',
	    text));
	assert.equal(claude.requests.length, 1);
	claude.forget();
});

test('strict mode changes nothing', async () => {
	claude.answer(refuse('`top_p` is not supported for this model.'));
	const answer = await chat('claude-sonnet-4-5', { top_p: 0.5 },
	    { 'x-dragoman-strict': '1' });

	assert.equal(answer.status, 400);
	assert.match(answer.json.error.message, /top_p/);
	assert.equal(answer.headers['x-dragoman-warnings'], undefined);
	assert.equal(claude.requests.length, 1);
	claude.forget();
});

/** A conversation in which Google signed two calls. */
const signed = [...hello, { role: 'assistant', content: null, tool_calls: [
	{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' },
	    extra_content: { google: { thought_signature: 'U0lH' } } },
	{ id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' },
	    extra_content: { google: { thought_signature: 'U0lI' } } }] },
{ role: 'tool', tool_call_id: 'c1', content: '1' },
{ role: 'tool', tool_call_id: 'c2', content: '2' }];
const tools = [{ type: 'function', function: { name: 'f',
	parameters: { type: 'object', properties: {} } } }];
const refuseGoogle = (message) => (c) => c.json({ error: { code: 400, message,
	status: 'INVALID_ARGUMENT' } }, 400);
const signaturesOf = ({ json }) => json.contents.flatMap((content) =>
	content.parts.map((part) => part.thoughtSignature)).filter(Boolean);
const none = 'skip_thought_signature_validator';

test('signatures that Google does not know are not sent again', async () => {
	const body = { model: 'google/gemini-3-pro', messages: signed, tools };

	google.answer(refuseGoogle('Corrupted thought signature.'),
	    (c) => c.json(said('A')), (c) => c.json(said('B')));
	const one = await post('/v1/chat/completions', body);

	assert.equal(one.status, 200);
	assert.equal(one.json.choices[0].message.content, 'A');
	assert.deepEqual(signaturesOf(google.requests[0]), ['U0lH', 'U0lI']);
	assert.deepEqual(signaturesOf(google.requests[1]), [none]);
	assert.match(one.headers['x-dragoman-warnings'],
	    /messages\[1\]\.tool_calls\[0\]\.signature=dropped/);
	// it was those signatures
	await post('/v1/chat/completions', body);
	assert.deepEqual(signaturesOf(google.last), ['U0lH', 'U0lI']);
	google.forget();
});

test('... nor in bodies that are passed on', async () => {
	const call = (name, thoughtSignature) => ({ functionCall: { name },
	    thoughtSignature });

	google.answer(refuseGoogle('Corrupted thought signature.'),
	    (c) => c.json(said('A')));
	const one = await gateway.post(
	    '/v1beta/models/google/gemini-3-pro:generateContent', { contents: [
		{ role: 'user', parts: [{ text: 'q' }] },
		{ role: 'model', parts: [call('f', 'U0lH'), call('g', 'U0lI')] },
		{ role: 'user', parts: [{ functionResponse: { name: 'f',
		    response: {} } }] }] });

	assert.equal(one.status, 200);
	assert.deepEqual(signaturesOf(google.requests[0]), ['U0lH', 'U0lI']);
	assert.deepEqual(signaturesOf(google.last), [none]);
	google.forget();
});

test('probabilities that Google does not tell are not asked for again',
    async () => {
	const wish = { model: 'google/gemini-2.5-pro', logprobs: true };

	google.answer(refuseGoogle('Logprobs is not enabled for ' +
	    'models/gemini-2.5-pro'), (c) => c.json(said('A')),
	(c) => c.json(said('B')));
	const one = await post('/v1/chat/completions', wish);

	assert.equal(one.status, 200);
	assert.equal(google.requests[0].json.generationConfig.responseLogprobs,
	    true);
	assert.match(one.headers['x-dragoman-warnings'], /logprobs=dropped/);
	await post('/v1/chat/completions', wish);
	assert.equal(google.requests.length, 3);
	assert.equal(google.last.json.generationConfig?.responseLogprobs,
	    undefined);
	google.forget();
});

/** A call that Google's own parser did not take. */
const malformed = { candidates: [{ content: {}, finishReason:
	'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: f(' }],
usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } };
const googleStream = (...chunks) => chunks.map((chunk) =>
	`data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');
const withTools = { model: 'google/gemini-2.5-pro', tools };

test('a call that came out malformed is asked for once more', async () => {
	google.answer((c) => c.json(malformed), (c) => c.json(said('A')));
	const whole = await post('/v1/chat/completions', withTools);

	assert.equal(whole.json.choices[0].message.content, 'A');
	assert.equal(whole.json.usage.prompt_tokens, 1);
	assert.equal(google.requests.length, 2);
	assert.equal(google.requests[1].body, google.requests[0].body);
	google.forget();
	google.answer((c) => c.stream(googleStream(malformed)),
	    (c) => c.stream(googleStream(said('B'))));
	const stream = await post('/v1/messages', { ...withTools, max_tokens: 9,
		tools: [{ name: 'f', input_schema: { type: 'object' } }],
		stream: true });

	assert.match(stream.body, /"text":"B"/);
	assert.equal(stream.body.match(/event: message_start/g).length, 1);
	assert.match(stream.body, /"stop_reason":"end_turn"/);
	assert.equal(google.requests.length, 2);
	google.forget();
});

test('... but no oftener, and not when something was told', async () => {
	google.answer((c) => c.json(malformed), (c) => c.json(malformed));
	const twice = await post('/v1/chat/completions', withTools);

	assert.equal(twice.status, 200);
	assert.equal(twice.json.choices[0].native_finish_reason,
	    'MALFORMED_FUNCTION_CALL');
	assert.equal(twice.json.usage.prompt_tokens, 7);
	assert.equal(google.requests.length, 2);
	google.forget();
	google.answer((c) => c.stream(googleStream({ candidates: [{ content:
		{ parts: [{ text: 'Hm' }] } }] }, malformed)));
	const told = await post('/v1/chat/completions', { ...withTools,
		stream: true });

	assert.match(told.body, /"Hm"/);
	assert.match(told.body, /MALFORMED_FUNCTION_CALL/);
	assert.equal(google.requests.length, 1);
	google.forget();
});

test('an operator may turn it off', async () => {
	const plain = await stage.gateway({ config: { ...config,
		options: { learn: false } } });

	claude.answer(refuse('`temperature` is deprecated for this model.'));
	const { status } = await plain.post('/v1/chat/completions', {
		model: 'claude/claude-opus-4-6', temperature: 0.5,
		messages: hello });

	assert.equal(status, 400);
	assert.equal(claude.requests.length, 1);
	claude.forget();
	google.answer((c) => c.json(malformed));
	const { json } = await plain.post('/v1/chat/completions', { ...withTools,
		messages: hello });

	assert.equal(json.choices[0].native_finish_reason,
	    'MALFORMED_FUNCTION_CALL');
	assert.equal(google.requests.length, 1);
	google.forget();
});

test('the next target is tried when the first will not have it', async () => {
	const two = await stage.gateway({ config: { ...config, models: {
		both: { targets: ['claude/claude-opus-4-6', 'gpt/gpt-4o'] } } } });

	claude.answer(refuse('`temperature` is deprecated for this model.'),
	    (c) => c.json(anthropicError('overloaded_error', 'Busy'), 529));
	gpt.answer((c) => c.json(completion('Here')));
	const answer = await two.post('/v1/chat/completions', { model: 'both',
		temperature: 0.5, messages: hello });

	assert.equal(answer.json.choices[0].message.content, 'Here');
	assert.equal(attempts(answer.headers), '3');
	assert.equal(gpt.last.json.temperature, 0.5);
	claude.forget();
	gpt.forget();
});

stage.close();
