// Answers of providers, invented from a seed, through the program: what the
// official SDKs see before and after, and what comes back in the next turn.  The
// folder ../replay has it all; with recordings it is run by ../replay.sh.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BIN, assert, cleanEnv, test, within } from './harness.mjs';

const script = fileURLToPath(new URL('../replay/sdk.mjs', import.meta.url));

test('invented answers are the same before and after', async () => {
	const child = spawn(process.execPath, [script, BIN], {
		env: cleanEnv({ COUNT: '60', SEED: '7' }) });
	let out = '';

	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { out += d; });
	const code = await within(new Promise((done) =>
	    child.on('close', done)), 'the comparison', 90000).finally(() =>
		child.kill('SIGKILL'));

	assert.equal(code, 0, out);
	assert.match(out, /^60 passed, 0 failed$/m);
});
