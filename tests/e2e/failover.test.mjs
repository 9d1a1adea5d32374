// Ordered targets: another one answers as long as the client has seen nothing, and
// exactly one of them does.
import { Stage, assert, attempts, failure, gather, pair, test, until
    } from './harness.mjs';
import { anthropicError, completion, completionEvents, completionStream, message,
    messageEvents, messageStream, openaiError, sse } from './shapes.mjs';
import { ScriptedProvider } from './provider.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const third = await stage.provider();
const gone = await ScriptedProvider.start();
const nobody = gone.url;

await gone.refuse();		// its port refuses connections from now on

const gateway = await stage.gateway({ config: {
	providers: {
		...pair(gpt, claude).providers,
		third: { chat: `${third.url}/v1`, key: 'key-of-third' },
		nobody: { chat: `${nobody}/v1`, messages: nobody },
		caller: { chat: `${gpt.url}/v1`, messages: claude.url },
	},
	models: {
		gone: { targets: ['nobody/m', 'gpt/gpt-4o'] },
		same: { targets: ['gpt/gpt-4o', 'third/other'] },
		mixed: { targets: ['claude/claude-opus-4-8', 'gpt/gpt-4o'] },
		back: { targets: ['gpt/gpt-4o', 'claude/claude-opus-4-8'] },
		three: { targets: ['nobody/a', 'gpt/gpt-4o',
		    'claude/claude-opus-4-8'] },
		slow: { targets: ['gpt/gpt-4o', 'third/other'],
		    first_token_timeout_ms: 300 },
		none: { targets: ['nobody/a', 'nobody/b'] },
		shared: { targets: ['caller/m', 'third/other'] },
		foreign: { targets: ['nobody/m', 'caller/m'] },
	},
	// here every failure is the first: circuit.test.mjs has the others
	circuit: { failures: 0, rate_percent: 0, cool_max_ms: 0 },
} });
const openai = gateway.openai();
const anthropic = gateway.anthropic();
const hello = [{ role: 'user', content: 'Hello' }];

/** What answered, how often it was tried, and the text. */
async function chat(model, stream = false) {
	const { data, response } = await openai.chat.completions.create({ model,
		messages: hello, stream }).withResponse();
	const text = stream ? (await gather(data)).map((c) =>
	    c.choices[0]?.delta.content ?? '').join('')
	    : data.choices[0].message.content;

	return [response.headers.get('x-dragoman-target'),
		attempts(response.headers), text];
}

const count = () => [gpt, claude, third].map((p) => p.requests.length);
const rise = (before) => count().map((n, i) => n - before[i]);

test('a connection that is refused', async () => {
	gpt.answer((c) => c.json(completion('Yes')));
	assert.deepEqual(await chat('gone'), ['gpt/gpt-4o', '2', 'Yes']);
	assert.equal(gpt.last.json.model, 'gpt-4o');
});

for (const status of [404, 408, 409, 429, 500, 502, 503, 529])
	for (const stream of [false, true])
		test(`status ${status}, ${stream ? 'streamed' : 'whole'}`,
		    async () => {
			const before = count();

			gpt.answer((c) => c.json(openaiError('No'), status,
			    { 'retry-after': '30' }));
			third.answer((c) => stream
			    ? c.stream(completionStream('Yes'))
			    : c.json(completion('Yes')));
			assert.deepEqual(await chat('same', stream),
			    ['third/other', '2', 'Yes']);
			assert.deepEqual(rise(before), [1, 0, 1]);
			assert.equal(third.last.headers.authorization,
			    'Bearer key-of-third');
			assert.doesNotMatch(third.last.head, /key-of-gpt/);
		});

for (const status of [400, 413, 422])
	test(`status ${status} is nobody else's to answer`, async () => {
		const before = count();

		gpt.answer((c) => c.json(openaiError('No'), status));
		const error = await failure(chat('same'));

		assert.equal(error.status, status);
		assert.equal(error.headers.get('x-dragoman-target'), 'gpt/gpt-4o');
		assert.deepEqual(rise(before), [1, 0, 0]);
	});

test('from one protocol to the other, both ways', async () => {
	claude.answer((c) => c.json(anthropicError('overloaded_error', 'Full'),
	    529));
	gpt.answer((c) => c.json(completion('Yes')));
	assert.deepEqual(await chat('mixed'), ['gpt/gpt-4o', '2', 'Yes']);
	gpt.answer((c) => c.json(openaiError('Down', null, 'server_error'), 500));
	claude.answer((c) => c.stream(messageStream('Oui')));
	assert.deepEqual(await chat('back', true),
	    ['claude/claude-opus-4-8', '2', 'Oui']);
	gpt.answer((c) => c.json(openaiError('Down', null, 'server_error'), 500));
	claude.answer((c) => c.json(message('Si')));
	const { data, response } = await anthropic.messages.create({
		model: 'three', max_tokens: 9, messages: hello }).withResponse();

	assert.equal(data.content[0].text, 'Si');
	assert.equal(attempts(response.headers), '3');
});

test('a stream whose first event is an error', async () => {
	const before = count();

	gpt.answer((c) => c.stream(sse([null, openaiError('Full', null,
	    'server_error')])));
	third.answer((c) => c.stream(completionStream('Yes')));
	assert.deepEqual(await chat('same', true), ['third/other', '2', 'Yes']);
	claude.answer((c) => c.stream(sse(['error', anthropicError(
	    'overloaded_error', 'Full')])));
	gpt.answer((c) => c.stream(completionStream('Si')));
	assert.deepEqual(await chat('mixed', true), ['gpt/gpt-4o', '2', 'Si']);
	assert.deepEqual(rise(before), [2, 1, 1]);
});

