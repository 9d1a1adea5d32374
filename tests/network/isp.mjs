// The other end of the line: name servers and providers, as world.mjs says.
import { NameServer } from './dns.mjs';
import { Provider } from './provider.mjs';

const servers = new Map();

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
	call({ id, name }) { servers.get(id)[name](); },
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
