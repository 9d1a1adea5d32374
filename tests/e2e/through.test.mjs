// Addresses that only go by: embeddings, images, audio, files.  The provider is a
// plain HTTP server of node, which takes forms, chunks and bytes of any kind.
import { createHash } from 'node:crypto';
import http from 'node:http';
import { toFile } from 'openai';
import { Stage, assert, failure, test, until, within } from './harness.mjs';

const stage = new Stage();
const seen = [];
let answer;		// (request, response) => ..., for the next ones

const server = http.createServer((req, res) => {
	const one = { method: req.method, url: req.url, headers: req.headers,
		body: Buffer.alloc(0), ended: false, broken: false };

	seen.push(one);
	req.on('data', (d) => { one.body = Buffer.concat([one.body, d]); });
	req.on('aborted', () => { one.broken = true; });
	req.on('end', () => { one.ended = true; });
	answer(req, res, one);
});
await new Promise((go) => server.listen(0, '127.0.0.1', go));
const base = `http://127.0.0.1:${server.address().port}`;
const gateway = await stage.gateway({ config: {
	providers: {
		gpt: { chat: `${base}/v1`, key: 'key-of-gpt' },
		claude: { messages: base, key: 'key-of-claude' },
		google: { gemini: `${base}/v1beta`, key: 'key-of-google' },
	},
	models: { ears: { targets: ['gpt/whisper-1'] },
		vectors: { targets: ['gpt/text-embedding-3-small'] } },
	limits: { body_mb: 4 },
} });
const openai = gateway.openai();
const last = () => seen.at(-1);

/** Answer as soon as the request is whole. */
function whole(type, body, status = 200) {
	answer = (req, res) => req.on('end', () => {
		res.writeHead(status, { 'content-type': type });
		res.end(body);
	});
}

const json = (value, status) => whole('application/json',
    JSON.stringify(value), status);

test('embeddings: the model is renamed, all else goes as it came', async () => {
	json({ object: 'list', data: [{ object: 'embedding', index: 0,
		embedding: [0.5, 1] }], model: 'x', usage: { prompt_tokens: 2,
		total_tokens: 2 } });
	const { data } = await openai.embeddings.create({ model: 'vectors',
		input: ['a'], dimensions: 2, encoding_format: 'float' });

	assert.deepEqual(data[0].embedding, [0.5, 1]);
	assert.equal(last().url, '/v1/embeddings');
	assert.equal(last().headers.authorization, 'Bearer key-of-gpt');
	const odd = '{ "x":1e2,"model" :"vectors", "input":"\\u00e9"}';

	await gateway.post('/v1/embeddings', odd);
	assert.equal(last().body.toString(),
	    odd.replace('vectors', 'text-embedding-3-small'));
});

test('a transcription: a form with the model behind the file', async () => {
	json({ text: 'Hello' });
	const said = await openai.audio.transcriptions.create({
		file: await toFile(Buffer.alloc(100000, 7), 'a.wav'),
		model: 'ears', language: 'en' });

	assert.equal(said.text, 'Hello');
	assert.match(last().headers['content-type'], /^multipart\/form-data/);
	const body = last().body.toString('latin1');

	assert.match(body, /name="model"\r\n\r\nwhisper-1\r\n/);
	assert.match(body, /name="language"\r\n\r\nen\r\n/);
	assert.match(body, /filename="a.wav"/);
	assert.equal(body.match(/\x07/g).length, 100000);
	assert.equal(Number(last().headers['content-length'] ??
	    last().body.length), last().body.length);
});

test('speech: bytes of any kind come as they are sent', async () => {
	let go;

	answer = (req, res) => req.on('end', () => {
		res.writeHead(200, { 'content-type': 'audio/mpeg' });
		res.write(Buffer.from([0xff, 0, 1, 2]));
		go = () => res.end(Buffer.from([3, 4]));
	});
	const speech = await openai.audio.speech.create({ model: 'gpt/tts-1',
		voice: 'alloy', input: 'Hi' });
	const pieces = speech.body[Symbol.asyncIterator]();
	const first = await within(pieces.next(), 'the first bytes');

	assert.deepEqual([...first.value], [0xff, 0, 1, 2]);
	assert.equal(speech.headers.get('content-type'), 'audio/mpeg');
	assert.equal(JSON.parse(last().body).model, 'tts-1');
	go();
	assert.deepEqual([...(await pieces.next()).value], [3, 4]);
});

