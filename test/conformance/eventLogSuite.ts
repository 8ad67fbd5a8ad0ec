import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { brokenLink, type ChainDraft } from '../../src-server/store/chain';
import type { EventEntry, EventLog, StoredEvent } from '../../src-server/store/eventLog';
import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { reasonOf } from './storeSuite';

export interface EventLogUnderTest {
  readonly eventLog: EventLog;
  close(): Promise<void>;
}

const STREAM = 'run/kradle-org-a/fix-tests';

/** The contract of `eventLog.ts`. */
export function eventLogSuite(name: string, open: () => Promise<EventLogUnderTest>): void {
  const openLog = async (): Promise<EventLog> => {
    const opened = await open();
    onTestFinished(() => opened.close());
    return opened.eventLog;
  };

  describe(`event log contract: ${name}`, () => {
    test('entries come back as they were appended, numbered from 1', async () => {
      const log = await openLog();
      const entries = [entry('a', { text: 'ä\n"', list: [1, null] }), entry('b', null), entry('c', 'plain')];
      expect(await log.append(STREAM, entries)).toEqual({ lastSeq: 3, stored: 3 });
      const expected = entries.map((item, index) => ({ ...item, seq: index + 1 }));
      expect(await log.read(STREAM, { limit: 10 })).toEqual({ items: expected, lastSeq: 3 });
      expect(await log.count(STREAM)).toBe(3);
    });

    test('an id is stored once: in a resend, in an overlap, within one append', async () => {
      const log = await openLog();
      await log.append(STREAM, [entry('a', 'first'), entry('b')]);
      expect(await log.append(STREAM, [entry('a', 'again'), entry('b')])).toEqual({ lastSeq: 2, stored: 0 });
      expect(await log.append(STREAM, [entry('b'), entry('c'), entry('c'), entry('d')])).toEqual({ lastSeq: 4, stored: 2 });
      const { items } = await log.read(STREAM, { limit: 10 });
      expect(items.map((item) => [item.seq, item.id])).toEqual([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'd']]);
      expect(items[0]?.data).toBe('first');
    });

    test('streams are apart: the same id in two of them is two entries', async () => {
      const log = await openLog();
      await log.append('run/n/a', [entry('x'), entry('y')]);
      await log.append('run/n/b', [entry('x')]);
      expect(await log.count('run/n/a')).toBe(2);
      expect(await log.read('run/n/b', { limit: 10 })).toEqual({ items: [{ ...entry('x'), seq: 1 }], lastSeq: 1 });
      expect(await log.read('run/n/c', { limit: 10 })).toEqual({ items: [], lastSeq: 0 });
      expect(await log.count('run/n/c')).toBe(0);
    });

    test('reading goes up from after, or down from before', async () => {
      const log = await openLog();
      await log.append(STREAM, numbered(1, 20));
      const read = async (opts: { after?: number; before?: number; limit: number }): Promise<number[]> =>
        (await log.read(STREAM, opts)).items.map((item) => item.seq);
      expect(await read({ limit: 3 })).toEqual([1, 2, 3]);
      expect(await read({ after: 17, limit: 10 })).toEqual([18, 19, 20]);
      expect(await read({ before: 21, limit: 3 })).toEqual([18, 19, 20]);
      expect(await read({ before: 3, limit: 10 })).toEqual([1, 2]);
      expect(await read({ after: 5, before: 9, limit: 2 })).toEqual([7, 8]);
      expect(await read({ after: 20, limit: 1 })).toEqual([]);
      expect(await read({ after: Number.MAX_SAFE_INTEGER, limit: 1 })).toEqual([]);
      expect(await read({ before: Number.MAX_SAFE_INTEGER, limit: 1 })).toEqual([20]);
    });

    test('what cannot be read or stored is refused, and an append with it is refused as a whole', async () => {
      const log = await openLog();
      for (const limit of [0, 5_001, 1.5]) expect(await reasonOf(log.read(STREAM, { limit }))).toBe('BadRequest');
      expect(await reasonOf(log.read(STREAM, { after: -1, limit: 1 }))).toBe('BadRequest');
      expect(await reasonOf(log.append(STREAM, [entry('a'), entry('b', 'x'.repeat(1_100_000))]))).toBe('RequestEntityTooLarge');
      expect(await reasonOf(log.append(STREAM, [entry('a'), entry('')]))).toBe('Invalid');
      expect(await log.append(STREAM, [])).toEqual({ lastSeq: 0, stored: 0 });
      expect(await log.count(STREAM)).toBe(0);
    });

    test('following yields what is there and then what comes, without gap or repeat', async () => {
      const log = await openLog();
      await log.append(STREAM, numbered(1, 1_200));
      const follower = following(log, { after: 100 });
      await follower.until(1_200);
      await log.append(STREAM, numbered(1_201, 1_300));
      await log.append('run/n/other', numbered(1, 10));
      await log.append(STREAM, numbered(1_290, 1_400));
      await follower.until(1_400);
      expect(follower.seqs).toEqual(Array.from({ length: 1_300 }, (_, index) => index + 101));
    });

    test('a stream can be followed before it begins, by many, each at its own pace', async () => {
      const log = await openLog();
      const [quick, slow] = [following(log, { after: 0 }), following(log, { after: 0 })];
      const waiting = quick.until(1);
      await log.append(STREAM, numbered(1, 1));
      await waiting;
      for (let batch = 0; batch < 20; batch += 1) {
        await log.append(STREAM, numbered(2 + batch * 100, 101 + batch * 100));
        await quick.until(101 + batch * 100);
      }
      await slow.until(2_001);
      expect(slow.seqs).toEqual(quick.seqs);
      expect(slow.seqs).toHaveLength(2_001);
    });

    test('the signal ends a follower, and so does the end of the stream', async () => {
      const log = await openLog();
      await log.append(STREAM, numbered(1, 3));
      const [aborted, dropped] = [following(log, { after: 3 }), following(log, { after: 3 })];
      const [abortedEnd, droppedEnd] = [aborted.ended(), dropped.ended()];
      aborted.abort();
      await abortedEnd;
      await log.drop(STREAM);
      await droppedEnd;
    });

    test('a dropped stream is empty, and begins anew', async () => {
      const log = await openLog();
      await log.append(STREAM, numbered(1, 1_000));
      await log.append('run/n/other', numbered(1, 5));
      const dropping = log.drop(STREAM);
      // It is gone before its rows are.
      while ((await log.count(STREAM)) > 0) await new Promise(setImmediate);
      expect(await log.append(STREAM, [entry('1')])).toEqual({ lastSeq: 1, stored: 1 });
      await dropping;
      expect((await log.read(STREAM, { limit: 10 })).items.map((item) => item.id)).toEqual(['1']);
      expect(await log.count('run/n/other')).toBe(5);
    });

    test('several producers at once lose and repeat nothing', async () => {
      const log = await openLog();
      const follower = following(log, { after: 0 });
      await Promise.all(
        Array.from({ length: 4 }, async (_, producer) => {
          for (let batch = 0; batch < 10; batch += 1) {
            const entries = Array.from({ length: 50 }, (__, index) => entry(`${producer}-${batch}-${index}`));
            await log.append(STREAM, entries);
            await log.append(STREAM, entries);
          }
        }),
      );
      await follower.until(2_000);
      expect(follower.seqs).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
      expect(await log.count(STREAM)).toBe(2_000);
    });

    test('linked entries are chained: each names its place and the digest of the one before it', async () => {
      const log = await openLog();
      const [a, b] = await log.link(STREAM, [draft('a'), draft('b')]);
      expect([placeOf(a), placeOf(b)]).toEqual([{ sequence: 1, digest: DIGEST }, { sequence: 2, previousDigest: placeOf(a)?.digest, digest: DIGEST }]);
      expect((await log.read(STREAM, { limit: 10 })).items).toEqual([a, b]);
      expect([a, b].map((each) => each && brokenLink(each, undefined))).toEqual([undefined, undefined]);
      await log.append(STREAM, [entry('c', null)]);
      await log.link(STREAM, [draft('d')]);
      const { items } = await log.read(STREAM, { after: 1, limit: 10 });
      expect(items.map(({ seq, id }) => [seq, id])).toEqual([[2, 'b'], [3, 'c'], [4, 'd']]);
      // Behind what is no link of the chain it begins anew, and says where.
      expect(placeOf(items.at(-1))).toEqual({ sequence: 4, digest: DIGEST });
      await log.drop(STREAM);
      expect(placeOf((await log.link(STREAM, [draft('a')]))[0])).toEqual({ sequence: 1, digest: DIGEST });
    });

    test('behind what was trimmed a chain begins anew, and says where', async () => {
      const log = await openLog();
      await log.link(STREAM, [draft('a'), draft('b')]);
      await log.trim(STREAM, 2);
      expect(placeOf((await log.link(STREAM, [draft('c')]))[0])).toEqual({ sequence: 3, digest: DIGEST });
    });

    test('the times of a chain rise, whatever those of its drafts do', async () => {
      const log = await openLog();
      await log.link(STREAM, [draft('a', 2_000), draft('b', 2_000)]);
      const linked = await log.link(STREAM, [draft('c', 1_000), draft('d', 3_000)]);
      expect(linked.map((each) => each?.at)).toEqual(['1970-01-01T00:00:02.000002Z', '1970-01-01T00:00:03.000000Z']);
    });

    test('a linked entry whose id is taken is left out, and the next stands behind the one before it', async () => {
      const log = await openLog();
      await log.append(STREAM, [entry('a'), entry('b')]);
      const linked = await log.link(STREAM, [draft('c'), draft('a'), draft('c'), draft('d')]);
      expect(linked.map((each) => each && [each.seq, each.id])).toEqual([[3, 'c'], undefined, undefined, [4, 'd']]);
      expect(placeOf(linked[3])).toEqual({ sequence: 4, previousDigest: placeOf(linked[0])?.digest, digest: DIGEST });
      expect((await log.read(STREAM, { limit: 10 })).items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
      expect(await log.link(STREAM, [draft('a')])).toEqual([undefined]);
    });

    test('a link that cannot be stored leaves nothing of the others', async () => {
      const log = await openLog();
      const large = { ...draft('b'), data: { spec: { text: 'x'.repeat(2_000_000) } } };
      expect(await reasonOf(log.link(STREAM, [draft('a'), large]))).toBe('RequestEntityTooLarge');
      expect(await log.read(STREAM, { limit: 10 })).toEqual({ items: [], lastSeq: 0 });
      expect(await log.link(STREAM, [draft('b')])).toMatchObject([{ seq: 1 }]);
    });

    test('links from many sides, and appends between them, make one chain', async () => {
      const log = await openLog();
      await Promise.all(Array.from({ length: 12 }, async (_, writer) => {
        for (let turn = 0; turn < 15; turn += 1) {
          const id = `${writer}-${turn}`;
          if (turn % 5 === 4) await log.append(STREAM, [entry(id, null)]);
          else await log.link(STREAM, [draft(id), draft(`${id}+`)]);
        }
      }));
      const { items } = await log.read(STREAM, { limit: 1000 });
      expect(items).toHaveLength(12 * (12 * 2 + 3));
      for (const [index, each] of items.entries()) {
        const place = placeOf(each);
        if (place !== undefined) expect([place.sequence, place.previousDigest]).toEqual([index + 1, placeOf(items[index - 1])?.digest]);
      }
    });

    test('an entry is found by its id', async () => {
      const log = await openLog();
      await log.append(STREAM, [entry('a', 'first'), entry('b', 'second')]);
      await log.append('run/n/other', [entry('c')]);
      expect(await log.find(STREAM, 'b')).toEqual({ ...entry('b', 'second'), seq: 2 });
      expect(await log.find(STREAM, 'c')).toBeUndefined();
      expect(await log.find('run/n/none', 'a')).toBeUndefined();
    });

    test('what is trimmed is gone, what stays keeps its place, and the numbering goes on', async () => {
      const log = await openLog();
      await log.append(STREAM, numbered(1, 2_500));
      await log.append('run/n/other', numbered(1, 5));
      await log.trim(STREAM, 2_400);
      await log.trim(STREAM, 100);
      expect((await log.read(STREAM, { limit: 2 })).items.map((item) => item.seq)).toEqual([2_401, 2_402]);
      expect(await log.read(STREAM, { before: 2_402, limit: 5 })).toMatchObject({ items: [{ seq: 2_401 }], lastSeq: 2_500 });
      expect(await log.count(STREAM)).toBe(100);
      expect(await log.find(STREAM, '2400')).toBeUndefined();
      expect(await log.link(STREAM, [draft('2501')])).toMatchObject([{ seq: 2_501, data: { spec: { sequence: 2_501 } } }]);
      const follower = following(log, { after: 0 });
      await follower.until(2_501);
      expect(follower.seqs[0]).toBe(2_401);
      await log.trim(STREAM, 9_999);
      expect(await log.count(STREAM)).toBe(0);
      expect(await log.append(STREAM, [entry('2501')])).toEqual({ lastSeq: 2_502, stored: 1 });
      await log.trim('run/n/none', 1);
      expect(await log.count('run/n/other')).toBe(5);
    });

    test('random appends and reads are answered as the memory event log answers them', { timeout: 60_000 }, async () => {
      const stream = fc.constantFrom('a', 'b');
      const step = fc.oneof(
        { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), stream, ids: fc.array(fc.nat({ max: 40 }), { maxLength: 8 }) }) },
        {
          weight: 4,
          arbitrary: fc.record({
            do: fc.constant('read' as const),
            stream,
            opts: fc.record({ after: fc.nat({ max: 30 }), before: fc.nat({ max: 30 }), limit: fc.integer({ min: 1, max: 10 }) }, { requiredKeys: ['limit'] }),
          }),
        },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('link' as const), stream, ids: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 4 }) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), stream, through: fc.nat({ max: 12 }) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), stream }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const subject = await open();
          const oracle = createMemoryEventLog();
          const tell = (log: EventLog, next: (typeof steps)[number]): Promise<unknown> => {
            if (next.do === 'append') return log.append(next.stream, next.ids.map((id) => entry(String(id))));
            if (next.do === 'link') return log.link(next.stream, next.ids.map((id) => draft(String(id))));
            if (next.do === 'trim') return log.trim(next.stream, next.through).then(() => log.count(next.stream));
            return next.do === 'read' ? log.read(next.stream, next.opts) : log.drop(next.stream);
          };
          try {
            for (const next of steps) expect({ next, answer: await tell(subject.eventLog, next) }).toEqual({ next, answer: await tell(oracle, next) });
          } finally {
            await subject.close();
          }
        }),
        { numRuns: 20 },
      );
    });
  });
}

