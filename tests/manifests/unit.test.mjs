// docker/systemd/dragoman.service in a systemd: it is started, reloaded, killed and
// stopped with all that the unit takes away (unit.sh says what that systemd is).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { ask, BIN, HELLO, until } from './program.mjs';
import { text } from './read.mjs';

/** A systemd with these units; null if there can be none here: t is skipped. */
async function machine(t, units) {
	const folder = mkdtempSync(join(tmpdir(), 'dragoman-units-'));

	t.after(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, unit] of Object.entries({ ...units,
		'nothing.target': '[Unit]\nDescription=nothing\n' })) {
		mkdirSync(join(folder, name, '..'), { recursive: true });
		writeFileSync(join(folder, name), unit);
	}
	const child = spawn(fileURLToPath(new URL('unit.sh', import.meta.url)),
	    [folder], { stdio: ['pipe', 'pipe', 'inherit'] });
	let said = '', ended = false;

	child.stdout.on('data', (d) => { said += d; });
	child.stdin.on('error', () => {});
	const end = new Promise((done) => child.on('close', () => {
		ended = true;
		done();
	}));

	t.after(async () => {
		child.stdin.end();
		await end;
	});
	await until(() => ended || said.includes('ready\n'), 'a systemd');
	if (!said.includes('ready\n')) {
		assert.match(said, /^skipped: /, said);
		t.skip(said.trim().replace('skipped: ', ''));
		return null;
	}
	/** What a command says there; it must be content. */
	return async (command, status = 0) => {
		said = '';
		child.stdin.write(`${command}\n`);
		const [, out, got] = await until(() => {
			assert.ok(!ended, said);
			return said.match(/^([^]*)\n= (\d+)\n$/);
		}, command);

		assert.equal(Number(got), status, `${command}: ${out}`);
		return out.trim();
	};
}

// Its user has no name here, and what it would find in /var, /etc and /usr is
// in the /run that this systemd has to itself.
const unit = text('systemd/dragoman.service')
	.replaceAll('/usr/local/bin/', '/run/')
	.replaceAll('/var/lib/', '/run/state/')
	.replaceAll('/etc/dragoman/', '/run/etc/')
	.replace('DynamicUser=yes', 'User=nobody');
const [credential, lowPort] = unit.split('#\t[Service]\n').slice(1).map((part) =>
	`[Service]\n${part.match(/^(#\t.*\n)*/)[0].replaceAll('#\t', '')}`);
const LOG = 'StandardError=file:/run/log\n';

/** The program installed there, with this drop-in and these variables. */
async function install(t, dropIn, env) {
	const sh = await machine(t, { 'dragoman.service': unit,
		'dragoman.service.d/ours.conf': dropIn });

	if (sh) {
		await sh(`install ${BIN} /run/dragoman; mkdir /run/etc`);
		for (const [name, value] of Object.entries(env))
			await sh(`echo '${name}=${value}' >>/run/etc/env`);
		await sh('chmod 600 /run/etc/env');
	}
	return sh;
}

const show = async (sh, name) =>
	sh(`systemctl --user show dragoman -p ${name} --value`);

async function started(sh) {
	await sh('systemctl --user start dragoman');
	const log = await until(async () => {
		const lines = await sh('cat /run/log');

		return /listening on/.test(lines) && lines;
	}, 'it listens');

	return { log, port: Number(log.match(/listening on [^ "]*:(\d+)/)[1]) };
}

const hello = (port) => ask(port, '/v1/chat/completions', { body: HELLO });

test('systemd starts it, with next to no rights', async (t) => {
	const sh = await install(t, `[Service]\n${LOG}RestartSec=100ms\nExecStart=\n` +
	    'ExecStart=/run/dragoman serve --demo\n',
	    { DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '1' });

	if (!sh)
		return;
	const { log, port } = await started(sh);

	assert.match(log, /msg=sealed privileges=on .*calls=on/);
	assert.doesNotMatch(log, /=failed|=off|level=error/);
	// what MemoryMax leaves, where memory is counted by groups
	if (/^\d{1,15}$/.test(await show(sh, 'MemoryCurrent')))
		assert.ok(Number(log.match(/may take (\d+) MB/)[1]) < 256, log);
	assert.equal((await hello(port)).status, 200);
	const pid = await show(sh, 'MainPID');
	const pids = [pid, ...(await sh(`cat /proc/${pid}/task/${pid}/children`)).split(' ')];

	assert.equal(pids.length, 3);		// and the provider of the demo
	for (const each of pids) {
		const status = await sh(`cat /proc/${each}/status`);
		const is = (name) => status.match(new RegExp(`^${name}:\\s+(\\S+)`, 'm'))[1];

		assert.notEqual(is('Uid'), '0');
		assert.match(is('CapBnd'), /^0+$/);
		assert.match(is('CapEff'), /^0+$/);
		assert.equal(is('NoNewPrivs'), '1');
		assert.equal(is('Seccomp'), '2');
	}
	await until(async () => /gpt-5/.test(await sh(
	    'cat /run/state/dragoman/ledger.jsonl')), 'a line in the ledger');
	assert.equal(await sh('stat -c %a /run/state/dragoman'), '700');

	await sh('systemctl --user reload dragoman');
	await until(async () => /configuration read anew/.test(await sh('cat /run/log')),
	    'a reload');
	assert.equal(await show(sh, 'MainPID'), pid);

	// It is killed, and comes back; its address is another.
	await sh(`: >/run/log; kill -KILL ${pid}`);
	await until(async () => await show(sh, 'NRestarts') === '1' &&
	    /listening on/.test(await sh('cat /run/log')), 'a new start');
	const again = (await sh('cat /run/log')).match(/listening on [^ "]*:(\d+)/)[1];

	assert.equal((await hello(Number(again))).status, 200);
	await sh('systemctl --user stop dragoman');
	assert.equal(await show(sh, 'Result'), 'success');
	assert.equal(await show(sh, 'ExecMainStatus'), '0');
	assert.match(await sh('cat /run/log'), /stopped/);
});

test('it reads a key that systemd hands to it', async (t) => {
	const sh = await install(t, credential + LOG,
	    { DRAGOMAN_LISTEN: '127.0.0.1:0' });

	if (!sh)
		return;
	await sh('umask 077; echo sk-of-a-file >/run/etc/openai.key');
	const { port } = await started(sh);
	const { text: models } = await ask(port, '/v1/models');

	assert.match(models, /"gpt-5"/);
	assert.doesNotMatch(models, /claude/);
	await sh('systemctl --user stop dragoman');
});

test('it may listen below 1024 when it is told so', async (t) => {
	const sh = await install(t, `${lowPort}${LOG}`,
	    { DRAGOMAN_LISTEN: '127.77.0.4:443', OPENAI_API_KEY: 'none' });

	if (!sh)
		return;
	await started(sh);
	const pid = await show(sh, 'MainPID');

	// the port is open, and what opened it is given up
	assert.match(await sh(`cat /proc/${pid}/status`), /^CapEff:\s+0+$/m);
	await sh('/run/dragoman healthcheck http://127.77.0.4:443/healthz');
	await sh('systemctl --user stop dragoman');
});
