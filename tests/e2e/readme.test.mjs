// What README.md says is true: its blocks marked "run" run, against the demo, and the one
// marked "check" is a configuration that holds every member there is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync,
    writeFileSync } from 'node:fs';
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

/** The texts of a room's files whose names match. */
function source(pattern, room = 'gateway') {
	const folder = join(root, 'src', room);

	return readdirSync(folder).filter((name) => pattern.test(name))
	    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** The names in the table of src/proto/quirk_field.c. */
function fields() {
	const [, table] = /fields\[\] = \{([\s\S]*?)\n\};/.exec(
	    readFileSync(join(root, 'src/proto/quirk_field.c'), 'utf8'));

	return [...table.matchAll(/(?:[A-Z]+\(|\{ )"(\w+)"/g)].map((m) => m[1]);
}

/** The cells of the table of presets, bare, but for the variables. */
function presetRows() {
	const [, table] = /<!-- table: presets -->\n([\s\S]*?)<!-- end -->/
	    .exec(text);
	const rows = [...table.matchAll(/^\| `\w+` .*$/gm)].map(([row]) =>
	    row.slice(1, -1).split('|').map((cell, i) =>
	    i === 1 ? cell : cell.replaceAll('`', '').trim()));

	assert.ok(rows.length > 20);
	return rows;
}

const dir = stage.dir();

mkdirSync(join(dir, 'build'));
symlinkSync(BIN, join(dir, 'build', 'dragoman'));

/** What curl prints, by the address that it asks. */
const told = {
	'/v1/chat/completions': /"object":"chat\.completion"/,
	'/v1/messages': /event: message_stop/,
	'/v1/models': /"object":"list"/,
	'/v1/embeddings': /"embedding":/,
	'/v1/messages/count_tokens': /^\{"input_tokens":\d+\}$/,
	'/readyz': /"ready"/,
	'/metrics': /^dragoman_requests_total\{status="2xx"\} [1-9]/m,
};

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
			assert.match(stdout, told[new URL(/http:\S+/
			    .exec(command)[0]).pathname]);
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
	const members = source(/^config.*\.c$/).flatMap((text) =>
	    [...text.matchAll(/(?:\{ |MEMBER\()"([a-z0-9_]+)", |(?:NUMBER|FLAG)\(([a-z_]+)\b(?!.*\\)/g)]
	    .map((m) => m[1] ?? m[2]));
	const limits = [...config.matchAll(
	    /default_(?:limits|cache) = \{([\s\S]*?)\};/g)].flatMap(
	    ([, defaults]) => [...defaults.matchAll(/\.(\w+) = (\d+)/g)]);
	// the rows of quirks have an example of their own
	const example = [...blocks('jsonc check'), ...blocks('jsonc')].join();

	assert.ok(members.length > 30);
	for (const name of members)
		assert.match(example, new RegExp(`"${name}":`), name);
	assert.ok(limits.length > 15);
	for (const [, name, value] of limits)
		assert.match(example, new RegExp(`"${name}": ${value}\\b`), name);
});

test('what "set" may say is all there', () => {
	const names = fields();
	const [, table] = /^\| `set` \|([\s\S]*?)\n\n/m.exec(text);

	assert.ok(names.length > 60);
	for (const name of names)
		assert.ok(table.includes(`\`${name}\``), name);
	for (const [, cell] of table.matchAll(/^\| (`.*?) \|/gm))
		for (const [, name] of cell.matchAll(/`(\w+)`/g))
			assert.ok(names.includes(name), name);
});

test('serve --help has every variable that is read', async () => {
	const { out } = await run(['serve', '--help']);
	const names = source(/\.c$/).concat(source(/\.c$/, 'net'))
	    .flatMap((text) => [...text.matchAll(
		/(?:getenv|env_keys|env_either|env_value)\([^;]*?"([A-Z_]+)"/g)]
	    .map((m) => m[1]));

	assert.ok(names.length > 8);
	for (const name of names)
		assert.match(out, new RegExp(`\\b${name}\\b`), name);
	for (const [, variables] of presetRows())
		for (const [, name] of variables.matchAll(/`(\w+)`/g))
			assert.match(out, new RegExp(`\\b${name}\\b`), name);
});

test('the table of presets says what their variables switch on', async () => {
	for (const [name, variables, root, chat, messages] of presetRows())
		for (const [, variable] of variables.matchAll(/`(\w+)`/g)) {
			const own = root === 'yours';
			const env = own ? { [`${variable}_BASE_URL`]: 'http://h:1' }
			    : { [`${variable}_API_KEY`]: 'key' };
			const { code, out } = await run(['check'], { env });
			const address = (cell) => cell && (own ? 'http://h:1' :
			    root) + cell.replace(/^\/$/, '');

			assert.equal(code, 0, variable);
			assert.match(out, new RegExp(`^  ${name}  dialect`, 'm'));
			assert.equal(/^    chat +(\S+?)(\/openai\/deployments\/MODEL)?\/chat\/completions/m
			    .exec(out)?.[1] ?? '', address(chat), variable);
			assert.equal(/^    messages +(\S+)\/v1\/messages/m
			    .exec(out)?.[1] ?? '', address(messages), variable);
		}
});

stage.close();
