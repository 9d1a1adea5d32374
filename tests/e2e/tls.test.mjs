// Providers over TLS: which certificates are taken, what is used again, the way
// through a proxy, and answers that are cut short.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { Stage, assert, gather, test } from './harness.mjs';
import { ScriptedProvider } from './provider.mjs';
import { completion, completionEvents, completionStream, sse }
    from './shapes.mjs';

const stage = new Stage();
const dir = stage.dir();
const at = (name) => join(dir, name);
const openssl = (...args) => execFileSync('openssl', args, { cwd: dir,
	stdio: ['ignore', 'ignore', 'pipe'] });
const SECRET = 'key-of-the-provider';

// ---- an authority of our own

writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca = d\n[d]\nnew_certs_dir = .
database = index.txt\nrand_serial = yes\ncertificate = ca.pem
private_key = ca.key\ndefault_md = sha256\npolicy = p\nunique_subject = no
[p]\ncommonName = supplied\n`);
writeFileSync(at('index.txt'), '');
openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem',
    '-subj', '/CN=An authority of these tests', '-days', '2');

/** A certificate for `names`; `to` is when it ends. */
function certificate(name, names, { to = '20991231235959Z' } = {}) {
	openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
	    '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`,
	    '-subj', `/CN=${name}`);
	writeFileSync(at('ext'), `subjectAltName=${names}\n`);
	openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', '-in',
	    `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'ext',
	    '-startdate', '20200101000000Z', '-enddate', to);
	return { key: readFileSync(at(`${name}.key`)),
		cert: readFileSync(at(`${name}.pem`)) };
}

function selfSigned() {
	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
	    'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'self.key', '-out',
	    'self.pem', '-subj', '/CN=self', '-days', '2', '-addext',
	    'subjectAltName=DNS:localhost');
	return { key: readFileSync(at('self.key')),
		cert: readFileSync(at('self.pem')) };
}

// ---- a provider that speaks TLS

class TlsProvider extends ScriptedProvider {
	constructor(certified) {
		super();
		this.certified = certified;
		this.kept = new Map();
		this.shakes = [];		/* was each session an old one? */
	}

	async listen() {
		this.server = tls.createServer({ ...this.certified,
			maxVersion: 'TLSv1.2' }, (socket) => {
			this.shakes.push(socket.isSessionReused());
			this.accept(socket);
		});
		this.server.on('newSession', (id, data, done) => {
			this.kept.set(id.toString('hex'), data);
			done();
		});
		this.server.on('resumeSession', (id, done) =>
		    done(null, this.kept.get(id.toString('hex')) ?? null));
		this.server.on('tlsClientError', () => {});
		await new Promise((done) =>
		    this.server.listen(0, '127.0.0.1', done));
		this.port = this.server.address().port;
	}
}

async function tlsProvider(certified) {
	const provider = new TlsProvider(certified);

	await provider.listen();
	stage.things.push(provider);
	return provider;
}

const good = await tlsProvider(certificate('good',
    'DNS:localhost,DNS:llm.localhost,IP:127.0.0.1'));
const provider = (base, rest = {}) => ({ chat: `${base}/v1`, key: SECRET,
	dialect: 'openai', ...rest });
const gatewayFor = (providers, env = {}) => stage.gateway({
	config: { providers }, env: { SSL_CERT_FILE: at('ca.pem'), ...env } });

const hello = { messages: [{ role: 'user', content: 'Hello' }] };
const ask = (gateway, model, rest = {}) => gateway.post(
    '/v1/chat/completions', { model, ...hello, ...rest });
const askAnthropic = (gateway, model, rest = {}) => gateway.post(
    '/v1/messages', { model, max_tokens: 9, ...hello, ...rest });
const words = completion('Hi there');

/** The port of a server that knows no TLS, and says so in HTTP. */
async function plainPort() {
	const server = net.createServer((socket) => socket.on('error', () => {})
	    .once('data', () => socket.end('HTTP/1.1 400 What\r\n\r\n')));

	return listening(server);
}

/** Have it listen; it ends with the stage. */
async function listening(server) {
	const open = new Set();

	server.on('connection', (socket) => {
		open.add(socket);
		socket.on('close', () => open.delete(socket));
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	stage.things.push({
		stop: () => {
			for (const socket of open)
				socket.destroy();
			return new Promise((done) => server.close(done));
		},
		kill: () => server.close() && true,
	});
	return server.address().port;
}

// ---- certificates

const gateway = await gatewayFor({
	name: provider(`https://localhost:${good.port}`),
	ip: provider(`https://127.0.0.1:${good.port}`),
	wrong: provider(`https://other.localhost:${good.port}`),
	expired: provider(`https://localhost:${(await tlsProvider(certificate(
	    'expired', 'DNS:localhost', { to: '20210101000000Z' }))).port}`),
	self: provider(`https://localhost:${(await tlsProvider(
	    selfSigned())).port}`),
	nameless: provider(`https://127.0.0.1:${(await tlsProvider(certificate(
	    'nameless', 'DNS:127.0.0.1'))).port}`),
	plain: provider(`https://127.0.0.1:${await plainPort()}`),
});

