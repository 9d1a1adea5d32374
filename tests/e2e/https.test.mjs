// TLS towards clients: certificates and keys of every kind, the official SDKs,
// and clients that mean no good.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Stage, assert, pair, rawConnect, run, test, until, within }
    from './harness.mjs';
import { completion, completionStream } from './shapes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const stage = new Stage();
const dir = stage.dir();
const at = (name) => join(dir, name);
const openssl = (...args) => execFileSync('openssl', args, { cwd: dir,
	stdio: ['ignore', 'ignore', 'pipe'] });
const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

// ---- an authority, one below it, and servers of both

writeFileSync(at('cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');

function certificate(name, key, issuer, ...extensions) {
	openssl('req', '-config', 'cnf', '-x509', '-nodes', '-newkey', ...key,
	    ...(issuer ? ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`]
	    : []), '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj',
	    `/CN=${name}`, '-days', '3',
	    ...extensions.flatMap((one) => ['-addext', one]));
}

const CA = 'basicConstraints=critical,CA:TRUE';
const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1';

certificate('ca', EC, '', CA);
certificate('mid', EC, 'ca', CA);
certificate('ec', EC, 'ca', NAMES);
certificate('rsa', ['rsa:2048'], 'mid', NAMES);
certificate('p384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'ca', NAMES);
certificate('p521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'], 'ca', NAMES);
certificate('weak', ['rsa:1024'], 'ca', NAMES);
certificate('ed', ['ed25519'], 'ca', NAMES);
writeFileSync(at('chain.pem'), readFileSync(at('rsa.pem')) +
    readFileSync(at('mid.pem'), 'utf8'));
openssl('rsa', '-in', 'rsa.key', '-traditional', '-out', 'pkcs1.key');
openssl('ec', '-in', 'ec.key', '-out', 'bare.key');
openssl('pkey', '-in', 'ec.key', '-aes256', '-passout', 'pass:secret', '-out',
    'locked.key');
// as "openssl ecparam -genkey" writes it
openssl('ecparam', '-name', 'prime256v1', '-out', 'params');
writeFileSync(at('sec1.key'), readFileSync(at('params'), 'utf8') +
    readFileSync(at('bare.key'), 'utf8'));

const ca = readFileSync(at('ca.pem'));
const gpt = await stage.provider();
const claude = await stage.provider();

const entrance = (cert, key, address = '127.0.0.1:0') =>
    ({ address, tls: { cert: at(cert), key: at(key) } });
const serve = (listen, rest = {}) => stage.gateway({ config: { listen,
	...pair(gpt, claude, { models: { m: { targets: ['gpt/one'] } } }),
	...rest } });
const gateway = await serve([entrance('ec.pem', 'sec1.key')],
    { log: 'debug' });

/** One request over TLS: { status, body, socket }. */
async function ask(port, { path = '/healthz', method = 'GET', body, headers = {},
    ...options } = {}) {
	return within(new Promise((done, fail) => {
		const wish = https.request({ host: '127.0.0.1', port, path, method,
			headers, ca, agent: false, servername: 'localhost',
			...options }, (response) => {
			const pieces = [];

			response.on('data', (d) => pieces.push(d));
			response.on('error', fail);
			response.on('end', () => done({ headers: response.headers,
				status: response.statusCode,
				body: Buffer.concat(pieces).toString(),
				socket: response.socket }));
		});

		wish.on('error', fail);
		wish.end(body);
	}), `${method} ${path} over TLS`);
}

const alive = async (port = gateway.port) =>
    assert.equal((await ask(port)).status, 200);

/** Shake hands; the socket, or the error that comes of it. */
const shake = (options = {}, port = gateway.port) =>
    within(new Promise((done) => {
	const socket = tls.connect({ host: '127.0.0.1', port, ca,
		servername: 'localhost', ...options }, () => done(socket));

	socket.on('error', (error) => done(error));
	socket.on('close', () => done(new Error('closed')));
}), 'a handshake');

// ---- who it is

for (const [name, cert, key] of [
	['RSA with its chain', 'chain.pem', 'rsa.key'],
	['RSA in PKCS#1', 'chain.pem', 'pkcs1.key'],
	['P-256', 'ec.pem', 'ec.key'],
	['P-256 in SEC1', 'ec.pem', 'bare.key'],
	['P-256 behind its parameters', 'ec.pem', 'sec1.key'],
	['P-384', 'p384.pem', 'p384.key'],
	['P-521', 'p521.pem', 'p521.key'],
])
	test(`it shows who it is: ${name}`, async () => {
		const one = await serve([entrance(cert, key)]);
		const socket = await shake({ ALPNProtocols: ['h2', 'http/1.1'] },
		    one.port);

		assert.ok(socket.authorized, String(socket));
		assert.equal(socket.getProtocol(), 'TLSv1.2');
		assert.match(socket.getCipher().name, /^ECDHE-.*(GCM|CHACHA20)/);
		assert.equal(socket.alpnProtocol, 'http/1.1');
		socket.destroy();
		await alive(one.port);
		assert.match(one.log, /listening on 127\.0\.0\.1:\d+ \(TLS\)/);
		await one.stop();
	});

for (const [what, cert, key, says] of [
	['no such certificate', 'none.pem', 'ec.key',
	    /:1:\d+: \S*none\.pem cannot be read: No such file/],
	['no such key', 'ec.pem', 'none.key',
	    /none\.key cannot be read: No such file/],
	['a key in the place of a certificate', 'ec.key', 'ec.key',
	    /ec\.key holds no certificate in PEM form/],
	['a certificate in the place of a key', 'ec.pem', 'ec.pem',
	    /ec\.pem holds no private key in PEM form/],
	['the key of another', 'ec.pem', 'p384.key',
	    /p384\.key holds the key of another certificate/],
	['a key of another kind', 'ec.pem', 'rsa.key',
	    /rsa\.key holds the key of another certificate/],
	['a key with a passphrase', 'ec.pem', 'locked.key',
	    /locked\.key holds a private key that is encrypted/],
	['a weak key', 'weak.pem', 'weak.key',
	    /weak\.key holds an RSA key that is not of 2048 to 4096 bits/],
	['a kind that is not supported', 'ed.pem', 'ed.key',
	    /ed\.key holds a private key of a kind that is not supported/],
])
	test(`check says: ${what}`, async () => {
		const file = at('bad.json');

		writeFileSync(file, JSON.stringify({ env: false,
			listen: [entrance(cert, key)] }));
		const { code, err } = await run(['check', '-c', file]);

		assert.equal(code, 1);
		assert.match(err, says);
		// it points to the value, in the only line
		const column = Number(/bad\.json:1:(\d+): /.exec(err)[1]);

		assert.equal(readFileSync(file, 'utf8').slice(column - 1)
		    .startsWith(`"${at(/no such k|place of a k|key|kind/.test(what)
		    && !/place of a certificate/.test(what) ? key : cert)}"`),
		    true, err);
	});

