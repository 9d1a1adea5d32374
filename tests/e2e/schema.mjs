// Does a configuration keep to docker/dragoman.schema.json, as an editor would
// tell?
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';

export const SCHEMA = join(dirname(fileURLToPath(import.meta.url)), '..', '..',
    'docker', 'dragoman.schema.json');

let validate;

/** JSON with comments and trailing commas; undefined: it is no such thing. */
export function relaxed(text) {
	const bare = text.replace(
	    /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
	    (all, string) => string ?? ' ').replace(
	    /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (all, string) => string ?? '');

	try {
		return JSON.parse(bare);
	} catch {
		return undefined;
	}
}

/** What is wrong with it by the schema: "" or lines of "/path: what". */
export function complaints(config) {
	validate ??= new Ajv({ strict: false, allErrors: true })
	    .compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
	// members that are not there by JavaScript's means
	if (validate(JSON.parse(JSON.stringify(config))))
		return '';
	return validate.errors.map((error) => `${error.instancePath}: ${
		error.message} ${JSON.stringify(error.params)}`).join('\n');
}
