// docker/systemd/dragoman.service: does systemd take it, and does the program
// live with what it takes away?  No systemd needs to run: its tool says which
// system calls are in its groups, and strace refuses the others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
	writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, BIN, HELLO, serve, until } from './program.mjs';
import { DRAIN_S, text } from './read.mjs';

const source = text('systemd/dragoman.service');

/** [[name, value]...] of a unit: order counts. */
const settings = (unit) => unit.split('\n')
	.filter((line) => /^[A-Za-z]+=/.test(line))
	.map((line) => [line.slice(0, line.indexOf('=')),
		line.slice(line.indexOf('=') + 1)]);
const values = (name) => settings(source).filter(([n]) => n === name)
	.map(([, value]) => value);
const value = (name) => values(name).at(-1);

const seconds = (n) => {
	assert.match(n, /^\d+$/);
	return Number(n);
};

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const folder = (t) => {
	const name = mkdtempSync(join(tmpdir(), 'dragoman-unit-'));

	chmodSync(name, 0o755);
	t.after(() => rmSync(name, { recursive: true, force: true }));
	return name;
};

/** What systemd-analyze has to say of a unit: nothing, if it is good. */
function complaints(t, unit, dropIn) {
	const dir = folder(t);

	writeFileSync(join(dir, 'dragoman.service'),
	    unit.replaceAll('/usr/local/bin/dragoman', BIN));
	if (dropIn) {
		mkdirSync(join(dir, 'dragoman.service.d'));
		writeFileSync(join(dir, 'dragoman.service.d/one.conf'), dropIn);
	}
	const { status, stdout, stderr } = spawnSync('systemd-analyze',
	    ['verify', join(dir, 'dragoman.service')],
	    { encoding: 'utf8', timeout: 60000 });

	return stdout + stderr || (status ? `status ${status}` : '');
}

/** The drop-ins that its comments show. */
const dropIns = source.split('#\t[Service]\n').slice(1).map((part) =>
	`[Service]\n${part.match(/^(#\t.*\n)*/)[0].replaceAll('#\t', '')}`);

test('systemd takes it, and what its comments show', (t) => {
	if (!analyze)
		return t.skip('systemd-analyze is not installed');
	assert.equal(complaints(t, source), '');
	assert.equal(dropIns.length, 2);
	for (const dropIn of dropIns)
		assert.equal(complaints(t, source, dropIn), '');
	for (const bad of ['KillMode=mixt', 'NoSuchThing=yes', 'TimeoutStopSec=soon',
		'SystemCallFilter=@sandbox_of_ours'])
		assert.notEqual(complaints(t, source, `[Service]\n${bad}\n`), '', bad);
	assert.notEqual(complaints(t, source.replaceAll('/bin/dragoman', '/bin/none')),
	    '', 'a program that is not there');
});

test('little is exposed', (t) => {
	if (!analyze)
		return t.skip('systemd-analyze is not installed');
	const dir = folder(t);
	const exposure = (unit) => {
		const file = join(dir, 'dragoman.service');

		writeFileSync(file, unit);
		const { stdout } = spawnSync('systemd-analyze', ['security',
			'--offline=true', '--no-pager', file], { encoding: 'utf8' });
		return Number(stdout.match(/exposure level for .*: ([0-9.]+)/)?.[1]);
	};
	const is = exposure(source);

	t.diagnostic(`systemd-analyze security: ${is}`);
	assert.ok(is <= 1.4, `${is}`);
	assert.ok(exposure('[Service]\nExecStart=/bin/true\n') > 9);
});

test('it may end slowly, is started again, and keeps its files', () => {
	assert.ok(seconds(value('TimeoutStopSec')) > DRAIN_S);
	assert.equal(value('Restart'), 'on-failure');
	// five times in ten seconds, and systemd would leave it alone for good
	assert.ok(seconds(value('RestartSec')) * 5 > 10);
	assert.equal(value('ExecReload'), '/bin/kill -HUP $MAINPID');
	assert.equal(value('Type'), 'exec');		// it does not notify
	assert.equal(value('DynamicUser'), 'yes');
	assert.equal(value('ProtectSystem'), 'strict');
	const ledger = values('Environment').map((e) => e.split('='))
		.find(([name]) => name === 'DRAGOMAN_LEDGER')[1];

	assert.ok(ledger.startsWith(`/var/lib/${value('StateDirectory')}/`));
});

// ---- the system calls that it leaves ----

const groups = new Map();

/** The calls of a word of SystemCallFilter; none that this systemd knows not. */
function members(word) {
	if (!word.startsWith('@'))
		return [word];
	if (!groups.has(word)) {
		const { status, stdout } = spawnSync('systemd-analyze',
		    ['syscall-filter', word], { encoding: 'utf8' });

		groups.set(word, status ? [] : stdout.split('\n').slice(1)
			.map((line) => line.trim())
			.filter((line) => line && !line.startsWith('#'))
			.flatMap(members));
	}
	return groups.get(word);
}

