// docker/openwrt/dragoman.init: what would procd start?  Its shell functions are
// stubs here that write down what they are told.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, HELLO, serve } from './program.mjs';
import { DRAIN_S, text } from './read.mjs';

// The shells of small systems; dash is as strict as ash.
const shells = [['dash'], ['busybox', 'ash'], ['bash', '--posix', '--norc']]
	.filter(([name, ...args]) => spawnSync(name, [...args, '-c', ':'])
		.status === 0);

// Each word that procd is told on a line of its own, a blank line after each
// call.  Nothing here may hold a newline.
const STUBS = ['open_instance', 'set_param', 'append_param', 'close_instance',
	'send_signal'].map((name) => `procd_${name}() {
	printf '%s\\n' ${name} "$@" ''
}`).join('\n');

/** What it tells procd in a system whose /etc holds these files. */
function told(t, shell, files, what = 'start_service') {
	const etc = mkdtempSync(join(tmpdir(), 'dragoman-openwrt-'));

	t.after(() => rmSync(etc, { recursive: true, force: true }));
	for (const [name, content] of Object.entries(files))
		writeFileSync(join(etc, name), content);
	const [name, ...args] = shell;
	const out = execFileSync(name, [...args, '-eu', '-c',
		`${STUBS}\n${text('openwrt/dragoman.init')
			.replaceAll('/etc/', `${etc}/`)}\n${what}`],
	    { encoding: 'utf8', timeout: 10000, env: { PATH: process.env.PATH } });

	return out.split('\n\n').filter(Boolean).map((call) => call.split('\n')
		.map((word) => word.replace(etc, '/etc')));
}

const ENV = `# keys
OPENAI_API_KEY=sk-one two=three

  ANTHROPIC_API_KEY="sk-quoted 'in' part"
export GEMINI_API_KEY='single'
	# a comment that is indented
DRAGOMAN_LISTEN=192.168.1.1:4000
no assignment
BACKSLASH=a\\nb
EMPTY=
QUOTE="
GLOB=*
DOLLAR=$HOME\`id\`
DRAGOMAN_WORKERS=2`;		// and no newline at its end

const EXPECTED = ['DRAGOMAN_WORKERS=1', 'OPENAI_API_KEY=sk-one two=three',
	'ANTHROPIC_API_KEY=sk-quoted \'in\' part', 'GEMINI_API_KEY=single',
	'DRAGOMAN_LISTEN=192.168.1.1:4000', 'BACKSLASH=a\\nb', 'EMPTY=', 'QUOTE="',
	'GLOB=*', 'DOLLAR=$HOME`id`', 'DRAGOMAN_WORKERS=2'];

for (const shell of shells) {
	const name = shell.join(' ');

	test(`${name}: it is a script, without bashisms`, () => {
		const check = (source) => spawnSync(shell[0],
		    [...shell.slice(1), '-n'], { input: source }).status;

		assert.equal(check(text('openwrt/dragoman.init')), 0);
		assert.notEqual(check(`${text('openwrt/dragoman.init')}\nif`), 0);
	});

	test(`${name}: it starts the program with its files`, (t) => {
		const calls = told(t, shell, { 'dragoman.env': ENV,
			'dragoman.json': '{}' });
		const set = (param) => calls.filter(([call, p]) =>
			call === 'set_param' && p === param).map((c) => c.slice(2));
		const add = (param) => calls.filter(([call, p]) =>
			call === 'append_param' && p === param).map((c) => c.slice(2));

		assert.deepEqual(calls[0], ['open_instance']);
		assert.deepEqual(calls.at(-1), ['close_instance']);
		assert.deepEqual(set('command'), [['/usr/bin/dragoman', 'serve']]);
		assert.deepEqual(add('command'), [['-c', '/etc/dragoman.json']]);
		assert.deepEqual(add('env'), EXPECTED.map((line) => [line]));
		assert.deepEqual(set('user'), [['nobody']]);
		assert.deepEqual(set('no_new_privs'), [['1']]);
		assert.deepEqual(set('limits'), [['nofile=4096 4096']]);
		assert.deepEqual(set('stderr'), [['1']]);
		const [[again, pause, times]] = set('respawn');

		assert.deepEqual([Number(again) > 0, Number(pause) > 0, times],
		    [true, true, '0']);
		assert.ok(Number(set('term_timeout')[0][0]) > DRAIN_S);
	});

	test(`${name}: without files it starts, too`, (t) => {
		const calls = told(t, shell, {});

		assert.deepEqual(calls.filter(([, param]) => param === 'env'),
		    [['append_param', 'env', 'DRAGOMAN_WORKERS=1']]);
		assert.ok(!calls.flat().includes('-c'));
	});

	test(`${name}: a reload is a signal`, (t) => assert.deepEqual(
	    told(t, shell, {}, 'reload_service'),
	    [['send_signal', 'dragoman', '*', 'HUP']]));
}

