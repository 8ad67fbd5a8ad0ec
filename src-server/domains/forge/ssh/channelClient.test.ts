import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, Server, utils, type ClientChannel } from 'ssh2';
import { createChannelClient } from './channelClient';

// A server over a real connection: `refuse` is refused, everything else ends at once.
const server = new Server({ hostKeys: [utils.generateKeyPairSync('ed25519').private] }, (connection) => {
  connection.on('authentication', (context) => context.accept());
  connection.on('session', (accept) => {
    accept().on('exec', (acceptCommand, _reject, { command }) => {
      const client = createChannelClient(acceptCommand(), (connection as unknown as { _sock: Socket })._sock);
      client.say(command);
      void (command === 'refuse' ? client.endRefused(1) : client.end(0));
    });
  });
  connection.on('error', () => undefined);
});
const asker = new Client();

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server as unknown as NodeJS.EventEmitter, 'listening');
  asker.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, username: 'git', password: 'any' });
  await once(asker, 'ready');
});

afterAll(() => {
  asker.end();
  server.close();
});

/** Asks, and answers the channel with what happens on it, in order. */
function ask(command: string): Promise<{ channel: ClientChannel; events: string[]; closed: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    asker.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      const events: string[] = [];
      channel.stderr.on('data', (text: Buffer) => events.push(`says ${text.toString().trim()}`));
      channel.on('exit', (code: number) => events.push(`exit ${code}`));
      channel.on('end', () => events.push('end'));
      channel.on('close', () => events.push('close'));
      channel.resume();
      resolve({ channel, events, closed: once(channel, 'close') });
    });
  });
}

it('keeps the channel of a refused client open until that has ended its side', async () => {
  const refused = await ask('refuse');
  // Whatever the server had sent before this answer would be here with it.
  await (await ask('other')).closed;
  expect(refused.events).toEqual(['says refuse', 'exit 1', 'end']);
  refused.channel.end();
  await refused.closed;
  expect(refused.events.at(-1)).toBe('close');
});

it('does not wait for longer than a second', async () => {
  const startedAt = performance.now();
  await (await ask('refuse')).closed;
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