test('images, moderations without a model, rerank, old completions', async () => {
	json({ created: 1, data: [{ b64_json: 'AAAA' }] });
	const { data } = await openai.images.generate({ model: 'gpt/gpt-image-1',
		prompt: 'A cat' });

	assert.equal(data[0].b64_json, 'AAAA');
	assert.equal(last().url, '/v1/images/generations');
	json({ id: 'm', model: 'x', results: [{ flagged: false }] });
	await openai.moderations.create({ input: 'Hi' });
	assert.equal(last().url, '/v1/moderations');
	assert.equal(last().body.toString(), '{"input":"Hi"}');
	json({ results: [] });
	await gateway.post('/v1/rerank', { model: 'gpt/r', query: 'q',
		documents: [] });
	assert.equal(last().url, '/v1/rerank');
	whole('text/event-stream', 'data: {"choices":[{"text":"Hi","index":0}]}\n\n'
	    + 'data: [DONE]\n\n');
	const texts = [];

	for await (const part of await openai.completions.create({ model: 'gpt/d',
		prompt: 'x', stream: true }))
		texts.push(part.choices[0].text);
	assert.deepEqual(texts, ['Hi']);
});

test('files: listed, sent, fetched, deleted at the one provider', async () => {
	json({ object: 'list', data: [], has_more: false });
	await openai.files.list({ purpose: 'batch' });
	assert.equal(last().method, 'GET');
	assert.equal(last().url, '/v1/files?purpose=batch');
	json({ id: 'file-1', object: 'file' });
	await openai.files.create({ purpose: 'batch',
		file: await toFile(Buffer.from('{}'), 'b.jsonl') });
	assert.match(last().body.toString(), /name="purpose"\r\n\r\nbatch/);
	whole('application/octet-stream', Buffer.from([1, 2, 3]));
	const bytes = await (await openai.files.content('file-1')).arrayBuffer();

	assert.deepEqual([...new Uint8Array(bytes)], [1, 2, 3]);
	assert.equal(last().url, '/v1/files/file-1/content');
	json({ id: 'file-1', object: 'file', deleted: true });
	await openai.files.delete('file-1');
	assert.equal(last().method, 'DELETE');
});

test('Anthropic\'s files go to Anthropic', async () => {
	json({ data: [], has_more: false });
	await gateway.ask('/v1/files', { headers: {
		'anthropic-version': '2023-06-01', 'x-api-key': 'k' } });
	assert.equal(last().url, '/v1/files');
	assert.equal(last().headers['x-api-key'], 'key-of-claude');
	assert.equal(last().headers['anthropic-version'], '2023-06-01');
});

test('Gemini\'s embeddings', async () => {
	json({ embedding: { values: [1] } });
	const { json: body } = await gateway.post(
	    '/v1/models/google%2Fgemini-embedding-001:embedContent',
	    { content: { parts: [{ text: 'a' }] } }, { 'x-goog-api-key': 'k' });

	assert.deepEqual(body.embedding.values, [1]);
	assert.equal(last().url,
	    '/v1beta/models/gemini-embedding-001:embedContent');
	assert.equal(last().headers['x-goog-api-key'], 'key-of-google');
});

test('Gemini\'s embeddings, of a provider that has OpenAI\'s', async () => {
	json({ object: 'list', data: [{ index: 0, embedding: [1.50, -2e-3] },
		{ index: 1, embedding: [3] }] });
	const post = (method, body) => gateway.post(
	    `/v1beta/models/vectors:${method}`, body);
	const batch = await post('batchEmbedContents', { requests: [
		{ model: 'models/vectors', output_dimensionality: 2,
		    content: { parts: [{ text: 'a\n' }, { text: 'b' }] } },
		{ taskType: 'RETRIEVAL_QUERY', content: { parts: { text: 'c' } } },
	] });

	assert.equal(last().url, '/v1/embeddings');
	assert.equal(last().headers.authorization, 'Bearer key-of-gpt');
	assert.deepEqual(JSON.parse(last().body), {
		model: 'text-embedding-3-small', input: ['a\nb', 'c'],
		dimensions: 2, encoding_format: 'float' });
	assert.deepEqual(batch.json.embeddings,
	    [{ values: [1.5, -0.002] }, { values: [3] }]);
	assert.match(batch.headers['x-dragoman-warnings'], /taskType=dropped/);
	const one = await post('embedContent',
	    { content: { parts: [{ text: 'a' }] } });

	assert.deepEqual(one.json, { embedding: { values: [1.5, -0.002] } });
	assert.equal((await post('embedContent', {})).status, 400);
	assert.equal((await post('embedContent', { content: { parts: [
		{ inlineData: {} }] } })).status, 400);
	json({ error: { message: 'No' } }, 401);
	const refused = await post('embedContent',
	    { content: { parts: [{ text: 'a' }] } });

	assert.equal(typeof refused.json.error.code, 'number');
	whole('application/json', '{}');
	assert.equal((await post('embedContent',
	    { content: { parts: [{ text: 'a' }] } })).status, 502);
});

