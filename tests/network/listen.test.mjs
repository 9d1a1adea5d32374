// Both kinds of addresses: where it listens, whom it asks, one kind alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Gateway, ask, down, nameServer, neighbour, one, provider, resolvConf,
	run, up } from './world.mjs';

const BIN = process.env.DRAGOMAN_BIN;
const near = await neighbour(8081, 'near', '::');
const config = one('http://127.0.0.1:8081/v1');

/** Who gets an answer there? */
async function answers(host, port) {
	return ask(`http://${host}:${port}/healthz`, { timeout: 3000 })
	    .then((a) => a.status === 200, () => false);
}

function healthcheck(listen) {
	try {
		execFileSync(BIN, ['healthcheck'], { stdio: 'pipe',
			env: { DRAGOMAN_LISTEN: listen } });
		return true;
	} catch {
		return false;
	}
}

const V4 = ['127.0.0.1', '192.0.2.1'], V6 = ['[::1]', '[2001:db8::1]'];
const places = {
	'127.0.0.1': { says: /127\.0\.0\.1/, yes: ['127.0.0.1'],
		no: ['192.0.2.1', ...V6] },
	'[::1]': { says: /\[::1\]/, yes: ['[::1]'], no: [...V4, V6[1]] },
	'0.0.0.0': { says: /0\.0\.0\.0/, yes: V4, no: V6 },
	'[::]': { says: /\[::\]/, yes: [...V4, ...V6], no: [] },
	'': { says: /\[::\]/, yes: [...V4, ...V6], no: [] },
	'[2001:db8::1]': { says: /\[2001:db8::1\]/, yes: [V6[1]],
		no: [...V4, V6[0]] },
};

for (const [host, { says, yes, no }] of Object.entries(places))
	for (const workers of [1, 2])
		test(`listens on ${host}:port with ${workers} workers`, async () => {
			const gateway = await Gateway.start({ ...config, workers },
			    { listen: `${host}:0` });

			assert.match(gateway.host, says);
			for (const one of yes)
				assert.ok(await answers(one, gateway.port), one);
			for (const other of no)
				assert.ok(!await answers(other, gateway.port), other);
			assert.ok(healthcheck(`${host}:${gateway.port}`));
			await gateway.stop();
		});

for (const list of ['0.0.0.0:4100,[::]:4100', '[::]:4100,0.0.0.0:4100'])
	for (const workers of [1, 2])
		test(`both kinds at one port: ${list}, ${workers} workers`, async () => {
			const gateway = await Gateway.start({ ...config, workers },
			    { listen: list });

			for (const host of [...V4, ...V6])
				assert.ok(await answers(host, 4100), host);
			assert.ok(healthcheck(list));
			await gateway.stop();
		});

test('a port that is taken is still an error', async () => {
	const first = await Gateway.start(config, { listen: '[::]:4100' });
	const second = await Gateway.start(config, { listen: '0.0.0.0:4100',
		ready: false });

	assert.equal(await second.ended, 1);
	assert.match(second.log, /cannot listen on 0\.0\.0\.0:4100: .* in use/);
	await first.stop();
});

test('an address that goes and comes again is still listened on', async () => {
	const gateway = await Gateway.start(config, { listen: '192.0.2.1:0' });

	assert.ok(await answers('192.0.2.1', gateway.port));
	down();
	run('ip addr del 192.0.2.1/24 dev v0');
	assert.ok(!await answers('192.0.2.1', gateway.port));
	up();
	assert.ok(await answers('192.0.2.1', gateway.port));
	await gateway.stop();
});

test('an address that is not there yet is an error that says so', async () => {
	const gateway = await Gateway.start(config, { listen: '192.0.2.77:4100',
		ready: false });

	assert.equal(await gateway.ended, 1);
	assert.match(gateway.log, /192\.0\.2\.77:4100: .*no interface of this/);
});

for (const host of ['[::1]', '[0:0::1]', 'localhost', '127.0.0.1'])
	test(`a provider at ${host}`, async () => {
		const gateway = await Gateway.start(one(`http://${host}:8081/v1`));

		await gateway.good();
		await gateway.stop();
	});

test('a network of IPv6 alone', async () => {
	const names = await nameServer('2001:db8::53',
	    { 'api.test': { A: ['192.0.2.2'], AAAA: ['2001:db8::2'] } });
	const far = await provider('::', 8080, 'far');

	run('ip addr del 192.0.2.1/24 dev v0');
	run('ip addr del 127.0.0.1/8 dev lo');
	resolvConf('nameserver 2001:db8::53');
	const gateway = await Gateway.start(one('http://api.test:8080/v1'),
	    { listen: '[::1]:0' });

	gateway.url = `http://[::1]:${gateway.port}`;
	await gateway.good();
	assert.ok(healthcheck(`[::1]:${gateway.port}`));
	await gateway.stop();
	await far.close();
	await names.close();
	run('ip addr add 127.0.0.1/8 dev lo');
	run('ip addr add 192.0.2.1/24 dev v0');
});

// ---- the last: nothing here brings IPv6 back ----

test('a machine without IPv6', async () => {
	const names = await nameServer('192.0.2.53',
	    { 'api.test': { A: ['192.0.2.2'], AAAA: ['2001:db8::2'] } });
	const far = await provider('0.0.0.0', 8080, 'far');

	writeFileSync('/proc/sys/net/ipv6/conf/all/disable_ipv6', '1');
	resolvConf('nameserver 192.0.2.53', 'nameserver 2001:db8::53');
	for (const host of ['', '[::]', '*', '0.0.0.0']) {
		const gateway = await Gateway.start(one('http://api.test:8080/v1'),
		    { listen: `${host}:0` });
		const { ms } = await gateway.good(host);

		assert.ok(ms < 4000, `${ms} ms`);
		assert.ok(healthcheck(`${host}:${gateway.port}`), host);
		await gateway.stop();
	}
	for (const host of ['[::1]', '[2001:db8::1]']) {
		const gateway = await Gateway.start(config, { listen: `${host}:4100`,
			ready: false });

		assert.equal(await gateway.ended, 1);
		assert.match(gateway.log, /cannot listen on \[.*: no interface of this/);
	}
	await far.close();
	await names.close();
});
