// The file is read anew when it changes, whichever way it is changed.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync,
    writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, assert, pair, test, until } from './harness.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();

/** A configuration whose only model has this name. */
const config = (name, rest = {}) => JSON.stringify({ listen: ['127.0.0.1:0'],
	env: false, workers: 1, log: 'info', ...pair(gpt, claude),
	models: { [name]: { targets: ['gpt/one'] } }, ...rest });

const models = async (gateway) => {
	const { json } = await gateway.ask('/v1/models');

	return json.data.map((model) => model.id).join();
};

/** Workers of before answer until they are told that others have begun. */
const serves = (gateway, name) => until(async () =>
    await models(gateway) === name, `the model ${name}`);

const metric = async (gateway, name) => {
	const { body } = await gateway.ask('/metrics');

	return Number(body.match(new RegExp(`^${name} (\\d+)$`, 'm'))[1]);
};

const reloads = (gateway) => metric(gateway,
    'dragoman_config_reloads_total\\{result="good"\\}');

async function start(name = 'first') {
	const gateway = await stage.gateway({ config: config(name) });

	gateway.file = join(gateway.dir, 'dragoman.json');
	await serves(gateway, name);
	return gateway;
}

test('written in place', async () => {
	const gateway = await start();

	writeFileSync(gateway.file, config('second'));
	await serves(gateway, 'second');
	assert.equal(await reloads(gateway), 1);
	// half a file is none, however long the writer takes for the rest
	const text = config('third');

	writeFileSync(gateway.file, text.slice(0, 40));
	await gateway.says(/dragoman\.json:\d+:\d+: [^]*stays as it was/);
	assert.equal(await models(gateway), 'second');
	writeFileSync(gateway.file, text);
	await serves(gateway, 'third');
});

test('replaced by a rename, again and again', async () => {
	const gateway = await start();

	for (const name of ['second', 'third', 'fourth']) {
		const fresh = join(gateway.dir, '.fresh');

		writeFileSync(fresh, config(name));
		renameSync(fresh, gateway.file);
		await serves(gateway, name);
	}
});

test('deleted and made anew', async () => {
	const gateway = await start();

	unlinkSync(gateway.file);
	await gateway.says(/dragoman\.json: No such file[^]*stays as it was/);
	assert.equal(await models(gateway), 'first');
	assert.equal(await metric(gateway, 'dragoman_config_reload_failed'), 1);
	writeFileSync(gateway.file, config('second'));
	await serves(gateway, 'second');
	assert.equal(await metric(gateway, 'dragoman_config_reload_failed'), 0);
});

test('its folder goes, and comes again', async () => {
	const dir = stage.dir();
	const folder = join(dir, 'etc');

	mkdirSync(folder);
	writeFileSync(join(folder, 'a.json'), config('first'));
	const gateway = await stage.gateway({ args: ['serve', '-c',
		join(folder, 'a.json')] });

	rmSync(folder, { recursive: true });
	await gateway.says(/stays as it was/);
	mkdirSync(folder);
	writeFileSync(join(folder, 'a.json'), config('second'));
	await serves(gateway, 'second');
	// another folder takes the place of the first
	mkdirSync(join(dir, 'other'));
	writeFileSync(join(dir, 'other', 'a.json'), config('third'));
	renameSync(folder, join(dir, 'old'));
	renameSync(join(dir, 'other'), folder);
	await serves(gateway, 'third');
});

/*
 * kubelet makes a folder with the new files, and a link to it under a name of
 * its own, which then takes the place of ..data by a rename.
 */
class ConfigMap {
	constructor(dir) {
		this.dir = dir;
		this.generation = 0;
	}

	write(files) {
		const name = `..2026_01_0${++this.generation}`;

		mkdirSync(join(this.dir, name));
		for (const [file, text] of Object.entries(files))
			writeFileSync(join(this.dir, name, file), text);
		symlinkSync(name, join(this.dir, '..data_tmp'));
		renameSync(join(this.dir, '..data_tmp'),
		    join(this.dir, '..data'));
		for (const file of Object.keys(files))
			if (this.generation === 1)
				symlinkSync(`..data/${file}`,
				    join(this.dir, file));
		if (this.generation > 1)
			rmSync(join(this.dir, `..2026_01_0${
				this.generation - 1}`), { recursive: true });
	}
}

