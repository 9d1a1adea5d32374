import { bin } from '../../bin.mjs';

const way = (protocol, type, variables, not) => ({
	protocol,
	not,
	command: bin(import.meta, 'qwen'),
	setup: ({ url, model, key }) => ({
		env: variables({ url, model, key }),
		lines: `qwen --auth-type ${type}`,
	}),
	args: ({ prompt, steps }) => ['--auth-type', type,
		...(steps ? ['--approval-mode', 'yolo'] : []), '-p', prompt],
	shell: 'run_shell_command',
	shellArguments: (command) => ({ command, is_background: false }),
});
const openai = ({ url, model, key }) => ({ OPENAI_BASE_URL: `${url}/v1`,
	OPENAI_API_KEY: key, OPENAI_MODEL: model });

export default {
	title: 'Qwen Code',
	package: '@qwen-code/qwen-code',
	ways: [
		way('chat', 'openai', openai),
		way('responses', 'openai-responses', openai),
		way('messages', 'anthropic', ({ url, model, key }) => ({
			ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key,
			ANTHROPIC_MODEL: model }),
		    { messages: 'it wants to think for more tokens than the answer ' +
			'may have, and is refused' }),
		way('gemini', 'gemini', ({ url, model, key }) => ({
			GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key,
			GEMINI_MODEL: model })),
	],
};
