import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunnerEvent } from '../domains/agents/runnerProtocol';
import { EventOutbox } from './eventOutbox';
import { RequestRefused, RunnerDismissed, type CallOptions, type ServerLink } from './serverLink';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kradle-outbox-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A server that stores by id, and answers as told. */
function fakeServer(answer: (events: RunnerEvent[]) => Promise<void> | void = () => undefined) {
  const stored = new Map<string, RunnerEvent>();
  const link: ServerLink = {
    async call<T>(_path: string, options?: CallOptions): Promise<T> {
      const { events } = options?.json as { events: RunnerEvent[] };
      await answer(events);
      for (const event of events) if (!stored.has(event.id)) stored.set(event.id, event);
      return {} as T;
    },
  };
  return { link, stored, texts: () => [...stored.values()].map(({ data }) => (data as { text?: string; message?: string }).text ?? (data as { message?: string }).message) };
}

const open = (link: ServerLink, opts: { attempt?: number; maxSpoolBytes?: number } = {}) => new EventOutbox({ folder, attempt: 1, link, signal: new AbortController().signal, ...opts });

describe('EventOutbox', () => {
  it('sends everything once, in order, and leaves no spool behind', async () => {
    const server = fakeServer();
    const outbox = open(server.link);
    for (let index = 0; index < 5000; index += 1) outbox.push('stdout', { text: String(index) });
    await outbox.drain();
    outbox.close();
    expect(server.texts()).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
    expect([...server.stored.keys()].at(-1)).toBe('1.5000');
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps what comes while the server is away', async () => {
    let release: () => void = () => undefined;
    const away = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = fakeServer(() => away);
    const outbox = open(server.link);
    for (let index = 0; index < 1000; index += 1) outbox.push('stdout', { text: String(index) });
    const drained = outbox.drain();
    outbox.push('stdout', { text: 'later' });
    release();
    await drained;
    await outbox.drain();
    expect(server.texts()).toHaveLength(1001);
    outbox.close();
  });

  it('leaves a word in the place of an event that the server refuses, and goes on', async () => {
    const server = fakeServer((events) => {
      if (events.some(({ type }) => type === 'stderr')) throw new RequestRefused(422, 'too odd');
    });
    const outbox = open(server.link);
    outbox.push('stdout', { text: 'a' });
    outbox.push('stderr', { text: 'odd' });
    outbox.push('stdout', { text: 'b' });
    await outbox.drain();
    expect(server.texts()).toEqual(['a', expect.stringContaining('could not be stored: too odd'), 'b']);
    expect(server.stored.get('1.2')?.type).toBe('runner.notice');
    outbox.close();
  });

  it('says how many events it had to leave out when too much waited', async () => {
    let release: () => void = () => undefined;
    const away = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = fakeServer(() => away);
    const outbox = open(server.link, { maxSpoolBytes: 20_000 });
    for (let index = 0; index < 1000; index += 1) outbox.push('stdout', { text: String(index) });
    release();
    await outbox.drain();
    outbox.push('stdout', { text: 'after' });
    await outbox.drain();
    const texts = server.texts();
    expect(texts.at(-1)).toBe('after');
    expect(texts.at(-2)).toMatch(/^\d+ events were left out/);
    const kept = texts.length - 2;
    expect(texts.at(-2)).toContain(String(1000 - kept));
    outbox.close();
  });

  it('hands over what the runner of an earlier attempt could not send', async () => {
    const line = (id: string, text: string) => JSON.stringify({ id, at: '2026-01-01T00:00:00.000Z', type: 'stdout', data: { text } });
    await writeFile(join(folder, 'events-1.ndjson'), `${line('1.1', 'a')}\n${line('1.2', 'b')}\n{"id":"1.3","da`);
    await writeFile(join(folder, 'events-3.ndjson'), `${line('3.1', 'not yet')}\n`);
    const server = fakeServer();
    const outbox = open(server.link, { attempt: 2 });
    await outbox.sendLeftovers();
    expect(server.texts()).toEqual(['a', 'b']);
    outbox.close();
    expect(await readdir(folder)).toEqual(['events-3.ndjson']);
  });

  it('stops when the server wants this runner no more', async () => {
    const server = fakeServer(() => {
      throw new RunnerDismissed('over');
    });
    const outbox = open(server.link);
    outbox.push('stdout', { text: 'a' });
    await expect(outbox.drain()).rejects.toThrow('over');
    outbox.close();
  });
});