test('another certificate takes over when its files change', async () => {
	writeFileSync(at('now.pem'), readFileSync(at('ec.pem')));
	writeFileSync(at('now.key'), readFileSync(at('ec.key')));
	const one = await serve([entrance('now.pem', 'now.key')]);
	const shown = async () => {
		const socket = await shake({}, one.port);
		const { subject } = socket.getPeerCertificate();

		socket.destroy();
		return subject.CN;
	};
	const before = await shake({}, one.port);

	assert.equal(await shown(), 'ec');
	// between the two they do not fit, and the old ones stay
	writeFileSync(at('now.pem'), readFileSync(at('p384.pem')));
	await one.says(/now\.key holds the key of another[^]*stays as it was/);
	assert.equal(await shown(), 'ec');
	writeFileSync(at('now.key'), readFileSync(at('p384.key')));
	await until(async () => await shown() === 'p384', 'the other certificate');
	before.destroy();
});

// ---- what goes over it

test('the official SDKs', () => {
	const file = join(here, `.https-${process.pid}.mjs`);

	gpt.answer((c) => c.json(completion('over TLS')));
	gpt.answer((c) => c.begin().piece(completionStream('streamed')).end());
	writeFileSync(file, `
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
const messages = [{ role: 'user', content: 'Hello' }];
const base = 'https://localhost:${gateway.port}';
const openai = new OpenAI({ baseURL: base + '/v1', apiKey: 'any' });
const anthropic = new Anthropic({ baseURL: base, apiKey: 'any' });
const whole = await openai.chat.completions.create({ model: 'm', messages });
console.log(whole.choices[0].message.content);
const stream = anthropic.messages.stream({ model: 'm', max_tokens: 9, messages });
console.log(await stream.finalText());
`);
	return new Promise((done, fail) => {
		import('node:child_process').then(({ spawn }) => {
			const child = spawn(process.execPath, [file], { env: {
				...process.env, NODE_EXTRA_CA_CERTS: at('ca.pem') } });
			let said = '';

			child.stdout.on('data', (d) => { said += d; });
			child.stderr.on('data', (d) => { said += d; });
			child.on('close', (code) => code === 0 &&
			    /over TLS\nstreamed\n/.test(said) ? done()
			    : fail(new Error(said)));
		});
	}).finally(() => import('node:fs').then((fs) => fs.rmSync(file)));
});

