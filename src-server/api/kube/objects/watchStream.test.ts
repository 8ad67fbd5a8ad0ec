import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FlushRounds } from './flushRounds';
import { WatchStream } from './watchStream';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A connection whose client reads only when it is resumed, and the answer to it. */
async function openPair(): Promise<{ res: ServerResponse; client: Socket }> {
  const server = createServer();
  const arrived = new Promise<ServerResponse>((resolve) => server.once('request', (_req, res) => resolve(res)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined).pause();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  closing.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { res: await arrived, client };
}

describe('WatchStream', () => {
  it('sends what is pushed in one turn in one piece', async () => {
    const { res, client } = await openPair();
    const stream = new WatchStream(res, new FlushRounds());
    stream.open();
    const writes: string[] = [];
    const { write } = res;
    res.write = function (this: ServerResponse, chunk: Buffer) {
      writes.push(chunk.toString());
      return write.call(this, chunk, 'utf8');
    };
    for (const line of ['a\n', 'b\n', 'c\n']) stream.push(Buffer.from(line));
    let got = '';
    client.on('data', (data: Buffer) => (got += data.toString())).resume();
    await new Promise<void>((resolve) => client.on('data', () => got.includes('c\n') && resolve()));
    expect(writes).toEqual(['a\nb\nc\n']);
    stream.end();
  });

  it('has no room while a client does not read, and has again when it does', async () => {
    const { res, client } = await openPair();
    const stream = new WatchStream(res, new FlushRounds());
    stream.open();
    // First the sockets' own buffers fill, which the system enlarges as it likes, then the stream's; nobody takes anything any longer when turn after turn has no room.
    let pushedBytes = 0;
    for (let full = 0; full < 50; full = stream.hasRoom ? 0 : full + 1) {
      if (stream.hasRoom) {
        stream.push(Buffer.alloc(256 * 1024, 'x'));
        pushedBytes += 256 * 1024;
        expect(pushedBytes).toBeLessThan(128 * 1024 * 1024);
      }
      await nextTurn();
    }
    client.resume();
    await stream.room();
    expect(stream.hasRoom).toBe(true);
  });

  it('cuts off a client that stops reading, and lets nobody wait for it', async () => {
    const { res } = await openPair();
    const stream = new WatchStream(res, new FlushRounds(), { stallMs: 50 });
    stream.open();
    while (!res.destroyed) {
      stream.push(Buffer.alloc(1024 * 1024, 'x'));
      await stream.room();
    }
    await stream.room();
    stream.end();
  });
});
