import { isStatusError, StatusError } from '#shared/api/status';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { EventLog, StoredEvent } from '../../store/eventLog';
import { auditStream, EMPTY_CHAIN, headOf, seal, type ChainHead, type RecordDraft } from './auditChain';

/** Records that one append takes at most. */
const MAX_BATCH = 256;
/** How often an append begins anew because another server has appended in between. Each lost try means that the other got through. */
const MAX_TRIES = 50;
/** How soon records that could not be written are tried again by themselves, in ms. */
const RETRY_MS = 1_000;

export interface AuditWriterOptions {
  readonly log: string;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of the chain's end: when it is read, and after each append. */
  readonly onHead: (head: ChainHead) => void;
}

interface Waiting {
  readonly draft: RecordDraft;
  readonly resolve: (entry: StoredEvent) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to one chain, in this process one append after the other. What comes in one turn of the event loop, or while an append is under
 * way, goes together: it shares a transaction and a sync of the disk. Other servers may append to the same chain: who finds it longer than
 * it was reads its end and seals again.
 *
 * A record that cannot be written is kept, and written as soon as that works: what it tells of has happened.
 */
export class AuditWriter {
  readonly #opts: AuditWriterOptions;
  readonly #stream: string;
  /** Undefined: to be read. */
  #head: ChainHead | undefined;
  #waiting: Waiting[] = [];
  /** Told as failed already, and still to be written. */
  #kept: RecordDraft[] = [];
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
  add(draft: RecordDraft): Promise<StoredEvent> {
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
          if (entry === undefined) reject(new StatusError('AlreadyExists', `There is a record of the name "${draft.name}" already; choose another name`));
          else resolve(entry);
        });
      } catch (error) {
        this.#head = undefined;
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

  /** The entries as they are stored; undefined in the place of one whose name was taken before. */
  async #append(drafts: readonly RecordDraft[]): Promise<(StoredEvent | undefined)[]> {
    const done = new Map<RecordDraft, StoredEvent | undefined>();
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const left = drafts.filter((draft) => !done.has(draft));
      if (left.length === 0) return drafts.map((draft) => done.get(draft));
      const start = (this.#head ??= await this.#readHead());
      let head = start;
      const entries = left.map((draft) => {
        const sealed = seal(draft, head, this.#opts.clock.now());
        head = sealed.head;
        return sealed.entry;
      });
      try {
        await this.#opts.eventLog.append(this.#stream, entries, { expectedLastSeq: start.sequence });
        this.#head = head;
        this.#opts.onHead(head);
        left.forEach((draft, index) => done.set(draft, entries[index]));
      } catch (error) {
        if (!isStatusError(error, 'Conflict')) throw error;
        // Another server was faster, an append went through although its answer was lost, or a name is taken.
        const taken = await this.#takenSince(start.sequence, left);
        for (const [draft, entry] of taken) done.set(draft, entry);
      }
    }
    throw new StatusError('ServiceUnavailable', 'Too many servers append to one log at once');
  }

  /** Those of the drafts that need no further try: their own record is stored already, or their name is another's (undefined). Reads the end of the chain anew. */
  async #takenSince(sequence: number, drafts: readonly RecordDraft[]): Promise<Map<RecordDraft, StoredEvent | undefined>> {
    this.#head = await this.#readHead();
    const byName = new Map<string, StoredEvent>();
    if (this.#head.sequence === sequence) {
      for (const { name } of drafts) {
        const found = await this.#opts.eventLog.find(this.#stream, name);
        if (found !== undefined) byName.set(name, found);
      }
    } else {
      for (let after = sequence; after < this.#head.sequence;) {
        const { items } = await this.#opts.eventLog.read(this.#stream, { after, limit: MAX_BATCH });
        for (const item of items) byName.set(item.id, item);
        after = items.at(-1)?.seq ?? this.#head.sequence;
      }
    }
    const taken = new Map<RecordDraft, StoredEvent | undefined>();
    const names = new Set<string>();
    for (const draft of drafts) {
      const found = byName.get(draft.name);
      if (found !== undefined) taken.set(draft, (found.data as { uid?: unknown }).uid === draft.uid ? found : undefined);
      // Of twins the first one gets the name.
      else if (names.has(draft.name)) taken.set(draft, undefined);
      names.add(draft.name);
    }
    return taken;
  }

  async #readHead(): Promise<ChainHead> {
    const { items, lastSeq } = await this.#opts.eventLog.read(this.#stream, { before: Number.MAX_SAFE_INTEGER, limit: 1 });
    const last: StoredEvent | undefined = items[0];
    // Where the last records were taken out of the database the chain goes on behind them, so that the gap shows.
    const head: ChainHead = { ...(last === undefined ? EMPTY_CHAIN : headOf(last)), sequence: lastSeq };
    this.#opts.onHead(head);
    return head;
  }
}

/** What a request is told whose record could not be written. */
export function unavailable(cause: unknown): StatusError {
  const why = isStatusError(cause) ? `: ${cause.message}` : '';
  const message = `The audit log cannot be written${why}. Nothing further is changed until it can be; what was changed already is recorded then`;
  return new StatusError('ServiceUnavailable', message, { code: 'AUDIT_UNAVAILABLE', retryAfterSeconds: 5, cause });
}