test('a form that names two models opens none but the first', async () => {
	const sha = (key) => createHash('sha256').update(key).digest('hex');
	const own = await stage.gateway({ config: {
		providers: { gpt: { chat: `${base}/v1`, key: 'k' } },
		keys: [{ name: 'few', sha256: sha('few'), models: ['gpt/ears'] },
			{ name: 'all', sha256: sha('all') }],
	} });
	const field = (name) => '--B\r\nContent-Disposition: form-data; ' +
	    `name="model"\r\n\r\n${name}\r\n`;
	const file = '--B\r\nContent-Disposition: form-data; name="file"; ' +
	    'filename="a"\r\n\r\nnoise\r\n';
	const send = async (key, form) => (await own.ask(
	    '/v1/audio/transcriptions', { method: 'POST', body: form, headers: {
		'content-type': 'multipart/form-data; boundary=B',
		authorization: `Bearer ${key}` } })).status;

	json({ text: 'heard' });
	assert.equal(await send('few', `${field('gpt/ears')}${file}--B--\r\n`),
	    200);
	assert.equal(await send('few', `${file}${field('gpt/ears')}--B--\r\n`),
	    200);
	assert.equal(await send('few', `${field('gpt/dear')}${file}--B--\r\n`),
	    403);
	const before = seen.length;

	for (const form of [
		`${field('gpt/ears')}${field('dear')}${file}--B--\r\n`,
		`${field('gpt/ears')}${file}${field('dear')}--B--\r\n`,
		`${field('gpt/ears')}${file}${field('dear')}`,
		`${field('gpt/ears')}${file}`,
	])
		assert.equal(await send('few', form), 400, form);
	assert.equal(seen.length, before);
	// whoever may use all models says what he likes
	assert.equal(await send('all',
	    `${field('gpt/ears')}${field('dear')}${file}--B--\r\n`), 200);
	assert.match(last().body.toString(), /ears[^]*dear/);
});

/** A form whose file is sent by hand, piece by piece. */
async function upload(framing) {
	const chunked = framing === 'chunked';
	const head = '--B\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
	    + 'ears\r\n--B\r\nContent-Disposition: form-data; name="file"; '
	    + 'filename="a"\r\n\r\n';
	const tail = '\r\n--B--\r\n';
	const size = 1 << 20, total = head.length + size + tail.length;
	const raw = await stage.raw(gateway, `POST /v1/audio/transcriptions `
	    + `HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B`
	    + `\r\n${chunked ? 'Transfer-Encoding: chunked'
		: `Content-Length: ${total}`}\r\n\r\n`);
	const send = (bytes) => raw.socket.write(chunked ? Buffer.concat([
		Buffer.from(`${bytes.length.toString(16)}\r\n`),
		Buffer.from(bytes), Buffer.from('\r\n')]) : bytes);

	return { raw, send, head, tail, size,
		end: () => chunked && raw.socket.write('0\r\n\r\n') };
}

for (const framing of ['length', 'chunked'])
	test(`a large body is not gathered (${framing})`, async () => {
		json({ text: 'long' });
		const before = seen.length;
		const up = await upload(framing);

		up.send(up.head);
		/* the provider has it before the client has sent the rest */
		const one = await until(() => seen[before], 'the request');

		await until(() => one.body.length > 0, 'its first bytes');
		for (let i = 0; i < 16; i++)
			up.send(Buffer.alloc(up.size / 16, i));
		await until(() => one.body.length >= up.size, 'the bytes');
		assert.equal(one.ended, false);
		up.send(up.tail);
		up.end();
		await up.raw.sees(/"long"/);
		assert.equal(one.body.length, up.head.length + up.size +
		    up.tail.length + 'whisper-1'.length - 'ears'.length);
		assert.match(one.body.toString('latin1').slice(0, 100), /whisper-1/);
		up.raw.destroy();
	});

