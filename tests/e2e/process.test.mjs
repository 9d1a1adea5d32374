// The program as processes: signals, workers, commands and their exit codes.
import { readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import OpenAI from 'openai';
import { Stage, assert, failure, gather, pair, run, test, until }
    from './harness.mjs';
import { completion, completionEvents, messageEvents, sse }
    from './shapes.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const hello = [{ role: 'user', content: 'Hello' }];
const config = (rest) => ({ config: pair(gpt, gpt, rest) });
const say = (gateway) => gateway.openai().chat.completions.create({
	model: 'gpt/gpt-4o', messages: hello });
const children = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ')
	.filter((p) => p).map(Number));

function refused(port) {
	return new Promise((done) => {
		const socket = net.connect(port, '127.0.0.1');

		socket.on('error', () => done(true));
		socket.on('connect', () => {
			socket.destroy();
			done(false);
		});
	});
}

test('a port that another gateway has is not shared with it', async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));
	const second = await run([], { env: { DRAGOMAN_WORKERS: '2',
		DRAGOMAN_LISTEN: `127.0.0.1:${gateway.port}` } });

	assert.equal(second.code, 1);
	assert.match(second.err, /cannot listen on 127\.0\.0\.1:\d+: Addr/);
});

test('SIGTERM lets a stream end, and lets nobody in', async () => {
	const gateway = await stage.gateway(config());
	const idle = await stage.raw(gateway,
	    'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	let call;

	await idle.sees(/"ok"/);
	gpt.answer((c) => {
		call = c;
		c.begin().piece(sse(...completionEvents('To the end').slice(0, 2)));
	});
	const stream = await gateway.anthropic().messages.create({ stream: true,
		model: 'gpt/gpt-4o', max_tokens: 9, messages: hello });

	gateway.signal('SIGTERM');
	await until(() => refused(gateway.port), 'connections to be refused');
	await idle.closed();
	assert.equal(gateway.ended, null, 'it ended with a stream under way');
	call.piece(sse(...completionEvents('To the end').slice(2))).end();
	const events = await gather(stream);

	assert.equal(events.at(-1).type, 'message_stop');
	await gateway.stop();
	assert.match(gateway.log, /stopped/);
});

test('with several workers nobody gets in either, with or without the demo',
    async () => {
	const demo = { args: ['serve', '--demo'], env: {
		DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '3' } };
	let call;

	gpt.answer((c) => {
		call = c;
		c.begin().piece(sse(...completionEvents('To the end').slice(0, 2)));
	});
	for (const options of [config({ workers: 3 }), demo]) {
		const gateway = await stage.gateway(options);
		const stream = await gateway.anthropic().messages.create({
			model: options === demo ? 'gpt-5+drip=100+events=9'
			    : 'gpt/gpt-4o', stream: true, max_tokens: 9,
			messages: hello });

		gateway.signal('SIGTERM');
		await until(() => refused(gateway.port), 'to be refused');
		assert.equal(gateway.ended, null);
		if (options !== demo)
			call.piece(sse(...completionEvents('To the end')
			    .slice(2))).end();
		assert.equal((await gather(stream)).at(-1).type,
		    'message_stop');
		await gateway.stop();
	}
});

test('a stream that does not end is cut when the time to drain is over',
    async () => {
	const gateway = await stage.gateway(config({ limits: { drain_s: 1 } }));

	gpt.answer((c) => {
		c.begin().piece(sse(...completionEvents('Endless').slice(0, 2)));
	});
	const stream = await gateway.openai().chat.completions.create({
		model: 'gpt/gpt-4o', messages: hello, stream: true });

	gateway.signal('SIGTERM');
	assert.match((await failure(gather(stream))).message,
	    /shutting down/);
	await gateway.stop();
});

test('what is cut is told so, in the words of each protocol', async () => {
	const gateway = await stage.gateway(config({ limits: { drain_s: 1 } }));
	const openai = gateway.openai(), anthropic = gateway.anthropic();
	const model = 'gpt/gpt-4o', asked = gpt.requests.length;
	const begun = () => gpt.answer((c) => {
		c.begin().piece(sse(...completionEvents('Endless').slice(0, 2)));
	});

	begun();
	const chat = await openai.chat.completions.create({ model, stream: true,
		messages: hello });

	begun();
	const translated = await anthropic.messages.create({ model,
		stream: true, max_tokens: 9, messages: hello });

	for (let i = 0; i < 2; i++)
		gpt.answer((c) => {
			c.begin().piece(sse(...messageEvents([{ type: 'text',
				text: 'Endless' }]).slice(0, 3)));
		});
	const several = await openai.chat.completions.create({ n: 2,
		model: 'claude/claude-opus-4-8', stream: true, messages: hello });

	gpt.answer(() => {}, () => {});		// which never answers
	const silent = [
		openai.chat.completions.create({ model, messages: hello }),
		anthropic.messages.create({ model, max_tokens: 9,
			messages: hello }),
	].map(failure);
	const half = await stage.raw(gateway, 'POST /v1/messages HTTP/1.1\r\n' +
	    'host: x\r\ncontent-type: application/json\r\n' +
	    'content-length: 99\r\n\r\n{');

	await until(() => gpt.requests.length === asked + 6, 'all to be asked');
	gateway.signal('SIGTERM');
	const lost = await Promise.all([chat, translated, several]
	    .map((stream) => failure(gather(stream))));

	assert.ok(lost[0] instanceof OpenAI.APIError);
	assert.equal(lost[0].code, 'overloaded');
	assert.equal(lost[1].error.error.type, 'overloaded_error');
	assert.equal(lost[2].code, 'overloaded');
	for (const error of lost)
		assert.match(error.message, /shutting down/);
	const [one, two] = await Promise.all(silent);

	assert.equal(one.status, 503);
	assert.equal(one.code, 'overloaded');
	assert.equal(one.headers.get('retry-after'), '1');
	assert.equal(two.status, 529);
	assert.equal(two.error.error.type, 'overloaded_error');
	assert.equal(two.headers.get('retry-after'), '1');
	await half.sees(/^HTTP\/1\.1 529 [^]*"overloaded_error"/);
	await gateway.stop();
	assert.match(gateway.log, /did not finish in time/);
});

test('SIGINT ends it too', async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));

	gateway.signal('SIGINT');
	assert.equal(await gateway.end, 0);
});

