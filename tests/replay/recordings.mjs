// Recordings of providers: folders at any depth, each with meta.json and an
// answer.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

function folders(at) {
	if (existsSync(join(at, 'meta.json')))
		return [at];
	return readdirSync(at, { withFileTypes: true })
		.filter((d) => d.isDirectory()).map((d) => d.name).sort()
		.flatMap((name) => folders(join(at, name)));
}

const load = (file) => existsSync(file) ? readFileSync(file, 'utf8') : null;

function read(at) {
	const meta = JSON.parse(load(join(at, 'meta.json')));
	const sse = existsSync(join(at, 'response.sse'));

	return { ...meta, sse, request: load(join(at, 'request.json')),
		text: load(join(at, sse ? 'response.sse' : 'response.json')) };
}

/** What meta.json says, and { sse, text, request }. */
export const recordings = (folder) => folders(folder).map(read);
