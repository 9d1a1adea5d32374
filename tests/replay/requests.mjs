// The words of a request, read from either protocol, in their order:
// who says what, which tools are called with what, and what they answered.
// How messages are cut and grouped is each protocol's own affair.

// A document in text form may be told as text with a mark around it.
const mark = text => text.replace(/<document[^]*?<\/document>/g,
	'<other>');

const texts = content => typeof content === 'string' ? [mark(content)] :
	(content ?? []).map(p => p.type === 'text' ? mark(p.text) :
		`<${/image/.test(p.type) ? 'image' : 'other'}>`);

const say = (role, content) => texts(content).filter(t => t.trim())
	.map(t => `${role}: ${t.trim()}`);

const call = (name, args) => [`call: ${name} ${JSON.stringify(
	typeof args === 'string' ? JSON.parse(args || '{}') : args)}`];

const result = content => [`result: ${texts(content).join('\n').trim()}`];

function chatMessage(m) {
	if (m.role === 'tool')
		return result(m.content);
	const role = m.role === 'developer' ? 'system' : m.role;
	return [...say(role, m.content), ...(m.tool_calls ?? []).flatMap(c =>
		call(c.function.name, c.function.arguments))];
}

function messagesBlock(role, b) {
	if (b.type === 'tool_use')
		return call(b.name, b.input);
	if (b.type === 'tool_result')
		return result(b.content);
	return /thinking/.test(b.type) ? [] : say(role, [b]);
}

function messagesMessage(m) {
	if (typeof m.content === 'string')
		return say(m.role, m.content);
	return m.content.flatMap(b => messagesBlock(m.role, b));
}

export function requestWords(protocol, r) {
	const words = protocol === 'chat' ? r.messages.flatMap(chatMessage) :
		[...say('system', r.system), ...r.messages.flatMap(messagesMessage)];
	const tools = (r.tools ?? []).map(t => t.function?.name ?? t.name);
	// Two messages of one speaker may become one.
	return { tools, words: words.map((w, i) => {
		const role = /^\w+: /.exec(w)[0];
		return words[i - 1]?.startsWith(role) && !/^(call|result)/.test(w) ?
			w.slice(role.length) : w;
	}).join('\n').replace(/\n+/g, '\n') };
}
