import { describe, expect, onTestFinished, test } from 'vitest';
import { isStatusError, type StatusReason } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import type { EventLog } from '../../src-server/store/eventLog';
import type { ObjectKey, ObjectVersion, Store, StoreEvent, WatchQuery } from '../../src-server/store/store';
import { storeProperties } from './storeProperties';
import { recordOf, storeRecords } from './storeRecords';

/** A store under test: started, empty, and closed by the suite. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Where records of writes are found. */
  readonly eventLog: EventLog;
  /** Makes the next revision at least two above the last. */
  skipRevision(): void | Promise<void>;
  close(): Promise<void>;
}

export type OpenStore = (opts?: { watchBufferEvents?: number }) => Promise<StoreUnderTest>;

/** The contract of `store.ts`, guarantee by guarantee. */
export function storeSuite(name: string, open: OpenStore): void {
  const openStore: OpenStore = async (opts) => {
    const opened = await open(opts);
    onTestFinished(() => opened.close());
    return opened;
  };

  describe(`store contract: ${name}`, () => {
    describe('verbs', () => {
      test('an object comes back as it was stored, under its revision', async () => {
        const { store } = await openStore();
        const object = widget('a', { text: 'ä "quoted"\n', nested: { list: [1, null, { deep: true }] } });
        const created = await store.create(keyOf('a'), object);
        expect(created).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion: created.metadata.resourceVersion } });
        expect(await store.get(keyOf('a'))).toEqual(created);
        expect((await store.revisions()).head).toBe(created.metadata.resourceVersion);
      });

      test('an answer is shared, and nobody can change it for others; what was given to be stored stays the caller’s own', async () => {
        const { store } = await openStore();
        const given = widget('a', { size: 1 });
        const created = await store.create(keyOf('a'), given);
        const updated = await store.update(keyOf('a'), widget('a', { size: 1, name: 'b' }), {});
        for (const answer of [created, updated, await store.get(keyOf('a'))]) expect(() => Object.assign(answer?.spec ?? {}, { size: 2 })).toThrow(TypeError);
        given.spec.size = 3;
        expect((await store.get(keyOf('a')))?.spec.size).toBe(1);
      });

      test('what is not there is undefined for get and NotFound for update and delete', async () => {
        const { store } = await openStore();
        expect(await store.get(keyOf('a'))).toBeUndefined();
        expect(await reasonOf(store.update(keyOf('a'), widget('a'), {}))).toBe('NotFound');
        expect(await reasonOf(store.delete(keyOf('a'), {}))).toBe('NotFound');
        expect((await store.revisions()).head).toBe('0');
      });

      test('a deleted name can be used again; a delete for the old uid is refused', async () => {
        const { store } = await openStore();
        const first = await store.create(keyOf('a'), widget('a', {}, 'uid-1'));
        await store.delete(keyOf('a'), { expectedUid: 'uid-1' });
        const second = await store.create(keyOf('a'), widget('a', {}, 'uid-2'));
        expect(revisionOf(second)).toBeGreaterThan(revisionOf(first));
        expect(await reasonOf(store.delete(keyOf('a'), { expectedUid: 'uid-1' }))).toBe('Conflict');
        expect(await store.get(keyOf('a'))).toEqual(second);
      });

      test('keys that no object can have, and objects of no sensible size, are refused', async () => {
        const { store } = await openStore();
        expect(await reasonOf(store.create({ plural: 'widgets', namespace: 'n', name: 'a/b' }, widget('a')))).toBe('BadRequest');
        expect(await reasonOf(store.create({ plural: 'widgets', namespace: 'n', name: '' }, widget('a')))).toBe('BadRequest');
        expect(await reasonOf(store.get({ plural: 'widgets', namespace: 'n', name: 'é' }))).toBe('BadRequest');
        const large = widget('a', { text: 'x'.repeat(2_000_000) });
        expect(await reasonOf(store.create(keyOf('a'), large))).toBe('RequestEntityTooLarge');
        expect((await store.revisions()).head).toBe('0');
      });

      test('list and count cover exactly the selection', async () => {
        const { store } = await openStore();
        for (const plural of ['gears', 'widget', 'widgets', 'widgets-extra']) {
          for (const namespace of ['n', 'n-1', 'n.1', 'n1', 'm']) {
            for (const name of ['a', 'a-b', 'b']) await store.create({ plural, namespace, name }, widget(name, { plural, namespace }));
          }
        }
        const found = async (selection: { plural?: string; namespace?: string; name?: string }): Promise<number> =>
          (await store.list(selection)).items.length;
        expect(await found({})).toBe(60);
        expect(await found({ plural: 'widget' })).toBe(15);
        expect(await found({ plural: 'widget', namespace: 'n' })).toBe(3);
        expect(await found({ plural: 'widget', namespace: 'n', name: 'a' })).toBe(1);
        expect(await found({ namespace: 'n' })).toBe(12);
        expect(await found({ name: 'a-b' })).toBe(20);
        expect(await store.count({})).toBe(60);
        expect(await store.count({ plural: 'widgets' })).toBe(15);
        expect(await store.count({ plural: 'widgets', namespace: 'n1' })).toBe(3);
        expect(await store.count({ namespace: 'n' })).toBe(12);
        expect(await store.count({ plural: 'nothing' })).toBe(0);
      });
    });

    describe('1. revisions rise in commit order', () => {
      test('what a watcher sees rises, and is never at or below what a reader has seen', async () => {
        const { store } = await openStore();
        const watch = watching(store, {});
        await Promise.all(
          Array.from({ length: 20 }, async (_, writer) => {
            for (let round = 0; round < 5; round += 1) {
              const before = BigInt((await store.revisions()).head);
              const written = await store.create(keyOf(`w${writer}-${round}`), widget('w'));
              expect(revisionOf(written)).toBeGreaterThan(before);
            }
          }),
        );
        const revisions = (await watch.take(100)).map((event) => BigInt(event.resourceVersion));
        expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => Number(a - b)));
        expect(revisions.at(-1)?.toString()).toBe((await store.revisions()).head);
      });
    });

    describe('2. stale writes fail and change nothing', () => {
      test('update and delete with a stale revision are a Conflict', async () => {
        const { store } = await openStore();
        const first = await store.create(keyOf('a'), widget('a', { size: 1 }));
        const stale = { expectedResourceVersion: first.metadata.resourceVersion };
        const second = await store.update(keyOf('a'), widget('a', { size: 2 }), stale);
        const head = (await store.revisions()).head;
        expect(await reasonOf(store.update(keyOf('a'), widget('a', { size: 3 }), stale))).toBe('Conflict');
        expect(await reasonOf(store.delete(keyOf('a'), stale))).toBe('Conflict');
        expect(await reasonOf(store.update(keyOf('a'), widget('a', { size: 3 }), { expectedResourceVersion: 'nonsense' }))).toBe('Conflict');
        expect(await reasonOf(store.create(keyOf('a'), widget('a')))).toBe('AlreadyExists');
        expect(await store.get(keyOf('a'))).toEqual(second);
        expect((await store.revisions()).head).toBe(head);
      });

      test('of many creates of one name one wins', async () => {
        const { store } = await openStore();
        const results = await Promise.all(Array.from({ length: 16 }, (_, writer) => reasonOf(store.create(keyOf('a'), widget('a', { writer })))));
        expect(results.filter((reason) => reason === undefined)).toHaveLength(1);
        expect(results.filter((reason) => reason === 'AlreadyExists')).toHaveLength(15);
      });

      test('of many changes of one revision one wins, and a counter that retries loses no step', async () => {
        const { store } = await openStore();
        await store.create(keyOf('a'), widget('a', { count: 0 }));
        await Promise.all(Array.from({ length: 16 }, () => increment(store, 'a')));
        expect((await store.get(keyOf('a')))?.spec.count).toBe(16);
      });
    });

    describe('3. a list is consistent, and its pages share a revision', () => {
      test('pages show the objects as of the first page, whatever happens between', async () => {
        const { store } = await openStore();
        for (const name of ['b', 'd', 'f', 'h', 'j']) await store.create(keyOf(name), widget(name, { size: 1 }));
        const first = await store.list({ plural: 'widgets', limit: 1 });
        expect(first.remainingItemCount).toBe(4);
        await store.create(keyOf('c'), widget('c'));
        await store.delete(keyOf('d'), {});
        await store.create(keyOf('d'), widget('d', { size: 3 }));
        await store.update(keyOf('f'), widget('f', { size: 2 }), {});
        await store.update(keyOf('f'), widget('f', { size: 3 }), {});
        await store.delete(keyOf('h'), {});

        const items = [...first.items];
        for (let page = first; page.continue !== undefined; ) {
          page = await store.list({ plural: 'widgets', limit: 1, continue: page.continue });
          expect(page.resourceVersion).toBe(first.resourceVersion);
          expect(page.items).toHaveLength(1);
          items.push(...page.items);
        }
        expect(items.map((item) => [item.metadata.name, item.spec.size])).toEqual([['b', 1], ['d', 1], ['f', 1], ['h', 1], ['j', 1]]);
        expect(items.every((item) => revisionOf(item) <= BigInt(first.resourceVersion))).toBe(true);
      });

      test('a page with a predicate is full, and the last one has no token', async () => {
        const { store } = await openStore();
        for (let index = 0; index < 30; index += 1) await store.create(keyOf(`w${10 + index}`), widget('w', { index }));
        const matches = (object: KradleObject): boolean => Number(object.spec.index) % 3 === 0;
        const first = await store.list({ plural: 'widgets', limit: 5, matches });
        expect(first.items.map((item) => item.spec.index)).toEqual([0, 3, 6, 9, 12]);
        expect(first.remainingItemCount).toBeUndefined();
        const second = await store.list({ plural: 'widgets', limit: 5, matches, continue: first.continue });
        expect(second.items.map((item) => item.spec.index)).toEqual([15, 18, 21, 24, 27]);
        expect(second.continue).toBeUndefined();
      });

      test('a token outlives compaction only while its revision does, and fits no other list', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name));
        const { continue: token } = await store.list({ plural: 'widgets', limit: 1 });
        expect(await reasonOf(store.list({ plural: 'gears', limit: 1, continue: token }))).toBe('BadRequest');
        expect(await reasonOf(store.list({ plural: 'widgets', limit: 1, continue: 'garbage' }))).toBe('BadRequest');
        await store.compact((await store.revisions()).head);
        expect((await store.list({ plural: 'widgets', limit: 1, continue: token })).items[0]?.metadata.name).toBe('b');
        await store.update(keyOf('c'), widget('c', { size: 2 }), {});
        await store.compact((await store.revisions()).head);
        expect(await reasonOf(store.list({ plural: 'widgets', limit: 1, continue: token }))).toBe('Expired');
      });
    });

    describe('a list as of a revision', () => {
      test('is the state at exactly that revision, page by page, and says so', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name, { size: 1 }));
        const at = (await store.revisions()).head;
        const before = await store.list({ plural: 'widgets' });
        await store.update(keyOf('a'), widget('a', { size: 2 }), {});
        await store.delete(keyOf('b'), {});
        await store.create(keyOf('d'), widget('d'));
        expect(await store.list({ plural: 'widgets', atResourceVersion: at })).toEqual(before);
        expect((await store.list({ plural: 'widgets', atResourceVersion: '0' })).items).toEqual([]);
        const first = await store.list({ plural: 'widgets', atResourceVersion: at, limit: 2 });
        expect(first.resourceVersion).toBe(at);
        const second = await store.list({ plural: 'widgets', limit: 2, continue: first.continue });
        expect(second).toEqual({ items: before.items.slice(2), resourceVersion: at });
        expect([...first.items, ...second.items]).toEqual(before.items);
        const { head } = await store.revisions();
        expect(await store.list({ atResourceVersion: head })).toEqual(await store.list({}));
      });

      test('is Expired below the floor, a Timeout above the head, and not for a list that is under way', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name));
        const { items, resourceVersion: head } = await store.list({});
        const [a, b] = items.map((item) => item.metadata.resourceVersion);
        await store.compact(b ?? '');
        expect(await reasonOf(store.list({ atResourceVersion: a }))).toBe('Expired');
        expect((await store.list({ atResourceVersion: b })).items).toHaveLength(2);
        const ahead = (BigInt(head) + 1n).toString();
        await expect(store.list({ atResourceVersion: ahead })).rejects.toMatchObject({
          reason: 'Timeout',
          message: `Too large resource version: ${ahead}, current: ${head}`,
          details: { causes: [{ code: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
        });
        expect(await reasonOf(store.list({ atResourceVersion: 'garbage' }))).toBe('BadRequest');
        const { continue: token } = await store.list({ limit: 1 });
        expect(await reasonOf(store.list({ atResourceVersion: head, continue: token }))).toBe('BadRequest');
      });
    });

    describe('4. a watch yields every change after its start, once, in order, and stays live', () => {
      test('from a revision: the history after it, then what comes', async () => {
        const { store } = await openStore();
        const a = await store.create(keyOf('a'), widget('a'));
        await store.create(keyOf('b'), widget('b'));
        await store.update(keyOf('a'), widget('a', { size: 2 }), {});
        const watch = watching(store, { plural: 'widgets', resourceVersion: a.metadata.resourceVersion });
        expect(told(await watch.take(2))).toEqual(['ADDED b', 'MODIFIED a']);
        await store.delete(keyOf('b'), {});
        await store.create({ ...keyOf('x'), plural: 'gears' }, widget('x'));
        await store.create(keyOf('c'), widget('c'));
        expect(told(await watch.take(2))).toEqual(['DELETED b', 'ADDED c']);
      });

      test('every change comes from the history as it was made, whatever became of the object since', async () => {
        const { store } = await openStore();
        await store.create(keyOf('a'), widget('a', { size: 1 }));
        for (const size of [2, 2, 3]) await store.update(keyOf('a'), widget('a', { size }), {});
        await store.delete(keyOf('a'), {});
        await store.create(keyOf('a'), widget('a', { size: 9 }));
        await store.create(keyOf('b'), widget('b', { size: 5 }));
        const seen = await watching(store, { resourceVersion: '0' }).take(6);
        expect(seen.map(({ type, object }) => [type, object?.metadata.name, object?.spec.size])).toEqual([
          ['ADDED', 'a', 1], ['MODIFIED', 'a', 2], ['MODIFIED', 'a', 3], ['DELETED', 'a', 3], ['ADDED', 'a', 9], ['ADDED', 'b', 5],
        ]);
        expect(seen.map(({ object }) => object?.metadata.resourceVersion)).toEqual(seen.map(({ resourceVersion }) => resourceVersion));
      });

      test('from now: nothing before the call, everything after it, even before the first item is asked for', async () => {
        const { store } = await openStore();
        await store.create(keyOf('a'), widget('a'));
        const watch = watching(store, {});
        await store.create(keyOf('b'), widget('b'));
        expect(told(await watch.take(1))).toEqual(['ADDED b']);
      });

      test('from the head in the middle of a burst: nothing up to it, though others have yet to hear of that, and everything after it', async () => {
        const { store } = await openStore();
        const early = watching(store, {});
        const burst = Promise.all(Array.from({ length: 600 }, (_, index) => store.create(keyOf(`w${index}`), widget('w'))));
        const { head } = await store.revisions();
        const watch = watching(store, { resourceVersion: head });
        const waiting = watch.take(1);
        await burst;
        await store.create(keyOf('last'), widget('last'));
        const later = (await early.take(601)).filter((event) => BigInt(event.resourceVersion) > BigInt(head));
        expect(told(later).at(-1)).toBe('ADDED last');
        expect([...(await waiting), ...(await watch.take(later.length - 1))]).toEqual(later);
      });

      test('below the floor it is Expired, above the head BadRequest, and at the floor it works', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name));
        const { items } = await store.list({});
        const [a, b] = items.map((item) => item.metadata.resourceVersion);
        await store.compact(b ?? '');
        expect(await reasonOf(watching(store, { resourceVersion: a }).take(1))).toBe('Expired');
        expect(told(await watching(store, { resourceVersion: b }).take(1))).toEqual(['ADDED c']);
        expect(await reasonOf(watching(store, { resourceVersion: '999999' }).take(1))).toBe('BadRequest');
        expect(await reasonOf(watching(store, { resourceVersion: 'garbage' }).take(1))).toBe('BadRequest');
      });

      test('a bookmark follows the history and carries a revision to resume from', async () => {
        const { store } = await openStore();
        await store.create(keyOf('a'), widget('a'));
        const other = await store.create({ ...keyOf('x'), plural: 'gears' }, widget('x'));
        const watch = watching(store, { plural: 'widgets', resourceVersion: '0', bookmarkEveryMs: 5 });
        const [added, bookmark, again] = await watch.take(3);
        expect(told([added, bookmark, again])).toEqual(['ADDED a', 'BOOKMARK', 'BOOKMARK']);
        expect(bookmark?.resourceVersion).toBe(other.metadata.resourceVersion);
        expect(bookmark?.object).toBeUndefined();
      });

      test('the signal ends it, at rest and while it is busy', async () => {
        const { store } = await openStore();
        const atRest = watching(store, {});
        const waiting = atRest.take(1);
        await store.revisions();
        atRest.abort();
        expect(await waiting).toEqual([]);
        await store.create(keyOf('a'), widget('a'));
        const aborted = watching(store, { resourceVersion: '0' });
        aborted.abort();
        expect(await aborted.take(1)).toEqual([]);
      });

      test('stopping the store ends it with an error, so that nobody takes it for the end of the changes', async () => {
        const { store } = await openStore();
        const watch = watching(store, { bookmarkEveryMs: 60_000 });
        expect(told(await watch.take(1))).toEqual(['BOOKMARK']);
        const waiting = reasonOf(watch.take(1));
        await store.stop();
        expect(await waiting).toBe('ServiceUnavailable');
      });
    });

    describe('5. deletes and selections', () => {
      test('a delete carries the last object under the delete’s revision, as its answer does', async () => {
        const { store } = await openStore();
        const created = await store.create(keyOf('a'), widget('a', { size: 7 }));
        const watch = watching(store, {});
        const deleted = await store.delete(keyOf('a'), {});
        expect(revisionOf(deleted)).toBeGreaterThan(revisionOf(created));
        expect(deleted.spec.size).toBe(7);
        expect(await watch.take(1)).toEqual([{ type: 'DELETED', resourceVersion: deleted.metadata.resourceVersion, object: deleted }]);
      });

      test('entering the selection is ADDED, leaving it is DELETED in the last state that matched', async () => {
        const { store } = await openStore();
        const matches = (object: KradleObject): boolean => object.spec.colour === 'red';
        const paint = async (colour: string, size: number): Promise<KradleObject> =>
          store.update(keyOf('a'), widget('a', { colour, size }), {});
        const watch = watching(store, { matches });
        await store.create(keyOf('a'), widget('a', { colour: 'blue', size: 0 }));
        const entered = await paint('red', 1);
        const changed = await paint('red', 2);
        const left = await paint('green', 3);
        await paint('blue', 4);
        await store.delete(keyOf('a'), {});
        await store.create(keyOf('end'), widget('end', { colour: 'red' }));
        const events = await watch.take(4);
        expect(told(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED end']);
        expect(events.slice(0, 3).map((event) => event.resourceVersion)).toEqual([entered, changed, left].map((object) => object.metadata.resourceVersion));
        expect(events[2]?.object?.spec).toEqual({ colour: 'red', size: 2 });
        expect(events[2]?.object?.metadata.resourceVersion).toBe(left.metadata.resourceVersion);
      });

      test('what one subscriber does to an event, another does not see', async () => {
        const { store } = await openStore();
        const [vandal, reader] = [watching(store, {}), watching(store, {})];
        await store.create(keyOf('a'), widget('a', { size: 1 }));
        const [event] = await vandal.take(1);
        expect(event?.object && Reflect.set(event.object.spec, 'size', 2)).toBeDefined();
        expect((await reader.take(1))[0]?.object?.spec.size).toBe(1);
      });
    });

    describe('6. an update that changes no byte writes nothing', () => {
      test('it answers the same revision and no watcher hears of it', async () => {
        const { store } = await openStore();
        const created = await store.create(keyOf('a'), widget('a', { size: 1 }));
        const watch = watching(store, {});
        expect(await store.update(keyOf('a'), created, {})).toEqual(created);
        expect(await store.update(keyOf('a'), created, { expectedResourceVersion: created.metadata.resourceVersion })).toEqual(created);
        expect((await store.revisions()).head).toBe(created.metadata.resourceVersion);
        await store.create(keyOf('b'), widget('b'));
        expect(told(await watch.take(1))).toEqual(['ADDED b']);
      });

      test('with a stale revision it is still a Conflict', async () => {
        const { store } = await openStore();
        const first = await store.create(keyOf('a'), widget('a', { size: 1 }));
        const second = await store.update(keyOf('a'), widget('a', { size: 2 }), {});
        expect(await reasonOf(store.update(keyOf('a'), second, { expectedResourceVersion: first.metadata.resourceVersion }))).toBe('Conflict');
      });
    });

    describe('7. a slow subscriber blocks nobody and is ended', () => {
      test('writers and other watchers go on; the slow one gets Expired and can list again', async () => {
        const { store } = await openStore({ watchBufferEvents: 20 });
        const slow = watching(store, { bookmarkEveryMs: 60_000 });
        await slow.take(1);
        const quick = watching(store, {});
        for (let index = 0; index < 50; index += 1) {
          await store.create(keyOf(`w${index}`), widget('w'));
          expect(told(await quick.take(1))).toEqual(['ADDED w']);
        }
        expect(await reasonOf(slow.take(51))).toBe('Expired');
        const { items, resourceVersion } = await store.list({});
        expect(items).toHaveLength(50);
        const again = watching(store, { resourceVersion });
        await store.create(keyOf('last'), widget('last'));
        expect(told(await again.take(1))).toEqual(['ADDED last']);
      });

      test('one that still catches up is not slow: it reads a history larger than any buffer at its own pace', async () => {
        const { store } = await openStore({ watchBufferEvents: 20 });
        for (let index = 0; index < 100; index += 1) await store.create(keyOf(`w${index}`), widget('w'));
        const watch = watching(store, { resourceVersion: '0' });
        const seen = await watch.take(1);
        for (let index = 0; index < 100; index += 1) await store.create(keyOf(`v${index}`), widget('v'));
        seen.push(...(await watch.take(99)));
        expect(seen).toHaveLength(100);
      });
    });

    describe('8. compaction', () => {
      test('keeps every current object and the history above the floor', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name));
        await store.delete(keyOf('b'), {});
        const target = (await store.update(keyOf('a'), widget('a', { size: 2 }), {})).metadata.resourceVersion;
        await store.update(keyOf('c'), widget('c', { size: 3 }), {});
        const before = await store.list({});
        await store.compact(target);
        expect((await store.revisions()).floor).toBe(target);
        expect(await store.list({})).toEqual(before);
        expect(told(await watching(store, { resourceVersion: target }).take(1))).toEqual(['MODIFIED c']);
      });

      test('never lowers the floor and never rises above the head', async () => {
        const { store } = await openStore();
        for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), widget(name));
        const { head } = await store.revisions();
        await store.compact(head);
        await store.compact('1');
        expect((await store.revisions()).floor).toBe(head);
        expect(await reasonOf(store.compact((BigInt(head) + 1n).toString()))).toBe('BadRequest');
      });

      test('a live watcher that has seen everything goes on', async () => {
        const { store } = await openStore();
        const watch = watching(store, {});
        await store.create(keyOf('a'), widget('a'));
        await watch.take(1);
        await store.compact((await store.revisions()).head);
        await store.create(keyOf('b'), widget('b'));
        expect(told(await watch.take(1))).toEqual(['ADDED b']);
      });
    });

    describe('9. gaps in revisions are legal', () => {
      test('lists, pages, watches and compaction step over them', async () => {
        const { store, skipRevision } = await openStore();
        const a = await store.create(keyOf('a'), widget('a'));
        await skipRevision();
        const b = await store.create(keyOf('b'), widget('b'));
        expect(revisionOf(b) - revisionOf(a)).toBeGreaterThan(1n);
        const inTheGap = (revisionOf(a) + 1n).toString();
        expect(told(await watching(store, { resourceVersion: inTheGap }).take(1))).toEqual(['ADDED b']);
        const page = await store.list({ limit: 1 });
        await skipRevision();
        await store.update(keyOf('b'), widget('b', { size: 2 }), {});
        expect((await store.list({ limit: 1, continue: page.continue })).items).toEqual([b]);
        await store.compact(inTheGap);
        expect(told(await watching(store, { resourceVersion: inTheGap }).take(2))).toEqual(['ADDED b', 'MODIFIED b']);
      });
    });

    describe('11. what has a condition is created only while that holds', () => {
      const conditionOn = ({ metadata }: KradleObject): ObjectVersion => ({ key: keyOf(metadata.name), resourceVersion: metadata.resourceVersion });

      test('at its version it is created; at another, or when it is gone, it is a Conflict that names it, and nothing is stored', async () => {
        const { store, eventLog } = await openStore();
        const first = await store.create(keyOf('ground'), widget('ground'));
        await store.create(keyOf('a'), widget('a'), { condition: conditionOn(first) });
        const second = await store.update(keyOf('ground'), widget('ground', { size: 2 }), {});
        const record = recordOf('b', 'none');
        const refused = store.create(keyOf('b'), widget('b'), { condition: conditionOn(first), record });
        await expect(refused).rejects.toMatchObject({ reason: 'Conflict', message: expect.stringContaining('"ground"') as string });
        await store.create(keyOf('c'), widget('c'), { condition: conditionOn(second) });
        await store.delete(keyOf('ground'), {});
        for (const stale of [first, second]) expect(await reasonOf(store.create(keyOf('d'), widget('d'), { condition: conditionOn(stale), record }))).toBe('Conflict');
        expect((await store.list({})).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
        expect((await eventLog.read(record.stream, { limit: 1 })).items).toEqual([]);
      });

      test('it may stand at an earlier state for who remembers it, and is as it is for who was refused', async () => {
        const { store } = await openStore();
        await store.create(keyOf('ground'), widget('ground'));
        const remembered = await store.recall(keyOf('ground'));
        expect(remembered).toEqual(await store.get(keyOf('ground')));
        const changed = await store.update(keyOf('ground'), widget('ground', { size: 2 }), {});
        if (remembered === undefined) throw new Error('it is there');
        expect(await reasonOf(store.create(keyOf('a'), widget('a'), { condition: conditionOn(remembered) }))).toBe('Conflict');
        expect(await store.recall(keyOf('ground'))).toEqual(changed);
        expect(await store.recall(keyOf('a'))).toBeUndefined();
      });

      test('of many that are under way when it changes, each is stored before the change or not at all', async () => {
        const { store } = await openStore();
        const ground = await store.create(keyOf('ground'), widget('ground'));
        const create = (name: string) => store.create(keyOf(name), widget(name), { condition: conditionOn(ground) });
        const writes = [
          ...Array.from({ length: 8 }, (_, index) => create(`before-${index}`)),
          store.update(keyOf('ground'), widget('ground', { size: 2 }), {}),
          ...Array.from({ length: 8 }, (_, index) => create(`behind-${index}`)),
        ];
        const settled = await Promise.allSettled(writes);
        const change = revisionOf((await store.get(keyOf('ground'))) ?? ground);
        const stored = (await store.list({ matches: ({ metadata }) => metadata.name !== 'ground' })).items;
        expect(stored.filter((object) => revisionOf(object) > change)).toEqual([]);
        expect(stored).toHaveLength(settled.filter(({ status }) => status === 'fulfilled').length - 1);
        for (const outcome of settled) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'Conflict' });
        await create('late').then(() => expect.unreachable(), (error: unknown) => expect(error).toMatchObject({ reason: 'Conflict' }));
      });

      test('those of different versions in one breath: only what stands at the right one is stored', async () => {
        const { store } = await openStore();
        const first = await store.create(keyOf('ground'), widget('ground'));
        const second = await store.update(keyOf('ground'), widget('ground', { size: 2 }), {});
        const reasons = await Promise.all([first, second, first, second].map((version, index) => reasonOf(store.create(keyOf(`a-${index}`), widget(`a-${index}`), { condition: conditionOn(version) }))));
        expect(reasons).toEqual(['Conflict', undefined, 'Conflict', undefined]);
      });
    });

    storeRecords(openStore);
    storeProperties(open);
  });
}