test('no first token in time', async () => {
	const hung = [];

	gpt.answer((c) => { hung.push(c); }, (c) => {
		hung.push(c);
		c.begin().piece(': wait\n\n');
	});
	third.answer((c) => c.stream(completionStream('Yes')),
	    (c) => c.stream(completionStream('Again')));
	assert.deepEqual(await chat('slow', true), ['third/other', '2', 'Yes']);
	assert.deepEqual(await chat('slow', true), ['third/other', '2', 'Again']);
	for (const call of hung)
		await call.closed;
});

test('answers that stop before they say anything', async () => {
	const ends = [(c) => c.cut(), (c) => c.reset(),
		(c) => c.raw('HTTP/1.1 200 O').cut(),
		(c) => c.raw('not HTTP at all\r\n\r\n').cut(),
		(c) => c.begin().cut(),
		(c) => { c.begin(); c.end(); }];

	for (const end of ends) {
		gpt.answer(end);
		third.answer((c) => c.stream(completionStream('Yes')));
		assert.deepEqual(await chat('same', true),
		    ['third/other', '2', 'Yes'], end.toString());
	}
});

test('a whole answer cut in two was not seen by anybody', async () => {
	gpt.answer((c) => {
		c.head(200, { 'content-type': 'application/json',
			'content-length': 500 }).raw('{"id":"chatcmpl-1"').cut();
	});
	third.answer((c) => c.json(completion('Yes')));
	assert.deepEqual(await chat('same'), ['third/other', '2', 'Yes']);
});

test('not after the first word', async () => {
	const before = count();

	gpt.answer((c) => {
		c.begin().piece(sse(...completionEvents('Half').slice(0, 2)));
		c.cut();
	});
	const error = await failure((async () => gather(
	    await openai.chat.completions.create({ model: 'same',
		messages: hello, stream: true })))());

	assert.match(error.message, /before the response was complete/);
	claude.answer((c) => {
		c.begin().piece(sse(...messageEvents('Half').slice(0, 3)));
		c.reset();
	});
	await failure((async () => gather(await openai.chat.completions.create({
		model: 'mixed', messages: hello, stream: true })))());
	assert.deepEqual(rise(before), [1, 1, 0]);
});

test('when all fail the last error is told', async () => {
	const error = await failure(chat('none'));

	assert.equal(error.status, 502);
	assert.equal(attempts(error.headers), '2');
	assert.match(error.message, /nobody/);
	gpt.answer((c) => c.json(openaiError('First'), 503));
	third.answer((c) => c.json(openaiError('Second'), 429,
	    { 'retry-after': '3' }));
	const last = await failure(chat('same'));

	assert.equal(last.status, 429);
	assert.match(last.message, /Second/);
	assert.equal(last.headers.get('retry-after'), '3');
});

test('the caller\'s own credential is for the first target alone', async () => {
	gpt.answer((c) => c.json(openaiError('Down'), 503));
	third.answer((c) => c.json(completion('Yes')));
	assert.deepEqual(await chat('shared'), ['third/other', '2', 'Yes']);
	assert.equal(gpt.last.headers.authorization, 'Bearer sk-client');
	assert.equal(third.last.headers.authorization, 'Bearer key-of-third');
	gpt.answer((c) => c.json(completion('Yes')));
	assert.deepEqual(await chat('foreign'), ['caller/m', '2', 'Yes']);
	assert.equal(gpt.last.headers.authorization, undefined);
	assert.doesNotMatch(gpt.last.head, /sk-client/);
});

test('a pooled connection that was closed meanwhile is opened anew', async () => {
	const own = await stage.provider();
	const pooled = await stage.gateway({ config: pair(own, own) });
	const say = (model) => pooled.openai().chat.completions.create({ model,
		messages: hello });

	own.answer((c) => c.json(completion('One')));
	await say('gpt/gpt-4o');
	// the second request on the same connection is answered by its end
	own.answer((c) => c.cut(), (c) => c.json(completion('Two')));
	const two = await say('gpt/gpt-4o').withResponse();

	assert.equal(two.data.choices[0].message.content, 'Two');
	assert.equal(attempts(two.response.headers), '1');
	assert.equal(own.requests.length, 3);
	assert.notEqual(own.requests[1].connection, own.requests[2].connection);
	assert.equal(own.requests[0].connection, own.requests[1].connection);
	assert.equal(own.requests[1].body, own.requests[2].body);

	// a reset says the same
	own.answer((c) => c.reset(), (c) => c.json(completion('Three')));
	assert.equal((await say('gpt/gpt-4o')).choices[0].message.content,
	    'Three');

	// but one that had begun to answer is not asked twice
	own.answer((c) => c.json(completion('Four')));
	await say('gpt/gpt-4o');
	own.answer((c) => c.raw('HTTP/1.1 200 OK\r\n').cut());
	assert.equal((await failure(say('gpt/gpt-4o'))).status, 502);

	// nor is a new connection that ends without an answer
	own.answer((c) => c.cut());
	assert.equal((await failure(say('gpt/gpt-4o'))).status, 502);
});

test('connections are used again, one for each request at a time', async () => {
	const own = await stage.provider();
	const pooled = await stage.gateway({ config: pair(own, own) });
	const say = () => pooled.openai().chat.completions.create({
		model: 'gpt/gpt-4o', messages: hello });

	own.always((c) => c.json(completion('Hi')));
	for (let i = 0; i < 10; i++)
		await say();
	assert.equal(own.connections, 1);
	let waiting = [];

	own.always((c) => { waiting.push(c); });
	const all = Array.from({ length: 5 }, say);

	await until(() => waiting.length === 5, 'five requests at once');
	assert.equal(own.connections, 5);
	for (const call of waiting)
		call.json(completion('Hi'));
	await Promise.all(all);
});

stage.close();
