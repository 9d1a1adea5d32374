import { bin } from '../../bin.mjs';

export default {
	title: 'Codex CLI',
	package: '@openai/codex',
	ways: [{
		protocol: 'responses',
		command: bin(import.meta, 'codex'),
		setup: ({ url, model, key }) => ({
			files: { '.codex/config.toml': `model = "${model}"
model_provider = "dragoman"

[model_providers.dragoman]
name = "dragoman"
base_url = "${url}/v1"
env_key = "DRAGOMAN_KEY"
wire_api = "responses"
` },
			env: { DRAGOMAN_KEY: key },
		}),
		args: ({ prompt }) => ['exec', '--skip-git-repo-check',
			'--dangerously-bypass-approvals-and-sandbox', prompt],
		shell: 'exec_command',
		shellArguments: (cmd) => ({ cmd }),
	}],
};
