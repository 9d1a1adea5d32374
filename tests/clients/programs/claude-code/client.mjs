import { bin } from '../../bin.mjs';

export default {
	title: 'Claude Code',
	package: '@anthropic-ai/claude-code',
	ways: [{
		protocol: 'messages',
		command: bin(import.meta, 'claude'),
		setup: ({ url, model, key }) => ({ env: {
			ANTHROPIC_BASE_URL: url,
			ANTHROPIC_AUTH_TOKEN: key,
			ANTHROPIC_MODEL: model,
		} }),
		quiet: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
		args: ({ prompt }) => ['-p', prompt, '--allowedTools', 'Bash'],
		shell: 'Bash',
		shellArguments: (command) => ({ command, description: 'a step' }),
	}],
};
