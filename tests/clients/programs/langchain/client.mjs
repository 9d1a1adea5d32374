import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';

const tool = { name: 'step', description: 'Does a step', schema: {
	type: 'object', properties: { n: { type: 'integer' } },
	required: ['n'] } };

const use = (make) => ({
	plain: async (ask) => ({ text: (await make(ask).invoke(ask.prompt)).text }),
	async stream(ask) {
		let text = '', pieces = 0;

		for await (const chunk of await make(ask).stream(ask.prompt)) {
			text += chunk.text;
			pieces++;
		}
		return { text, pieces };
	},
	async tools(ask) {
		const model = make(ask).bindTools([tool]);
		const messages = [new HumanMessage(ask.prompt)];

		for (let turn = 0; turn < 9; turn++) {
			let answer;

			for await (const chunk of await model.stream(messages))
				answer = answer ? answer.concat(chunk) : chunk;
			messages.push(answer);
			if (!answer.tool_calls.length)
				return { text: answer.text };
			for (const { id, args } of answer.tool_calls)
				messages.push(new ToolMessage({ tool_call_id: id,
					content: ask.step(args) }));
		}
		throw new Error('it never ends');
	},
});

const openai = (useResponsesApi) => ({ url, key, model }) => new ChatOpenAI({
	model, apiKey: key, maxRetries: 0, useResponsesApi,
	configuration: { baseURL: `${url}/v1` } });
const anthropic = ({ url, key, model }) => new ChatAnthropic({ model,
	apiKey: key, maxRetries: 0, maxTokens: 1000, anthropicApiUrl: url });

export default [{
	title: 'LangChain, @langchain/openai', package: '@langchain/openai', ways: [
		{ protocol: 'chat', ...use(openai(false)), lines: ({ url, key }) =>
		    `new ChatOpenAI({ model, apiKey: '${key
			}', configuration: { baseURL: '${url}/v1' } })` },
		{ protocol: 'responses', ...use(openai(true)), lines: ({ url, key }) =>
		    `new ChatOpenAI({ model, useResponsesApi: true, apiKey: '${key
			}', configuration: { baseURL: '${url}/v1' } })` },
	],
}, {
	title: 'LangChain, @langchain/anthropic', package: '@langchain/anthropic',
	ways: [{ protocol: 'messages', ...use(anthropic), lines: ({ url, key }) =>
	    `new ChatAnthropic({ model, apiKey: '${key}', anthropicApiUrl: '${
		url}' })` }],
}];
