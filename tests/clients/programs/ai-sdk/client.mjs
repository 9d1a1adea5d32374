import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';

const schema = jsonSchema({ type: 'object', properties: {
	n: { type: 'integer' } }, required: ['n'] });

// All providers of the library are used in the same way.
const use = (model) => ({
	async plain(ask) {
		const { text } = await generateText({ model: model(ask),
			prompt: ask.prompt, maxRetries: 0 });

		return { text };
	},
	async stream(ask) {
		const { textStream } = streamText({ model: model(ask),
			prompt: ask.prompt, maxRetries: 0 });
		let text = '', pieces = 0;

		for await (const piece of textStream) {
			text += piece;
			pieces++;
		}
		return { text, pieces };
	},
	async tools(ask) {
		const answer = streamText({ model: model(ask), maxRetries: 0,
			prompt: ask.prompt, stopWhen: stepCountIs(9),
			tools: { step: tool({ description: 'Does a step',
				inputSchema: schema,
				execute: async (input) => ask.step(input) }) } });

		await answer.consumeStream();
		return { text: await answer.text };
	},
});

const way = (protocol, make, name, path, pick) => ({ protocol,
	lines: ({ url, key }) => `${name}({ baseURL: '${url}${path}', apiKey: '${
		key}' })${pick ? `.${pick}(model)` : '(model)'}`,
	...use(({ url, key, model }) => {
		const provider = make({ baseURL: url + path, apiKey: key,
			name: 'dragoman' });

		return pick ? provider[pick](model) : provider(model);
	}) });

const program = (title, ...ways) => ({ title: `AI SDK, ${title}`,
	package: title, ways });

export default [
	program('@ai-sdk/openai',
	    way('chat', createOpenAI, 'createOpenAI', '/v1', 'chat'),
	    way('responses', createOpenAI, 'createOpenAI', '/v1', 'responses')),
	program('@ai-sdk/openai-compatible',
	    way('chat', createOpenAICompatible, 'createOpenAICompatible', '/v1')),
	program('@ai-sdk/anthropic',
	    way('messages', createAnthropic, 'createAnthropic', '/v1')),
	program('@ai-sdk/google',
	    way('gemini', createGoogle, 'createGoogle', '/v1beta')),
];
