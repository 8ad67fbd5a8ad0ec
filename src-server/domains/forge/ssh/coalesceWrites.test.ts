import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { coalesceWrites } from './coalesceWrites';

async function pair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrival = once(server, 'connection') as Promise<[Socket]>;
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = await arrival;
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

it('sends what is written in one turn together, and all of it in its order', async () => {
  const { near, far } = await pair();
  near.setNoDelay(true);
  coalesceWrites(near);
  near.write(Buffer.alloc(4, 'a'));
  near.write(Buffer.alloc(1000, 'b'));
  near.write(Buffer.alloc(16, 'c'));
  expect(near.bytesWritten).toBe(1020);
  expect(near.writableLength).toBe(1020);
  const [first] = (await once(far, 'data')) as [Buffer];
  expect(first.toString()).toBe(`${'a'.repeat(4)}${'b'.repeat(1000)}${'c'.repeat(16)}`);
});

it('loses nothing of what is written before the end, however much', async () => {
  const { near, far } = await pair();
  coalesceWrites(near);
  const pieces = Array.from({ length: 64 }, (_, index) => Buffer.alloc(32 * 1024, index));
  const received: Buffer[] = [];
  far.on('data', (chunk: Buffer) => received.push(chunk));
  for (const piece of pieces) near.write(piece);
  near.end();
  await once(far, 'end');
  expect(Buffer.concat(received).equals(Buffer.concat(pieces))).toBe(true);
});
