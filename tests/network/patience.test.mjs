// How long it takes until a way that is gone is given up, without any limit of the
// configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gateway, begun, one, provider, silence, sound } from './world.mjs';

const far = await provider('::', 8080, 'far');

test('a stream whose way is gone ends long before silence_ms', async () => {
	const gateway = await Gateway.start(one('http://192.0.2.2:8080/v1'));
	const { over } = await begun(gateway, far);

	silence();
	const answer = await over;

	console.log(`told after ${answer.ms} ms`);
	assert.match(answer.text, /^data: \{"error":/m);
	assert.ok(answer.ms < 60000, `${answer.ms} ms`);
	await sound();
	await gateway.good();
	await gateway.stop();
});
