import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import { eventLogSuite } from './eventLogSuite';

eventLogSuite('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-events-'));
  const storage = await openSqliteStore({ path: join(folder, 'kradle.db'), log: silentLogger() });
  return {
    eventLog: storage.eventLog,
    close: async () => {
      await storage.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the event log on disk', () => {
  test('keeps its streams, and the numbering goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kradle-events-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'kradle.db');
    const first = await openSqliteStore({ path, log: silentLogger() });
    const event = { at: '2026-01-01T00:00:00Z', type: 'line', data: 1 };
    await first.eventLog.append('run/n/a', [{ ...event, id: 'a' }, { ...event, id: 'b' }]);
    await first.close();

    const second = await openSqliteStore({ path, log: silentLogger() });
    onTestFinished(() => second.close());
    expect(await second.eventLog.append('run/n/a', [{ ...event, id: 'b' }, { ...event, id: 'c' }])).toEqual({ lastSeq: 3, stored: 1 });
    expect((await second.eventLog.read('run/n/a', { limit: 10 })).items.map((item) => item.id)).toEqual(['a', 'b', 'c']);
  });

  test('a large entry does not make a follower read more than it can hold', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kradle-events-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const storage = await openSqliteStore({ path: join(folder, 'kradle.db'), log: silentLogger() });
    onTestFinished(() => storage.close());
    const data = 'x'.repeat(1_000_000);
    for (let id = 0; id < 10; id += 1) await storage.eventLog.append('run/n/a', [{ id: String(id), at: '2026-01-01T00:00:00Z', type: 'line', data }]);
    const sizes: number[] = [];
    const controller = new AbortController();
    for await (const batch of storage.eventLog.follow('run/n/a', { after: 0, signal: controller.signal })) {
      sizes.push(batch.length);
      if (batch.at(-1)?.seq === 10) break;
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });
});
