// Conversations that clients of Responses leave to the server: previous_response_id,
// item references, and reading or deleting an answer, with providers that know nothing
// of them.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stage, assert, failure, pair, run, test } from './harness.mjs';
import { message, messageStream } from './shapes.mjs';

const stage = new Stage();
const claude = await stage.provider();
const other = await stage.provider();
const native = await stage.provider();
const providers = {
	...pair(other, claude).providers,
	own: { responses: `${native.url}/v1`, key: 'k' },
};
const config = { providers, workers: 3 };
const gateway = await stage.gateway({ config });
const model = 'claude/claude-opus-4-8';
const ask = (rest, options, from = gateway) => from.openai(options)
    .responses.create({ model, ...rest });
const asked = () => claude.last.json.messages.map((m) => [m.role,
	typeof m.content === 'string' ? m.content
	    : m.content.map((b) => b.text ?? b.type).join()]);

test('a conversation by its last answer, whole and streamed', async () => {
	claude.answer((c) => c.json(message('One')),
	    (c) => c.stream(messageStream('Two')));
	const first = await ask({ input: 'Hello' });

	assert.equal(first.store, true);
	assert.equal(first.output_text, 'One');
	const stream = await ask({ input: 'And?', stream: true,
		previous_response_id: first.id });
	let second;

	for await (const event of stream)
		if (event.type === 'response.completed')
			second = event.response;
	assert.deepEqual(asked(), [['user', 'Hello'], ['assistant', 'One'],
		['user', 'And?']]);
	assert.equal(second.previous_response_id, first.id);
	/* any of the workers knows it: each of these is a connection of its own */
	for (let i = 0; i < 6; i++) {
		claude.answer((c) => c.json(message('Three')));
		await gateway.ask('/v1/responses', { method: 'POST', agent: false,
			headers: { 'content-type': 'application/json',
				authorization: 'Bearer sk-client' },
			body: JSON.stringify({ model, input: 'Last',
				previous_response_id: second.id }) });
		assert.deepEqual(asked().map(([, text]) => text),
		    ['Hello', 'One', 'And?', 'Two', 'Last']);
	}
});

test('items by their ids', async () => {
	claude.answer((c) => c.json(message('One')), (c) => c.json(message('Two')));
	const first = await ask({ input: 'Hello' });

	await ask({ input: [{ role: 'user', content: 'Hello' },
		{ type: 'item_reference', id: first.output[0].id },
		{ role: 'user', content: 'More' }] });
	assert.deepEqual(asked().map(([, text]) => text),
	    ['Hello', 'One', 'More']);
});

test('an answer is read, listed, forgotten', async () => {
	claude.answer((c) => c.json(message('One')));
	const openai = gateway.openai();
	const { id } = await ask({ input: 'Hello', metadata: { a: 'b' } });
	const again = await openai.responses.retrieve(id);

	assert.equal(again.id, id);
	assert.equal(again.output[0].content[0].text, 'One');
	assert.deepEqual(again.metadata, { a: 'b' });
	const items = await openai.responses.inputItems.list(id);

	assert.equal(items.data[0].content[0].text, 'Hello');
	const canceled = await failure(openai.responses.cancel(id));

	assert.equal(canceled.status, 400);
	await openai.responses.delete(id);
	claude.answer((c) => c.json(message('No')));
	const gone = await failure(ask({ input: 'x', previous_response_id: id }));

	assert.equal(gone.status, 400);
	assert.equal(gone.code, 'previous_response_not_found');
	claude.forget();
});

test('nobody else finds it, nor what was not to be kept', async () => {
	claude.answer((c) => c.json(message('One')), (c) => c.json(message('Two')));
	const mine = await ask({ input: 'Hello' });
	const theirs = await failure(ask({ input: 'x',
		previous_response_id: mine.id }, { apiKey: 'sk-another' }));

	assert.equal(theirs.code, 'previous_response_not_found');
	const unkept = await ask({ input: 'Hello', store: false });

	assert.equal(unkept.store, false);
	const missed = await failure(ask({ input: 'x',
		previous_response_id: unkept.id }));

	assert.equal(missed.code, 'previous_response_not_found');
	const item = await failure(ask({ input: [
		{ type: 'item_reference', id: 'msg_none' }] }));

	assert.equal(item.status, 404);
});

test('a provider that keeps its own is asked', async () => {
	const answer = { id: 'resp_up', object: 'response', status: 'completed',
		output: [], model: 'm', created_at: 1 };

	native.answer((c) => c.json(answer), (c) => c.json(answer),
	    (c) => c.json(answer));
	await ask({ model: 'own/m', input: 'x',
		previous_response_id: 'resp_before' });
	assert.equal(native.last.json.previous_response_id, 'resp_before');
	await gateway.openai().responses.retrieve('resp_up');
	assert.equal(native.last.target, '/v1/responses/resp_up');
	await gateway.openai().responses.delete('resp_up');
	assert.equal(native.last.method, 'DELETE');
	/* what was answered elsewhere is put in */
	claude.answer((c) => c.json(message('One')));
	const first = await ask({ input: 'Hello' });

	native.answer((c) => c.json(answer));
	await ask({ model: 'own/m', input: 'More',
		previous_response_id: first.id });
	assert.equal(native.last.json.previous_response_id, undefined);
	assert.equal(native.last.json.input.length, 3);
});

test('it can be switched off, or outlive the program in a file', async () => {
	const off = await stage.gateway({ config: { ...config,
		limits: { store_mb: 0 } } });

	claude.answer((c) => c.json(message('One')));
	const first = await ask({ input: 'Hello' }, {}, off);

	assert.equal(first.store, false);
	const missed = await failure(ask({ input: 'x',
		previous_response_id: first.id }, {}, off));

	assert.equal(missed.code, 'previous_response_not_found');
	const file = join(mkdtempSync(join(tmpdir(), 'kept-')), 'answers');
	const filed = { ...config, store_file: file, limits: { store_mb: 2 } };
	const before = await stage.gateway({ config: filed });

	claude.answer((c) => c.json(message('One')), (c) => c.json(message('Two')));
	const kept = await ask({ input: 'Hello' }, {}, before);

	await before.stop();
	assert.ok(existsSync(file));
	const after = await stage.gateway({ config: filed });

	await ask({ input: 'Again', previous_response_id: kept.id }, {}, after);
	assert.deepEqual(asked().map(([, text]) => text),
	    ['Hello', 'One', 'Again']);
});

test('a file that cannot be had, or is in use, ends the program at once', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'kept-'));
	const start = (store_file) => {
		const file = join(dir, 'config.json');

		writeFileSync(file, JSON.stringify({ ...config, store_file,
			listen: ['127.0.0.1:0'], limits: { store_mb: 2 } }));
		return run(['serve', '-c', file]);
	};

	for (const file of [join(dir, 'none', 'answers'), dir]) {
		const { code, err } = await start(file);

		assert.equal(code, 1);
		assert.ok(err.includes(file), err);
	}
	const shared = join(dir, 'answers');

	await stage.gateway({ config: { ...config, store_file: shared,
		limits: { store_mb: 2 } } });
	const second = await start(shared);

	assert.equal(second.code, 1);
	assert.ok(second.err.includes(shared), second.err);
});

stage.close();
