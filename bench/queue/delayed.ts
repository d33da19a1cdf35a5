import { connect, createServer, type Socket } from 'node:net';

/**
 * The address of a proxy in front of a server, which holds back all that passes it.
 * @param delay milliseconds each way
 */
export async function delayed(address: string, delay: number): Promise<string> {
  const url = new URL(address);
  const { hostname, port } = url;
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delay));
    from.on('close', () => setTimeout(() => to.destroy(), delay));
    from.on('error', () => {});
  };
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) socket.setNoDelay(true);
    pass(client, server);
    pass(server, client);
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => proxy.once('listening', ready));
  url.port = String((proxy.address() as { port: number }).port);
  return url.href.replace(/\/$/, '');
}
