import { join } from 'node:path';
import { bin } from '../../bin.mjs';

const way = (protocol, provider, lines, env) => ({
	protocol,
	command: bin(import.meta, 'cn'),
	setup: ({ url, model, key }) => ({
		env: env?.(url),
		files: { '.continue/config.yaml': `name: dragoman
version: 1.0.0
schema: v1
models:
  - name: dragoman
    provider: ${provider}
    model: ${model}
${lines(url)}    apiKey: ${key}
    roles: [chat]
    capabilities: [tool_use]
` },
	}),
	args: ({ prompt, home, steps }) => ['--config',
		join(home, '.continue/config.yaml'), ...(steps ? ['--auto'] : []),
		'-p', prompt],
	shell: 'Bash',
	shellArguments: (command) => ({ command }),
});

export default {
	title: 'Continue CLI',
	package: '@continuedev/cli',
	ways: [
		way('chat', 'openai', (url) => `    apiBase: ${url}/v1\n`),
		way('responses', 'openai', (url) => `    apiBase: ${
			url}/v1\n    useResponsesApi: true\n`),
		way('messages', 'anthropic', (url) => `    apiBase: ${url}/v1\n`),
		// which does not heed apiBase
		way('gemini', 'gemini', () => '',
		    (url) => ({ GOOGLE_GEMINI_BASE_URL: url })),
	],
};
