// HTTP/1.1 as it comes over a socket: framing, limits, and what is refused so that no
// second reading of a request is possible.
import { Stage, assert, pair, test, until } from './harness.mjs';
import { completion, completionStream, message } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const config = (rest) => ({ config: pair(gpt, gpt, rest) });
const gateway = await stage.gateway(config({ limits: { head_kb: 16 } }));
const body = JSON.stringify({ model: 'gpt/gpt-4o',
	messages: [{ role: 'user', content: 'Hi' }] });
const post = (rest = '', text = body) => 'POST /v1/chat/completions HTTP/1.1\r\n' +
    `host: localhost\r\ncontent-type: application/json\r\n${rest}` +
    `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
const count = (text, pattern) => [...text.matchAll(pattern)].length;
const ANSWER = /HTTP\/1\.1 (\d+)/g;

test('pipelined requests are answered in order', async () => {
	const say = (word) => (c) => c.json(completion(word));

	gpt.answer(say('one'), say('two'), say('three'));
	const raw = await stage.raw(gateway, post() +
	    'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n' + post() +
	    post('connection: close\r\n'));
	const seen = await raw.closed();
	const places = ['"one"', '"status":"ok"', '"two"', '"three"']
	    .map((word) => seen.indexOf(word));

	assert.ok(places.every((p) => p > 0), seen);
	assert.deepEqual(places, [...places].sort((a, b) => a - b));
	assert.equal(count(seen, ANSWER), 4);
});

test('a request byte by byte', async () => {
	gpt.answer((c) => c.json(completion('slow')));
	const raw = await stage.raw(gateway);

	for (const byte of post('connection: close\r\n')) {
		raw.write(byte);
		await new Promise((go) => setImmediate(go));
	}
	assert.match(await raw.closed(), /"slow"/);
});

test('chunked request bodies, with extensions and trailers', async () => {
	const chunks = [body.slice(0, 5), body.slice(5)].map((s) =>
	    `${Buffer.byteLength(s).toString(16).toUpperCase()};a=b\r\n${s}\r\n`);

	gpt.answer((c) => c.json(completion('joined')));
	const raw = await stage.raw(gateway, 'POST /v1/chat/completions ' +
	    'HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n' +
	    `connection: close\r\n\r\n${chunks.join('')}0\r\nx-late: 1\r\n\r\n`);

	assert.match(await raw.closed(), /"joined"/);
	assert.equal(gpt.last.body, body.replace('gpt/gpt-4o', 'gpt-4o'));
	assert.equal(gpt.last.headers['transfer-encoding'], undefined);
	assert.equal(gpt.last.headers['x-late'], undefined);
});

test('Expect: 100-continue is answered before the body is sent', async () => {
	const raw = await stage.raw(gateway, post(
	    'expect: 100-continue\r\nconnection: close\r\n', '').replace(
	    'content-length: 0', `content-length: ${body.length}`));

	await raw.sees(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
	gpt.answer((c) => c.json(completion('went on')));
	raw.write(body);
	assert.match(await raw.closed(), /100 Continue[\s\S]*200 OK[\s\S]*went on/);
});

test('Expect: 100-continue on what is refused is answered by the refusal',
    async () => {
	const raw = await stage.raw(gateway, 'POST /nowhere HTTP/1.1\r\n' +
	    'host: x\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n');
	const seen = await raw.closed();

	assert.match(seen, /^HTTP\/1\.1 404/);
	assert.doesNotMatch(seen, /100 Continue/);
});

test('HEAD has the length of GET and no body', async () => {
	const get = await gateway.ask('/v1/models');
	const raw = await stage.raw(gateway, 'HEAD /v1/models HTTP/1.1\r\n' +
	    'host: x\r\n\r\nHEAD / HTTP/1.1\r\nhost: x\r\n' +
	    'connection: close\r\n\r\n');
	const seen = await raw.closed();

	assert.equal(count(seen, ANSWER), 2);
	assert.match(seen, new RegExp(`content-length: ${get.bytes.length}\r\n`));
	assert.doesNotMatch(seen, /"data"/);
});

test('connections are kept, unless one side says otherwise', async () => {
	const ask = 'GET /healthz HTTP/1.1\r\nhost: x\r\n';
	const raw = await stage.raw(gateway, `${ask}\r\n`);

	await raw.sees(/"ok"/);
	assert.doesNotMatch(raw.seen, /connection: close/);
	assert.ok(raw.open);
	raw.write(`${ask}Connection: Close\r\n\r\n`);
	assert.match(await raw.closed(), /connection: close/);

	const old = await stage.raw(gateway, 'GET /healthz HTTP/1.0\r\n\r\n');

	assert.match(await old.closed(), /connection: close/);
	const kept = await stage.raw(gateway, 'GET /healthz HTTP/1.0\r\n' +
	    'connection: keep-alive\r\n\r\n');

	await kept.sees(/connection: keep-alive/);
	kept.seen = '';
	kept.write('GET /healthz HTTP/1.0\r\n\r\n');
	await kept.closed();
	assert.match(kept.seen, /"ok"/);
});

test('HTTP/1.0 gets a stream without chunks, ended by the close', async () => {
	const text = completionStream('Hi there');

	gpt.answer((c) => c.stream(text));
	const raw = await stage.raw(gateway, post('', JSON.stringify({
		...JSON.parse(body), stream: true })).replace('HTTP/1.1',
	    'HTTP/1.0'));
	const seen = await raw.closed();

	assert.doesNotMatch(seen, /transfer-encoding/);
	assert.match(seen, /\r\n\r\ndata: /);
	assert.match(seen, /data: \[DONE\]\n\n$/);
});

test('a sentence about the model says so by itself', async () => {
	for (const path of ['/v1/chat/completions', '/v1/messages'])
		for (const wrong of [{ messages: [] }, { model: 5 }]) {
			const { status, json } = await gateway.post(path, wrong);

			assert.equal(status, 400);
			assert.match(json.error.message,
			    /^model: (Field required|must be a string)/);
		}
});

test('404, 405 and 415 in the shape of the caller', async () => {
	const lost = await gateway.ask('/v1/nothing');

	assert.equal(lost.status, 404);
	assert.equal(lost.json.error.type, 'invalid_request_error');
	const theirs = await gateway.ask('/v1/nothing',
	    { headers: { 'anthropic-version': '2023-06-01' } });

	assert.equal(theirs.json.error.type, 'not_found_error');
	const get = await gateway.ask('/v1/messages');

	assert.equal(get.status, 405);
	assert.equal(get.headers.allow, 'POST');
	assert.equal(get.json.type, 'error');
	const put = await gateway.ask('/v1/models', { method: 'PUT', body: 'x' });

	assert.equal(put.status, 405);
	assert.equal(put.headers.allow, 'GET, HEAD');
	for (const headers of [{ 'content-type': 'text/plain' },
		{ 'content-type': 'application/json', 'content-encoding': 'gzip' }]) {
		const answer = await gateway.post('/v1/chat/completions', body,
		    headers);

		assert.equal(answer.status, 415);
	}
	assert.equal((await gateway.post('/v1/chat/completions', body,
	    { 'content-type': 'text/plain' })).json.error.type,
	    'invalid_request_error');
	for (const type of ['text/plain', 'application/jsonp']) {
		const answer = await gateway.post('/v1/messages', body,
		    { 'content-type': type });

		assert.equal(answer.status, 400);
		assert.equal(answer.json.error.type, 'invalid_request_error');
		assert.match(answer.json.error.message, /application\/json/);
	}
	for (const headers of [{ 'content-type': 'Application/JSON ; charset=x' },
		{ 'content-type': [] }]) {
		gpt.answer((c) => c.json(completion('Hi')));
		assert.equal((await gateway.post('/v1/chat/completions', body,
		    headers)).status, 200);
	}
});

test('a head too large is a 431, a body too large a 413', async () => {
	const small = await stage.gateway(config({ limits: { body_mb: 1 } }));
	const big = await stage.raw(gateway, 'GET /healthz HTTP/1.1\r\nhost: x\r\n' +
	    `x-big: ${'a'.repeat(20000)}\r\n\r\n`);

	assert.match(await big.closed(), /^HTTP\/1\.1 431 /);
	const many = await stage.raw(gateway, 'GET /healthz HTTP/1.1\r\nhost: x\r\n' +
	    'a: b\r\n'.repeat(2000) + '\r\n');

	assert.match(await many.closed(), /^HTTP\/1\.1 431 /);
	const announced = await stage.raw(small, 'POST /v1/messages HTTP/1.1\r\n' +
	    'host: x\r\ncontent-length: 1048577\r\n\r\n');
	const seen = await announced.closed();

	assert.match(seen, /^HTTP\/1\.1 413 /);
	assert.match(seen, /connection: close/);
	const grown = await stage.raw(small, 'POST /v1/chat/completions HTTP/1.1' +
	    '\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');

	// more than the gateway reads: a part of it may find the connection closed
	for (let i = 0; i < 20; i++)
		grown.write(`10000\r\n${'x'.repeat(65536)}\r\n`);
	await grown.sees(/^HTTP\/1\.1 413 /);
	grown.destroy();
});

test('CORS is answered only where it is configured', async () => {
	const open = await stage.gateway(config({ cors: 'https://app.example' }));
	const headers = { origin: 'https://app.example',
		'access-control-request-method': 'POST',
		'access-control-request-headers': 'authorization, x-stainless-os' };
	const wish = { method: 'OPTIONS', headers };
	const yes = await open.ask('/v1/chat/completions', wish);

	assert.equal(yes.status, 204);
	assert.equal(yes.headers['access-control-allow-origin'],
	    'https://app.example');
	assert.match(yes.headers['access-control-allow-methods'], /POST/);
	assert.equal(yes.headers['access-control-allow-headers'],
	    'authorization, x-stainless-os');
	gpt.answer((c) => c.json(completion('Hi')));
	const answer = await open.post('/v1/chat/completions', body);

	assert.equal(answer.headers['access-control-allow-origin'],
	    'https://app.example');
	assert.match(answer.headers['access-control-expose-headers'],
	    /x-dragoman-warnings/);
	const no = await gateway.ask('/v1/chat/completions', wish);

	assert.equal(no.status, 405);
	assert.equal(no.headers['access-control-allow-origin'], undefined);
});

test('JSON that no two readers may read differently', async () => {
	const head = '{"model":"gpt/gpt-4o","messages":[]';
	const before = gpt.requests.length;

	for (const text of ['', '[]', '"x"', `${head}`, `${head},}`, `${head}} x`,
		`${head},"a":01}`, `${head},"a":"\t"}`, `${head},"a":+1}`,
		`${head},'a':1}`, `${head},"a":NaN}`, `${head}} {}`,
		Buffer.concat([Buffer.from(`${head},"a":"`), Buffer.from([0xc0,
		    0xaf]), Buffer.from('"}')]),
		`${head},"a":${'['.repeat(5000)}${']'.repeat(5000)}}`]) {
		const answer = await gateway.post('/v1/chat/completions', text);

		assert.equal(answer.status, 400, String(text).slice(0, 60));
		assert.equal(answer.json.error.type, 'invalid_request_error');
	}
	assert.equal(gpt.requests.length, before);
});