test('a ConfigMap and a Secret, as they are swapped', async () => {
	const map = new ConfigMap(stage.dir());
	const secret = new ConfigMap(stage.dir());
	const file = join(map.dir, 'dragoman.json');
	const path = join(secret.dir, 'key');
	const say = (name) => ({ 'dragoman.json': config(name, {
		providers: { gpt: { chat: `${gpt.url}/v1`,
			key: `\${file:${path}}` } } }) });
	const key = async (name) => {
		gpt.answer((c) => c.json({ id: 'c', object: 'chat.completion',
			choices: [{ index: 0, finish_reason: 'stop', message: {
				role: 'assistant', content: 'a' } }] }));
		await gateway.openai().chat.completions.create({ model: name,
			messages: [{ role: 'user', content: 'a' }] });
		return gpt.last.headers.authorization;
	};

	map.write(say('first'));
	secret.write({ key: 'key-of-today' });
	const gateway = await stage.gateway({ args: ['serve', '-c', file] });

	await serves(gateway, 'first');
	for (const name of ['second', 'third']) {
		map.write(say(name));
		await serves(gateway, name);
	}
	assert.equal(await key('third'), 'Bearer key-of-today');
	// the same once more changes nothing, whatever it is called
	const before = await reloads(gateway);

	map.write(say('third'));
	secret.write({ key: 'key-of-tomorrow' });
	await until(async () => await reloads(gateway) > before, 'the new key');
	await until(async () => await key('third') ===
	    'Bearer key-of-tomorrow', 'the new key on its way');
	assert.equal(await reloads(gateway), before + 1);
	assert.doesNotMatch(gateway.log, /key-of/);
});

test('the file that a variable names', async () => {
	const dir = stage.dir();
	const file = join(dir, 'client-key');

	writeFileSync(file, 'one-key\n');
	const gateway = await stage.gateway({ config: config('first'),
		env: { DRAGOMAN_KEY_FILE: file } });
	const status = async (key) => (await gateway.ask('/v1/models',
	    { headers: { authorization: `Bearer ${key}` } })).status;

	assert.equal(await status('one-key'), 200);
	writeFileSync(file, 'another-key\n');
	await until(async () => await status('another-key') === 200,
	    'the other key');
	assert.equal(await status('one-key'), 401);
});

test('equal contents change nothing; what was bad is good again', async () => {
	const gateway = await start();

	// a mark behind it in the log shows that the first was looked at
	writeFileSync(gateway.file, config('first'));
	writeFileSync(gateway.file, '{');
	await gateway.says(/dragoman\.json:1:2: [^]*stays as it was/);
	assert.equal(await metric(gateway, 'dragoman_config_reload_failed'), 1);
	assert.equal(await reloads(gateway), 0);
	writeFileSync(gateway.file, config('first'));
	await gateway.says(/the configuration is as it was\b/);
	assert.equal(await metric(gateway, 'dragoman_config_reload_failed'), 0);
	assert.doesNotMatch(gateway.log, /read anew|draining/);
	assert.equal(await models(gateway), 'first');
});

test('many changes while streams run leave few old workers', async () => {
	const gateway = await start();
	const opens = async (name) => {
		let call;

		gpt.answer((c) => {
			call = c;
			c.begin().piece('data: {"id":"c","choices":[{"index":0,' +
			    '"delta":{"role":"assistant","content":"a"}}]}\n\n');
		});
		const stream = await gateway.openai().chat.completions.create({
			model: name, stream: true,
			messages: [{ role: 'user', content: 'a' }] });

		return { stream, end: () => call.piece('data: {"id":"c",' +
		    '"choices":[{"index":0,"delta":{},"finish_reason":"stop"' +
		    '}]}\n\ndata: [DONE]\n\n').end() };
	};
	const streams = [];
	let name = 'first';

	for (let i = 0; i < 3; i++) {
		streams.push(await opens(name));
		name = `next-${i}`;
		writeFileSync(gateway.file, config(name));
		await serves(gateway, name);
	}
	streams.push(await opens(name));
	// four generations live; the next waits until one of them is gone
	const from = gateway.log.length;

	writeFileSync(gateway.file, config('last'));
	for (const one of streams) {
		one.end();
		for await (const chunk of one.stream)
			assert.equal(chunk.id, 'c');
	}
	await serves(gateway, 'last');
	assert.equal(gateway.log.slice(from).match(/read anew/g).length, 1);
});

stage.close();