test('a worker that is killed is replaced, and the others go on', async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));

	gateway.expectBroken = true;		// we do it ourselves
	const before = await until(() => children(gateway.pid).length === 2 &&
	    children(gateway.pid), 'two workers');
	const [victim] = before;

	process.kill(victim, 'SIGKILL');
	await gateway.says(new RegExp(`worker ${victim} died of signal 9`));
	const after = await until(() => {
		const now = children(gateway.pid);

		return now.length === 2 && !now.includes(victim) && now;
	}, 'another worker in its place');

	assert.ok(after.includes(before[1]), 'the other one was disturbed');
	gpt.always((c) => c.json(completion('Still here')));
	for (let i = 0; i < 8; i++)
		await say(gateway);
	gpt.forget();
	await gateway.stop();
});

test('requests under way are counted, those of a dead worker no more',
    async () => {
	const gateway = await stage.gateway(config({ workers: 1 }));
	const inFlight = async () => Number(/^dragoman_requests_in_flight (.*)$/m
	    .exec((await gateway.ask('/metrics')).body)[1]);
	const calls = [];
	const begin = () => {
		gpt.answer((c) => calls.push(c));
		return say(gateway).catch(() => 'gone');
	};
	const first = begin();

	await until(() => calls.length === 1, 'the first request');
	assert.equal(await inFlight(), 1);
	calls[0].json(completion('done'));
	await first;
	assert.equal(await inFlight(), 0);
	const second = begin();

	await until(() => calls.length === 2, 'the second request');
	gpt.answer((c) => c.json(completion('by another')));
	const [worker] = children(gateway.pid);

	gateway.expectBroken = true;
	process.kill(worker, 'SIGKILL');
	await until(() => children(gateway.pid).some((pid) => pid !== worker),
	    'another worker');
	await second;
	assert.equal(await inFlight(), 0);
});

test('the whole house falls with the master', async () => {
	const gateway = await stage.gateway(config({ workers: 2 }));
	const workers = await until(() => children(gateway.pid).length === 2 &&
	    children(gateway.pid), 'two workers');

	gateway.signal('SIGKILL');
	await gateway.end;
	await until(() => workers.every((pid) => {
		try {
			return /State:\s+Z/.test(readFileSync(
			    `/proc/${pid}/status`, 'utf8'));
		} catch {
			return true;
		}
	}), 'the workers to end');
	stage.things.splice(stage.things.indexOf(gateway), 1);
});

test('healthcheck', async () => {
	const gateway = await stage.gateway(config());
	const empty = await stage.gateway({ env: {
		DRAGOMAN_LISTEN: '127.0.0.1:0' } });

	assert.equal((await run(['healthcheck', gateway.url])).code, 0);
	assert.equal((await run(['healthcheck', `${gateway.url}/healthz`])).code,
	    0);
	assert.equal((await run(['healthcheck'], { env: {
		DRAGOMAN_LISTEN: `0.0.0.0:${gateway.port}` } })).code, 0);
	const not = await run(['healthcheck', empty.url]);

	assert.equal(not.code, 1);
	assert.match(not.err, /not ready: status 503/);
	await gateway.stop();
	assert.equal((await run(['healthcheck', gateway.url])).code, 1);
	assert.equal((await run(['healthcheck', 'ftp://x'])).code, 2);
});

