// A name server for the tests: `node names.mjs NAME` answers on 127.0.0.1:53
// that NAME is this machine, by IPv6 and IPv4, so that there is something to
// sort; other names do not exist.
import dgram from 'node:dgram';

const wanted = Buffer.concat([...process.argv[2].split('.').map((label) =>
    Buffer.from(String.fromCharCode(label.length) + label)), Buffer.from([0])]);
const addresses = { 1: [127, 0, 0, 1], 28: [...Array(15).fill(0), 1] };
const server = dgram.createSocket('udp4');

server.on('message', (query, from) => {
	const end = query.indexOf(0, 12) + 1;
	const type = query.readUInt16BE(end);
	const known = query.subarray(12, end).equals(wanted);
	const address = known && addresses[type];
	const head = Buffer.from(query.subarray(0, 12));

	head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
	head.writeUInt16BE(address ? 1 : 0, 6);
	head.fill(0, 8);
	server.send(Buffer.concat([head, query.subarray(12, end + 4),
		...address ? [Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0,
			60, 0, address.length, ...address])] : []]),
	    from.port, from.address);
});
server.bind(53, '127.0.0.1', () => console.log('ready'));
