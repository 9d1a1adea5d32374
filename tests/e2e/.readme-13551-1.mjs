import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: 'http://127.0.0.1:46005', apiKey: 'any' });
const answer = await client.messages.create({
	model: 'gpt-5',
	max_tokens: 1000,
	messages: [{ role: 'user', content: 'Hello' }],
});
console.log(answer.content);
