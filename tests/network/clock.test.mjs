// Clocks that jump.  The wall clock is moved under the program by network/clock.c;
// the monotonic one begins elsewhere in a time namespace.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync,
	writeSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Gateway, ask, neighbour, one, run, sleep, until } from './world.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'clock-'));
const at = (name) => join(dir, name);
const DAY = 86400, YEAR = 365 * DAY;
const now = () => Math.floor(Date.now() / 1000);
const to1970 = () => 10 - now();
const NEAR = 'http://127.0.0.1:8081/v1';
const near = await neighbour(8081, 'near');

after(() => rmSync(dir, { recursive: true }));

// ---- the wall clock ----

execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o',
	at('clock.so'), join(here, 'clock.c'), '-ldl']);
writeFileSync(at('moved'), Buffer.alloc(8));
const moved = openSync(at('moved'), 'r+');
const libasan = run('gcc -print-file-name=libasan.so').trim();

/** From now on the program's wall clock is off by so much. */
function jump(seconds) {
	const bytes = Buffer.alloc(8);

	bytes.writeBigInt64LE(BigInt(Math.round(seconds)));
	writeSync(moved, bytes, 0, 8, 0);
}

const start = (config, env = {}) => Gateway.start(config, {
	bin: process.env.DRAGOMAN_ASAN,
	env: { LD_PRELOAD: `${libasan}:${at('clock.so')}`,
		CLOCK_FILE: at('moved'), ...env } });

/** Ticks of the CPU that all its processes have used. */
function ticks(gateway) {
	let sum = 0;

	for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
		let stat;

		try {
			stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
			    .replace(/^.*\) /, '').split(' ').map(Number);
		} catch {
			continue;		// it has ended
		}
		if (Number(pid) === gateway.child.pid ||
		    stat[1] === gateway.child.pid)
			sum += stat[11] + stat[12];
	}
	return sum;
}

const jumps = { 'forward by years': 9 * YEAR, 'back by years': -9 * YEAR,
	'to 1970': to1970(), 'forward by a day': DAY, 'back by an hour': -3600 };

