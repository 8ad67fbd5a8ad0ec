import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { brokenLink, headOf, type ChainHead } from '../../src-server/store/chain';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { keyOf, watching, widget } from './storeSuite';

const WRITER = fileURLToPath(new URL('./children/storeWriter.mjs', import.meta.url));
/** The child is killed when it has had so many acknowledgements: at three points of its life. */
const KILL_AFTER = [1, 200, 1_000];

interface Acknowledged {
  readonly objects: ReadonlyMap<string, number>;
  readonly streams: ReadonlyMap<string, number>;
  readonly revision: bigint;
}

describe('kill -9', () => {
  test.each(KILL_AFTER)('after %i acknowledged writes loses none of them, none is without its record, and revisions go on', { timeout: 60_000 }, async (count) => {
    const folder = await mkdtemp(join(tmpdir(), 'kradle-kill-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'kradle.db');
    const acknowledged = await writeUntilKilled(path, count);

    const storage = await openSqliteStore({ path, log: silentLogger() });
    onTestFinished(() => storage.close());
    const { store, eventLog } = storage;
    expect(await storage.checkIntegrity()).toEqual([]);
    await store.start();
    for (const [name, size] of acknowledged.objects) {
      expect(Number((await store.get(keyOf(name)))?.spec.count)).toBeGreaterThanOrEqual(size);
    }
    for (const [stream, lastSeq] of acknowledged.streams) {
      const page = await eventLog.read(stream, { before: lastSeq + 1, limit: 1 });
      expect(page.items[0]?.seq).toBe(lastSeq);
      expect(page.lastSeq).toBe(await eventLog.count(stream));
    }
    await expectRecords(storage);
    const { head } = await store.revisions();
    expect(BigInt(head)).toBeGreaterThanOrEqual(acknowledged.revision);
    const watch = watching(store, { resourceVersion: head });
    const next = await store.create(keyOf('afterwards'), widget('afterwards'));
    expect(BigInt(next.metadata.resourceVersion)).toBeGreaterThan(BigInt(head));
    expect((await watch.take(1))[0]?.object).toEqual(next);
  });
});

/** Acknowledged or not: what each object is was recorded, and nothing was that did not happen. */
async function expectRecords({ store, eventLog }: SqlStorage): Promise<void> {
  const said = new Map<string, { count: number; resourceVersion: string }>();
  let seq = 0;
  let head: ChainHead = { sequence: 0, atUs: 0 };
  for (let page = await eventLog.read('records/n', { limit: 5_000 }); page.items.length > 0; page = await eventLog.read('records/n', { after: seq, limit: 5_000 })) {
    for (const item of page.items) {
      const { target, count } = (item.data as { spec: { target: { name: string; resourceVersion: string }; count: number } }).spec;
      expect([brokenLink(item, head), count]).toEqual([undefined, (said.get(target.name)?.count ?? -1) + 1]);
      said.set(target.name, { count, resourceVersion: target.resourceVersion });
      head = headOf(item);
      seq = item.seq;
    }
  }
  const { items } = await store.list({});
  expect(items.length).toBe(said.size);
  for (const { metadata, spec } of items) expect(said.get(metadata.name)).toMatchObject({ count: spec.count, resourceVersion: metadata.resourceVersion });
}

async function writeUntilKilled(path: string, count: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const objects = new Map<string, number>();
  const streams = new Map<string, number>();
  let revision = 0n;
  let lines = 0;
  // Whatever was in the pipe at the kill was acknowledged as well.
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { name?: string; count?: number; revision?: string; stream?: string; lastSeq?: number };
    if (said.name !== undefined) objects.set(said.name, said.count ?? 0);
    if (said.stream !== undefined) streams.set(said.stream, said.lastSeq ?? 0);
    if (said.revision !== undefined && BigInt(said.revision) > revision) revision = BigInt(said.revision);
    lines += 1;
    if (lines === count) child.kill('SIGKILL');
  }
  const [, signal] = (await ended) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(lines).toBeGreaterThanOrEqual(count);
  return { objects, streams, revision };
}
