// What the programs run against: the mock provider, the gateway before it with
// one provider for each protocol, and between gateway and program an ear that
// notes what was asked, and how it was answered.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = process.env.DRAGOMAN_BIN;
const LISTENING = /listening on (?:http:\/\/)?[\d.]+:(\d+)/;
const BROKEN = /runtime error|AddressSanitizer|CHECK|died of signal|worker \d+ ended/;
const START_MS = 30000;

export const PROVIDERS = ['chat', 'messages', 'responses', 'gemini'];
const MODELS = { chat: 'gpt-4o', messages: 'claude-opus-4-8',
	responses: 'gpt-5', gemini: 'gemini-3-pro' };
// Of Messages only Anthropic itself keeps threads, and the mock does not.
const DIALECTS = { chat: 'openai', messages: 'generic', responses: 'openai',
	gemini: 'gemini' };
export const KEY = 'any';
/** The name of the model that the provider of this protocol has. */
export const modelOf = (provider) => `model-${provider}`;

/** A process of the program; resolves when it listens. */
function start(args, env = {}) {
	const child = spawn(BIN, args, { stdio: ['ignore', 'pipe', 'pipe'],
		env: { PATH: process.env.PATH, ...env } });
	const process_ = { child, log: '', port: 0 };

	process.on('exit', () => child.kill());
	process_.ended = new Promise((done) => child.on('close', done));
	return new Promise((go, fail) => {
		const timer = setTimeout(() => fail(new Error(
		    `${args[0]} never listened:\n${process_.log}`)), START_MS);
		const hear = (data) => {
			const at = LISTENING.exec(process_.log += data);

			if (!at || process_.port)
				return;
			process_.port = Number(at[1]);
			clearTimeout(timer);
			go(process_);
		};

		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		child.on('close', () => fail(new Error(process_.log)));
	});
}

async function stop(process_) {
	process_.child.kill('SIGTERM');
	const code = await process_.ended;

	if (code !== 0 || BROKEN.test(process_.log))
		throw new Error(`ended with ${code}:\n${process_.log}`);
}

/** Pass everything on to `port`, and note each exchange in `heard`. */
function listen(port, heard) {
	const ear = http.createServer((request, response) => {
		const note = { method: request.method, path: request.url,
			status: 0, type: '', asked: '', answered: '' };
		const on = http.request({ port, host: '127.0.0.1',
			method: request.method, path: request.url,
			headers: request.headers }, (answer) => {
			note.status = answer.statusCode;
			note.type = answer.headers['content-type'] ?? '';
			answer.on('data', (data) => { note.answered += data; });
			answer.on('error', () => response.destroy());
			response.writeHead(answer.statusCode,
			    answer.statusMessage, answer.rawHeaders);
			answer.pipe(response);
		});

		heard.push(note);
		request.on('data', (data) => { note.asked += data; });
		request.pipe(on);
		on.on('error', () => response.destroy());
		response.on('close', () => on.destroy());
	});

	// What wants another protocol is passed on byte for byte.
	ear.on('upgrade', (request, socket, head) => {
		const lines = [`${request.method} ${request.url} HTTP/1.1`];
		const on = net.connect({ port, host: '127.0.0.1' });

		heard.push({ method: 'UPGRADE', path: request.url, status: 0,
			type: '', asked: '', answered: '' });
		for (let i = 0; i < request.rawHeaders.length; i += 2)
			lines.push(`${request.rawHeaders[i]}: ${
				request.rawHeaders[i + 1]}`);
		on.write(`${lines.join('\r\n')}\r\n\r\n`);
		on.write(head);
		on.pipe(socket).pipe(on);
		for (const end of [on, socket])
			end.on('error', () => { on.destroy(); socket.destroy(); });
	});
	return new Promise((go) => ear.listen(0, '127.0.0.1', () => go(ear)));
}

export class Stage {
	static async open() {
		const stage = new Stage();

		stage.folder = mkdtempSync(join(tmpdir(), 'clients-'));
		stage.heard = [];
		stage.echo = await start(['echo', '--listen', '127.0.0.1:0']);
		const at = `http://127.0.0.1:${stage.echo.port}`;
		const address = { chat: `${at}/v1`, messages: at,
			responses: `${at}/v1`, gemini: `${at}/v1beta` };
		const config = { listen: ['127.0.0.1:0'], providers: {},
			models: {} };

		for (const name of PROVIDERS) {
			config.providers[name] = { [name]: address[name],
				key: 'sk-provider', dialect: DIALECTS[name] };
			config.models[modelOf(name)] = {
				targets: [`${name}/${MODELS[name]}`] };
		}
		const file = join(stage.folder, 'config.json');

		writeFileSync(file, JSON.stringify(config));
		stage.gateway = await start(['-c', file],
		    { DRAGOMAN_WORKERS: '1' });
		stage.ear = await listen(stage.gateway.port, stage.heard);
		stage.url = `http://127.0.0.1:${stage.ear.address().port}`;
		return stage;
	}

	async close() {
		this.ear.closeAllConnections();
		this.ear.close();
		await stop(this.gateway);
		await stop(this.echo);
		rmSync(this.folder, { recursive: true, force: true });
	}
}

export const versionOf = (folder, name) => JSON.parse(readFileSync(
    join(folder, 'package.json'))).dependencies[name];