// Each must be refused with 400 (or as said), and what stands behind it must not be taken for
// a request: the hidden one would be answered by the provider.
const smuggled = post();
const start = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
    'content-type: application/json\r\n';
const corpus = {
	'length and chunked': `${start}content-length: 5\r\n` +
	    'transfer-encoding: chunked\r\n\r\n0\r\n\r\n',
	'chunked and length': `${start}transfer-encoding: chunked\r\n` +
	    'content-length: 5\r\n\r\n0\r\n\r\n',
	'two lengths': `${start}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
	'the same length twice': `${start}content-length: 2\r\n` +
	    'content-length: 2\r\n\r\n{}',
	'a list of lengths': `${start}content-length: 2, 2\r\n\r\n{}`,
	'a signed length': `${start}content-length: +2\r\n\r\n{}`,
	'a negative length': `${start}content-length: -1\r\n\r\n`,
	'a length in hex': `${start}content-length: 0x2\r\n\r\n{}`,
	'a length with a blank inside': `${start}content-length: 1 0\r\n\r\n{}`,
	'an empty length': `${start}content-length:\r\n\r\n`,
	'a length beyond all bounds': `${start}content-length: ` +
	    '99999999999999999999999\r\n\r\n',
	'chunked twice': `${start}transfer-encoding: chunked, chunked\r\n\r\n` +
	    '0\r\n\r\n',
	'chunked in two headers': `${start}transfer-encoding: chunked\r\n` +
	    'transfer-encoding: chunked\r\n\r\n0\r\n\r\n',
	'chunked is not last': `${start}transfer-encoding: chunked, identity` +
	    '\r\n\r\n0\r\n\r\n',
	'another coding': [`${start}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
	    /400|501/],
	'gzip and chunked': [`${start}transfer-encoding: gzip, chunked\r\n\r\n` +
	    '0\r\n\r\n', /400|501/],
	'a blank before the colon': `${start}content-length : 2\r\n\r\n{}`,
	'a tab before the colon': `${start}transfer-encoding\t: chunked\r\n\r\n` +
	    '0\r\n\r\n',
	'a folded line': `${start}x-a: b\r\n content-length: 2\r\n` +
	    'content-length: 2\r\n\r\n{}',
	'a folded first header': 'POST /v1/chat/completions HTTP/1.1\r\n' +
	    ' host: x\r\ncontent-length: 2\r\n\r\n{}',
	'a bare LF between headers': `${start}x-a: b\ncontent-length: 2\r\n\r\n{}`,
	'a bare LF at the end': `${start}content-length: 2\n\n{}`,
	'a bare CR in a value': `${start}x-a: b\rcontent-length: 2\r\n\r\n`,
	'NUL in a value': `${start}x-a: b\0c\r\n\r\n`,
	'a control byte in a value': `${start}x-a: b\x01\r\n\r\n`,
	'DEL in a value': `${start}x-a: b\x7f\r\n\r\n`,
	'a control byte in a name': `${start}x\x0ba: b\r\n\r\n`,
	'an empty name': `${start}: b\r\n\r\n`,
	'no colon': `${start}nonsense\r\n\r\n`,
	'two hosts': `${start}host: y\r\ncontent-length: 2\r\n\r\n{}`,
	'no host': 'POST /v1/chat/completions HTTP/1.1\r\n' +
	    'content-length: 2\r\n\r\n{}',
	'a blank in the target': 'POST /v1/chat completions HTTP/1.1\r\n' +
	    'host: x\r\n\r\n',
	'a control byte in the target': 'GET /healthz\x01 HTTP/1.1\r\nhost: x' +
	    '\r\n\r\n',
	'two blanks in the first line': 'GET  /healthz HTTP/1.1\r\nhost: x' +
	    '\r\n\r\n',
	'no version': 'GET /healthz\r\nhost: x\r\n\r\n',
	'another version': ['GET /healthz HTTP/2.0\r\nhost: x\r\n\r\n',
	    /400|505/],
	'a version in small letters': ['GET /healthz http/1.1\r\nhost: x\r\n\r\n',
	    /400|505/],
	'TLS on a plain port': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
	'chunks: no size': `${start}transfer-encoding: chunked\r\n\r\n\r\n`,
	'chunks: no hex': `${start}transfer-encoding: chunked\r\n\r\ng\r\n`,
	'chunks: a sign': `${start}transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n`,
	'chunks: 0x': `${start}transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n`,
	'chunks: a blank before the size': `${start}transfer-encoding: chunked` +
	    '\r\n\r\n 2\r\n{}\r\n',
	'chunks: a bare LF': `${start}transfer-encoding: chunked\r\n\r\n2\n{}\r\n`,
	'chunks: too long': `${start}transfer-encoding: chunked\r\n\r\n` +
	    'ffffffffffffffffff\r\n',
	'chunks: data longer than its size': `${start}transfer-encoding: chunked` +
	    '\r\n\r\n1\r\n{}\r\n0\r\n\r\n',
	'chunks: a bare LF after the data': `${start}transfer-encoding: chunked` +
	    '\r\n\r\n2\r\n{}\n0\r\n\r\n',
};

