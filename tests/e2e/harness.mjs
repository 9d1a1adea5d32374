// What every file of these tests stands on: the program under test, providers
// to stand behind it, clients to stand before it, and a way to wait for things.
//
//	const stage = new Stage();
//	const provider = await stage.provider();
//	const gateway = await stage.gateway({ config: { ... } });
//	test(...);
//	stage.close();		// last: stops all, and fails if something broke
//
// Nothing here waits for a time to pass.  What is waited for is an event, with a
// limit that is only there so that a broken program ends the run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { ScriptedProvider } from './provider.mjs';
import { complaints, relaxed } from './schema.mjs';
import { LIMIT_MS, SLOWER, until } from '../until.mjs';

export const BIN = process.env.DRAGOMAN_BIN;
assert.ok(BIN, 'DRAGOMAN_BIN must name the program under test');

/** Built with sanitizers?  Then freed memory is kept for a while, among others. */
export const SANITIZED = readFileSync(BIN).includes('__asan_init');

/** Does an emulator run the program?  Then /proc tells of the emulator. */
export const EMULATED = Boolean(process.env.E2E_EMULATED);

export { SLOWER, until };

// Signs in the log that the program is broken, whatever it answered.
const BROKEN = /runtime error|AddressSanitizer|LeakSanitizer|CHECK|died of signal|worker \d+ ended|provider \d+ (died|ended)/;

/** The same promise, but broken off if it takes beyond all measure. */
export function within(promise, what, limit = LIMIT_MS) {
	let timer;
	const late = new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(
		    `waited in vain for: ${what}`)), limit);
	});

	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The environment of the program: nothing of ours but what it needs to run. */
export function cleanEnv(env = {}) {
	const clean = { PATH: process.env.PATH };

	for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'])
		if (process.env[name])
			clean[name] = process.env[name];
	// freed memory is kept back for less, so that memory can be measured
	clean.ASAN_OPTIONS = `quarantine_size_mb=8:${clean.ASAN_OPTIONS ?? ''}`;
	return { ...clean, ...env };
}

/** Run a command of the program to its end: { code, out, err }. */
export async function run(args, { env, input = '' } = {}) {
	const child = spawn(BIN, args, { env: cleanEnv(env) });
	let out = '', err = '';

	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { err += d; });
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	const code = await within(new Promise((done, fail) => {
		child.on('error', fail);
		child.on('close', (status, signal) => done(signal ?? status));
	}), `dragoman ${args.join(' ')}`).catch((error) => {
		child.kill('SIGKILL');
		throw error;
	});
	assert.doesNotMatch(err, BROKEN);
	return { code, out, err };
}

/** A process of the program that goes on until it is stopped. */
export class Process {
	constructor(args, env, bin = BIN) {
		this.log = '';
		this.ended = null;
		this.expectBroken = false;
		this.child = spawn(bin, args, {
			env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'],
		});
		const hear = (d) => { this.log += d; };

		this.child.stdout.on('data', hear);
		this.child.stderr.on('data', hear);
		this.end = new Promise((done) => {
			this.child.on('error', (error) => {
				this.log += error;
				this.ended = 'error';
				done('error');
			});
			this.child.on('close', (code, signal) => {
				this.ended = signal ?? code;
				done(this.ended);
			});
		});
	}

	get pid() { return this.child.pid; }

	/** Wait for a line of the log; `from` is where to begin to look. */
	async says(pattern, from = 0) {
		const seen = await until(() => this.log.slice(from).match(pattern) ??
		    (this.ended !== null && 'ended'),
		    `${pattern} in the log:\n${this.log}`).catch(() => {
			throw new Error(`never said ${pattern}; the log is\n${
				this.log}`);
		});

		if (seen === 'ended')
			throw new Error(`ended with ${this.ended} before it said ${
				pattern}:\n${this.log}`);
		return seen;
	}

	signal(name) { this.child.kill(name); }

	checkUnbroken() {
		if (!this.expectBroken)
			assert.doesNotMatch(this.log, BROKEN);
	}

	/** SIGTERM, and the exit code. */
	async stop() {
		if (this.ended === null)
			this.signal('SIGTERM');
		const code = await within(this.end, 'the end after SIGTERM')
		    .catch((error) => {
			this.signal('SIGKILL');
			throw new Error(`${error.message}; the log is\n${
				this.log}`);
		});

		this.checkUnbroken();
		assert.equal(code, 0, `exit code ${code}; the log is\n${this.log}`);
	}
}

