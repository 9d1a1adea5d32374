// The application of docker/k8s/pod.yaml: OpenAI's SDK, told by its environment
// alone whom to ask.  It says what it was answered, and stays.
import OpenAI from 'openai';

process.on('SIGTERM', () => process.exit(0));

const client = new OpenAI({ maxRetries: 10 });
const request = {
	model: 'claude-haiku-4-5',
	messages: [{ role: 'user', content: 'Are you there?' }],
};
const whole = await client.chat.completions.create(request);

console.log(`whole: ${whole.choices[0].message.content}`);

const stream = await client.chat.completions.create({ ...request, stream: true });
let text = '', parts = 0;

for await (const { choices: [choice] } of stream) {
	text += choice?.delta?.content ?? '';
	parts++;
}
console.log(`streamed: ${text}`);
console.log(parts > 2 ? 'in parts' : 'at once');
setInterval(() => {}, 1 << 30);
