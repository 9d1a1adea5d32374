import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSdkMcpServer, query, tool } from '@anthropic-ai/claude-agent-sdk';
import { z } from 'zod';

// It runs a program of its own, in a home of its own.
async function ask({ url, key, model, prompt, folder, step }, options) {
	const home = mkdtempSync(join(folder, 'home-'));
	const server = createSdkMcpServer({ name: 'mine', version: '1.0.0', tools: [
		tool('step', 'Does a step', { n: z.number() }, async (args) => ({
			content: [{ type: 'text', text: step(args) }] })),
	] });
	let text = '', pieces = 0;

	for await (const message of query({ prompt, options: {
		cwd: home, model, mcpServers: { mine: server },
		allowedTools: ['mcp__mine__step'], ...options,
		env: { PATH: process.env.PATH, HOME: home, TMPDIR: home,
			CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
			// or the model has to look for the tool first
			ENABLE_TOOL_SEARCH: 'false',
			NO_PROXY: '127.0.0.1', ANTHROPIC_BASE_URL: url,
			ANTHROPIC_API_KEY: key },
	} })) {
		if (message.type === 'stream_event' &&
		    message.event.delta?.type === 'text_delta')
			pieces++;
		if (message.type === 'result')
			text = message.result ?? JSON.stringify(message);
	}
	rmSync(home, { recursive: true, force: true });
	return { text, pieces };
}

export default {
	title: 'Claude Agent SDK',
	package: '@anthropic-ai/claude-agent-sdk',
	ways: [{
		protocol: 'messages',
		tool: 'mcp__mine__step',
		plain: (question) => ask(question),
		stream: (question) => ask(question, { includePartialMessages: true }),
		tools: (question) => ask(question),
		lines: ({ url, key, model }) =>
		    `query({ prompt, options: { model: '${model}', env: { ...process.env,\n` +
		    `    ANTHROPIC_BASE_URL: '${url}', ANTHROPIC_API_KEY: '${key}' } } })`,
	}],
};
