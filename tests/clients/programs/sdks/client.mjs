import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

const schema = { type: 'object', properties: { n: { type: 'integer' } },
	required: ['n'] };
const description = 'Does a step';

// ---- openai ----

const openai = ({ url, key }) => new OpenAI({ baseURL: `${url}/v1`,
	apiKey: key, maxRetries: 0 });
const chatTool = (step) => ({ type: 'function', function: { name: 'step',
	description, parameters: schema, parse: JSON.parse, function: step } });

const chat = {
	protocol: 'chat',
	async plain(ask) {
		const answer = await openai(ask).chat.completions.create({
			model: ask.model,
			messages: [{ role: 'user', content: ask.prompt }] });

		return { text: answer.choices[0].message.content };
	},
	async stream(ask) {
		let pieces = 0;
		const stream = openai(ask).chat.completions.stream({
			model: ask.model,
			messages: [{ role: 'user', content: ask.prompt }] });

		stream.on('content', () => { pieces++; });
		return { text: await stream.finalContent(), pieces };
	},
	async tools(ask) {
		const runner = openai(ask).chat.completions.runTools({
			model: ask.model, stream: true, tools: [chatTool(ask.step)],
			messages: [{ role: 'user', content: ask.prompt }] });

		return { text: await runner.finalContent() };
	},
};

const responses = {
	protocol: 'responses',
	async plain(ask) {
		const answer = await openai(ask).responses.create({
			model: ask.model, input: ask.prompt });

		return { text: answer.output_text };
	},
	async stream(ask) {
		let pieces = 0;
		const stream = openai(ask).responses.stream({ model: ask.model,
			input: ask.prompt });

		stream.on('response.output_text.delta', () => { pieces++; });
		return { text: (await stream.finalResponse()).output_text, pieces };
	},
	// As its guide says: each turn refers to the answer before it.
	async tools(ask) {
		const client = openai(ask);
		let input = ask.prompt, previous_response_id;

		for (let turn = 0; turn < 9; turn++) {
			const answer = await client.responses.stream({ input,
				model: ask.model, previous_response_id,
				tools: [{ type: 'function', name: 'step', description,
					parameters: schema, strict: false }] })
			    .finalResponse();

			input = answer.output
			    .filter((item) => item.type === 'function_call')
			    .map((item) => ({ type: 'function_call_output',
				call_id: item.call_id,
				output: ask.step(JSON.parse(item.arguments)) }));
			previous_response_id = answer.id;
			if (!input.length)
				return { text: answer.output_text };
		}
		throw new Error('it never ends');
	},
};

// ---- @anthropic-ai/sdk ----

const anthropic = ({ url, key }) => new Anthropic({ baseURL: url, apiKey: key,
	maxRetries: 0 });
const body = ({ model, prompt }) => ({ model, max_tokens: 1000,
	messages: [{ role: 'user', content: prompt }] });
const textOf = (message) => message.content.filter((b) => b.type === 'text')
    .map((b) => b.text).join('');

const messages = {
	protocol: 'messages',
	plain: async (ask) => ({
		text: textOf(await anthropic(ask).messages.create(body(ask))) }),
	async stream(ask) {
		let pieces = 0;
		const stream = anthropic(ask).messages.stream(body(ask));

		stream.on('text', () => { pieces++; });
		return { text: await stream.finalText(), pieces };
	},
	tools: async (ask) => ({
		text: textOf(await anthropic(ask).beta.messages.toolRunner({
			...body(ask), tools: [{ name: 'step', description,
				input_schema: schema,
				run: async (input) => ask.step(input) }] })) }),
};

// ---- @google/genai ----

const google = ({ url, key }) => new GoogleGenAI({ apiKey: key,
	httpOptions: { baseUrl: url } });

const gemini = {
	protocol: 'gemini',
	plain: async (ask) => ({ text: (await google(ask).models.generateContent({
		model: ask.model, contents: ask.prompt })).text }),
	async stream(ask) {
		let text = '', pieces = 0;

		for await (const chunk of await google(ask).models
		    .generateContentStream({ model: ask.model,
			contents: ask.prompt })) {
			text += chunk.text ?? '';
			pieces++;
		}
		return { text, pieces };
	},
	// Not by its chats: those keep each piece of a stream as a turn of its
	// own, and two turns of the model in a row are refused.
	async tools(ask) {
		const config = { tools: [{ functionDeclarations: [{ name: 'step',
			description, parametersJsonSchema: schema }] }] };
		const contents = [{ role: 'user', parts: [{ text: ask.prompt }] }];

		for (let turn = 0; turn < 9; turn++) {
			const parts = [];

			for await (const chunk of await google(ask).models
			    .generateContentStream({ model: ask.model, contents,
				config }))
				parts.push(...chunk.candidates?.[0].content?.parts ??
				    []);
			const calls = parts.filter((part) => part.functionCall)
			    .map((part) => part.functionCall);

			if (!calls.length)
				return { text: parts.map((part) => part.text ?? '')
				    .join('') };
			contents.push({ role: 'model', parts }, { role: 'user',
				parts: calls.map(({ id, name, args }) => ({
					functionResponse: { id, name, response: {
						output: ask.step(args) } } })) });
		}
		throw new Error('it never ends');
	},
};

export default [{
	title: 'openai', package: 'openai', ways: [
		{ ...chat, lines: ({ url, key }) =>
		    `new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' })` },
		{ ...responses, lines: ({ url, key }) =>
		    `new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' })` },
	],
}, {
	title: '@anthropic-ai/sdk', package: '@anthropic-ai/sdk', ways: [
		{ ...messages, lines: ({ url, key }) =>
		    `new Anthropic({ baseURL: '${url}', apiKey: '${key}' })` },
	],
}, {
	title: '@google/genai', package: '@google/genai', ways: [
		{ ...gemini, lines: ({ url, key }) =>
		    `new GoogleGenAI({ apiKey: '${key}', httpOptions: { baseUrl: '${
			url}' } })` },
	],
}];
