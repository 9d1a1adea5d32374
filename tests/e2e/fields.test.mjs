// Nothing is lost without a word: every member that a request may have, as the
// types of the official SDKs list them, is told to the provider, named in
// x-dragoman-warnings, refused, or known to change nothing.
//
// fields.chat.mjs and fields.messages.mjs have a row for each:
//
//	at	the member: TYPE.NAME of the SDK, or what is no member of a type
//	body	what is set in the request
//	model	which model is asked, if not the usual one
//	want	what the provider must be sent, by path: a value, a pattern for
//		text, undefined for what must not be there; "raw" is all of it
//	named	the warnings, all of them; without it there are none
//	silent	why nobody needs to hear of it
//	refused	what the error must speak of; nothing is sent then
//	status	of that error, if it is not 400
import { Stage, assert, pair, test } from './harness.mjs';
import { completion, message } from './shapes.mjs';
import * as chat from './fields.chat.mjs';
import * as messages from './fields.messages.mjs';
import { missing } from './fields.types.mjs';

const stage = new Stage();
const gpt = await stage.provider();
const claude = await stage.provider();
const gateway = await stage.gateway({ config: pair(gpt, claude) });
const sides = [
	{ name: 'Chat to Messages', table: chat, provider: claude,
		path: '/v1/chat/completions', answer: message('Hi'),
		before: 'claude/' },
	{ name: 'Messages to Chat', table: messages, provider: gpt,
		path: '/v1/messages', answer: completion('Hi'),
		before: 'gpt/' },
];

const list = (one) => one === undefined ? [] : [one].flat();

/** Send it: what the provider was asked, if it was, and what came back. */
async function send(side, row, body) {
	const { base } = side.table;
	const before = side.provider.requests.length;

	side.provider.always((call) => call.json(side.answer));
	const answer = await gateway.post(side.path, { ...base, ...body,
		model: row.model ? side.before + row.model : base.model });
	const warnings = answer.headers['x-dragoman-warnings'] ?? '';

	return { answer, warnings: warnings ? warnings.split('; ') : [],
		asked: side.provider.requests[before] };
}

/** The value at a path such as a[1].b; undefined where there is none. */
function at(value, path) {
	return path.split(/[.[\]]+/).filter((k) => k).reduce((v, k) => v?.[k],
	    value);
}

function fits(want, got, path) {
	if (want instanceof RegExp)
		assert.match(String(got), want, path);
	else
		assert.deepEqual(got, want, path);
}

function checkAsked(row, asked) {
	for (const [path, want] of Object.entries(row.want ?? {}))
		fits(want, path === 'raw' ? asked.body : at(asked.json, path),
		    path);
}

async function checkRow(side, row) {
	const { answer, warnings, asked } = await send(side, row, row.body);

	assert.ok(row.want || row.named || row.silent || row.refused,
	    'the row says nothing');
	if (row.refused) {
		assert.equal(answer.status, row.status ?? 400, answer.body);
		assert.match(answer.body, new RegExp(row.refused.replace(
		    /[[\]]/g, '.')));
		assert.equal(asked, undefined, 'nothing is sent');
		return;
	}
	assert.equal(answer.status, 200, answer.body);
	checkAsked(row, asked);
	assert.deepEqual(warnings, list(row.named), 'warnings');
}

for (const side of sides) {
	const { table } = side;

	test(`${side.name}: a row for every member of the SDK's types`, () => {
		assert.deepEqual(missing(table.files, table.types, table.told,
		    table.rows), []);
	});
	for (const row of table.rows)
		test(`${side.name}: ${row.at} ${JSON.stringify(row.body).slice(0,
		    60)}`, () => checkRow(side, row));
}

test('a row for every member of the beta\'s request', () => {
	const rows = messages.rows.map((row) => ({ ...row,
		at: row.at.replace(/^(?:Beta)?(Params|OutputConfig|SystemMessage)\./,
		    '$1.') }));

	assert.deepEqual(missing([messages.betaFile], {
		Params: 'MessageCreateParamsBase',
		OutputConfig: 'BetaOutputConfig',
		SystemMessage: 'BetaSystemMessageParam',
		Tool: 'BetaTool',
		ToolResult: 'BetaToolResultBlockParam',
	}, [], rows), []);
});

// Two members at once: each is accounted for as it is alone, or in other words.
// What may differ is how: where two exclude each other one of them is named.
/** The member that a row is about, as a warning would begin. */
const word = (row) => Object.keys(row.body)[0];

// These say the same thing, and the first that is there is heard; or they add
// to one list, where the other's place is not that of a lonely one.
const rivals = [['max_completion_tokens', 'max_tokens'],
	['safety_identifier', 'user', 'metadata'],
	['tools', 'functions', 'web_search_options']];
// What changes how others are told has rows of its own.
const meddling = ['extra_body', 'system', 'prompt_cache_options'];
const alone = (row) => !row.refused && !row.model &&
    Object.keys(row.body).length === 1 && !('messages' in row.body) &&
    !meddling.includes(word(row));

function checkOne(row, asked, warnings) {
	const named = warnings.some((w) => w.startsWith(word(row)) ||
	    /^(thinking|reasoning|tools|tool_choice)\b/.test(w));

	try {
		checkAsked(row, asked);
	} catch (error) {
		if (!named)
			throw error;
	}
	for (const one of list(row.named))
		assert.ok(named || warnings.includes(one), `${one} of ${row.at}`);
}

async function checkPair(side, a, b) {
	const { answer, warnings, asked } = await send(side, a,
	    { ...a.body, ...b.body });

	// A refusal is never silent.
	if (answer.status === 400)
		return;
	assert.equal(answer.status, 200, answer.body);
	for (const row of [a, b])
		checkOne(row, asked, warnings);
}

for (const side of sides) {
	const rows = side.table.rows.filter(alone);

	test(`${side.name}: every pair of members`, async () => {
		const wrong = [];
		let pairs = 0;

		for (const [i, a] of rows.entries())
			for (const b of rows.slice(i + 1)) {
				if (word(a) === word(b) || rivals.some((r) =>
				    r.includes(word(a)) && r.includes(word(b))))
					continue;
				pairs++;
				await checkPair(side, a, b).catch((error) =>
				    wrong.push(`${JSON.stringify({ ...a.body,
					...b.body })}: ${error.message}`));
			}
		assert.ok(pairs > 500, `${pairs} pairs`);
		assert.deepEqual(wrong, []);
	});
}

stage.close();
