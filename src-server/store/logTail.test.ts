import { describe, expect, test } from 'vitest';
import { StatusError } from '#shared/api/status';
import { silentLogger } from '../app/log';
import { LogEntry, type LogRow } from './logEntry';
import { LogTail, type LogSource } from './logTail';

const forever = { signal: new AbortController().signal };

/** A log in memory that counts how often it is read, and fails when told to. */
class FakeLog implements LogSource {
  rows: LogRow[] = [];
  floor = 0n;
  reads = 0;
  failing: Error | undefined;
  /** Waited for when a page was read, before it is handed over. */
  onWay: Promise<void> = Promise.resolve();

  write(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.rows.push({ revision: this.head + 1n, key: 'widgets/n/a', type: 'C', value: '{"metadata":{}}', prev_value: null });
    }
  }

  get head(): bigint {
    return this.rows.at(-1)?.revision ?? this.floor;
  }

  async logAfter(revision: bigint, limit: number): ReturnType<LogSource['logAfter']> {
    this.reads += 1;
    if (this.failing !== undefined) throw this.failing;
    const rows = this.rows.filter((row) => row.revision > revision && row.revision > this.floor);
    const page = { rows: rows.slice(0, limit), more: rows.length > limit, head: this.head, floor: this.floor };
    await this.onWay;
    return page;
  }
}

function startTail(log: FakeLog): LogTail {
  const tail = new LogTail(log, { log: silentLogger(), bufferItems: 10_000, recentEntries: 100 });
  tail.start(log.head);
  return tail;
}

describe('LogTail', () => {
  test('publishes every change once, in pages, and a poke that comes while it reads is not lost', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const subscription = tail.subscribe(() => true);
    log.write(1_200);
    const drained = tail.drain();
    log.write(5);
    tail.poke();
    await drained;
    await tail.drain();
    const revisions = (await subscription.take(forever)).map((entry) => Number(entry.revision));
    expect(revisions).toEqual(Array.from({ length: 1_205 }, (_, index) => index + 1));
    expect(tail.cursor).toBe(1_205n);
  });

  test('tells of a change as it was made, however many came after it, and whether this process made it or not', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const valueOf = (revision: number) => JSON.stringify({ metadata: { name: 'a' }, spec: { revision } });
    for (let revision = 1; revision <= 90; revision += 1) {
      const row: LogRow = { revision: BigInt(revision), key: 'widgets/n/a', type: revision === 1 ? 'C' : 'U', value: valueOf(revision), prev_value: revision === 1 ? null : valueOf(revision - 1) };
      log.rows.push(row);
      // Every second one comes from another process.
      if (revision % 2 === 1) await tail.drain();
      else tail.publish(new LogEntry(row, JSON.parse(valueOf(revision)) as never));
    }
    const { entries } = await tail.after(0n);
    const specs = () => entries.map((entry) => entry.toEvent(undefined)?.object?.spec);
    const expected = Array.from({ length: 90 }, (_, index) => ({ revision: index + 1 }));
    expect(specs()).toEqual(expected);
    expect(specs()).toEqual(expected);
    const deleted = entries.map((entry) => entry.toEvent(({ spec }) => Number(spec.revision) % 2 === 1)).filter((event) => event?.type === 'DELETED');
    expect(deleted.map((event) => event?.object?.spec)).toEqual(expected.filter(({ revision }) => revision % 2 === 1 && revision < 90));
  });

  test('answers recent history from memory and older history from the log', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    for (let round = 0; round < 5; round += 1) {
      log.write(50);
      await tail.drain();
    }
    const reads = log.reads;
    const recent = await tail.after(220n);
    expect(recent.entries.map((entry) => Number(entry.revision))).toEqual(Array.from({ length: 30 }, (_, index) => 221 + index));
    expect([recent.upTo, log.reads]).toEqual([250n, reads]);
    const old = await tail.after(10n);
    expect(old.entries[0]?.revision).toBe(11n);
    expect(log.reads).toBe(reads + 1);
  });

  test('a log that cannot be read ends the watchers, and the tail goes on when it can be read again', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const first = tail.subscribe(() => true);
    log.write(1);
    log.failing = new Error('disk I/O error');
    await tail.drain();
    await expect(first.take(forever)).rejects.toThrow('disk I/O error');
    log.failing = undefined;
    const second = tail.subscribe(() => true);
    await tail.drain();
    expect(await second.take(forever)).toHaveLength(1);
    await tail.stop();
  });

  test('a log that is away for a moment ends nobody: the watchers get what was written meanwhile when it is back', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const subscription = tail.subscribe(() => true);
    log.failing = new StatusError('ServiceUnavailable', 'the database restarts');
    log.write(1);
    await tail.drain();
    expect(subscription.pending).toBe(0);
    log.failing = undefined;
    log.write(1);
    await tail.drain();
    expect((await subscription.take(forever)).map((entry) => entry.revision)).toEqual([1n, 2n]);
    await tail.stop();
  });

  test('a log that was set back to an earlier state ends the watchers: they were told of what never was', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    log.write(5);
    await tail.drain();
    const subscription = tail.subscribe(() => true);
    log.rows.splice(3);
    await tail.drain();
    await expect(subscription.take(forever)).rejects.toMatchObject({ reason: 'Expired' });
    expect(tail.cursor).toBe(3n);
  });

  test('history that was compacted before the tail read it ends the watchers: they would miss it', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const subscription = tail.subscribe(() => true);
    log.write(10);
    log.floor = 5n;
    await tail.drain();
    await expect(subscription.take(forever)).rejects.toMatchObject({ reason: 'Expired' });
    expect(tail.cursor).toBe(10n);
  });

  test('what this process wrote is published at once when it is the next change, and read when something lies between', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const subscription = tail.subscribe(() => true);
    log.write(4);
    const [first, second, , fourth] = log.rows.map((row) => new LogEntry(row));
    if (first === undefined || second === undefined || fourth === undefined) throw new Error('nothing was written');
    tail.publish(first);
    tail.publish(second);
    expect([subscription.pending, tail.cursor, log.reads]).toEqual([2, 2n, 0]);
    tail.publish(fourth);
    expect([subscription.pending, log.reads]).toEqual([2, 1]);
    await tail.drain();
    tail.publish(second);
    expect((await subscription.take(forever)).map((entry) => entry.revision)).toEqual([1n, 2n, 3n, 4n]);
  });

  test('a page that was on its way while more was published tells nothing twice and takes nothing back', async () => {
    const log = new FakeLog();
    const tail = startTail(log);
    const subscription = tail.subscribe(() => true);
    let arrive = (): void => undefined;
    log.onWay = new Promise((resolve) => (arrive = resolve));
    log.write(2);
    const drained = tail.drain();
    log.write(1);
    for (const row of log.rows) tail.publish(new LogEntry(row));
    arrive();
    await drained;
    expect((await subscription.take(forever)).map((entry) => entry.revision)).toEqual([1n, 2n, 3n]);
    expect(tail.cursor).toBe(3n);
  });

  test('that does not run takes no watchers', async () => {
    const tail = startTail(new FakeLog());
    await tail.stop();
    expect(() => tail.subscribe(() => true)).toThrow(expect.objectContaining({ reason: 'ServiceUnavailable' }));
  });
});
