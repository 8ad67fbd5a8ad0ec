import { describe, expect, test } from 'vitest';
import { brokenLink, headOf, type ChainDraft, type ChainHead } from '../../src-server/store/chain';
import type { EventLog, StoredEvent } from '../../src-server/store/eventLog';
import type { Store, WriteRecord } from '../../src-server/store/store';
import { keyOf, reasonOf, widget, type OpenStore } from './storeSuite';

const STREAM = 'records/n';

/** What a record of these tests says: which object, and the version that was written. */
interface Said {
  readonly target: { readonly name: string; readonly resourceVersion?: string };
}

/** Guarantee 10 of `store.ts`. */
export function storeRecords(open: OpenStore): void {
  describe('10. a write and its record are stored together', () => {
    test('each verb leaves one, made of the version that it wrote and of what it stands behind', async () => {
      const { store, eventLog } = await open();
      const heard: ChainHead[] = [];
      const onStored = (head: ChainHead) => void heard.push(head);
      const created = await store.create(keyOf('a'), widget('a'), { record: recordOf('a', 'r1', { onStored }) });
      expect(heard).toHaveLength(1);
      const updated = await store.update(keyOf('a'), widget('a', { size: 2 }), { record: recordOf('a', 'r2', { onStored }) });
      const deleted = await store.delete(keyOf('a'), { record: recordOf('a', 'r3', { onStored }) });
      const { items } = await eventLog.read(STREAM, { limit: 10 });
      expect(items.map(headOf)).toEqual(heard);
      expect(items.map(({ id, seq, data }) => [id, seq, saidIn(data).target])).toEqual([
        ['r1', 1, { name: 'a', resourceVersion: created.metadata.resourceVersion }],
        ['r2', 2, { name: 'a', resourceVersion: updated.metadata.resourceVersion }],
        ['r3', 3, { name: 'a', resourceVersion: deleted.metadata.resourceVersion }],
      ]);
      expectChain(items);
    });

    test('a write that is refused, or changes nothing, leaves none', async () => {
      const { store, eventLog } = await open();
      const current = await store.create(keyOf('a'), widget('a'));
      const record = recordOf('a', 'none');
      expect(await reasonOf(store.create(keyOf('a'), widget('a'), { record }))).toBe('AlreadyExists');
      expect(await reasonOf(store.update(keyOf('b'), widget('b'), { record }))).toBe('NotFound');
      expect(await reasonOf(store.update(keyOf('a'), widget('a', { size: 2 }), { expectedResourceVersion: '999', record }))).toBe('Conflict');
      expect(await reasonOf(store.delete(keyOf('a'), { expectedUid: 'another', record }))).toBe('Conflict');
      expect((await store.update(keyOf('a'), widget('a'), { record })).metadata.resourceVersion).toBe(current.metadata.resourceVersion);
      expect((await eventLog.read(STREAM, { limit: 10 })).items).toEqual([]);
    });

    test('a write whose record cannot be stored has not happened, and fails nobody else', async () => {
      const { store, eventLog } = await open();
      await eventLog.append(STREAM, [{ id: 'taken', at: AT, type: 'note', data: {} }]);
      const large: WriteRecord = { stream: STREAM, draft: { id: 'large', type: 'note', atMs: AT_MS, data: { spec: { text: 'x'.repeat(2_000_000) } } } };
      const outcomes = await Promise.allSettled([
        store.create(keyOf('a'), widget('a'), { record: recordOf('a', 'r-a') }),
        store.create(keyOf('c'), widget('c'), { record: large }),
        store.create(keyOf('d'), widget('d'), { record: recordOf('d', 'taken') }),
        store.create(keyOf('e'), widget('e'), { record: recordOf('e', 'r-e') }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect((await store.list({})).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'e']);
      expect((await eventLog.read(STREAM, { limit: 10 })).items.map(({ id }) => id)).toEqual(['taken', 'r-a', 'r-e']);
    });

    test('of many that race, with refusals among them and appends between, each stands behind the one before it', { timeout: 60_000 }, async () => {
      const { store, eventLog } = await open();
      const racer = async (racing: number): Promise<void> => {
        for (let turn = 0; turn < 12; turn += 1) {
          const name = `w${(racing + turn) % 4}`;
          const record = recordOf(name, `r${racing}-${turn}`);
          const current = await store.get(keyOf(name));
          const expectedResourceVersion = current?.metadata.resourceVersion;
          const write = turn % 5 === 4 ? store.delete(keyOf(name), { expectedResourceVersion, record })
            : current === undefined ? store.create(keyOf(name), widget(name, { racing, turn }), { record })
              : store.update(keyOf(name), widget(name, { racing, turn }), { expectedResourceVersion, record });
          const reason = await reasonOf(write);
          expect([undefined, 'Conflict', 'AlreadyExists', 'NotFound']).toContain(reason);
          if (turn % 4 === 0) await eventLog.link(STREAM, [draftOf('', `l${racing}-${turn}`)]);
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, racing) => racer(racing)));
      await expectWholeChain(store, eventLog);
    });
  });
}

/** Every change of the store has its record, in the order of the changes, and every record its change. */
export async function expectWholeChain(store: Store, eventLog: EventLog): Promise<void> {
  const { items } = await eventLog.read(STREAM, { limit: 5_000 });
  expectChain(items);
  const said = items.map(({ data }) => saidIn(data).target);
  const recorded = said.filter(({ name }) => name !== '').map(({ name, resourceVersion }) => `${resourceVersion} ${name}`);
  const changes: string[] = [];
  const abort = new AbortController();
  for await (const { resourceVersion, object } of store.watch({ resourceVersion: '0', signal: abort.signal, bookmarkEveryMs: 60_000 })) {
    if (object === undefined) break;
    changes.push(`${resourceVersion} ${object.metadata.name}`);
  }
  expect(recorded).toEqual(changes);
}

const AT_MS = Date.UTC(2026, 0, 1);
const AT = '2026-01-01T00:00:00Z';

export function recordOf(name: string, id: string, opts: Pick<WriteRecord, 'onStored'> = {}): WriteRecord {
  return { stream: STREAM, draft: draftOf(name, id), ...opts };
}

function draftOf(name: string, id: string): ChainDraft {
  return { id, type: 'note', atMs: AT_MS, data: { spec: { target: { name } } } };
}

function saidIn(data: unknown): Said {
  return (data as { spec: Said }).spec;
}

/** Each stands behind the one before it, and none was changed. */
export function expectChain(items: readonly StoredEvent[]): void {
  for (const [index, item] of items.entries()) {
    const previous = items[index - 1];
    expect(brokenLink(item, previous === undefined ? { sequence: 0, atUs: 0 } : headOf(previous))).toBeUndefined();
  }
}