for (const [what, by] of Object.entries(jumps))
	test(`it jumps ${what}: streams and timers do not mind`, async () => {
		jump(0);
		const gateway = await start(one(NEAR,
		    { limits: { silence_ms: 1500 } }));
		const stream = async (then) => {
			let seen = '';

			near.hold = true;
			const over = gateway.chat({ stream: true },
			    { onText: (text) => { seen = text; } });

			await until(() => /one/.test(seen), 'the first word');
			near.hold = false;
			await then();
			return over;
		};

		// an open stream goes on
		const whole = await stream(async () => {
			jump(by);
			await sleep(200);
			near.goOn();
		});

		assert.match(whole.text, /two[^]*\[DONE\]/);
		// one that is silent ends when it should
		jump(0);
		const silent = await stream(async () => jump(by));

		assert.match(silent.text, /^data: \{"error":.*silent/m);
		assert.ok(silent.ms > 1000 && silent.ms < 9000, `${silent.ms} ms`);
		// nothing spins, and connections that wait still serve
		const before = ticks(gateway);

		await sleep(300);
		assert.ok(ticks(gateway) - before < 15, 'it works while idle');
		await gateway.good();
		jump(0);
		await gateway.good();
		await gateway.stop();
	});

test('stamps of the log are of the clock', async () => {
	jump(to1970());
	const gateway = await start(one(NEAR));

	await gateway.good();
	await until(() => /time=1970-01-01T00:00:\d\d\.\d{3}Z level=warn msg="this machine's clock is not set, it shows 1970-01-01T00:00Z: /
	    .test(gateway.log), 'a warning');
	jump(0);
	await gateway.good();
	await until(() => new RegExp(
	    `time=${new Date().getUTCFullYear()}-.* status=200`)
	    .test(gateway.log), 'a line of today');
	await gateway.stop();
});

// ---- certificates ----

test('certificates: at 1970, once it is set, and far ahead', async () => {
	const openssl = (...args) => execFileSync('openssl', args,
	    { cwd: dir, stdio: 'pipe' });

	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
	    'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'tls.key', '-out',
	    'tls.pem', '-subj', '/CN=localhost', '-days', '30', '-addext',
	    'subjectAltName=DNS:localhost');
	const server = https.createServer({ key: readFileSync(at('tls.key')),
		cert: readFileSync(at('tls.pem')) },
	(request, response) => near.answer(request, response));

	await new Promise((go) => server.listen(8443, '127.0.0.1', go));
	jump(to1970());
	const gateway = await start(one('https://localhost:8443/v1',
	    { limits: { pool_idle: 0 } }), { SSL_CERT_FILE: at('tls.pem') });
	const refused = async (why) => {
		const answer = await gateway.chat();

		assert.equal(answer.status, 502, answer.text);
		assert.match(answer.json.error.message, why);
	};

	await refused(/not valid yet: this machine's clock is wrong \(the clock here shows 1970-01-01T00:00Z\)/);
	jump(0);
	await gateway.good('the clock is set');
	jump(-DAY);			// late, but not in 1970
	await refused(/not valid yet: this machine's clock is wrong \(the clock here shows 20/);
	jump(0);
	await gateway.good('the clock is set again');
	jump(50 * YEAR);
	await refused(/has expired .*\(the clock here shows 20[67]/);
	jump(0);
	await gateway.good('the clock is put back');
	await gateway.stop();
	server.close();
	server.closeAllConnections();
});

// ---- limits, budgets, the ledger ----

const KEY = 'sk-of-a-client';
const keyed = (limits, rest = {}) => one(NEAR, { keys: [{ name: 'a', ...limits,
	sha256: createHash('sha256').update(KEY).digest('hex') }],
catalog: { 'p/m': { price: { in: 1000, out: 1000 } } }, ...rest });
const mine = (gateway) => gateway.chat({ max_tokens: 1 },
    { headers: { authorization: `Bearer ${KEY}` } });
const status = async (gateway) => (await mine(gateway)).status;

test('requests of a minute are those of the true minute', async () => {
	jump(0);
	const gateway = await start(keyed({ rpm: 10 }));

	while (await status(gateway) === 200)
		;
	for (const by of [YEAR, -YEAR, to1970(), 0]) {
		jump(by);
		assert.equal(await status(gateway), 429, String(by));
	}
	jump(-YEAR);
	await until(async () => await status(gateway) === 200,
	    'a request more', 9000);
	jump(0);
	await gateway.stop();
});

// each answer costs 0.002 dollars
const BUDGET = { budgets: [{ usd: 0.0035, per: 'day' }] };

async function spend(gateway) {
	assert.equal(await status(gateway), 200);
	assert.equal(await status(gateway), 200);
	assert.equal(await status(gateway), 429);
}

test('a budget of a day is another when the clock says so', async () => {
	jump(0);
	const gateway = await start(keyed(BUDGET));

	await spend(gateway);
	jump(5 * YEAR);
	await spend(gateway);
	jump(0);			// nothing of that counts any more
	await spend(gateway);
	jump(to1970());			// no day at all: it goes on
	assert.equal(await status(gateway), 429);
	jump(0);
	assert.equal(await status(gateway), 429);
	jump(DAY);
	await spend(gateway);
	await gateway.stop();
});

test('budgets are read from the ledger by a clock that is not set', async () => {
	const config = keyed(BUDGET, { ledger: { path: at('ledger'),
		sync: 'always' } });
	const again = async (by) => {
		jump(by);
		return start(config);
	};
	let gateway = await again(0);

	await spend(gateway);
	await gateway.stop();
	gateway = await again(to1970());
	assert.equal(await status(gateway), 429);
	jump(0);			// it is set, and this is still the day
	assert.equal(await status(gateway), 429);
	jump(DAY);
	assert.equal(await status(gateway), 200);
	await gateway.stop();
});

test('what a clock wrote that was ahead holds up no day', async () => {
	const config = keyed(BUDGET, { ledger: { path: at('ahead'),
		sync: 'always' } });

	jump(5 * YEAR);
	let gateway = await start(config);

	await spend(gateway);
	await gateway.stop();
	jump(0);
	gateway = await start(config);
	await spend(gateway);
	const sums = execFileSync(process.env.DRAGOMAN_BIN, ['usage', '--by', 'day',
		'--csv', '--ledger', at('ahead')], { encoding: 'utf8' });
	const year = new Date().getUTCFullYear();

	assert.match(sums, new RegExp(`^"${year}-`, 'm'));
	assert.match(sums, new RegExp(`^"(${year + 4}|${year + 5})-`, 'm'));
	assert.equal((await ask(`${gateway.url}/usage.json`)).status, 200);
	await gateway.stop();
});

// ---- answers that are kept, failures, dates ----

test('answers are given again for as long as they may', async () => {
	jump(0);
	const gateway = await start(one(NEAR, { cache: { max_mb: 4, on: true,
		ttl_s: 3 } }));
	const result = async () => (await gateway.good())
	    .headers['x-dragoman-cache'];

	for (const by of [9 * YEAR, to1970()]) {
		jump(0);
		await until(async () => await result() === 'miss', 'a miss', 9000);
		jump(by);
		assert.equal(await result(), 'hit');
		// made by the clock that was wrong, asked for by the right one
		await until(async () => await result() === 'miss', 'a miss', 9000);
		jump(0);
		assert.equal(await result(), 'hit');
	}
	await until(async () => await result() === 'miss', 'a miss', 9000);
	await gateway.stop();
});

test('circuits close again', async () => {
	jump(0);
	const other = await neighbour(8082, 'other');
	const gateway = await start({
		providers: { p: { chat: NEAR, key: 'k' },
			q: { chat: 'http://127.0.0.1:8082/v1', key: 'k' } },
		models: { both: { targets: ['p/m', 'q/m'] } },
		circuit: { failures: 1, open_ms: 500, open_max_ms: 500 } });
	const who = async () => (await gateway.chat({}, { model: 'both' }))
	    .json.choices?.[0].message.content;

	for (const by of [9 * YEAR, -9 * YEAR, to1970()]) {
		near.status = 500;
		assert.equal(await who(), 'other');
		near.status = 0;
		jump(by);
		await until(async () => await who() === 'near', 'the first', 9000);
	}
	jump(0);
	await gateway.stop();
	other.close();
});

test('a date to try again is of the clock of who tells it', async () => {
	jump(to1970());
	const gateway = await start(one(NEAR, { retries: 1 }));

	near.status = 429;
	near.headers = { 'retry-after': new Date(Date.now() + 2500).toUTCString() };
	const answer = gateway.chat();

	await until(() => /pause before a retry/.test(gateway.log), 'a pause', 9000);
	near.status = 0;
	assert.equal((await answer).status, 200);
	assert.ok((await answer).ms < 9000);
	near.headers = {};
	jump(0);
	await gateway.stop();
});

test('a changed configuration is read by any clock', async () => {
	jump(0);
	const gateway = await start(one(NEAR));

	for (const [name, by] of [['early', to1970()], ['late', 20 * YEAR]]) {
		jump(by);
		writeFileSync(gateway.file, JSON.stringify({ workers: 1,
			...one(NEAR, { models: { [name]: 'p/m' } }) }));
		await until(async () => (await gateway.chat({}, { model: name }))
		    .status === 200, name, 9000);
	}
	jump(0);
	await gateway.stop();
});

// ---- the monotonic clock ----

const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8')
    .split(' ')[0]));
const begins = { 'just after boot': 1 - uptime,
	'before 2^31 ms': 2147483 - 1 - uptime,
	'before 2^32 ms': 4294967 - 1 - uptime,
	'after a hundred years': 100 * YEAR };
let spaces = true;

try {
	run('unshare -T --monotonic 1 true');
} catch {
	spaces = false;
}

for (const [what, by] of Object.entries(begins))
	test(`the monotonic clock begins ${what}`, { skip: !spaces }, async () => {
		const gateway = await Gateway.start(keyed({ rpm: 1000,
			concurrency: 5 }, { limits: { silence_ms: 700 } }), {
			under: ['unshare', '-T', '--monotonic', String(by)] });

		for (let i = 0; i < 3; i++) {
			assert.equal(await status(gateway), 200);
			near.hold = true;
			const silent = await gateway.chat({ stream: true },
			    { headers: { authorization: `Bearer ${KEY}` } });

			near.hold = false;
			assert.match(silent.text, /^data: \{"error":.*silent/m);
			assert.ok(silent.ms > 400 && silent.ms < 9000,
			    `${silent.ms} ms`);
		}
		await gateway.stop();
	});
