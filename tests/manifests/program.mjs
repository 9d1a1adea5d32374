// The program under test, as somebody else would start it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import { LIMIT_MS, until } from '../until.mjs';

export const BIN = process.env.DRAGOMAN_BIN;
assert.ok(BIN, 'DRAGOMAN_BIN must name the program under test');

export { until };

/** Run it to its end: { code, out }. */
export function run(args, env = {}) {
	const child = spawn(BIN, args, { env, timeout: LIMIT_MS });
	let out = '';

	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { out += d; });
	return new Promise((done) => child.on('close', (code, signal) =>
		done({ code: signal ?? code, out })));
}

/**
 * Start it; after the test `t` it is ended, and must have ended well.  It is
 * to listen on port 0: the log tells which port that is.
 */
export async function serve(t, args, env = {}, { command = [], bin = BIN } = {}) {
	const line = [...command, bin, ...args];
	const child = spawn(line[0], line.slice(1),
	    { env, stdio: ['ignore', 'pipe', 'pipe'] });
	const gateway = { child, log: '', ended: null };

	// also when the runner of tests gives up
	process.once('exit', () => child.kill('SIGKILL'));

	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (d) => { gateway.log += d; });
	gateway.end = new Promise((done) => {
		child.on('error', (error) => { gateway.log += error; });
		child.on('close', (code, signal) => {
			gateway.ended = signal ?? code;
			done(gateway.ended);
		});
	});
	t.after(async () => {
		if (gateway.ended === null)
			child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);

		assert.equal(await gateway.end, 0, gateway.log);
		clearTimeout(timer);
	});
	const port = await until(() => gateway.ended !== null ||
	    gateway.log.match(/listening on [^ "]*:(\d+)/), `the port:\n${gateway.log}`);

	assert.equal(gateway.ended, null, gateway.log);
	gateway.port = Number(port[1]);
	return gateway;
}

/** GET, or POST of `body`: { status, text }. */
export function ask(port, path, { headers = {}, body, on } = {}) {
	return new Promise((done, fail) => {
		const request = http.request({ host: '127.0.0.1', port, path,
			headers: { ...body && { 'content-type': 'application/json' },
				...headers },
			method: body ? 'POST' : 'GET', agent: false }, (answer) => {
			let text = '';

			answer.on('data', (d) => {
				text += d;
				on?.(text);
			});
			answer.on('end', () => done({ status: answer.statusCode, text }));
			answer.on('error', fail);
		});

		request.on('error', fail);
		request.end(body && JSON.stringify(body));
	});
}

export const HELLO = { model: 'gpt-5',
	messages: [{ role: 'user', content: 'Hello' }] };
