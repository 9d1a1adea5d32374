import { bin } from '../../bin.mjs';

// The package says which protocol it speaks.
const way = (protocol, npm, path) => ({
	protocol,
	name: npm,
	command: bin(import.meta, 'opencode'),
	setup: ({ url, model, key }) => ({ files: {
		'.config/opencode/opencode.json': `{ "provider": { "dragoman": {
    "npm": "${npm}",
    "options": { "baseURL": "${url}${path}", "apiKey": "${key}" },
    "models": { "${model}": {} } } } }
`,
	} }),
	quiet: { OPENCODE_DISABLE_AUTOUPDATE: '1',
		OPENCODE_DISABLE_MODELS_FETCH: '1' },
	args: ({ prompt, model }) => ['run', '--model', `dragoman/${model}`,
		prompt],
	shell: 'bash',
	shellArguments: (command) => ({ command, description: 'a step' }),
});

export default {
	title: 'opencode',
	package: 'opencode-ai',
	ways: [
		way('chat', '@ai-sdk/openai-compatible', '/v1'),
		way('responses', '@ai-sdk/openai', '/v1'),
		way('messages', '@ai-sdk/anthropic', '/v1'),
		way('gemini', '@ai-sdk/google', '/v1beta'),
	],
};
