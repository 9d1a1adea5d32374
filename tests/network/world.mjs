// What the tests of this folder stand on: the network that network.sh made, the
// servers at its other end, and the program under test.
//
//	const names = await nameServer('192.0.2.53', { 'api.test': { A: [...] } });
//	const far = await provider('192.0.2.2', 8080);
//	resolvConf('nameserver 192.0.2.53');
//	const gateway = await Gateway.start({ providers: { ... } });
//
// Times are only looked at as generous bounds: that nothing hangs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Provider } from './provider.mjs';
import { LIMIT_MS, until } from '../until.mjs';

const BIN = process.env.DRAGOMAN_BIN;
export { until };
// what no gateway of these tests may ever say of itself
const BROKEN = /runtime error|Sanitizer|CHECK|died of signal|worker \d+ ended/;
const here = dirname(fileURLToPath(import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'network-'));
const open = new Set();

export const sleep = (ms) => new Promise((go) => setTimeout(go, ms));

/** Run a command; its output. */
export function run(command, env) {
	const [name, ...args] = command.split(' ');

	return execFileSync(name, args, { encoding: 'utf8', stdio: 'pipe',
		...env && { env } });
}

// ---- the other end ----

const isp = spawn('nsenter', ['--net=/run/netns/isp', process.execPath,
	join(here, 'isp.mjs')], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const turns = new Map();
let turn = 0, servers = 0, started = 0;

isp.on('message', (message) => {
	const { done, fail } = turns.get(message.turn);

	turns.delete(message.turn);
	if (message.error)
		fail(new Error(message.error));
	else
		done(message.value);
});
// it must not keep the runner from its end
isp.unref();
isp.channel.unref();

function tell(act, message) {
	return new Promise((done, fail) => {
		turns.set(++turn, { done, fail });
		isp.channel.ref();
		isp.send({ ...message, act, turn });
	}).finally(() => turns.size || isp.channel.unref());
}

class Server {
	constructor() { this.id = ++servers; }
	set(values) { return tell('set', { id: this.id, values }); }
	call(name) { return tell('call', { id: this.id, name }); }
	get(name) { return tell('get', { id: this.id, name }); }
	close() { return tell('close', { id: this.id }); }
}

export async function nameServer(address, zone) {
	const server = new Server();

	await tell('names', { id: server.id, address, zone });
	return server;
}

export async function provider(address, port, name = address) {
	const server = new Server();

	await tell('provider', { id: server.id, address, port, name });
	return server;
}

// ---- this end ----

/** The link goes, and with it all that the kernel knows of it. */
export const down = () => run('ip link set v0 down');

/** ... and comes; at .99 nothing answers, and nothing says so. */
export function up() {
	run('ip link set v0 up');
	run('ip addr replace 192.0.2.1/24 dev v0');
	run('ip addr replace 2001:db8::1/64 dev v0 nodad');
	for (const address of ['192.0.2.99', '2001:db8::99'])
		run(`ip neigh replace ${address} lladdr 02:00:00:00:00:99 dev v0`);
}
up();

/** A provider on this machine, beside the gateway. */
export async function neighbour(port, name, address = '127.0.0.1') {
	const server = new Provider(name);

	await server.listen(address, port);
	server.server.unref();
	return server;
}

/** A link that has just come takes a moment. */
export const reach = (host, port) => until(() => new Promise((done) => {
	const socket = net.connect({ host, port, timeout: 200 });

	for (const event of ['connect', 'error', 'timeout'])
		socket.on(event, () => {
			socket.destroy();
			done(event === 'connect');
		});
}), `a way to ${host}`);

/** /etc/resolv.conf in the place of the one before, as programs write it. */
export function resolvConf(...lines) {
	replace('/etc/resolv.conf', `${lines.join('\n')}\n`);
}

export function replace(path, text) {
	writeFileSync(`${path}.new`, text);
	renameSync(`${path}.new`, path);
}

export const remove = (path) => rmSync(path, { force: true });

/** A request of its own connection: { status, headers, text, json, ms }. */
export function ask(url, { method = 'GET', headers = {}, body, timeout = LIMIT_MS,
	onText } = {}) {
	const began = performance.now();

	return new Promise((done, fail) => {
		const request = http.request(url, { method, headers,
			agent: false, timeout }, (response) => {
			let text = '';

			response.setEncoding('utf8');
			response.on('data', (d) => { text += d; onText?.(text); });
			response.on('error', fail);
			response.on('end', () => done({ text,
				status: response.statusCode,
				headers: response.headers,
				ms: Math.round(performance.now() - began),
				get json() { return JSON.parse(text); } }));
		});

		request.on('timeout', () => request.destroy(
		    new Error(`no answer from ${url} in ${timeout} ms`)));
		request.on('error', fail);
		request.end(body);
	});
}

export class Gateway {
	/** `under`: what runs it; `url`: where it is, if not 127.0.0.1. */
	static async start(config, { env = {}, under = [], bin = BIN,
		listen = '127.0.0.1:0', ready = true } = {}) {
		const g = new Gateway();
		const file = join(dir, `config-${++started}.json`);
		const [command, ...args] = [...under, bin, 'serve', '-c', file];

		writeFileSync(file, JSON.stringify({ workers: 1, ...config }));
		g.file = file;
		g.log = '';
		g.child = spawn(command, args, {
			env: { PATH: process.env.PATH, DRAGOMAN_LISTEN: listen,
				DRAGOMAN_LOG: 'debug', DRAGOMAN_OPEN: '1',
				ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '', ...env },
			stdio: ['ignore', 'pipe', 'pipe'] });
		open.add(g);
		for (const stream of [g.child.stdout, g.child.stderr])
			stream.on('data', (d) => { g.log += d; });
		g.ended = new Promise((end) => g.child.on('close', (code, signal) => {
			g.code = signal ?? code;
			open.delete(g);
			end(g.code);
		}));
		if (!ready)
			return g;
		await until(() => g.code !== undefined ||
		    /listening on (\S+):\d+/.test(g.log), 'a gateway that listens');
		const [, host, port] = g.log.match(/listening on ([^\s"]+):(\d+)/) ?? [];

		assert.ok(port, `it does not listen: ${g.log}`);
		g.port = Number(port);
		g.url = `http://127.0.0.1:${port}`;
		g.host = host;
		return g;
	}

	post(path, body, { headers = {}, ...rest } = {}) {
		return ask(`${this.url}${path}`, { method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body), ...rest });
	}

	/** A question to a model of the provider "p", or another. */
	chat(rest = {}, { model = 'p/m', ...more } = {}) {
		return this.post('/v1/chat/completions', { model, messages:
			[{ role: 'user', content: 'Hello' }], ...rest }, more);
	}

	async good(what = 'an answer') {
		const answer = await this.chat();

		assert.equal(answer.status, 200, `${what}: ${answer.text}\n${
			this.log}`);
		return answer;
	}

	count(pattern) { return this.log.match(pattern)?.length ?? 0; }

	async stop() {
		this.child.kill('SIGTERM');
		const late = setTimeout(() => this.child.kill('SIGKILL'), LIMIT_MS);
		const code = await this.ended;

		clearTimeout(late);
		assert.doesNotMatch(this.log, BROKEN);
		assert.equal(code, 0, `ended with ${code}:\n${this.log}`);
	}
}

/** Nothing comes through any more, and no error says so. */
export const silence = () => run('ip -n isp link set v1 down');
export const sound = async () => {
	run('ip -n isp link set v1 up');
	up();
	await reach('192.0.2.2', 8080);
};

/** A stream of which the client has its first word; `over` is all of it. */
export async function begun(gateway, far, path = '/v1/chat/completions') {
	let seen = '';

	await far.set({ hold: true });
	const over = gateway.post(path, { model: 'p/m', max_tokens: 9, stream: true,
		input: 'Hello', messages: [{ role: 'user', content: 'Hello' }] },
	{ onText: (text) => { seen = text; }, timeout: 70000 });

	await until(() => /one/.test(seen), 'the first word');
	await far.set({ hold: false });
	return { over };
}

/** One provider, "p", that speaks Chat at that address. */
export const one = (url, rest = {}) => ({ providers: { p: { chat: url,
	key: 'key-of-p' } }, ...rest });

after(async () => {
	for (const gateway of open)
		await gateway.stop();
	isp.kill();
	rmSync(dir, { recursive: true, force: true });
});
