// Every program of programs/, or those named as arguments, against every
// provider.  Prints a line for each case, and "N passed, N failed" at the end.
//
//	node run.mjs [PROGRAM[:PROTOCOL[:PROVIDER[:CASE]]]...]
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drive } from './cli.mjs';
import { KEY, PROVIDERS, Stage, modelOf, versionOf } from './stage.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const programs = join(here, 'programs');
const RESULTS = join(here, 'results.json');
const CASES = ['plain', 'stream', 'tools'];
const verbose = process.env.VERBOSE;

const wanted = process.argv.slice(2).map((arg) => arg.split(':'));
const chosen = (...names) => !wanted.length || wanted.some((parts) =>
    names.every((name, i) => !parts[i] || parts[i] === name));

function demand(fact, what) {
	if (!fact)
		throw new Error(what);
}

// ---- one case ----

/** An answer of the mock provider quotes what it was told. */
function demandQuoted(text, before, word) {
	demand(new RegExp(`${before}[^]*${word}`).test(text),
	    `the answer lacks "${before} ... ${word}":\n${text}`);
}

async function tryProgram(way, what, ask, heard) {
	const seen = await drive(way, { ...ask, steps: what === 'tools' });

	demand(seen.code === 0, `ended with ${seen.code}:\n${seen.out}\n${
		seen.err}`);
	if (what === 'tools') {
		demand(seen.ran.length === 3, `ran the steps ${seen.ran}:\n${
			seen.out}\n${seen.err}`);
		demandQuoted(seen.out, 'The tool said: ', `finished ${ask.word}`);
	} else {
		// Long reminders stand before some prompts: of those the answer
		// quotes the beginning.
		demandQuoted(seen.out, 'You said: ', '');
		demand(seen.out.includes(ask.word) || heard.some((note) =>
		    note.asked.includes(ask.word)), 'the prompt never came');
	}
}

// The first question orders two calls at once, then each result the next one.
const order = (way, n) => `[[call ${way.tool ?? 'step'} ${
	encodeURIComponent(JSON.stringify({ n }))}]]`;

async function tryLibrary(way, what, ask) {
	const ran = [];
	const step = ({ n }) => {
		ran.push(n);
		return n === 3 ? `finished ${ask.word}` : n === 2
			? `step ${n} is done, ${order(way, 3)}` : `step ${n} is done`;
	};
	const prompt = what === 'tools' ? `Do both. ${order(way, 1)} ${order(way, 2)}`
		: `Please say ${ask.word}`;
	const { text, pieces } = await way[what]({ ...ask, prompt, step });

	if (what === 'stream')
		demand(pieces > 1, `the stream came in ${pieces} piece`);
	if (what === 'tools')
		demand(ran.sort().join() === '1,2,3', `ran the steps ${ran}`);
	demandQuoted(text, what === 'tools' ? 'The tool said: ' : 'You said: ',
	    ask.word);
}

/** What the gateway said must be as good as the answer that came of it. */
function checkHeard(heard, what, way) {
	const posts = heard.filter((note) => note.method === 'POST');
	// how the library finds out that nothing is stored here
	const bad = posts.filter((note) => note.status >= 400 &&
	    !note.answered.includes('"thread_unsupported_request"'));
	const streamed = posts.some((note) =>
	    note.type.startsWith('text/event-stream'));

	demand(posts.length, 'nothing came to the gateway');
	demand(!bad.length, `refused: ${bad.map((note) =>
	    `${note.path} ${note.status} ${note.answered.slice(0, 1000)}`)}`);
	if (what === 'stream')
		demand(streamed, 'nothing was streamed');
	if (what === 'tools')
		demand(posts.length >= (way.command ? 4 : 3),
		    `only ${posts.length} turns`);
}

async function tryCase(stage, way, provider, what) {
	const ask = { folder: stage.folder, url: stage.url, key: KEY,
		model: modelOf(provider), word: `w${randomBytes(6).toString('hex')}` };

	stage.heard.length = 0;
	await (way.command ? tryProgram : tryLibrary)(way, what, ask,
	    stage.heard);
	checkHeard(stage.heard, what, way);
}

// ---- all of them ----

let passed = 0, failed = 0;

async function judge(stage, title, way, provider, what) {
	const began = Date.now();
	let error = null;

	await tryCase(stage, way, provider, what).catch((e) => { error = e; });
	console.log(`${error ? 'FAILED' : 'ok    '} ${title}, ${way.protocol
		} client, ${provider} provider: ${what} (${Date.now() - began} ms)`);
	if (!error) {
		passed++;
		return true;
	}
	failed++;
	console.log(`${error.stack}`.slice(0, 4000));
	if (verbose) {
		for (const note of stage.heard)
			console.log(`  ${note.method} ${note.path} ${note.status} ${
				note.type}\n    ${note.asked.slice(0, +verbose)
				}\n    ${note.answered.slice(0, +verbose)}`);
		console.log(stage.gateway.log.slice(-2000));
	}
	return false;
}

// ---- what is kept of it ----

/** The lines of configuration, as the README shows them. */
function describe(way) {
	const at = { url: 'http://127.0.0.1:4000', key: KEY, model: 'MODEL' };
	const { env = {}, files = {}, lines = '' } = way.setup?.(at) ?? {};
	const told = Object.entries(env).map(([name, value]) =>
	    `export ${name}=${value}\n`);

	for (const [name, text] of Object.entries(files))
		told.push(`# ~/${name}\n${text}`);
	return (told.join('') + lines + (way.lines?.(at) ?? '')).trimEnd();
}

/** A program was tried as a whole: keep its rows, or compare them. */
function settle(name, rows, title) {
	const old = existsSync(RESULTS)
		? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};

	if (process.env.KEEP) {
		const all = Object.entries({ ...old, [name]: rows }).sort(
		    ([a], [b]) => (a < b ? -1 : 1));

		writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(all),
		    null, '\t')}\n`);
	} else if (JSON.stringify(old[name]) !== JSON.stringify(rows)) {
		console.log(`FAILED ${title}: results.json says otherwise; if that ` +
		    'is as it should be, KEEP=1 writes it anew');
		failed++;
	}
}

async function tryWay(stage, name, client, way) {
	const cases = way.command ? ['stream', 'tools'] : CASES;
	const row = { program: client.title, package: client.package,
		version: versionOf(join(programs, name), client.package),
		protocol: way.protocol, setup: describe(way), providers: [] };

	for (const provider of PROVIDERS) {
		let good = true;

		if (way.not?.[provider]) {
			console.log(`without ${client.title}, ${way.protocol
				} client, ${provider} provider: ${way.not[provider]}`);
			continue;
		}

		for (const what of cases)
			if (chosen(name, way.protocol, provider, what))
				good = await judge(stage, client.title, way,
				    provider, what) && good;
		if (good)
			row.providers.push(provider);
	}
	return row;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
	process.on(signal, () => process.exit(1));

const stage = await Stage.open();

for (const name of readdirSync(programs).sort()) {
	const file = join(programs, name, 'client.mjs');
	const rows = [];

	if (!chosen(name) || !existsSync(join(programs, name, 'node_modules')))
		continue;
	const clients = [(await import(file)).default].flat();

	for (const client of clients)
		for (const way of client.ways)
			rows.push(await tryWay(stage, name, client, way));
	if (!wanted.some((parts) => parts[0] === name && parts.length > 1))
		settle(name, rows, clients[0].title);
}
await stage.close().catch((error) => {
	console.log(`${error}`);
	failed++;
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