for (const name of ['name', 'ip'])
	test(`a good certificate, by ${name}`, async () => {
		good.answer((call) => call.json(words));
		const { status, json } = await ask(gateway, `${name}/m`);

		assert.equal(status, 200);
		assert.equal(json.choices[0].message.content, 'Hi there');
		assert.equal(good.last.headers.authorization, `Bearer ${SECRET}`);
	});

const refused = [
	['wrong', /not for this host name/], ['expired', /expired/],
	['self', /no trusted authority/], ['nameless', /not for this host name/],
	['plain', /./],
];

for (const [name, why] of refused)
	test(`not taken: ${name}`, async () => {
		const chat = await ask(gateway, `${name}/m`);
		const messages = await askAnthropic(gateway, `${name}/m`);

		assert.equal(chat.status, 502);
		assert.match(chat.json.error.message, why);
		assert.match(chat.json.error.message, new RegExp(name));
		assert.equal(messages.status, 502);
		assert.equal(messages.json.type, 'error');
		assert.equal(messages.json.error.type, 'api_error');
		assert.match(messages.json.error.message, why);
		for (const { body } of [chat, messages])
			assert.doesNotMatch(body, new RegExp(SECRET));
		assert.doesNotMatch(gateway.log, new RegExp(SECRET));
	});

// ---- connections and sessions that are used again

test('authorities change with their file', async () => {
	writeFileSync(at('now.pem'), readFileSync(at('self.pem')));
	const own = await gatewayFor({ name: provider(
	    `https://localhost:${good.port}`) },
	    { SSL_CERT_FILE: at('now.pem') });

	assert.equal((await ask(own, 'name/m')).status, 502);
	writeFileSync(at('now.pem'), readFileSync(at('ca.pem')));
	await own.says(/configuration read anew[^]*draining/);
	good.answer((c) => c.json(words));
	assert.equal((await ask(own, 'name/m')).status, 200);
});

test('one connection for many requests', async () => {
	const before = good.connections;

	good.always((call) => call.json(words));
	for (let i = 0; i < 5; i++)
		assert.equal((await ask(gateway, 'name/m')).status, 200);
	assert.ok(good.connections <= before + 1, `${good.connections}`);
	good.forget();
});

test('a session is resumed when the connection is not there', async () => {
	const before = good.shakes.length;

	good.always((call) => call.json(words, 200, { connection: 'close' }));
	for (let i = 0; i < 4; i++)
		assert.equal((await ask(gateway, 'name/m')).status, 200);
	const shakes = good.shakes.slice(before);

	/* the first may have gone over a connection that was kept */
	assert.ok(shakes.length >= 3);
	assert.deepEqual(shakes.slice(1), shakes.slice(1).map(() => true));
	good.forget();
});

test('a connection that was closed while it was idle costs nothing',
    async () => {
	good.answer((call) => call.json(words).cut(), (call) =>
	    call.json(words));
	assert.equal((await ask(gateway, 'name/m')).status, 200);
	assert.equal((await ask(gateway, 'name/m')).status, 200);
});

// ---- answers that are cut

// A pipe that takes the alerts out of what the server sends: its goodbye among
// them.  The client cannot tell it from a connection that somebody cut.
async function silencer(port) {
	const server = net.createServer((client) => {
		const to = net.connect(port, '127.0.0.1');
		let held = Buffer.alloc(0);

		client.on('error', () => to.destroy());
		to.on('error', () => client.destroy());
		client.pipe(to);
		to.on('data', (data) => {
			held = Buffer.concat([held, data]);
			while (held.length >= 5) {
				const end = 5 + held.readUInt16BE(3);

				if (held.length < end)
					break;
				if (held[0] !== 21)
					client.write(held.subarray(0, end));
				held = held.subarray(end);
			}
		});
		to.on('end', () => client.end());
	});

	return listening(server);
}

const silent = await silencer(good.port);
const cutting = await gatewayFor({
	whole: provider(`https://localhost:${good.port}`),
	cut: provider(`https://localhost:${silent}`),
});
const headOnly = (call, type) => call.head(200, { 'content-type': type,
	connection: 'close' });
const body = JSON.stringify(words);

test('a body that ends with the connection ends with a goodbye', async () => {
	good.answer((call) => headOnly(call, 'application/json').raw(body).cut());
	const { status, json } = await ask(cutting, 'whole/m');

	assert.equal(status, 200);
	assert.equal(json.choices[0].message.content, 'Hi there');
});

