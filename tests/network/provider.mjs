// A provider that speaks Chat, and says its name.  With `hold` it streams one
// word and waits for goOn(); with `mute` it never answers.
import http from 'node:http';

const chunk = (delta, end = null) => `data: ${JSON.stringify({ id: 'chatcmpl-1',
	object: 'chat.completion.chunk', created: 1, model: 'm',
	choices: [{ index: 0, delta, finish_reason: end }] })}\n\n`;

function completion(name) {
	return JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion',
		created: 1, model: 'm', choices: [{ index: 0,
			message: { role: 'assistant', content: name },
			finish_reason: 'stop' }],
		usage: { prompt_tokens: 1, completion_tokens: 1,
			total_tokens: 2 } });
}

export class Provider {
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
		if (this.mute)
			return;
		if (this.status) {
			response.writeHead(this.status, this.headers);
			response.end('{"error":{"message":"no"}}');
		} else if (this.hold) {
			response.writeHead(200,
			    { 'content-type': 'text/event-stream' });
			response.write(chunk({ role: 'assistant',
				content: 'one' }));
			this.held = response;
		} else {
			response.writeHead(200,
			    { 'content-type': 'application/json' });
			response.end(completion(this.name));
		}
	}

	goOn() {
		this.held.end(`${chunk({ content: ' two' })}${chunk({}, 'stop')
		}data: [DONE]\n\n`);
	}

	close() {
		this.server.close();
		this.server.closeAllConnections();
	}
}
