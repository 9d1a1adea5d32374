// What the processes of the gateway gave up after their start.
import { readFileSync, readdirSync } from 'node:fs';
import { EMULATED, SANITIZED, Stage, assert, pair, test, until }
    from './harness.mjs';
import { completion } from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const config = (rest) => ({ config: pair(gpt, gpt, rest) });
const say = (gateway) => gateway.openai().chat.completions.create({
	model: 'gpt/gpt-4o', messages: hello });
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`,
    'utf8').split(' ').filter((p) => p).map(Number);
const status = (pid, name) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
/** The sanitizers of a test build need more than a sealed process has. */
const whereSealed = { skip: SANITIZED && 'built with sanitizers' ||
	EMULATED && 'the emulator knows no filter' };

test('no privileges, in any process', async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));
	const all = [gateway.pid, ...children(gateway.pid)];

	assert.equal(all.length, 3);
	for (const pid of all) {
		assert.equal(status(pid, 'NoNewPrivs'), '1');
		for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
			assert.match(status(pid, set), /^0+$/, set);
		assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'),
		    /^Max core file size\s+0\s+0/m);
	}
	assert.match(gateway.log, /msg=sealed privileges=on/);
});

test('a filter of system calls in every process and thread', whereSealed,
    async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));

	gpt.answer((c) => c.json(completion('here')));
	await say(gateway);
	for (const pid of [gateway.pid, ...children(gateway.pid)])
		for (const thread of readdirSync(`/proc/${pid}/task`))
			assert.match(readFileSync(
			    `/proc/${pid}/task/${thread}/status`, 'utf8'),
			    /^Seccomp:\s*2$/m);
	assert.match(gateway.log, /msg=sealed .*calls=on/);
});

test('a worker that does what it may not is replaced', async () => {
	const gateway = await stage.gateway(config({ workers: 1 }));
	const [worker] = children(gateway.pid);

	gateway.expectBroken = true;
	process.kill(worker, 'SIGSYS');
	await until(() => {
		const [next] = children(gateway.pid);

		return next && next !== worker;
	}, 'another worker');
	gpt.answer((c) => c.json(completion('still here')));
	assert.equal((await say(gateway)).choices[0].message.content,
	    'still here');
	assert.match(gateway.log, /died of signal 31/);
});

test('who does not want it says so, and is told', async () => {
	const gateway = await stage.gateway(config({ seal: false }));

	assert.equal(status(gateway.pid, 'Seccomp'), '0');
	assert.match(gateway.log, /level=warn msg="not sealed: the conf/);
});

stage.close();
