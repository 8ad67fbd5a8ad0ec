import { isStatusError, StatusError } from '#shared/api/status';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import { headOf, type ChainDraft, type ChainHead } from '../../store/chain';
import type { EventLog, StoredEvent } from '../../store/eventLog';
import { auditStream } from './auditRecord';

/** Records that one append takes at most. */
const MAX_BATCH = 256;
/** How soon records that could not be written are tried again by themselves, in ms. */
const RETRY_MS = 1_000;

export interface AuditWriterOptions {
  readonly log: string;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of the chain's end after each append. */
  readonly onHead: (head: ChainHead) => void;
}

interface Waiting {
  readonly draft: ChainDraft;
  readonly resolve: (entry: StoredEvent) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to one chain what belongs to no single write of an object, one append after the other. What comes in one turn of the event loop, or
 * while an append is under way, goes together: it shares a transaction and a sync of the disk. The store seals a record when its place is known.
 *
 * A record that cannot be written is kept, and written as soon as that works: what it tells of has happened.
 */
export class AuditWriter {
  readonly #opts: AuditWriterOptions;
  readonly #stream: string;
  #waiting: Waiting[] = [];
  /** Told as failed already, and still to be written. */
  #kept: ChainDraft[] = [];
  #isScheduled = false;
  #run: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;

  constructor(opts: AuditWriterOptions) {
    this.#opts = opts;
    this.#stream = auditStream(opts.log);
  }

  /** The last append failed, and what it was to write is still not written. */
  get failing(): boolean {
    return this.#kept.length > 0;
  }

  /**
   * Resolves when the record is safe on the disk.
   *
   * @throws ServiceUnavailable (AUDIT_UNAVAILABLE); AlreadyExists for a name that the chain has.
   */
  add(draft: ChainDraft): Promise<StoredEvent> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      this.#schedule();
    });
  }

  /** Tries to write what could not be written before. Throws as {@link add} does. */
  async retry(): Promise<void> {
    this.#schedule();
    await this.settled();
    if (this.failing) throw unavailable(undefined);
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#isScheduled) await this.#run;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#run = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#writeAll()).finally(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#schedule();
      else if (this.failing) this.#cancelRetry = this.#opts.clock.after(RETRY_MS, () => this.#schedule());
    });
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    while (this.#kept.length > 0 || this.#waiting.length > 0) {
      const kept = this.#kept.splice(0, MAX_BATCH);
      const waiting = this.#waiting.splice(0, MAX_BATCH - kept.length);
      try {
        const entries = await this.#append([...kept, ...waiting.map(({ draft }) => draft)]);
        waiting.forEach(({ resolve, reject, draft }, index) => {
          const entry = entries[kept.length + index];
          if (entry === undefined) reject(new StatusError('AlreadyExists', `There is a record of the name "${draft.id}" already; choose another name`));
          else resolve(entry);
        });
      } catch (error) {
        this.#kept.unshift(...kept, ...waiting.map(({ draft }) => draft));
        this.#opts.logger.error({ err: error, log: this.#opts.log, records: this.#kept.length }, 'audit records could not be written; they are kept and tried again');
        const failure = unavailable(error);
        for (const { reject } of [...waiting, ...this.#waiting.splice(0).map((each) => this.#keep(each))]) reject(failure);
        return;
      }
    }
  }

  #keep(waiting: Waiting): Waiting {
    this.#kept.push(waiting.draft);
    return waiting;
  }

  /** The entries as they are stored; undefined in the place of one whose name another record has. */
  async #append(drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]> {
    const { eventLog, onHead } = this.#opts;
    const linked = await eventLog.link(this.#stream, drafts);
    const last = linked.findLast((entry) => entry !== undefined);
    if (last !== undefined) onHead(headOf(last));
    return Promise.all(linked.map(async (entry, index) => entry ?? this.#storedBefore(drafts[index])));
  }

  /** The record itself, where an append went through although its answer was lost. */
  async #storedBefore(draft: ChainDraft | undefined): Promise<StoredEvent | undefined> {
    const found = draft && (await this.#opts.eventLog.find(this.#stream, draft.id));
    return (found?.data as { uid?: unknown } | undefined)?.uid === (draft?.data as { uid?: unknown } | undefined)?.uid ? found : undefined;
  }
}

/** What a request is told whose record could not be written. */
export function unavailable(cause: unknown): StatusError {
  const why = isStatusError(cause) ? `: ${cause.message}` : '';
  const message = `The audit log cannot be written${why}. Nothing further is changed until it can be; what was changed already is recorded then`;
  return new StatusError('ServiceUnavailable', message, { code: 'AUDIT_UNAVAILABLE', retryAfterSeconds: 5, cause });
}
