// The system calls of other platforms: does a sealed process make one that its
// filter would end it for?
//
//	node tests/ship/calls.mjs EMULATOR PROGRAM
//
// An emulator knows no filter, but tells of calls (-strace).  What the master
// and its workers do after they asked for one is looked up in the lists of
// src/base/seal_calls.c, by name.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [emulator, program] = process.argv.slice(2);
const source = readFileSync('src/base/seal_calls.c', 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'dragoman-calls-'));

function listed(name) {
	const [, list] = new RegExp(`${name}\\[\\] = {([^]*?)\n};`).exec(source);

	return [...list.matchAll(/CALL\((\w+)\)/g)].map((m) => m[1]);
}
// these are looked at by their arguments
const LOOKED_AT = ['clone', 'fcntl', 'fcntl64', 'ioctl', 'mmap', 'mmap2',
	'mprotect', 'prctl', 'socket', 'tkill'];
const worker = new Set([...listed('worker_calls'), ...LOOKED_AT]);
const master = new Set([...worker, ...listed('master_calls')]);

/** What is started here, and what it says. */
function start(...args) {
	const it = spawn(emulator, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const hear = (d) => { it.log += d.toString('latin1'); };

	it.log = '';
	it.stdout.on('data', hear);
	it.stderr.on('data', hear);
	it.end = new Promise((done) => it.on('close', done));
	setTimeout(() => it.kill('SIGKILL'), 60000).unref();
	return it;
}

async function says(it, pattern) {
	while (it.exitCode === null && it.signalCode === null) {
		const seen = pattern.exec(it.log);

		if (seen)
			return seen;
		await new Promise((go) => setTimeout(go, 20));
	}
	throw new Error(`never said ${pattern}; it ends with\n${
		it.log.slice(-2000)}`);
}

const listening = /listening on (?:http:\/\/)?127\.0\.0\.1:(\d+)/;
const file = join(dir, 'dragoman.json');
const echo = start(program, 'echo', '--listen', '127.0.0.1:0');
const [, behind] = await says(echo, listening);

writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'], workers: 2,
	env: false, ledger: { path: join(dir, 'ledger'), sync: 'always' },
	providers: { here: { chat: `http://127.0.0.1:${behind}/v1` },
	    lost: { chat: 'http://localhost:9/v1' },
	    locked: { messages: `https://localhost:${behind}` } } }));
const child = start('-strace', program, 'serve', '-c', file);
const [, port] = await says(child, listening);
const ask = async (path, body) => {
	const answer = await fetch(`http://127.0.0.1:${port}${path}`, body && {
		method: 'POST', headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ ...body, max_tokens: 9,
			messages: [{ role: 'user', content: 'Hello' }] }) });

	await answer.text();
	return answer.status;
};

async function use() {
	for (const stream of [true, false]) {
		for (const path of ['chat/completions', 'messages'])
			assert.equal(await ask(`/v1/${path}`,
			    { model: 'here/gpt-4o', stream }), 200);
		for (const model of ['lost/m', 'locked/m'])
			assert.equal(await ask('/v1/chat/completions',
			    { model, stream }), 502);
	}
	for (const path of ['/v1/models', '/metrics', '/usage.json', '/readyz'])
		assert.equal(await ask(path), 200, path);
}
await use();
child.kill('SIGHUP');			// new workers, from the same file
await says(child, /configuration/);
await use();
for (const it of [child, echo]) {
	it.kill('SIGTERM');
	await it.end;
}
rmSync(dir, { recursive: true });

// What two processes say at once may stand in one line, and is no call's name.
const names = new Set(readdirSync('vendor/musl/arch').flatMap((arch) => {
	const list = join('vendor/musl/arch', arch, 'bits/syscall.h.in');

	return existsSync(list) ? [...readFileSync(list, 'utf8').matchAll(
	    /__NR_(\w+)/g)].map((m) => m[1]) : [];
}));
assert.ok(names.size > 300, 'too few names of calls');

const filtered = new Set(), strange = new Set();
let first, calls = 0;

for (const [, pid, name, rest] of child.log.matchAll(/^(\d+) (\w+)\((.*)/mg)) {
	first ??= pid;
	if (name === 'prctl' && rest.startsWith('22,')) {
		filtered.add(pid);	// PR_SET_SECCOMP
	} else if (filtered.has(pid)) {
		calls++;
		if (!(pid === first ? master : worker).has(name) &&
		    names.has(name))
			strange.add(`${pid === first ? 'master' : 'worker'}: ${
				name}`);
	}
}
assert.ok(filtered.size >= 4, 'too few asked for a filter');
assert.ok(calls > 500, 'too few calls');
assert.deepEqual([...strange], [], 'calls that no list has');
console.log(`${calls} calls of ${filtered.size} processes\n1 passed, 0 failed`);
