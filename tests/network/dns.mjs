// A name server that answers as it is told, and remembers who was asked.
//
// A zone is { 'api.test': { A: [...], AAAA: [...], CNAME: 'other.test' } }; a
// name of null, and one that is not there, has none (NXDOMAIN).  What else a
// record may say: rcode, a number; truncated, over UDP only the first; silent;
// forged, an answer of another id and one from another port before the true one.
import dgram from 'node:dgram';
import net from 'node:net';

const TYPES = { 1: 'A', 28: 'AAAA' };
const NXDOMAIN = 3;

function question(message) {
	const labels = [];
	let at = 12;

	while (message[at]) {
		labels.push(message.toString('latin1', at + 1,
		    at + 1 + message[at]));
		at += 1 + message[at];
	}
	return { id: message.readUInt16BE(0),
		name: labels.join('.').toLowerCase(),
		type: TYPES[message.readUInt16BE(at + 1)],
		bytes: message.subarray(12, at + 5) };
}

function nameBytes(name) {
	return Buffer.concat([...name.split('.').map((label) =>
	    Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);
}

function addressBytes(text) {
	if (net.isIPv4(text))
		return Buffer.from(text.split('.').map(Number));
	const [head, tail] = text.split('::').map((part) =>
	    part ? part.split(':').map((word) => parseInt(word, 16)) : []);
	const words = tail ? [...head,
		...Array(8 - head.length - tail.length).fill(0), ...tail] : head;

	return Buffer.from(words.flatMap((word) => [word >> 8, word & 255]));
}

function record(owner, type, data) {
	const fixed = Buffer.alloc(10);

	fixed.writeUInt16BE(type, 0);
	fixed.writeUInt16BE(1, 2);
	fixed.writeUInt32BE(60, 4);		// seconds
	fixed.writeUInt16BE(data.length, 8);
	return Buffer.concat([nameBytes(owner), fixed, data]);
}

/** The records that answer, along the chain of other names. */
function find(zone, name, type) {
	const seen = [];
	let at = zone[name];

	for (let owner = name; at?.CNAME; at = zone[owner]) {
		seen.push(record(owner, 5, nameBytes(at.CNAME)));
		owner = at.CNAME;
		name = owner;
	}
	for (const address of at?.[type] ?? [])
		seen.push(record(name, type === 'A' ? 1 : 28,
		    addressBytes(address)));
	return { seen, at };
}

function respond(q, { seen, rcode = 0, truncated = false }) {
	const head = Buffer.alloc(12);

	head.writeUInt16BE(q.id, 0);
	head.writeUInt16BE(0x8180 | rcode | (truncated ? 0x200 : 0), 2);
	head.writeUInt16BE(1, 4);
	head.writeUInt16BE(seen.length, 6);
	return Buffer.concat([head, q.bytes, ...seen]);
}

export class NameServer {
	constructor(zone) {
		this.zone = zone;
		this.asked = [];
	}

	answer(q, overUdp) {
		const entry = this.zone[q.name];
		const { seen, at } = find(this.zone, q.name, q.type);

		this.asked.push(`${q.type} ${q.name}`);
		if (!entry)
			return respond(q, { seen, rcode: NXDOMAIN });
		if (entry.silent || entry[q.type] === 'silent')
			return null;
		return respond(q, { rcode: entry.rcode ?? (at ? 0 : NXDOMAIN),
			truncated: overUdp && entry.truncated,
			seen: overUdp && entry.truncated ? seen.slice(0, 1)
			    : seen });
	}

	listen(address) {
		const family = net.isIPv6(address.split('%')[0]) ? 'udp6' : 'udp4';

		this.udp = dgram.createSocket(family);
		this.udp.on('message', (message, from) => {
			const q = question(message);
			const text = this.answer(q, true);

			if (this.zone[q.name]?.forged)
				this.forge(q, from);
			if (text)
				this.udp.send(text, from.port, from.address);
		});
		this.tcp = net.createServer((socket) => {
			socket.on('error', () => {});
			socket.on('data', (data) => {
				const text = this.answer(question(
				    data.subarray(2)), false);

				if (text)
					socket.write(Buffer.concat([Buffer.from([
						text.length >> 8,
						text.length & 255]), text]));
			});
		});
		return Promise.all([
			new Promise((done, fail) => {
				this.udp.on('error', fail);
				this.udp.bind(53, address, done);
			}),
			new Promise((done, fail) => {
				this.tcp.on('error', fail);
				this.tcp.listen(53, address, done);
			}),
		]);
	}

	forge(q, from) {
		const seen = [record(q.name, 1, addressBytes('192.0.2.99'))];

		if (q.type !== 'A')
			return;
		this.udp.send(respond({ ...q, id: q.id ^ 1 }, { seen }),
		    from.port, from.address);
		this.stranger ??= dgram.createSocket('udp4');
		this.stranger.send(respond(q, { seen }), from.port, from.address);
	}

	close() {
		this.udp.close();
		this.stranger?.close();
		this.tcp.close();
	}
}