export function keyOf(name: string): ObjectKey {
  return { plural: 'widgets', namespace: 'n', name };
}

/** An object of a kind that exists only here. */
export function widget(name: string, spec: Record<string, unknown> = {}, uid = `uid-${name}`): KradleObject {
  const metadata = { name, namespace: 'n', uid, resourceVersion: '', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Widget', metadata, spec };
}

/** A watch that the test takes events from; it ends with the test. */
export function watching(store: Store, query: Omit<WatchQuery, 'signal'>): { take(count: number): Promise<StoreEvent[]>; abort(): void } {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const events = store.watch({ ...query, signal: controller.signal })[Symbol.asyncIterator]();
  return {
    abort: () => controller.abort(),
    async take(count) {
      const taken: StoreEvent[] = [];
      while (taken.length < count) {
        const next = await events.next();
        if (next.done) break;
        taken.push(next.value);
      }
      return taken;
    },
  };
}

/** Why a promise failed; undefined when it did not. */
export async function reasonOf(promise: Promise<unknown>): Promise<StatusReason | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (isStatusError(error)) return error.reason;
    throw error;
  }
}

function told(events: readonly (StoreEvent | undefined)[]): string[] {
  return events.map((event) => [event?.type, event?.object?.metadata.name].filter(Boolean).join(' '));
}

function revisionOf(object: KradleObject): bigint {
  return BigInt(object.metadata.resourceVersion);
}

/** Adds one to an object's count, however often somebody else is faster. */
export async function increment(store: Store, name: string): Promise<void> {
  for (;;) {
    const current = await store.get(keyOf(name));
    if (current === undefined) throw new Error('the counter is gone');
    const next = widget(name, { count: Number(current.spec.count) + 1 });
    const reason = await reasonOf(store.update(keyOf(name), next, { expectedResourceVersion: current.metadata.resourceVersion }));
    if (reason === undefined) return;
    expect(reason).toBe('Conflict');
  }
}