test('models', async () => {
	const env = { OPENAI_API_KEY: 'sk-1234567890' };
	const text = await run(['models'], { env });
	const json = await run(['models', '--json'], { env });

	assert.equal(text.code, 0);
	assert.match(text.out, /gpt-5/);
	assert.equal(json.code, 0);
	assert.ok(JSON.stringify(JSON.parse(json.out)).includes('gpt-4o'));
	assert.doesNotMatch(text.out + json.out, /sk-1234567890/);
});

test('version and help, and what is misspelled', async () => {
	const version = await run(['version']);

	assert.equal(version.code, 0);
	assert.match(version.out, /^dragoman \d+\.\d+\.\d+\S*\n$/);
	assert.equal((await run(['--version'])).out, version.out);
	const help = await run(['--help']);
	const names = [...help.out.matchAll(/^ {2}([a-z]+) {2}/gm)].map((m) =>
	    m[1]);

	assert.equal(help.code, 0);
	for (const name of ['serve', 'check', 'translate', 'models', 'keygen',
		'echo', 'healthcheck', 'version'])
		assert.ok(names.includes(name), name);
	for (const name of names.filter((n) => n !== 'version')) {
		const one = await run([name, '--help']);

		assert.equal(one.code, 0, name);
		assert.match(one.out, new RegExp(`^usage: dragoman \\[?${name}`));
		assert.equal(one.err, '');
		const bad = await run([name, '--no-such-option']);

		assert.equal(bad.code, 2, name);
		assert.match(bad.err, /--no-such-option|usage/);
	}
	const odd = await run(['serv']);

	assert.equal(odd.code, 2);
	assert.match(odd.err, /unknown command "serv"/);
});

test('an address that is taken is said, with exit code 1', async () => {
	const gateway = await stage.gateway(config());
	const { code, err } = await run(['serve'], { env: {
		DRAGOMAN_LISTEN: `127.0.0.1:${gateway.port}` } });

	assert.equal(code, 1);
	assert.match(err, /cannot listen on .*choose another address/);
});

test('translate, from standard input to standard output', async () => {
	const { code, out } = await run(['translate', '--from', 'chat', '--to',
		'messages', '--model', 'claude-opus-4-8'], { input:
		JSON.stringify({ model: 'x', messages: [
		    { role: 'system', content: 'Be brief.' }, ...hello] }) });
	const made = JSON.parse(out);

	assert.equal(code, 0);
	assert.equal(made.system[0].text, 'Be brief.');
	assert.equal(made.messages[0].content[0].text, 'Hello');
	const bad = await run(['translate', '--from', 'chat', '--to', 'messages'],
	    { input: '{"messages": 7}' });

	assert.equal(bad.code, 1);
	assert.equal((await run(['translate', '--from', 'klingon'])).code, 2);
});

test('a Unix socket', async () => {
	const path = `${stage.dir()}/d.sock`;
	const own = await stage.gateway(config({ listen: ['127.0.0.1:0',
		`unix:${path}`], workers: 2 }));
	const socket = net.connect(path);
	let seen = '';

	socket.on('data', (d) => { seen += d; });
	socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
	await until(() => /"ok"/.test(seen), 'an answer over the Unix socket');
	socket.destroy();
	assert.equal((await own.ask('/healthz')).status, 200);
});

/** Where the program header GNU_RELRO ends in a program of 64 or 32 bits. */
function relroEnd(elf) {
	const wide = elf[4] === 2;
	const [table, size, count, address, length] = wide
	    ? [32, 54, 56, 16, 40] : [28, 42, 44, 8, 20];
	const word = (at) => wide ? elf.readBigUInt64LE(at)
	    : BigInt(elf.readUInt32LE(at));
	const header = Array.from({ length: elf.readUInt16LE(count) }, (_, i) =>
	    Number(word(table)) + i * elf.readUInt16LE(size))
	    .find((at) => elf.readUInt32LE(at) === 0x6474e552);

	return word(header + address) + word(header + length);
}

// The program header says so, but nobody enforces it for a static program.
test('constants that hold pointers are read-only once it runs', async () => {
	const { pid } = await stage.gateway(config());
	const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
	    .map((l) => /^(\w+)-(\w+) (....).*?(\/\S*\/dragoman)?$/.exec(l))
	    .filter((m) => m).map(([, from, to, rights, own]) => ({
		from: BigInt(`0x${from}`), to: BigInt(`0x${to}`), rights, own }));
	const { from: base, own } = maps.find((m) => m.own);
	const last = base + relroEnd(readFileSync(own)) - 1n;
	const page = maps.find((m) => m.from <= last && last < m.to);

	assert.match(page.rights, /^r--/);
});

stage.close();
