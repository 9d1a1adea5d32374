// The members that the official SDKs' type definitions list: what a table of
// members must have a row for.
import { readFileSync } from 'node:fs';

/** { 'Interface' or 'Namespace.Interface': [member, ...] } of a .d.ts file. */
function interfaces(file) {
	const found = {};
	const open = [];	/* { name, depth, members } around the line */

	for (const line of readFileSync(new URL(`node_modules/${file}`,
	    import.meta.url), 'utf8').split('\n')) {
		const depth = line.search(/\S/);
		const head = /^\s*(?:export |declare )*(interface|namespace) (\w+).*\{$/
		    .exec(line);
		const member = /^\s*(\w+)\??:/.exec(line);

		while (open.length && depth >= 0 && depth <= open.at(-1).depth &&
		    !line.trim().startsWith('}'))
			open.pop();
		if (head) {
			const name = [...open.map((o) => o.name), head[2]].join('.');
			const members = head[1] === 'interface'
			    ? found[name] ??= [] : null;

			open.push({ name: head[2], depth, members });
		} else if (member && depth === open.at(-1)?.depth + 4) {
			open.at(-1).members?.push(member[1]);
		}
	}
	return found;
}

/**
 * The members of `types` ({ short: Interface }) that no row of `rows` is at.  An
 * interface that is gone counts as one; `told` are members that need no row.
 */
export function missing(files, types, told, rows) {
	const all = Object.assign({}, ...files.map(interfaces));
	const have = new Set([...rows.map((row) => row.at), ...told]);

	return Object.entries(types).flatMap(([short, name]) =>
	    (all[name] ?? ['(no such type)']).filter((member) =>
		!['type', 'role', ...told].includes(member))
		.map((member) => `${short}.${member}`)
		.filter((at) => !have.has(at)));
}