export class Gateway extends Process {
	static async start(args, env, dir, bin) {
		const gateway = new Gateway(args, env, bin);
		const [, host, port] = await gateway.says(
		    /listening on ([^\s"]*):(\d+)/);

		gateway.dir = dir;
		gateway.host = host;
		gateway.port = Number(port);
		gateway.url = `http://127.0.0.1:${port}`;
		return gateway;
	}

	/**
	 * Where the log says that it is sealed every process is, a worker from
	 * its birth on.
	 */
	checkSealed() {
		if (this.ended !== null || !/msg=sealed .*calls=on/.test(this.log))
			return;
		const children = readFileSync(
		    `/proc/${this.pid}/task/${this.pid}/children`, 'utf8');

		for (const pid of [this.pid, ...children.match(/\d+/g) ?? []]) {
			let status = '';

			try {
				status = readFileSync(`/proc/${pid}/status`, 'utf8');
			} catch {
				continue;	// it has just ended
			}
			if (!/^State:\s+Z/m.test(status))
				for (const fact of [/^Seccomp:\s+2$/m,
				    /^NoNewPrivs:\s+1$/m, /^CapEff:\s+0+$/m])
					assert.match(status, fact);
		}
	}

	async stop() {
		this.checkSealed();
		await super.stop();
	}

	/** One request without an SDK: { status, headers, body, json }. */
	async ask(path, { method = 'GET', headers = {}, body, agent } = {}) {
		return ask(this.url + path, { method, headers, body, agent });
	}

	/** A request of a chat, as an object, raw bytes or a string. */
	async post(path, body, headers = {}) {
		return this.ask(path, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: typeof body === 'string' || Buffer.isBuffer(body)
			    ? body : JSON.stringify(body),
		});
	}

	openai(options = {}) {
		return new OpenAI({ baseURL: `${this.url}/v1`, apiKey: 'sk-client',
			maxRetries: 0, ...options });
	}

	anthropic(options = {}) {
		return new Anthropic({ baseURL: this.url, apiKey: 'sk-client',
			maxRetries: 0, ...options });
	}

	gemini(options = {}) {
		return new GoogleGenAI({ apiKey: 'key-of-client',
			httpOptions: { baseUrl: this.url }, ...options });
	}

	/** Connect a bare socket; the bytes that come back gather in `.seen`. */
	async raw(bytes = '') {
		return rawConnect(this.port, bytes);
	}

}

export async function ask(url, { method = 'GET', headers = {}, body,
    agent = false } = {}) {
	const wish = http.request(url, { method, headers, agent });
	const answer = await within(new Promise((done, fail) => {
		wish.on('error', fail);
		wish.on('response', (response) => {
			const pieces = [];

			response.on('data', (d) => pieces.push(d));
			response.on('error', fail);
			response.on('end', () => done({
				status: response.statusCode,
				headers: response.headers,
				bytes: Buffer.concat(pieces),
			}));
		});
		wish.end(body);
	}), `${method} ${url}`);

	answer.body = answer.bytes.toString();
	try {
		answer.json = JSON.parse(answer.body);
	} catch {
		answer.json = null;
	}
	return answer;
}

export class RawSocket {
	constructor(socket) {
		this.socket = socket;
		this.seen = '';
		this.open = true;
		socket.setNoDelay(true);
		socket.on('data', (d) => { this.seen += d.toString('latin1'); });
		socket.on('error', (error) => { this.error = error; });
		socket.on('close', () => { this.open = false; });
		socket.on('end', () => { this.open = false; });
	}

	write(bytes) {
		this.socket.write(bytes);
		return this;
	}

	/** Wait for the pattern in what has come back. */
	async sees(pattern) {
		return until(() => this.seen.match(pattern),
		    `${pattern} from the gateway`).catch(() => {
			throw new Error(`never saw ${pattern} in:\n${this.seen}`);
		});
	}

	async closed() {
		await until(() => !this.open, 'the end of a connection').catch(
		    () => {
			throw new Error(`not closed; has come:\n${this.seen}`);
		});
		return this.seen;
	}

	destroy() { this.socket.destroy(); }
}

export async function rawConnect(port, bytes = '') {
	const socket = net.connect({ port, host: '127.0.0.1',
		allowHalfOpen: true });

	await within(new Promise((done, fail) => {
		socket.once('connect', done);
		socket.once('error', fail);
	}), 'a connection');
	const raw = new RawSocket(socket);

	if (bytes)
		raw.write(bytes);
	return raw;
}

/** The mock provider that is part of the program. */
export class Echo extends Process {
	static async start() {
		const echo = new Echo(['echo', '--listen', '127.0.0.1:0'], {});
		const [, port] = await echo.says(/listening on [^\s"]*:(\d+)/);

		echo.port = Number(port);
		echo.url = `http://127.0.0.1:${port}`;
		return echo;
	}

	async stats() {
		const { json } = await ask(`${this.url}/echo/stats`);

		return json;
	}
}

/** All that one test file starts. */
export class Stage {
	constructor() {
		this.things = [];
		this.sockets = [];
		this.dirs = [];
		afterEach(() => {
			for (const thing of this.things)
				thing.checkUnbroken?.();
		});
		after(() => this.kill());
		process.on('exit', () => this.kill());
	}

	/** A directory of its own that is gone at the end. */
	dir() {
		const dir = mkdtempSync(join(tmpdir(), 'dragoman-e2e-'));

		this.dirs.push(dir);
		return dir;
	}

	/**
	 * Start the program.  `config` is an object, or the text of the file; it listens on
	 * a port of the kernel's choice with one worker unless it says otherwise.  `bin` starts
	 * the program in its own way.
	 */
	async gateway({ config, env = {}, args = ['serve'], name = 'dragoman.json',
	    bin } = {}) {
		const dir = this.dir();

		if (config !== undefined) {
			const file = join(dir, name);

			const whole = typeof config === 'string' ? config
			    : { listen: ['127.0.0.1:0'], workers: 1, env: false,
				log: 'info', ...config };

			// what the program takes the schema takes: "make tables"
			assert.equal(complaints(typeof whole === 'string'
			    ? relaxed(whole) ?? {} : whole), '');
			writeFileSync(file, typeof whole === 'string' ? whole
			    : JSON.stringify(whole, null, 2));
			args = [...args, '-c', file];
		} else if (!('DRAGOMAN_LISTEN' in env || 'PORT' in env)) {
			// the usual port may be somebody else's
			env = { ...env, DRAGOMAN_LISTEN: '127.0.0.1:0' };
		}
		const gateway = await Gateway.start(args, env, dir, bin);

		this.things.push(gateway);
		return gateway;
	}

	async echo() {
		const echo = await Echo.start();

		this.things.push(echo);
		return echo;
	}

	async provider() {
		const provider = await ScriptedProvider.start();

		this.things.push(provider);
		return provider;
	}

	async raw(gateway, bytes) {
		const raw = await gateway.raw(bytes);

		this.sockets.push(raw);
		return raw;
	}

	/** The last test of a file: whatever was started stops in good order. */
	close() {
		test('all of it stops in good order', async () => {
			for (const raw of this.sockets)
				raw.destroy();
			const ends = await Promise.allSettled(this.things.map(
			    (thing) => thing.stop()));
			const bad = ends.find((end) => end.status === 'rejected');

			if (bad)
				throw bad.reason;
			this.things = [];
		});
	}

	kill() {
		for (const thing of this.things)
			thing.kill?.() ?? thing.child?.kill('SIGKILL');
		this.things = [];
		for (const dir of this.dirs)
			rmSync(dir, { recursive: true, force: true });
		this.dirs = [];
	}
}

/** The usual pair behind the gateway: one provider for each protocol. */
export function pair(chat, messages, rest = {}) {
	return {
		providers: {
			gpt: { chat: `${chat.url}/v1`, key: 'key-of-gpt',
				dialect: 'openai' },
			claude: { messages: messages.url, key: 'key-of-claude',
				dialect: 'anthropic' },
		},
		...rest,
	};
}

/** How often a target was asked, by the count before the list of attempts. */
export function attempts(headers) {
	const told = headers['x-dragoman-attempts'] ??
	    headers.get('x-dragoman-attempts');

	assert.match(told, /^\d+(; [^=,; ]+=[a-z0-9_]+(, [^=,; ]+=[a-z0-9_]+)*)?$/);
	return told.split(';')[0];
}

/** Gather a stream of an SDK. */
export async function gather(stream) {
	const all = [];

	for await (const one of stream)
		all.push(one);
	return all;
}

/** The error that a promise ends with. */
export async function failure(promise) {
	try {
		const value = await promise;

		assert.fail(`no error, but ${JSON.stringify(value)}`);
	} catch (error) {
		if (error instanceof assert.AssertionError)
			throw error;
		return error;
	}
}

export { assert, test };