const DIGEST = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;

function draft(id: string, atMs = 1_000): ChainDraft {
  return { id, type: 'link', atMs, data: { spec: { said: id } } };
}

/** What an entry says of its place in the chain; undefined for one that is no link of it. */
function placeOf(event: StoredEvent | undefined): { sequence?: number; previousDigest?: string; digest?: string } | undefined {
  const spec = (event?.data as { spec?: { sequence?: number; previousDigest?: string; digest?: string } } | null | undefined)?.spec;
  if (spec === undefined) return undefined;
  const { sequence, previousDigest, digest } = spec;
  return { sequence, ...(previousDigest === undefined ? {} : { previousDigest }), digest };
}

function entry(id: string, data: unknown = { id }): EventEntry {
  return { id, at: '2026-01-01T00:00:00Z', type: 'line', data };
}

function numbered(from: number, to: number): EventEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(String(from + index)));
}

/** A follower that remembers what it was given; it ends with the test. */
function following(log: EventLog, opts: { after: number }): { seqs: number[]; until(seq: number): Promise<void>; ended(): Promise<void>; abort(): void } {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const batches = log.follow(STREAM, { ...opts, signal: controller.signal })[Symbol.asyncIterator]();
  const seqs: number[] = [];
  const next = async (): Promise<boolean> => {
    const batch: IteratorResult<StoredEvent[]> = await batches.next();
    if (!batch.done) seqs.push(...batch.value.map((event) => event.seq));
    return batch.done !== true;
  };
  return {
    seqs,
    abort: () => controller.abort(),
    async until(seq) {
      while (seqs.at(-1) !== seq) expect(await next()).toBe(true);
    },
    async ended() {
      expect(await next()).toBe(false);
    },
  };
}