test('some shell was there to ask', () => assert.ok(shells.length));

test('it is one of procd\'s, between the network and the end', () => {
	const source = text('openwrt/dragoman.init');

	assert.match(source, /^#!\/bin\/sh \/etc\/rc\.common\n/);
	assert.match(source, /^USE_PROCD=1$/m);
	// the network is 20, the clock's service 98: it lives without either
	assert.ok(Number(source.match(/^START=(\d+)$/m)[1]) > 20);
	assert.ok(Number(source.match(/^STOP=(\d+)$/m)[1]) < 90);
});

test('what it starts serves', async (t) => {
	const calls = told(t, shells[0], { 'dragoman.env':
		'export DRAGOMAN_LISTEN="127.0.0.1:0"\nDRAGOMAN_KEY=\'with blanks\'\n' });
	const [, ...args] = calls.find(([call, param]) =>
		call === 'set_param' && param === 'command').slice(2);
	const env = Object.fromEntries(calls.filter(([, param]) => param === 'env')
		.map(([, , line]) => [line.slice(0, line.indexOf('=')),
			line.slice(line.indexOf('=') + 1)]));
	const g = await serve(t, [...args, '--demo'], env);
	const say = (key) => ask(g.port, '/v1/chat/completions',
	    { body: HELLO, headers: { authorization: `Bearer ${key}` } });

	assert.equal((await say('with blanks')).status, 200, g.log);
	assert.equal((await say('without')).status, 401);
});

test('the README\'s configuration for small devices is one', async (t) => {
	const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
	const [, config] = readme.match(/^```jsonc small\n([^]*?)^```$/m);
	const folder = mkdtempSync(join(tmpdir(), 'dragoman-small-'));

	t.after(() => rmSync(folder, { recursive: true, force: true }));
	writeFileSync(join(folder, 'config.json'), config);
	const g = await serve(t, ['-c', join(folder, 'config.json'), '--demo'],
	    { DRAGOMAN_LISTEN: '127.0.0.1:0' });
	const { text: metrics } = await ask(g.port, '/metrics');

	assert.match(metrics, /^dragoman_memory_limit_bytes 8388608$/m);
	assert.equal((await ask(g.port, '/v1/chat/completions', { body: HELLO }))
		.status, 200);
});

test('shellcheck has nothing to say', (t) => {
	// the first line is OpenWrt's, `local` is ash's, and rc.common reads the
	// variables and calls the functions
	const check = (input) => spawnSync('shellcheck', ['-s', 'dash', '-e',
		'SC1008,SC2034,SC2317,SC3043', '-'], { input, encoding: 'utf8' });
	const { error, status, stdout } = check(text('openwrt/dragoman.init'));

	if (error?.code === 'ENOENT')
		return t.skip('shellcheck is not installed');
	assert.equal(status, 0, stdout);
	assert.notEqual(check(`${text('openwrt/dragoman.init')}\ncat $1\n`).status, 0);
});
