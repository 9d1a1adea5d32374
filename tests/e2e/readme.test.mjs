// What README.md says is true: its blocks marked "run" run, against the demo, and the one
// marked "check" is a configuration that holds every member there is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync }
    from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN, Stage, assert, cleanEnv, run, test } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const text = readFileSync(join(root, 'README.md'), 'utf8');
const stage = new Stage();
const gateway = await stage.gateway({ args: ['serve', '--demo'],
	env: { DRAGOMAN_LISTEN: '127.0.0.1:0', DRAGOMAN_WORKERS: '1' } });

/** The blocks with this info string, the gateway's real address in them. */
function blocks(info) {
	return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].filter((m) =>
	    m[1] === info).map((m) => m[2].replaceAll('127.0.0.1:4000',
	    `127.0.0.1:${gateway.port}`));
}

/** Commands of a block; a line that goes on belongs to the one before. */
function commands(block) {
	const found = [];
	let open = false;

	for (const line of block.split('\n').filter((l) => l)) {
		if (open || /^\s/.test(line))
			found[found.length - 1] += `\n${line}`;
		else
			found.push(line);
		open = /[\\|]$/.test(line);
	}
	return found;
}

const dir = stage.dir();

mkdirSync(join(dir, 'build'));
symlinkSync(BIN, join(dir, 'build', 'dragoman'));

/** Run a command by the shell, or a program by its own. */
const shell = (command, file) => spawnSync(command, file ? [file]
    : [], { encoding: 'utf8', shell: !file, cwd: file ? here : dir,
	env: cleanEnv({ OPENAI_API_KEY: 'sk-1234567890' }), timeout: 60000 });

for (const command of blocks('sh run').flatMap(commands))
	test(`$ ${command.split('\n')[0]}`, () => {
		const { status, stdout, stderr } = shell(command);

		assert.equal(status, 0, stderr);
		assert.notEqual(stdout, '');
		if (command.startsWith('curl'))
			assert.match(stdout,
			    /chat\.completion|message_stop|"object":"list"/);
	});

blocks('js run').forEach((block, i) => test(`program ${i + 1}`, () => {
	// beside the SDKs, so that they are found
	const file = join(here, `.readme-${process.pid}-${i}.mjs`);

	writeFileSync(file, block);
	try {
		const { status, stdout, stderr } = shell(process.execPath, file);

		assert.equal(status, 0, stderr);
		assert.match(stdout, /Hello/);
	} finally {
		rmSync(file);
	}
}));

test('there is something to run', () => {
	assert.ok(blocks('sh run').length >= 3);
	assert.ok(blocks('js run').length >= 2);
	assert.equal(blocks('jsonc check').length, 1);
});

test('the configuration by example is good', async () => {
	const file = join(dir, 'example.json');
	const secret = join(dir, 'key-2');

	writeFileSync(secret, 'the-second-key\n');
	writeFileSync(file, blocks('jsonc check')[0].replace(
	    '/run/secrets/key-2', secret));
	const { code, out, err } = await run(['check', '-c', file], { env: {
		ANTHROPIC_API_KEY: 'sk-ant-1234567890', KEY_1: 'the-first-key',
		AZURE_OPENAI_API_KEY: 'the-azure-key' } });

	assert.equal(code, 0, err);
	assert.match(out, /eu +dialect openai, 2 keys/);
	assert.match(out, /fast -> anthropic\/claude-haiku-4-5, eu\/gpt-5-mini/);
});

test('the configuration by example holds every member, with its default', () => {
	const config = readFileSync(join(root, 'src/gateway/config.c'), 'utf8');
	const members = ['config_file.c', 'config_provider.c'].flatMap((name) =>
	    [...readFileSync(join(root, 'src/gateway', name), 'utf8')
	    .matchAll(/\{ "([a-z0-9_]+)", FIELD_/g)].map((m) => m[1]));
	const [, defaults] = /default_limits = \{([\s\S]*?)\};/.exec(config);
	const limits = [...defaults.matchAll(/\.(\w+) = (\d+)/g)];
	const [example] = blocks('jsonc check');

	assert.ok(members.length > 15);
	for (const name of members)
		assert.match(example, new RegExp(`"${name}":`), name);
	assert.ok(limits.length > 15);
	for (const [, name, value] of limits)
		assert.match(example, new RegExp(`"${name}": ${value}\\b`), name);
});

test('the table of presets says what their variables switch on', async () => {
	const [, table] = /<!-- table: presets -->\n([\s\S]*?)<!-- end -->/
	    .exec(text);
	const rows = [...table.matchAll(/^\| `(\w+)` \|(.*)\|(.*)\|(.*)\|$/gm)];
	const source = readFileSync(join(root, 'src/gateway/catalog.c'), 'utf8');
	const names = [...source.matchAll(/\.name = "(\w+)"/g)].map((m) => m[1]);

	assert.deepEqual(rows.map((m) => m[1]), names);
	for (const [, name, variables, chat, messages] of rows)
		for (const [, variable] of variables.matchAll(/`(\w+)`/g)) {
			const own = !chat.includes('https') &&
			    !messages.includes('https');
			const env = own ? { [`${variable}_BASE_URL`]: 'http://h:1' }
			    : { [`${variable}_API_KEY`]: 'key' };
			const { code, out } = await run(['check'], { env });
			const address = (cell) => cell.replace(/[`\s]/g, '')
			    .replace('…', 'http://h:1');

			assert.equal(code, 0, variable);
			assert.match(out, new RegExp(`^  ${name}  dialect`, 'm'));
			assert.equal(/^    chat +(\S+?)(\/openai\/deployments\/MODEL)?\/chat\/completions/m
			    .exec(out)?.[1] ?? '', address(chat), variable);
			assert.equal(/^    messages +(\S+)\/v1\/messages/m
			    .exec(out)?.[1] ?? '', address(messages), variable);
		}
});

stage.close();
