// A name server for the tests: `node names.mjs NAME=ADDRESS` answers on
// 127.0.0.1:53 that NAME has that IPv4 address, and that others do not exist.
import dgram from 'node:dgram';

const [name, address] = process.argv[2].split('=');
const wanted = Buffer.concat([...name.split('.').map((label) =>
    Buffer.from(String.fromCharCode(label.length) + label)), Buffer.from([0])]);
const server = dgram.createSocket('udp4');

server.on('message', (query, from) => {
	const end = query.indexOf(0, 12) + 1;
	const known = query.subarray(12, end).equals(wanted);
	const is4 = query.readUInt16BE(end) === 1;
	const head = Buffer.from(query.subarray(0, 12));
	const record = known && is4 ? [Buffer.from([0xc0, 12, 0, 1, 0, 1,
		0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)])] : [];

	head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
	head.writeUInt16BE(record.length, 6);
	head.fill(0, 8);
	server.send(Buffer.concat([head, query.subarray(12, end + 4),
		...record]), from.port, from.address);
});
server.bind(53, '127.0.0.1', () => console.log('ready'));