for (const [name, given] of Object.entries(corpus))
	test(`refused: ${name}`, async () => {
		const [bytes, status] = Array.isArray(given) ? given
		    : [given, /400/];
		const before = gpt.requests.length;
		const raw = await stage.raw(gateway, Buffer.from(bytes + smuggled,
		    'latin1'));
		const seen = await raw.closed();

		assert.match(seen, /^HTTP\/1\.1 (\d+)/);
		assert.match(/^HTTP\/1\.1 (\d+)/.exec(seen)[1], status);
		assert.match(seen, /connection: close/);
		assert.equal(count(seen, ANSWER), 1, 'it went on');
		assert.equal(gpt.requests.length, before);
	});

test('what is odd and yet good', async () => {
	const good = [
		'\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n',
		'GET /healthz HTTP/1.1\r\nHOST:x\r\nX-Empty:\r\n',
		'GET http://elsewhere.example/healthz HTTP/1.1\r\n' +
		    'host: elsewhere.example\r\n',
		'GET /healthz?a=b&c=%20 HTTP/1.1\r\nhost: x\r\nx-a: \t b \t\r\n',
		'GET /healthz HTTP/1.1\r\nhost: x\r\nx-l: caf\xe9\r\n',
	];

	for (const text of good) {
		const raw = await stage.raw(gateway, Buffer.from(
		    `${text}connection: close\r\n\r\n`, 'latin1'));

		assert.match(await raw.closed(), /^HTTP\/1\.1 200/, text);
	}
});

test('bodies are sent on with one length, and Messages likewise', async () => {
	gpt.answer((c) => c.json(message('Hi')));
	const { status } = await gateway.post('/v1/chat/completions', {
		model: 'claude/claude-opus-4-8',
		messages: [{ role: 'user', content: 'Hi' }] });

	assert.equal(status, 200);
	assert.equal(count(gpt.last.head, /content-length/gi), 1);
	assert.equal(count(gpt.last.head, /transfer-encoding/gi), 0);
	assert.equal(gpt.last.headers.host, `127.0.0.1:${gpt.port}`);
});

test('a client that goes before its request is whole leaves nothing', async () => {
	const before = gpt.requests.length;

	for (const part of ['POST', start, post().slice(0, -3)]) {
		const raw = await stage.raw(gateway, part);

		raw.socket.end();
		await raw.closed();
	}
	assert.equal(gpt.requests.length, before);
	await until(async () => (await gateway.ask('/readyz')).status === 200);
});

stage.close();
