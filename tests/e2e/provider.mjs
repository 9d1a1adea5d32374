// A provider that does as it is told: one handler for each request to come.
//
// It speaks HTTP over bare sockets, so that it can answer bytes exactly, stop in
// the middle of anything, and keep what it was sent as it was sent.
import assert from 'node:assert/strict';
import net from 'node:net';

/** What one request looked like. */
class Request {
	constructor(head, body, connection) {
		const [first, ...lines] = head.split('\r\n');

		[this.method, this.target] = first.split(' ');
		this.path = this.target.split('?')[0];
		this.head = head;
		this.names = lines.map((line) => line.split(':')[0]);
		this.headers = {};
		for (const line of lines) {
			const at = line.indexOf(':');

			this.headers[line.slice(0, at).toLowerCase()] =
			    line.slice(at + 1).trim();
		}
		this.bytes = body;
		this.body = body.toString();
		this.connection = connection;
	}

	get json() { return JSON.parse(this.body); }
}

/** One request together with the means to answer it. */
export class Call {
	constructor(request, socket) {
		this.request = request;
		this.socket = socket;
		this.chunked = false;
		this.over = false;
		/** resolves when the gateway has let go of the connection */
		this.closed = new Promise((done) => {
			if (socket.destroyed)
				done();
			socket.once('close', done);
		});
		this.done = new Promise((go) => { this.finish = go; });
	}

	get body() { return this.request.json; }

	/** Bytes as they are. */
	raw(bytes) {
		if (!this.socket.destroyed)
			this.socket.write(bytes);
		return this;
	}

	/** Resolves when the bytes have left this process. */
	flush(bytes) {
		return new Promise((done) => {
			if (this.socket.destroyed)
				done();
			else
				this.socket.write(bytes, () => done());
		});
	}

	head(status, headers = {}) {
		const lines = Object.entries(headers).map(([k, v]) =>
		    `${k}: ${v}\r\n`);

		return this.raw(`HTTP/1.1 ${status} Scripted\r\n${
			lines.join('')}\r\n`);
	}

	/** A whole answer of known length. */
	text(status, body, headers = {}) {
		const bytes = Buffer.from(body);

		this.head(status, { 'content-type': 'application/json',
			'content-length': bytes.length, ...headers });
		this.raw(bytes);
		return this.end();
	}

	json(body, status = 200, headers = {}) {
		return this.text(status, JSON.stringify(body), headers);
	}

	/** The head of a stream; piece() and end() follow. */
	begin(headers = {}) {
		this.chunked = true;
		return this.head(200, { 'content-type': 'text/event-stream',
			'transfer-encoding': 'chunked', ...headers });
	}

	piece(text) {
		const bytes = Buffer.from(text);

		return this.raw(Buffer.concat([
			Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes,
			Buffer.from('\r\n'),
		]));
	}

	/** A stream in one go. */
	stream(text, headers) {
		return this.begin(headers).piece(text).end();
	}

	end() {
		if (this.chunked)
			this.raw('0\r\n\r\n');
		this.over = true;
		this.finish();
		return this;
	}

	/** Close the connection here, in good TCP order. */
	cut() {
		this.over = true;
		this.socket.end();
		this.finish();
		return this;
	}

	reset() {
		this.over = true;
		this.socket.resetAndDestroy();
		this.finish();
		return this;
	}
}

export class ScriptedProvider {
	constructor() {
		this.requests = [];
		this.script = [];
		this.fallback = null;
		this.unexpected = [];
		this.sockets = new Set();
		this.connections = 0;
		this.faults = [];
	}

	static async start(port = 0) {
		const provider = new ScriptedProvider();

		await provider.listen(port);
		return provider;
	}

	async listen(port = 0) {
		this.server = net.createServer((socket) => this.accept(socket));
		await new Promise((done, fail) => {
			this.server.once('error', fail);
			this.server.listen(port, '127.0.0.1', done);
		});
		this.port = this.server.address().port;
		this.url = `http://127.0.0.1:${this.port}`;
	}

	/** The next request is answered by `handler(call)`. */
	add(handler) {
		this.script.push(handler);
		return this;
	}

	answer(...handlers) {
		for (const one of handlers)
			this.add(one);
		return this;
	}

	/** Whatever is not in the script. */
	always(handler) {
		this.fallback = handler;
		return this;
	}

	get last() { return this.requests.at(-1); }

	accept(socket) {
		const state = { held: Buffer.alloc(0), busy: Promise.resolve() };

		this.connections++;
		this.sockets.add(socket);
		socket.number = this.connections;
		socket.setMaxListeners(0);
		socket.setNoDelay(true);
		socket.on('error', () => {});
		socket.on('close', () => this.sockets.delete(socket));
		socket.on('data', (d) => {
			state.held = Buffer.concat([state.held, d]);
			while (this.take(socket, state))
				;
		});
	}

	/** Take one whole request off what has come; false if there is none. */
	take(socket, state) {
		const end = state.held.indexOf('\r\n\r\n');

		if (end < 0)
			return false;
		const head = state.held.subarray(0, end).toString('latin1');
		const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]
		    ?? 0);
		const total = end + 4 + length;

		if (state.held.length < total)
			return false;
		const request = new Request(head,
		    Buffer.from(state.held.subarray(end + 4, total)),
		    socket.number);

		state.held = state.held.subarray(total);
		this.requests.push(request);
		const call = new Call(request, socket);
		const handler = this.script.shift() ?? this.fallback ??
		    this.surprise;

		state.busy = state.busy.then(async () => {
			try {
				await handler.call(this, call);
			} catch (error) {
				this.faults.push(error);
				socket.destroy();
			}
		});
		return true;
	}

	surprise(call) {
		this.unexpected.push(call.request);
		call.json({ error: { message: 'nobody told me of this one' } }, 500);
	}

	/** Fails for what has gone wrong since it was last asked. */
	checkUnbroken() {
		const faults = this.faults, unexpected = this.unexpected;

		this.faults = [];
		this.unexpected = [];
		assert.deepEqual(faults, [], 'a handler of the provider failed');
		assert.deepEqual(unexpected.map((r) => `${r.method} ${
			r.target} ${r.body}`), [], 'requests that nobody expected');
	}

	/** Forget what has been, between tests. */
	forget() {
		this.requests = [];
		this.script = [];
		this.fallback = null;
	}

	/** Nothing answers at the port any more. */
	async refuse() {
		for (const socket of this.sockets)
			socket.destroy();
		await new Promise((done) => this.server.close(done));
	}

	async stop() {
		await this.refuse();
		this.checkUnbroken();
	}

	kill() {
		for (const socket of this.sockets)
			socket.destroy();
		this.server.close();
		return true;
	}
}