test('a client that goes away in the middle of its body', async () => {
	answer = () => {};
	const before = seen.length;
	const up = await upload('length');

	up.send(up.head);
	const one = await until(() => seen[before], 'the request');

	up.raw.socket.resetAndDestroy();
	await until(() => one.broken, 'the provider to be told');
});

test('a provider that refuses before it has read all', async () => {
	answer = (req, res) => {
		res.writeHead(413, { 'content-type': 'application/json' });
		res.end('{"error":{"message":"Too much"}}');
	};
	const up = await upload('length');

	up.send(up.head);
	await up.raw.sees(/413 [\s\S]*Too much/);
	// what is left of the body is no request
	up.send('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	assert.equal((await up.raw.closed()).match(/HTTP\/1\.1 /g).length, 1);
});

test('a form that is refused before it has come', async () => {
	const up = await upload('length');

	up.send(up.head.replace('ears', 'nobody/nothing'));
	await up.raw.sees(/^HTTP\/1\.1 404 [\s\S]*connection: close/);
	up.send('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	assert.equal((await up.raw.closed()).match(/HTTP\/1\.1 /g).length, 1);
});

test('an answer that breaks off is no whole answer', async () => {
	answer = (req, res) => req.on('end', () => {
		res.writeHead(200, { 'content-type': 'audio/mpeg',
			'content-length': '100' });
		res.write('abc');
		setTimeout(() => res.destroy(), 20);
	});
	const speech = await openai.audio.speech.create({ model: 'gpt/tts-1',
		voice: 'alloy', input: 'Hi' });

	await assert.rejects(speech.arrayBuffer());
});

test('what is refused, and how', async () => {
	json({});
	assert.equal((await gateway.post('/v1/embeddings', '{"model":')).status,
	    400);
	assert.equal((await gateway.post('/v1/embeddings',
	    { model: 'claude/x', input: 'a' })).status, 400);
	assert.equal((await gateway.post('/v1/embeddings',
	    { model: 'nobody/x', input: 'a' })).status, 404);
	const wrong = await gateway.ask('/v1/embeddings');

	assert.equal(wrong.status, 405);
	assert.equal(wrong.headers.allow, 'POST');
	assert.equal((await gateway.ask('/v1/files', { method: 'PUT' })).headers
	    .allow, 'GET, POST, DELETE');
	/* it is for those who used another method alone */
	assert.equal((await gateway.post('/v1/embeddings', '{')).headers.allow,
	    undefined);
	const large = await upload('chunked');

	answer = () => {};
	large.send(large.head);
	for (let i = 0; i < 5; i++)
		large.send(Buffer.alloc(1 << 20));
	await large.raw.sees(/413/);
	large.raw.destroy();
	json({ error: { message: 'No such thing', type: 'invalid_request_error',
		code: 'x' } }, 400);
	const error = await failure(openai.embeddings.create({ model: 'vectors',
		input: 'a' }));

	assert.equal(error.code, 'x');
});

test('several providers: the caller says which', async () => {
	const two = await stage.gateway({ config: { providers: {
		a: { chat: `${base}/a`, key: 'a' },
		b: { chat: `${base}/b`, key: 'b' },
	} } });

	json({ object: 'list', data: [] });
	const unclear = await two.ask('/v1/files');

	assert.equal(unclear.status, 400);
	assert.match(unclear.json.error.message, /x-dragoman-provider/);
	await two.ask('/v1/files', { headers: { 'x-dragoman-provider': 'b' } });
	assert.equal(last().url, '/b/files');
	assert.equal(last().headers['x-dragoman-provider'], undefined);
});

test('a key with models of its own needs all of a provider\'s', async () => {
	const sha = (text) => createHash('sha256').update(text).digest('hex');
	const own = await stage.gateway({ config: {
		providers: { gpt: { chat: `${base}/v1`, key: 'k' } },
		keys: [{ name: 'few', sha256: sha('few'), models: ['gpt/a'] },
			{ name: 'all', sha256: sha('all'), models: ['gpt/*'] }],
	} });
	const list = (key) => own.ask('/v1/files', { headers: {
		authorization: `Bearer ${key}` } });

	json({ object: 'list', data: [] });
	assert.equal((await list('few')).status, 403);
	assert.equal((await list('all')).status, 200);
});

stage.close();
test('the server behind it ends', () => {
	server.closeAllConnections();
	server.close();
});
