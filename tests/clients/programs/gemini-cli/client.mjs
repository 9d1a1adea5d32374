import { bin } from '../../bin.mjs';

export default {
	title: 'Gemini CLI',
	package: '@google/gemini-cli',
	ways: [{
		protocol: 'gemini',
		command: bin(import.meta, 'gemini'),
		setup: ({ url, model, key }) => ({
			env: {
				GOOGLE_GEMINI_BASE_URL: url,
				GEMINI_API_KEY: key,
				GEMINI_MODEL: model,
			},
			files: { '.gemini/settings.json': `{ "security": { "auth": { "selectedType": "gemini-api-key" } } }
` },
		}),
		quiet: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
		args: ({ prompt, steps }) => [
			...(steps ? ['--approval-mode', 'yolo'] : []),
			'-p', prompt],
		shell: 'run_shell_command',
		shellArguments: (command) => ({ command }),
	}],
};
