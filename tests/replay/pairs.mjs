// pairs.mjs PROGRAM FOLDER [NAME...]: each recording through the gateway to the clients of
// all other protocols, decoded by the official SDKs before and after.
// neutral.mjs says what may differ.  A difference that the gateway names as a
// loss is counted apart.  CUTS=1,7 cuts streams into pieces of so many bytes,
// VERBOSE=1 tells all of a difference, LOG=1 the gateway's log.
import { differences } from './neutral.mjs';
import { ask, far, gateway, modelOf, near, open, protocols, provider, shut,
	ways } from './stage.mjs';
import { historyOf, shortly, toolsOf, turnDiffers } from './turns.mjs';
import { recordings } from './recordings.mjs';

const [program, folder, ...only] = process.argv.slice(2);
const verbose = !!process.env.VERBOSE;
const cuts = [0, ...(process.env.CUTS ?? '61').split(',').map(Number)];
let passed = 0, failed = 0, runs = 0, named = 0;
const pairs = new Map();

await open(program);

const ended = {
	chat: /^data: ?\[DONE\]|"finish_reason" ?: ?"/m,
	messages: /"stop_reason" ?: ?"/,
	responses: /"response\.(completed|incomplete|failed)"|"error"/,
	gemini: /"finishReason"|"blockReason"/,
};

// Which losses explain a difference.
const losses = [
	[/^citations/, /annotations|citations|grounding/],
	[/^item /, /^answer\./],
	[/^thinking/, /^answer\.(thinking|\w*reasoning)/],
];

// The losses of the last request, which the log tells when it is over.
async function lost() {
	for (let i = 0; i < 100; i++) {
		const lines = gateway.log.split('\n')
			.filter((l) => l.includes(' msg=request '));

		if (lines.length >= runs)
			return / warnings="([^"]*)/.exec(lines.at(-1))?.[1]
				.split(/; ?/) ?? [];
		await new Promise((go) => setTimeout(go, 10));
	}
	return [];
}

async function compare(r, want, to, way, cut) {
	provider.now = { ...r, cut };
	runs++;
	const answer = await ask(far, to, modelOf(r), way);
	const how = { helper: way === 'helper', midstream: r.status < 400 };
	const found = differences(r.protocol, to, want, answer.seen, how);

	if (answer.pieces && !answer.seen.error)
		found.push(...differences(r.protocol, to, want, answer.pieces,
		    { ...how, pieces: true }).map((d) => ({ ...d,
			what: `${d.what} in pieces` })));
	if (!found.length)
		return found;
	const names = await lost();

	return found.filter((d) => {
		const fine = losses.some(([what, name]) => what.test(d.what) &&
			names.some((n) => name.test(n)));

		named += fine;
		return !fine;
	});
}

async function replay(r) {
	provider.now = { ...r, cut: 0 };
	const { seen: want } = await ask(near, r.protocol, 'm', r.sse ?
		'stream' : 'whole');

	if (r.sse && !want.error && !ended[r.protocol].test(r.text))
		want.error = { message: '' };
	for (const to of protocols) {
		if (to === r.protocol)
			continue;
		const found = new Map();

		for (const way of Object.keys(ways[to]))
			for (const cut of way === 'stream' && r.sse ? cuts :
			    [0])
				for (const d of await compare(r, want, to, way,
				    cut))
					if (!found.has(d.what))
						found.set(d.what, { ...d,
							way: `${way}, ${cut}` });
		if (!want.error)
			for (const way of Object.keys(ways[to]))
				for (const d of await again(r, want, to, way))
					if (!found.has(d.what))
						found.set(d.what, { ...d,
							way });
		tell(r, to, found);
	}
}

const isObject = (text) => {
	try {
		return JSON.parse(text || '{}')?.constructor === Object;
	} catch {
		return false;
	}
};

// Signatures that their maker insists on: those of a step that calls tools.
const signed = (r, want) => r.protocol === 'chat' || !want.calls.length ? [] :
	r.protocol === 'gemini' ? want.calls.map((c) => c.signature)
	    .filter((s) => s) : [...want.signatures.map((s) => s.signature),
	    ...want.redacted.map((s) => s.data)];

/** The answer goes back to its provider in the next turn. */
async function again(r, want, to, way) {
	const names = [...new Set(want.calls.map((c) => c.name))];
	const tools = names.length ? toolsOf[to](names) : {};

	// An answer that cannot be said again, and a library that forgets.
	if (!(want.text.trim() || want.calls.length) ||
	    (way === 'helper' && to === 'chat') ||
	    (way === 'stream' && to === 'messages') ||
	    !want.calls.every((c) => isObject(c.args)))
		return [];
	provider.now = { ...r, cut: 0 };
	runs++;
	const { raw } = await ask(far, to, modelOf(r), way, tools);

	if (!raw)
		return [];
	provider.now = { status: 200, sse: false, cut: 0,
		text: JSON.stringify(shortly[r.protocol]) };
	provider.asked = null;
	runs++;
	const { seen } = await ask(far, to, modelOf(r), 'whole', { ...tools,
		...historyOf[to](raw, way) });

	if (seen.error || !provider.asked)
		return [{ what: 'refused again', want: 'taken',
			got: seen.error }];
	return turnDiffers(r.protocol, want, JSON.parse(provider.asked),
	    signed(r, want));
}

function tell(r, to, found) {
	const pair = `${r.protocol} to ${to}`;
	const count = pairs.get(pair) ?? { fine: 0, differ: 0 };

	pairs.set(pair, count);
	if (!found.size) {
		passed++;
		count.fine++;
		return;
	}
	failed++;
	count.differ++;
	for (const { what, want, got, way } of found.values()) {
		const short = (v) => (JSON.stringify(v) ?? 'nothing').slice(0,
		    verbose ? 3000 : 200);

		console.log(`${r.id} to ${to}: ${what} (${way}): ${short(want)
		    } became ${short(got)}`);
	}
}

for (const r of recordings(folder))
	if (r.text !== null && (!only.length || only.some((o) =>
	    r.id.includes(o))))
		await replay(r);
if (process.env.LOG)
	console.log(gateway.log);
if (!await shut())
	failed++;
for (const [pair, { fine, differ }] of pairs)
	console.log(`${pair}: ${fine} the same, ${differ} differ`);
console.log(`pairs: ${runs} answers, ${named} differences are named losses`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