test('long bodies both ways, and many requests on one connection', async () => {
	const long = 'x'.repeat(3 << 20);
	const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });

	for (let i = 0; i < 3; i++) {
		gpt.answer((c) => c.json(completion(long)));
		const { status, body } = await ask(gateway.port, { agent,
			path: '/v1/chat/completions', method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ model: 'm', messages: [
				{ role: 'user', content: long }] }) });

		assert.equal(status, 200);
		assert.equal(JSON.parse(body).choices[0].message.content, long);
		assert.equal(gpt.last.json.messages[0].content, long);
	}
	agent.destroy();
});

test('a session is resumed', async () => {
	const first = await shake();
	const session = first.getSession();

	first.destroy();
	const second = await shake({ session });

	assert.ok(second.isSessionReused());
	second.destroy();
	// one that it does not know is not, and does no harm
	const other = await serve([entrance('ec.pem', 'ec.key')]);
	const third = await shake({ session }, other.port);

	assert.ok(third.authorized && !third.isSessionReused());
	third.destroy();
});

test('it ends with a goodbye', async () => {
	const socket = await shake();
	let text = '', ended = false;

	socket.on('data', (d) => { text += d; });
	socket.on('end', () => { ended = true; });
	socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n' +
	    'connection: close\r\n\r\n');
	await until(() => ended, 'the end');
	assert.match(text, /^HTTP\/1\.1 200 [^]*"ok"/);
});

// ---- who is not served

for (const [what, options] of [
	['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1',
		ciphers: 'DEFAULT@SECLEVEL=0' }],
	['TLS 1.3 alone', { minVersion: 'TLSv1.3' }],
	['no forward secrecy', { maxVersion: 'TLSv1.2',
		ciphers: 'AES128-GCM-SHA256' }],
	['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
	['another curve', { maxVersion: 'TLSv1.2', ecdhCurve: 'X448' }],
])
	test(`not spoken: ${what}`, async () => {
		const error = await shake(options);

		assert.ok(error instanceof Error, String(error));
		await alive();
	});

test('a client that does not trust it', async () => {
	const from = gateway.log.length;

	spawnSync('openssl', ['s_client', '-connect',
		`127.0.0.1:${gateway.port}`, '-CAfile', at('ed.pem'),
		'-verify_return_error'], { input: '' });
	await gateway.says(
	    /no TLS with \S+: the client does not trust our certificate/, from);
	await alive();
});

test('renegotiation is refused', async () => {
	const socket = await shake({ maxVersion: 'TLSv1.2' });
	const result = await within(new Promise((done) => {
		socket.on('error', done);
		socket.on('close', () => done(new Error('closed')));
		socket.renegotiate({ rejectUnauthorized: false }, done);
	}), 'what comes of it');

	assert.ok(result instanceof Error);
	socket.destroy();
	await alive();
});

// ---- clients that mean no good

test('what is no TLS is turned away', async () => {
	for (const bytes of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n',
		Buffer.alloc(4096, 0xff), Buffer.alloc(20000),
		Buffer.from('1603010005', 'hex'),
		Buffer.from('16030100050100000101', 'hex'),
		Buffer.from('1603014001' + '00'.repeat(70), 'hex'),
		Buffer.from('15030300020228', 'hex'),
		Buffer.from('17030300100000', 'hex')]) {
		const raw = await rawConnect(gateway.port, bytes);

		raw.socket.end();
		await raw.closed();
	}
	await alive();
});

/**
 * Forward what a client says, up to `bytes`; then both are cut, or the last of
 * them is another and all goes on.
 */
