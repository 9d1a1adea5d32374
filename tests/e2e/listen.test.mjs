// Where it listens: Unix sockets and their files, the operator's own address,
// and addresses that come and go while it runs.
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { Stage, assert, pair, run, test, until, within } from './harness.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const config = (rest) => ({ listen: ['127.0.0.1:0'], env: false, workers: 1,
	log: 'info', ...pair(gpt, claude), ...rest });

/** One request over a Unix socket or a port: the status, or the error's code. */
const ask = (where, path = '/healthz', headers = {}) =>
    within(new Promise((done) => {
	http.get({ ...where, path, headers, agent: false }, (answer) => {
		answer.resume();
		answer.on('end', () => done(answer.statusCode));
	}).on('error', (error) => done(error.code));
}), `an answer to ${path}`);

async function freePort() {
	const server = net.createServer();

	await new Promise((go) => server.listen(0, '127.0.0.1', go));
	const { port } = server.address();

	await new Promise((go) => server.close(go));
	return port;
}

// ---- Unix sockets

test('the file of a Unix socket: its mode, its end', async () => {
	const socketPath = join(stage.dir(), 'a.sock');
	const gateway = await stage.gateway({ config: config({ workers: 2,
		listen: [{ address: '127.0.0.1:0' },
		    { address: `unix:${socketPath}`, mode: '0620' }] }) });

	assert.equal(statSync(socketPath).mode & 0o7777, 0o620);
	assert.ok(statSync(socketPath).isSocket());
	assert.equal(await ask({ socketPath }), 200);
	assert.equal(await ask({ port: gateway.port }), 200);
	await gateway.stop();
	assert.equal(existsSync(socketPath), false);
});

test('a file that a dead process left does not stand in the way', async () => {
	const socketPath = join(stage.dir(), 'a.sock');
	const listen = ['127.0.0.1:0', `unix:${socketPath}`];
	const first = await stage.gateway({ config: config({ listen }) });

	first.expectBroken = true;
	first.signal('SIGKILL');
	await first.end;
	stage.things.splice(stage.things.indexOf(first), 1);
	assert.ok(existsSync(socketPath));
	// its workers go with it, but take a moment
	await until(async () => await ask({ socketPath }) === 'ECONNREFUSED',
	    'nobody there');
	const second = await stage.gateway({ config: config({ listen }) });

	assert.equal(await ask({ socketPath }), 200);
	// one that is in use does: it is somebody's
	const file = join(stage.dir(), 'c.json');

	writeFileSync(file, JSON.stringify(config({ listen })));
	const { code, err } = await run(['serve', '-c', file]);

	assert.equal(code, 1);
	assert.match(err, /cannot listen on unix:\S*: Address (already )?in use/);
	assert.equal(await ask({ socketPath }), 200);
	await second.stop();
});

test('what is no socket is not taken away', async () => {
	const path = join(stage.dir(), 'precious');
	const file = join(stage.dir(), 'c.json');

	writeFileSync(path, 'a file');
	writeFileSync(file, JSON.stringify(config({
		listen: [`unix:${path}`] })));
	const { code, err } = await run(['serve', '-c', file]);

	assert.equal(code, 1);
	assert.match(err, /cannot listen on unix:\S*: File exists/);
	assert.equal(statSync(path).size, 6);
});

test('who may not open the file does not get in', { skip:
    process.getuid() !== 0 }, async () => {
	const dir = stage.dir();
	const socketPath = join(dir, 'a.sock');

	chmodSync(dir, 0o755);
	await stage.gateway({ config: config({ listen: ['127.0.0.1:0',
		{ address: `unix:${socketPath}`, mode: '600' }] }) });
	process.seteuid(65534);
	try {
		assert.equal(await ask({ socketPath }), 'EACCES');
	} finally {
		process.seteuid(0);
	}
	assert.equal(await ask({ socketPath }), 200);
});

for (const [listen, says] of [
	[[7], /1:\d+: an address must be a string such as "127\.0\.0\.1:4000"/],
	[[{}], /"address" is missing/],
	[[{ address: 'here' }], /listen address "here": wants an address and a/],
	[[{ address: '127.0.0.1:0', mode: '0600' }], /"mode" is for Unix/],
	[[{ address: 'unix:/tmp/a', mode: '0999' }], /"mode" must be octal/],
	[[{ address: 'unix:/tmp/a', mode: '7777' }], /"mode" must be octal/],
	[[{ address: 'unix:/tmp/a', mode: '' }], /"mode" must be octal/],
	[[{ address: ':1', tsl: {} }], /unknown member "tsl"; did you mean "tls"/],
	[[{ address: ':1', tls: true }], /expected an object/],
	[[{ address: ':1', tls: { cert: '/a' } }], /"tls" needs "cert" and "key"/],
	[Array(17).fill('127.0.0.1:0'), /more than 16 addresses to listen on/],
])
	for (const member of ['listen', 'admin_listen'])
		test(`what is wrong is said: ${member} ${JSON.stringify(listen)
		    .slice(0, 60)}`, async () => {
			const file = join(stage.dir(), 'c.json');

			writeFileSync(file, JSON.stringify({ env: false,
				[member]: listen }));
			const { code, err } = await run(['check', '-c', file]);

			assert.equal(code, 1);
			assert.match(err, says);
		});

