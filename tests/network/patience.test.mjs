// How long it takes until a way that is gone is given up, without any limit of the
// configuration: in the middle of a stream, and before an answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gateway, begun, one, provider, silence, sleep, sound, until }
    from './world.mjs';

const far = await provider('::', 8080, 'far');

test('who waits is told long before silence_ms and first_token_ms', async () => {
	const gateway = await Gateway.start(one('http://192.0.2.2:8080/v1'));
	const { over } = await begun(gateway, far);

	// on a connection that is used again, and has arrived
	await gateway.good();
	await far.set({ mute: true });
	const waiting = gateway.chat({}, { timeout: 70000 });

	await until(async () => await far.get('asked') === 3, 'the third request');
	await sleep(300);
	silence();
	const [stream, answer] = await Promise.all([over, waiting]);

	console.log(`told after ${stream.ms} and ${answer.ms} ms`);
	assert.match(stream.text, /^data: \{"error":/m);
	assert.ok(stream.ms < 60000, `${stream.ms} ms`);
	assert.equal(answer.status, 502);
	assert.match(answer.text, /broke before it answered/);
	assert.ok(answer.ms < 60000, `${answer.ms} ms`);
	// it had been there: nobody asks twice for what may be paid for
	assert.equal(gateway.count(/msg="attempt failed"/g), 1);
	await sound();
	assert.equal(await far.get('asked'), 3);
	await far.set({ mute: false });
	await gateway.good();
	await gateway.stop();
});