function allowed(lines) {
	const left = new Set(members('@default'));

	for (const line of lines)
		for (const word of line.replace(/^~/, '').split(/\s+/))
			for (const call of members(word))
				left[line.startsWith('~') ? 'delete' : 'add'](call);
	return left;
}

/**
 * The system calls of a life of the program: it serves, writes the ledger, is
 * reloaded, and ends.
 */
async function made(t) {
	const dir = folder(t);
	const trace = join(dir, 'trace');
	const bin = join(dir, 'dragoman');
	const state = join(dir, 'state');

	copyFileSync(BIN, bin);
	mkdirSync(state);
	chmodSync(state, 0o777);
	const env = { PATH: process.env.PATH, DRAGOMAN_LISTEN: '127.0.0.1:0',
		DRAGOMAN_WORKERS: '1', DRAGOMAN_LEDGER: join(state, 'ledger.jsonl') };
	const g = await serve(t, ['serve', '--demo'], env, { bin,
		command: ['strace', '-D', '-f', '-qq', '-o', trace,
			...process.getuid() === 0 ? ['-u', 'nobody'] : []] });
	const say = () => ask(g.port, '/v1/chat/completions', { body: HELLO });

	assert.equal((await say()).status, 200, g.log);
	g.child.kill('SIGHUP');
	await until(() => g.log.includes('configuration read anew'), g.log);
	assert.equal((await say()).status, 200);
	g.child.kill('SIGTERM');
	assert.equal(await g.end, 0, g.log);
	assert.match(readFileSync(env.DRAGOMAN_LEDGER, 'utf8'), /gpt-5/);
	assert.doesNotMatch(g.log, /level=(warn|error)/);
	return new Set(readFileSync(trace, 'utf8').split('\n')
		.map((line) => line.match(/^\d+ +(?:<\.\.\. )?([a-z]\w+)/)?.[1])
		.filter(Boolean));
}

test('the program makes no system call that it refuses', async (t) => {
	if (!analyze || !strace)
		return t.skip('systemd-analyze is not installed, or strace may not');
	const calls = [...await made(t)];
	const refused = (lines) => {
		const left = allowed(lines);

		return calls.filter((call) => !left.has(call)).sort();
	};
	const landlock = ['landlock_add_rule', 'landlock_create_ruleset',
		'landlock_restrict_self'];

	assert.ok(calls.length > 40, calls.join());
	assert.deepEqual(refused(values('SystemCallFilter')), []);
	// without what it names itself; newer versions know Landlock's, too
	assert.deepEqual(refused(['@system-service', `~@privileged ${
		landlock.join(' ')}`]), ['capset', ...landlock]);
});

test('what the program may ever call is let through', (t) => {
	if (!analyze)
		return t.skip('systemd-analyze is not installed');
	const table = readFileSync(new URL('../../src/base/seal_calls.c',
	    import.meta.url), 'utf8');
	const calls = [...table.matchAll(/CALL\((\w+)\)/g)].map((m) => m[1])
		.filter((call) => call !== 'name');
	const left = allowed(values('SystemCallFilter'));

	assert.ok(calls.length > 80);
	// names of the C library, for calls that the kernel names otherwise
	const other = { clock_gettime32: 'clock_gettime' };

	assert.deepEqual(calls.filter((call) => !left.has(other[call] ?? call)), []);
});

// ---- how it is ended ----

test('streams end when it is stopped', async (t) => {
	let finish;
	const chunk = (delta, reason = null) => `data: ${JSON.stringify({ id: 'c',
		object: 'chat.completion.chunk', created: 1, model: 'gpt-5',
		choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
	const provider = http.createServer((request, answer) => {
		request.resume();
		answer.writeHead(200, { 'content-type': 'text/event-stream' });
		answer.write(chunk({ role: 'assistant', content: 'begun' }));
		finish = () => answer.end(chunk({ content: ' and done' }) +
		    chunk({}, 'stop') + 'data: [DONE]\n\n');
	});

	await new Promise((go) => provider.listen(0, '127.0.0.1', go));
	t.after(() => provider.close());
	const g = await serve(t, ['serve'], { DRAGOMAN_LISTEN: '127.0.0.1:0',
		DRAGOMAN_WORKERS: '1', OPENAI_API_KEY: 'none',
		OPENAI_BASE_URL: `http://127.0.0.1:${provider.address().port}/v1` });
	let told = '';
	const answer = ask(g.port, '/v1/chat/completions',
	    { body: { ...HELLO, stream: true }, on: (so_far) => { told = so_far; } });

	await until(() => told.includes('begun'), 'the beginning');
	const { pid } = g.child;
	const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
		.trim().split(' ').map(Number);
	const mode = value('KillMode') ?? 'control-group';

	assert.equal(workers.length, 1);
	// In the worst order: the master tells its workers once more.
	for (const each of mode === 'mixed' || mode === 'process' ? [pid]
	    : [...workers, pid]) {
		process.kill(each, 'SIGTERM');
		await until(() => g.log.includes('draining'), g.log);
	}
	await new Promise((go) => setTimeout(go, 200));
	finish();
	assert.match((await answer).text, /and done/);
	assert.equal(await g.end, 0);
});