// ---- the operator's address

test('admin_listen has the operator\'s pages and no others', async () => {
	const gateway = await stage.gateway({ config: config({
		admin_listen: ['127.0.0.1:0'],
		keys: [{ name: 'a', sha256: 'a1'.repeat(32) }] }) });
	const [, admin] = await gateway.says(
	    /listening on 127\.0\.0\.1:(\d+) \(the operator's pages\)/);
	// as if it came from elsewhere
	const far = { 'x-forwarded-for': '192.0.2.1' };
	const status = (path, headers = far) => ask({ port: admin }, path,
	    headers);

	assert.equal(await status('/metrics'), 200);
	assert.equal(await status('/healthz'), 200);
	assert.equal(await status('/readyz'), 200);
	assert.equal((await gateway.ask('/metrics', { headers: far })).status,
	    401);
	assert.equal(await status('/v1/models'), 401);
	for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/files',
		'/nothing'])
		assert.equal(await status(path), 404, path);
});

test('a site whose name points here does not see the operator\'s pages',
    async () => {
	const gateway = await stage.gateway({ config: config({}) });
	const { port } = gateway;

	for (const host of ['evil.example', 'evil.example:4000',
		'127.0.0.1.evil.example', 'localhost.evil.example'])
		assert.equal(await ask({ port }, '/metrics', { host }), 401, host);
	for (const host of ['localhost:4000', '127.0.0.1', `[::1]:${port}`,
		'[::ffff:127.0.0.1]:4000', 'dragoman', 'a.localhost'])
		assert.equal(await ask({ port }, '/metrics', { host }), 200, host);
});

test('admin_listen alone may go beyond loopback without client keys',
    async () => {
	const file = join(stage.dir(), 'c.json');
	const check = async (rest) => {
		writeFileSync(file, JSON.stringify({ env: false, providers: {
			p: { chat: 'http://127.0.0.1:1', key: 'a-key' } },
			...rest }));
		return run(['check', '-c', file]);
	};
	const good = await check({ admin_listen: ['0.0.0.0:9'] });

	assert.equal(good.code, 0, good.err);
	assert.match(good.out, /0\.0\.0\.0:9 +\(the operator's pages\)/);
	assert.equal((await check({ listen: ['0.0.0.0:9'] })).code, 1);
});

test('DRAGOMAN_LISTEN takes the place of listen alone', async () => {
	const gateway = await stage.gateway({ config: config({
		listen: ['127.0.0.1:1'], admin_listen: ['127.0.0.1:0'] }),
		env: { DRAGOMAN_LISTEN: '127.0.0.1:0' } });

	await gateway.says(/operator's pages\)[^]*listening on /);
	assert.doesNotMatch(gateway.log, /listening on 127\.0\.0\.1:1\b/);
});

// ---- while it runs

test('addresses come and go with the file', async () => {
	const [one, two] = [await freePort(), await freePort()];
	const socketPath = join(stage.dir(), 'a.sock');
	const write = (gateway, ...listen) => writeFileSync(
	    join(gateway.dir, 'dragoman.json'), JSON.stringify(config({
		listen: listen.map((name) => typeof name === 'number'
		    ? `127.0.0.1:${name}` : name) })));
	const gateway = await stage.gateway({ config: config({
		listen: [`127.0.0.1:${one}`, `unix:${socketPath}`] }) });
	const opens = (port, wanted) => until(async () =>
	    await ask({ port }) === wanted, `${port}: ${wanted}`);

	write(gateway, `unix:${socketPath}`, one, two);
	await opens(two, 200);
	assert.equal(await ask({ port: one }), 200);
	assert.equal(await ask({ socketPath }), 200);
	// what stays is not closed
	write(gateway, two, `unix:${socketPath}`);
	await opens(one, 'ECONNREFUSED');
	assert.equal(await ask({ port: two }), 200);
	assert.equal(await ask({ socketPath }), 200);
	write(gateway, two);
	await until(() => !existsSync(socketPath), 'the file is gone');
	assert.equal(await ask({ port: two }), 200);
	// one that cannot be had changes nothing
	const busy = net.createServer();

	await new Promise((go) => busy.listen(0, '127.0.0.1', go));
	const from = gateway.log.length;

	write(gateway, one, busy.address().port);
	await gateway.says(/cannot listen on [^]*stays as it was/, from);
	assert.equal(await ask({ port: two }), 200);
	assert.equal(await ask({ port: one }), 'ECONNREFUSED');
	await new Promise((go) => busy.close(go));
});

stage.close();