async function cut(to, bytes, damage) {
	const server = net.createServer((client) => {
		const up = net.connect(to, '127.0.0.1');
		let left = bytes;

		for (const one of [client, up])
			one.on('error', () => {});
		client.on('data', (data) => {
			const some = Buffer.from(data.subarray(0, left));

			if (damage && some.length && some.length === left)
				some[some.length - 1] ^= 0x41;
			left -= some.length;
			up.write(some);
			if (!left && !damage)
				up.end(() => client.destroy());
			else if (!left)
				left = Infinity;
		});
		up.on('data', (data) => client.write(data));
		up.on('close', () => client.destroy());
		client.on('close', () => up.destroy());
	});

	await new Promise((go) => server.listen(0, '127.0.0.1', go));
	const port = server.address().port;

	await within(new Promise((done) => {
		const socket = tls.connect({ host: '127.0.0.1', port, ca,
			servername: 'localhost', maxVersion: 'TLSv1.2' });

		socket.on('error', () => {});
		socket.on('secureConnect', () => socket.end(
		    'GET /healthz HTTP/1.1\r\nhost: x\r\n' +
		    'connection: close\r\n\r\n'));
		socket.on('data', () => {});
		socket.on('close', done);
	}), `the end, cut at ${bytes}`);
	await new Promise((done) => server.close(done));
}

async function inParallel(jobs, width) {
	const rest = [...jobs];
	const worker = async () => {
		while (rest.length)
			await rest.pop()();
	};

	await Promise.all(Array.from({ length: width }, worker));
}

test('handshakes that are cut at every byte, or damaged', async () => {
	// a hello, the client's key, its Finished and the request
	const own = await serve([entrance('ec.pem', 'ec.key')],
	    { limits: { head_ms: 1000 } });
	const jobs = [];

	for (let n = 1; n < 600; n++)
		jobs.push(() => cut(own.port, n, n % 4 === 0));
	await inParallel(jobs, 16);
	await alive(own.port);
});

test('who closes before the answer, or breaks off in it, is let go', async () => {
	const own = await serve([entrance('ec.pem', 'ec.key')],
	    { limits: { write_ms: 600000, idle_ms: 600000 } });
	const request = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n' +
	    'content-type: application/json\r\ncontent-length: 60\r\n\r\n' +
	    JSON.stringify({ model: 'm', messages: [] }).padEnd(60);
	let from = own.log.length;

	// close_notify goes out with the request: nothing can be said after it
	(await shake({}, own.port)).end(request.replaceAll('POST /v1/chat/completions',
	    'GET /healthz'));
	await own.says(/msg=request [^]*path=\/healthz/, from);
	gpt.answer((c) => c.json(completion('x'.repeat(16 << 20))));
	const bare = net.connect(own.port, '127.0.0.1');
	const socket = await shake({ socket: bare });

	from = own.log.length;
	socket.pause();
	socket.write(request);
	await until(() => socket.bytesRead > 0 || gpt.last?.json.model === 'one',
	    'an answer on its way');
	bare.resetAndDestroy();
	await own.says(/msg=request [^]*path=\/v1\/chat/, from);
	// nobody is left: it need not wait when it stops
	await own.stop();
	assert.match(own.log, /draining: 0 connections/);
});

test('a handshake has a time of its own', async () => {
	const slow = await serve([entrance('ec.pem', 'ec.key')],
	    { limits: { head_ms: 300, idle_ms: 600000 } });
	const raw = await rawConnect(slow.port, Buffer.from('160301', 'hex'));
	const drip = setInterval(() => raw.write('\x00'), 50);

	try {
		await raw.closed();
	} finally {
		clearInterval(drip);
	}
	const silent = await rawConnect(slow.port);

	await silent.closed();
	await alive(slow.port);
});

test('two hundred at once', async () => {
	const answers = await Promise.all(Array.from({ length: 200 }, () =>
	    ask(gateway.port)));

	assert.ok(answers.every((answer) => answer.status === 200));
});

test('too many connections are told so over TLS, too', async () => {
	const full = await serve([entrance('ec.pem', 'ec.key')],
	    { limits: { connections: 2 } });
	const inside = [await shake({}, full.port), await shake({}, full.port)];
	const { status, headers } = await ask(full.port);

	assert.equal(status, 503);
	assert.equal(headers['retry-after'], '1');
	for (const socket of inside)
		socket.destroy();
	await until(async () => (await ask(full.port)).status === 200, 'room');
});

test('no key in the log', () => {
	for (const name of ['ec.key', 'sec1.key'])
		for (const line of readFileSync(at(name), 'utf8').split('\n'))
			if (line.length > 20 && !line.startsWith('-'))
				assert.ok(!gateway.log.includes(line));
});

stage.close();
