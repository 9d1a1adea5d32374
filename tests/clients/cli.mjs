// A program of the command line: run it in a home and a folder of its own, with
// nothing of the caller's environment, and read what it prints.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LIMIT_MS = 150000;

function environment(home, env) {
	return {
		PATH: process.env.PATH, HOME: home, TMPDIR: join(home, 'tmp'),
		LANG: 'C.UTF-8', TERM: 'dumb', CI: '1', SHELL: '/bin/sh',
		NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost',
		...env,
	};
}

/** Run it to its end: { code, out, err }. */
function run(command, args, options) {
	const child = spawn(command, args, { ...options, detached: true,
		stdio: ['ignore', 'pipe', 'pipe'] });
	const seen = { code: null, out: '', err: '' };
	const kill = () => {
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			// all of it has ended
		}
	};
	const timer = setTimeout(() => {
		seen.err += `\n[no end after ${LIMIT_MS} ms]`;
		kill();
	}, LIMIT_MS);

	process.on('exit', kill);

	child.stdout.on('data', (data) => { seen.out += data; });
	child.stderr.on('data', (data) => { seen.err += data; });
	return new Promise((done) => {
		child.on('error', (error) => { seen.err += error; done(seen); });
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			seen.code = signal ?? code;
			kill();		// helpers that it left behind
			process.off('exit', kill);
			done(seen);
		});
	});
}

const order = (name, args) =>
    `[[call ${name} ${encodeURIComponent(JSON.stringify(args))}]]`;

/**
 * Three scripts in the folder.  The answer to one is the order to run the next;
 * only the last one knows the word.  They linger: Qwen Code may miss what is
 * said by a command that ends at once.
 */
function writeSteps(folder, way, word) {
	for (let n = 1; n <= 3; n++) {
		const next = n === 3 ? `finished ${word}` : `step ${n} is done, ${
			order(way.shell, way.shellArguments(`sh step${n + 1}.sh`))}`;

		writeFileSync(join(folder, `step${n}.sh`),
		    `echo ran >ran${n}\necho '${next}'\nsleep 1\n`);
	}
	return `Please do the first step. ${order(way.shell,
		way.shellArguments('sh step1.sh'))}`;
}

/** One turn of a program, or a loop of three; what it printed is returned. */
export async function drive(way, { folder, url, model, key, word, steps }) {
	const home = mkdtempSync(join(folder, 'home-'));
	const work = join(home, 'work');
	const setup = way.setup({ url, model, key });

	mkdirSync(work);
	mkdirSync(join(home, 'tmp'));
	for (const [name, text] of Object.entries(setup.files ?? {})) {
		mkdirSync(dirname(join(home, name)), { recursive: true });
		writeFileSync(join(home, name), text);
	}
	const prompt = steps ? writeSteps(work, way, word) : `Please say ${word}`;
	const seen = await run(way.command, way.args({ prompt, model, home, steps,
		url }), { cwd: work, env: environment(home, { ...setup.env,
		...way.quiet }) });

	seen.ran = [1, 2, 3].filter((n) => existsSync(join(work, `ran${n}`)));
	rmSync(home, { recursive: true, force: true });
	return seen;
}
