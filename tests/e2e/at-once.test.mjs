// A second target that cannot be dialled at all, after the first was too slow.
import { Stage, assert, test } from './harness.mjs';

const stage = new Stage();
const slow = await stage.provider();
const gateway = await stage.gateway({ config: {
	providers: {
		slow: { chat: `${slow.url}/v1`, key: 'k' },
		// a broadcast address: connect() fails before it returns
		never: { chat: 'http://255.255.255.255:9/v1', key: 'k' },
	},
	models: { m: { targets: ['slow/a', 'never/b'],
		first_token_timeout_ms: 50 } },
} });

test('a dial that fails at once, in a timer', async () => {
	slow.answer(() => {});
	const { status, json } = await gateway.post('/v1/chat/completions', {
		model: 'm', messages: [{ role: 'user', content: 'Hello' }] });

	assert.equal(status, 502);
	assert.match(json.error.message, /never/);
	slow.answer((call) => call.begin());
	const again = await gateway.post('/v1/chat/completions', { model: 'm',
		stream: true, messages: [{ role: 'user', content: 'Hello' }] });

	assert.equal(again.status, 502);
});

stage.close();
