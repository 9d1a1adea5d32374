// The other end of the line: name servers and providers, as world.mjs says.
// A provider speaks Chat; a stream of `hold` ends after its first words.
import http from 'node:http';
import { NameServer } from './dns.mjs';

const servers = new Map();

const chunk = (delta) => `data: ${JSON.stringify({ id: 'chatcmpl-1',
	object: 'chat.completion.chunk', created: 1, model: 'm',
	choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;

function completion(name) {
	return JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion',
		created: 1, model: 'm', choices: [{ index: 0,
			message: { role: 'assistant', content: name },
			finish_reason: 'stop' }],
		usage: { prompt_tokens: 1, completion_tokens: 1,
			total_tokens: 2 } });
}

class Provider {
	constructor(name) {
		this.name = name;
		this.asked = 0;
		this.connections = 0;
		this.headers = {};
	}

	listen(address, port) {
		this.server = http.createServer((request, response) => {
			request.resume();
			request.on('end', () => this.answer(request, response));
		});
		this.server.keepAliveTimeout = 600000;
		this.server.on('connection', () => { this.connections++; });
		return new Promise((done, fail) => {
			this.server.on('error', fail);
			this.server.listen(port, address, done);
		});
	}

	answer(request, response) {
		this.asked++;
		if (this.status) {
			response.writeHead(this.status, this.headers);
			response.end('{"error":{"message":"no"}}');
		} else if (this.hold) {
			response.writeHead(200,
			    { 'content-type': 'text/event-stream' });
			response.write(chunk({ role: 'assistant',
				content: 'one' }));
		} else {
			response.writeHead(200,
			    { 'content-type': 'application/json' });
			response.end(completion(this.name));
		}
	}

	close() {
		this.server.close();
		this.server.closeAllConnections();
	}
}

const acts = {
	async names({ id, address, zone }) {
		const server = new NameServer(zone);

		await server.listen(address);
		servers.set(id, server);
	},
	async provider({ id, address, port, name }) {
		const provider = new Provider(name);

		await provider.listen(address, port);
		servers.set(id, provider);
	},
	set({ id, values }) { Object.assign(servers.get(id), values); },
	get({ id, name }) { return servers.get(id)[name]; },
	close({ id }) { servers.get(id).close(); servers.delete(id); },
};

process.on('message', async (message) => {
	try {
		process.send({ turn: message.turn,
			value: await acts[message.act](message) ?? null });
	} catch (error) {
		process.send({ turn: message.turn, error: String(error) });
	}
});
process.on('disconnect', () => process.exit());
