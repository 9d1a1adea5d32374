import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool }
    from '@openai/agents';

setTracingDisabled(true);

const schema = { type: 'object', properties: { n: { type: 'integer' } },
	required: ['n'], additionalProperties: false };

const use = (useResponses) => {
	const runner = ({ url, key }) => new Runner({ tracingDisabled: true,
		modelProvider: new OpenAIProvider({ apiKey: key, useResponses,
			baseURL: `${url}/v1` }) });
	const agent = ({ model, step }, tools) => new Agent({ name: 'tester',
		model, instructions: 'Be brief.', tools: tools ? [tool({
			name: 'step', description: 'Does a step', parameters: schema,
			strict: true, execute: async (input) => step(input) })] : [] });

	return {
		plain: async (ask) => ({ text: (await runner(ask).run(agent(ask),
		    ask.prompt)).finalOutput }),
		async stream(ask) {
			const result = await runner(ask).run(agent(ask), ask.prompt,
			    { stream: true });
			let text = '', pieces = 0;

			for await (const piece of result.toTextStream()) {
				text += piece;
				pieces++;
			}
			await result.completed;
			return { text, pieces };
		},
		async tools(ask) {
			const result = await runner(ask).run(agent(ask, true),
			    ask.prompt, { stream: true });

			await result.completed;
			return { text: result.finalOutput };
		},
	};
};
const lines = (useResponses) => ({ url, key }) =>
    `new OpenAIProvider({ baseURL: '${url}/v1', apiKey: '${key
	}', useResponses: ${useResponses} })`;

export default {
	title: 'OpenAI Agents SDK', package: '@openai/agents', ways: [
		{ protocol: 'responses', ...use(true), lines: lines(true) },
		{ protocol: 'chat', ...use(false), lines: lines(false) },
	],
};