for (const asking of [ask, askAnthropic])
	test(`without a goodbye it is not whole, for ${asking.name}`, async () => {
		good.answer((call) => headOnly(call, 'application/json').raw(body)
		    .cut());
		const { status, body: told } = await asking(cutting, 'cut/m');

		assert.equal(status, 502);
		assert.match(told, /before the response was complete/);
	});

test('a stream without its goodbye and its end is told of', async () => {
	const events = completionEvents('Hi there');

	good.answer((call) => headOnly(call, 'text/event-stream').raw(
	    sse(...events.slice(0, 2))).cut());
	const { body: told } = await askAnthropic(cutting, 'cut/m',
	    { stream: true });

	assert.match(told, /event: error/);
	assert.doesNotMatch(told, /message_stop/);
});

test('a body that says itself where it ends needs no goodbye', async () => {
	good.answer((call) => call.head(200, { 'content-type': 'application/json',
		'transfer-encoding': 'chunked' }).raw(`${
		Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`)
	    .cut());
	const { status, json } = await ask(cutting, 'cut/m');

	assert.equal(status, 200);
	assert.equal(json.choices[0].message.content, 'Hi there');
});

test('a stream whose last event came needs none either', async () => {
	good.answer((call) => headOnly(call, 'text/event-stream').raw(
	    completionStream('Hi there')).cut());
	const anthropic = cutting.anthropic();
	const events = await gather(anthropic.messages.stream({ model: 'cut/m',
		max_tokens: 9, ...hello }));

	assert.equal(events.at(-1).type, 'message_stop');
});

// ---- through a proxy

class Proxy {
	constructor() {
		this.asked = [];
		this.sockets = new Set();
	}

	static async start(password) {
		const proxy = new Proxy();

		proxy.want = `Basic ${Buffer.from(password).toString('base64')}`;
		proxy.server = net.createServer((socket) => proxy.accept(socket));
		await new Promise((done) =>
		    proxy.server.listen(0, '127.0.0.1', done));
		proxy.port = proxy.server.address().port;
		stage.things.push(proxy);
		return proxy;
	}

	accept(socket) {
		this.sockets.add(socket);
		socket.on('error', () => {});
		socket.once('data', (data) => {
			const head = data.toString('latin1');
			const [, host, port] = /^CONNECT (.*):(\d+) HTTP\/1\.1\r\n/
			    .exec(head);

			this.asked.push(host);
			if (!head.includes(`${this.want}\r\n`)) {
				socket.end('HTTP/1.1 407 Who is it\r\n\r\n');
				return;
			}
			const to = net.connect(port, '127.0.0.1', () => {
				socket.write('HTTP/1.1 200 Connected\r\n\r\n');
				socket.pipe(to);
				to.pipe(socket);
			});

			this.sockets.add(to);
			to.on('error', () => socket.destroy());
		});
	}

	kill() {
		for (const socket of this.sockets)
			socket.destroy();
		this.server.close();
		return true;
	}

	stop() { this.kill(); }
}

const proxy = await Proxy.start('us@r:p:w');
const far = { far: provider(`https://llm.localhost:${good.port}`) };

test('HTTPS_PROXY, with credentials', async () => {
	const through = await gatewayFor(far, { HTTPS_PROXY:
		`http://us%40r:p%3Aw@127.0.0.1:${proxy.port}` });

	good.always((call) => call.json(words));
	assert.equal((await ask(through, 'far/m')).status, 200);
	assert.equal((await ask(through, 'far/m')).status, 200);
	/* the second went through the tunnel of the first */
	assert.deepEqual(proxy.asked, ['llm.localhost']);
	assert.doesNotMatch(good.last.head, /proxy/i);
	good.forget();
});

test('HTTPS_PROXY, with wrong ones', async () => {
	const through = await gatewayFor(far, { HTTPS_PROXY:
		`http://user:hush-hush@127.0.0.1:${proxy.port}` });
	const { status, body: told } = await ask(through, 'far/m');

	assert.equal(status, 502);
	assert.match(told, /407/);
	assert.doesNotMatch(told + through.log, /hush|aHVzaC/);
});

test('NO_PROXY', async () => {
	const before = proxy.asked.length;
	const around = await gatewayFor(far, { NO_PROXY: 'x.example,.localhost',
		HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });

	good.answer((call) => call.json(words));
	assert.equal((await ask(around, 'far/m')).status, 200);
	assert.equal(proxy.asked.length, before);
});

// ---- the bundle

test('without authorities it does not start', async () => {
	mkdirSync(at('empty'));
	writeFileSync(at('none.pem'), 'nothing\n');
	for (const file of [at('none.pem'), at('nowhere.pem'), at('empty')])
		await assert.rejects(gatewayFor(far, { SSL_CERT_FILE: file }),
		    /no certificate authorities: .*SSL_CERT_FILE/);
});

stage.close();
