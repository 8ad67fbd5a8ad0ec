import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import { microsecondsOf, type ChainHead } from '../../store/chain';
import type { EventLog, EventPage, StoredEvent } from '../../store/eventLog';
import type { WriteRecord } from '../../store/store';
import { auditStream, toChainDraft, type RecordDraft } from './auditRecord';
import type { AuditHeads } from './auditHeads';
import { AuditWriter } from './auditWriter';

/** The logs of an installation: one for each organization, by its slug, and {@link INSTALLATION_LOG}. */
export interface AuditLog {
  readonly heads: AuditHeads;
  /**
   * Resolves when the record is safe on the disk, and answers it as it is stored.
   *
   * @throws ServiceUnavailable (AUDIT_UNAVAILABLE) when it could not be written: it is kept, and written as soon as that works. AlreadyExists
   * for a name that the log has.
   */
  append(log: string, draft: RecordDraft): Promise<StoredEvent>;
  /** The record that is stored with a write; it gets the version that comes of it. */
  recordOf(log: string, draft: RecordDraft): WriteRecord;
  /** Undefined while every log can be written; otherwise tries again, and throws as {@link append} does. */
  ready(): Promise<void> | undefined;
  find(log: string, name: string): Promise<StoredEvent | undefined>;
  /** As {@link EventLog.read}. */
  read(log: string, range: { after?: number; before?: number; limit: number }): Promise<EventPage>;
  /** Batches of records behind a place in the log, as they come, without gap or repeat. */
  follow(log: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]>;
  count(log: string): Promise<number>;
  /** The last record that was made at or before a time, in microseconds since the epoch; 0 when there is none. */
  lastAt(log: string, atUs: number): Promise<number>;
  /** Deletes the records up to and with this one. */
  cut(log: string, through: number): Promise<void>;
  /** Deletes a log with everything in it. */
  drop(log: string): Promise<void>;
  /** Waits for what is under way, and keeps the heads. */
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly eventLog: EventLog;
  readonly heads: AuditHeads;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createAuditLog({ eventLog, heads, clock, log: logger }: AuditLogOptions): AuditLog {
  const writers = new Map<string, AuditWriter>();

  function writerOf(log: string): AuditWriter {
    const known = writers.get(log);
    if (known !== undefined) return known;
    const writer = new AuditWriter({ log, eventLog, clock, logger, onHead: (head) => keepHead(log, head) });
    writers.set(log, writer);
    return writer;
  }

  function keepHead(log: string, { sequence, digest }: ChainHead): void {
    if (digest !== undefined) heads.move(log, { sequence, digest }, (kept) => hasHead(log, kept));
  }

  async function hasHead(log: string, { sequence, digest }: { sequence: number; digest: string }): Promise<boolean> {
    const { items } = await eventLog.read(auditStream(log), { after: sequence - 1, limit: 1 });
    // One that the retention setting has deleted cannot be looked at any more.
    return items[0] !== undefined && (items[0].seq > sequence || digestIn(items[0]) === digest);
  }

  async function retryFailing(failing: readonly AuditWriter[]): Promise<void> {
    for (const writer of failing) await writer.retry();
  }

  return {
    heads,
    append: async (log, draft) => writerOf(log).add(toChainDraft(draft, clock.now())),
    recordOf: (log, draft) => ({
      stream: auditStream(log),
      draft: toChainDraft(draft, clock.now()),
      onStored: (head) => keepHead(log, head),
    }),
    ready() {
      let failing: AuditWriter[] | undefined;
      for (const writer of writers.values()) if (writer.failing) (failing ??= []).push(writer);
      return failing === undefined ? undefined : retryFailing(failing);
    },
    find: (log, name) => eventLog.find(auditStream(log), name),
    read: (log, range) => eventLog.read(auditStream(log), range),
    follow: (log, opts) => eventLog.follow(auditStream(log), opts),
    count: (log) => eventLog.count(auditStream(log)),
    async lastAt(log, atUs) {
      const stream = auditStream(log);
      const [first, end] = [await eventLog.read(stream, { limit: 1 }), await eventLog.read(stream, { before: Number.MAX_SAFE_INTEGER, limit: 1 })];
      const [oldest, newest] = [first.items[0], end.items[0]];
      if (oldest === undefined || newest === undefined || microsecondsOf(oldest.at) > atUs) return 0;
      if (microsecondsOf(newest.at) <= atUs) return newest.seq;
      // At `low` it is not later than that, at `high` it is.
      let [low, high] = [oldest.seq, newest.seq];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        const [entry] = (await eventLog.read(stream, { after: middle - 1, limit: 1 })).items;
        if (entry !== undefined && entry.seq < high && microsecondsOf(entry.at) <= atUs) low = entry.seq;
        else high = middle;
      }
      return low;
    },
    cut: (log, through) => eventLog.trim(auditStream(log), through),
    async drop(log) {
      await writers.get(log)?.settled();
      writers.delete(log);
      await eventLog.drop(auditStream(log));
      await heads.forget(log);
    },
    async close() {
      for (const writer of writers.values()) await writer.settled();
      await heads.flush();
    },
  };
}

function digestIn(entry: StoredEvent): string | undefined {
  const { spec } = (entry.data ?? {}) as { spec?: { digest?: string } };
  return spec?.digest;
}
