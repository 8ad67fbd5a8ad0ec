import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { Compactor } from '../../src-server/store/compactor';
import { openSqliteStore } from '../../src-server/store/sql/sqlite/openSqliteStore';
import { tempDir } from '../harness/tempDir';
import { createTestResources } from '../harness/testResources';
import { Box, Shelf } from '../harness/throwAwayKinds';

const HOUR_MS = 3_600_000;
const CENTURY_MS = 100 * 365 * 24 * HOUR_MS;

describe('a clock that is set', () => {
  test.each<[string, number[]]>([
    ['back by an hour', [-HOUR_MS]],
    ['back by decades', [-CENTURY_MS / 3]],
    ['far ahead', [CENTURY_MS]],
    ['far ahead and back again', [CENTURY_MS, -CENTURY_MS]],
  ])('%s: revisions rise, every change is told once in their order, and objects are written as ever', async (_how, jumps) => {
    await using folder = await tempDir();
    const { clock, resources, store } = await createTestResources({ store: await sqlite(folder.path) });
    onTestFinished(() => store.stop());
    const { head } = await store.revisions();
    const abort = new AbortController();
    const watch = resources.watch(Shelf, { org: 'acme', resourceVersion: head, signal: abort.signal })[Symbol.asyncIterator]();
    const written: string[] = [];
    let names = 0;
    const work = async () => {
      const name = `s-${(names += 1)}`;
      const created = await resources.create(Shelf, 'acme', { metadata: { name }, spec: {} } as never);
      expect(Date.parse(created.metadata.creationTimestamp)).toBe(clock.now());
      const changed = await resources.mutate(Shelf, { org: 'acme', name }, ({ spec }) => void (spec.height = 7));
      expect([changed.metadata.generation, changed.metadata.creationTimestamp]).toEqual([2, created.metadata.creationTimestamp]);
      const { object } = await resources.patch(Shelf, { org: 'acme', name }, { type: 'apply', object: { spec: { note: 'x' } }, force: true }, { fieldManager: 'somebody' });
      const status = await resources.mutateStatus(Shelf, { org: 'acme', name }, (draft) => void (draft.phase = 'Filled'));
      written.push(...[created, changed, object, status].map(({ metadata }) => metadata.resourceVersion));
    };
    await work();
    for (const jump of jumps) {
      clock.advance(jump);
      await work();
    }
    expect(written.map(BigInt)).toEqual([...written].map(BigInt).sort((a, b) => (a < b ? -1 : 1)));
    const told: string[] = [];
    while (told.length < written.length) told.push(((await watch.next()).value as { resourceVersion: string }).resourceVersion);
    expect(told).toEqual(written);
    abort.abort();
    // What was made before the jump can be changed and deleted after it; owners are collected whatever the times say.
    await resources.create(Box, 'acme', { metadata: { name: 'box' }, spec: { shelf: 's-1' } } as never);
    const { metadata } = await resources.mutate(Shelf, { org: 'acme', name: 's-1' }, ({ spec }) => void (spec.height = 1));
    expect(BigInt(metadata.resourceVersion)).toBeGreaterThan(BigInt(told.at(-1) ?? ''));
    await resources.delete(Shelf, { org: 'acme', name: 's-2' });
    expect((await resources.list(Shelf, { org: 'acme', sort: '-metadata.creationTimestamp' })).items.map((item) => item.metadata.name)).not.toContain('s-2');
  });

  test('keeps the compactor from nothing: every round ends, at a floor that never falls', async () => {
    const [clock, elapsed] = [{ ms: Date.parse('2026-01-01T00:00:00Z') }, { ms: 0 }];
    const log: { revision: bigint; at: number }[] = [];
    let floor = 0n;
    const head = () => BigInt(log.length);
    const compactor = new Compactor({
      revisions: () => Promise.resolve({ head: head(), floor }),
      stampAfter: (revision) => Promise.resolve(log.find((row) => row.revision > revision)),
      raiseFloor: (target) => {
        if (target > floor) floor = target;
        return Promise.resolve();
      },
      trimLog: () => Promise.resolve(0),
      tidy: () => Promise.resolve(false),
    }, { log: silentLogger(), clock: () => clock.ms, elapsed: () => elapsed.ms });
    /** Head as it was so many minutes ago. */
    const heads: bigint[] = [];
    for (const [minute, jump] of Array.from({ length: 40 }, (_, index): [number, number] => [index, [0, -HOUR_MS, CENTURY_MS, 0, -CENTURY_MS][index % 5] ?? 0])) {
      clock.ms += 60_000 + jump;
      elapsed.ms += 60_000;
      for (let count = 0; count < 300; count += 1) log.push({ revision: head() + 1n, at: clock.ms });
      await compactor.runOnce();
      heads.push(head());
      const fiveMinutesAgo = heads[minute - 5];
      // Nothing younger than five minutes goes, nor the last thousand; and all else does.
      const expected = fiveMinutesAgo === undefined ? floor : fiveMinutesAgo < head() - 1_000n ? fiveMinutesAgo : head() - 1_000n;
      expect(floor).toBe(expected > 0n ? expected : 0n);
      if (fiveMinutesAgo === undefined) expect(floor).toBeLessThanOrEqual(heads[0] ?? 0n);
    }
  });
});

async function sqlite(folder: string) {
  const storage = await openSqliteStore({ path: `${folder}/kradle.db`, log: silentLogger() });
  onTestFinished(() => storage.close());
  return storage.store;
}
