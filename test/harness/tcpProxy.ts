import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a port of this machine that can be made slow, cut, or silent. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Every piece of data from now on comes so many ms late, each way. */
  delay(ms: number): void;
  /** Nothing passes any more, and no connection ends: a host that vanished. */
  freeze(): void;
  /** What was held back passes, and everything after it. */
  thaw(): void;
  /** Ends every connection; new ones are taken. */
  cut(): void;
}

export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let thawed = Promise.resolve();
  let thaw: () => void = () => undefined;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [[client, target], [target, client]] as const) {
      let last: Promise<unknown> = Promise.resolve();
      sockets.add(from);
      const later = (step: () => void) => {
        const due = delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs));
        last = last.then(() => due).then(() => thawed).then(step);
      };
      from.setNoDelay(true);
      from.on('data', (chunk) => later(() => void to.write(chunk)));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        later(() => to.destroy());
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => (delayMs = ms),
    freeze() {
      thawed = new Promise((resolve) => (thaw = resolve));
    },
    thaw: () => thaw(),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      thaw();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
