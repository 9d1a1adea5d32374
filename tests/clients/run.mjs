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

async function tryProgram(way, what, ask) {
	const seen = await drive(way, { ...ask, steps: what === 'tools' });

	demand(seen.code === 0, `ended with ${seen.code}:\n${seen.out}\n${
		seen.err}`);
	if (what === 'tools') {
		demand(seen.ran.length === 3, `ran the steps ${seen.ran}:\n${
			seen.out}\n${seen.err}`);
		demandQuoted(seen.out, 'The tool said: ', `finished ${ask.word}`);
	} else {
		demandQuoted(seen.out, 'You said: ', ask.word);
	}
}

// The first question orders two calls at once, then each result the next one.
const order = (n) => `[[call step ${encodeURIComponent(JSON.stringify({ n }))}]]`;

async function tryLibrary(way, what, ask) {
	const ran = [];
	const step = ({ n }) => {
		ran.push(n);
		return n === 3 ? `finished ${ask.word}` : n === 2
			? `step ${n} is done, ${order(3)}` : `step ${n} is done`;
	};
	const prompt = what === 'tools' ? `Do both. ${order(1)} ${order(2)}`
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
	const bad = posts.filter((note) => note.status >= 400 ||
	    (note.status === 0 && !note.answered));
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
	await (way.command ? tryProgram : tryLibrary)(way, what, ask);
	checkHeard(stage.heard, what, way);
}

// ---- all of them ----

function install(name) {
	const folder = join(programs, name);

	return existsSync(join(folder, 'node_modules'))
		? import(join(folder, 'client.mjs')) : null;
}

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

const results = existsSync(RESULTS)
	? JSON.parse(readFileSync(RESULTS, 'utf8')) : [];
const stage = await Stage.open();

for (const name of readdirSync(programs).sort()) {
	if (!chosen(name))
		continue;
	const program = (await install(name))?.default;

	if (!program)
		continue;
	for (const client of [program].flat()) for (const way of client.ways) {
		const row = { program: client.title, package: client.package,
			version: versionOf(join(programs, name), client.package),
			protocol: way.protocol, setup: way.lines, passed: {} };

		for (const provider of PROVIDERS) {
			row.passed[provider] = [];
			for (const what of way.cases ?? CASES) {
				if (!chosen(name, way.protocol, provider, what))
					continue;
				if (await judge(stage, client.title, way, provider,
				    what))
					row.passed[provider].push(what);
			}
		}
		results.push(row);
	}
}
await stage.close().catch((error) => {
	console.log(`${error}`);
	failed++;
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
