import { bin } from '../../bin.mjs';

const way = (setup) => ({
	protocol: 'responses',
	command: bin(import.meta, 'codex'),
	setup,
	args: ({ prompt }) => ['exec', '--skip-git-repo-check',
		'--dangerously-bypass-approvals-and-sandbox', prompt],
	shell: 'exec_command',
	shellArguments: (cmd) => ({ cmd }),
});

export default [{
	title: 'Codex CLI',
	package: '@openai/codex',
	ways: [way(({ url, model, key }) => ({
		files: { '.codex/config.toml': `model = "${model}"
model_provider = "dragoman"

[model_providers.dragoman]
name = "dragoman"
base_url = "${url}/v1"
env_key = "DRAGOMAN_KEY"
wire_api = "responses"
` },
		env: { DRAGOMAN_KEY: key },
	}))],
}, {
	// asks for a WebSocket first
	title: 'Codex CLI, its own provider',
	package: '@openai/codex',
	ways: [way(({ url, model, key }) => ({
		files: { '.codex/config.toml': `model = "${model}"
openai_base_url = "${url}/v1"
` },
		env: { CODEX_API_KEY: key },
	}))],
}];
