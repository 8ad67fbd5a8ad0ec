import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { destinationOf } from './navigation';
import { readReadyLine, type ServerAddress } from './readyLine';
import { keepServerRunning, STOP_GRACE_MS, type ServerChild } from './serverProcess';

const address: ServerAddress = { url: 'http://127.0.0.1:4000', signInLink: 'http://127.0.0.1:4000/login?code=x' };

/** A world with a clock of its own: children end when told, sleeps when woken. */
function createWorld() {
  const children: (ServerChild & { end(): void; serve(): void; asked: string[] })[] = [];
  const sleeps: { ms: number; wake: () => void }[] = [];
  const failures: { failures: number; delayMs: number; lastLog: string }[] = [];
  const ready: ServerAddress[] = [];
  let time = 0;
  const server = keepServerRunning({
    launch() {
      let end = (): void => undefined;
      let serve = (): void => undefined;
      const asked: string[] = [];
      const child = {
        exited: new Promise<void>((resolve) => (end = resolve)),
        ready: new Promise<ServerAddress>((resolve) => (serve = () => resolve(address))),
        stop: () => void asked.push('stop'),
        kill: () => {
          asked.push('kill');
          end();
        },
        lastLog: () => 'what it said last',
        end: () => end(),
        serve: () => serve(),
        asked,
      };
      children.push(child);
      return child;
    },
    onReady: (each) => ready.push(each),
    onFailure: (failure) => failures.push(failure),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake);
        sleeps.push({ ms, wake });
      }),
    now: () => time,
  });
  return { server, children, sleeps, failures, ready, pass: (ms: number) => (time += ms) };
}

/** Lets everything that is due run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('keepServerRunning', () => {
  it('starts a server that ended again, later each time', async () => {
    const world = createWorld();
    for (const delayMs of [500, 1000, 2000]) {
      world.children.at(-1)?.end();
      await settle();
      expect(world.failures.at(-1)).toEqual({ failures: world.failures.length, delayMs, lastLog: 'what it said last' });
      world.sleeps.at(-1)?.wake();
      await settle();
    }
    expect(world.children).toHaveLength(4);
  });

  it('waits at most 30 seconds, and starts counting again after a healthy minute', async () => {
    const world = createWorld();
    for (let round = 0; round < 10; round += 1) {
      world.children.at(-1)?.end();
      await settle();
      world.sleeps.at(-1)?.wake();
      await settle();
    }
    expect(world.failures.at(-1)?.delayMs).toBe(30_000);
    world.pass(60_000);
    world.children.at(-1)?.end();
    await settle();
    expect(world.failures.at(-1)).toMatchObject({ failures: 1, delayMs: 500 });
  });

  it('tells the address of each start', async () => {
    const world = createWorld();
    world.children[0]?.serve();
    await settle();
    expect(world.ready).toEqual([address]);
  });

  it('asks the server to stop and starts none again', async () => {
    const world = createWorld();
    const stopped = world.server.stop();
    await settle();
    expect(world.children[0]?.asked).toEqual(['stop']);
    world.children[0]?.end();
    await stopped;
    expect(world.children).toHaveLength(1);
    expect(world.failures).toEqual([]);
  });

  it('kills a server that does not stop in its time', async () => {
    const world = createWorld();
    const stopped = world.server.stop();
    await settle();
    expect(world.sleeps.at(-1)?.ms).toBe(STOP_GRACE_MS);
    world.sleeps.at(-1)?.wake();
    await stopped;
    expect(world.children[0]?.asked).toEqual(['stop', 'kill']);
  });

  it('stops while it waits to start again', async () => {
    const world = createWorld();
    world.children[0]?.end();
    await settle();
    await world.server.stop();
    expect(world.children).toHaveLength(1);
  });
});

describe('readReadyLine', () => {
  it('reads the first line, however it is cut', async () => {
    const output = new PassThrough();
    const line = JSON.stringify({ ready: true, ...address });
    output.write(line.slice(0, 10));
    output.write(`${line.slice(10)}\nmore`);
    expect(await readReadyLine(output)).toEqual(address);
  });

  it.each(['', '{"other":true}\n'])('rejects output without an address: %j', async (text) => {
    const output = new PassThrough();
    output.end(text);
    await expect(readReadyLine(output)).rejects.toThrow('before it was ready');
  });
});

describe('destinationOf', () => {
  it.each([
    ['http://127.0.0.1:4000/runs/x', 'console'],
    ['http://127.0.0.1:4001/', 'browser'],
    ['https://example.com/', 'browser'],
    ['mailto:una@example.com', 'browser'],
    ['file:///etc/passwd', 'nowhere'],
    ['javascript:alert(1)', 'nowhere'],
    ['not a url', 'nowhere'],
  ])('%s -> %s', (url, destination) => {
    expect(destinationOf(url, 'http://127.0.0.1:4000')).toBe(destination);
  });
});
