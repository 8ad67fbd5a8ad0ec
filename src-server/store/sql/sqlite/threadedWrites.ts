import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { StatusError } from '#shared/api/status';
import { notRunning } from '../../storeErrors';
import type { ObserveOperation } from '../observeOperation';
import { WRITES_APART } from '../writesApart';
import type { SqliteAnswers, SqliteOperation, SqliteWrite, SqliteWrites } from './sqliteWrites';
import { fromFailure } from './writerFailure';
import type { WriterMessage, WriterReply, WriterThreadData } from './writerMessages';
import writerThread from './writerThread?thread';

/** Writes that are worth a commit of their own, where it would keep nobody waiting. */
const WORTH_A_COMMIT = 4;

export interface ThreadedWritesOptions {
  /** Of the database file. */
  readonly path: string;
  readonly log: Logger;
  readonly observe: ObserveOperation;
}

interface Sent {
  readonly write: SqliteWrite;
  readonly resolve: (answer: SqliteAnswers[SqliteOperation]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes by a thread of their own. What is asked for in one turn of the event loop is sent together; but a turn with many requests takes
 * longer than a commit, so a thread that has nothing to do gets the first few at once. A thread that dies fails what it was asked for and
 * had not answered, stored or not; the next write starts another.
 */
export class ThreadedWrites implements SqliteWrites {
  readonly #opts: ThreadedWritesOptions;
  /** To be sent with the end of this turn. */
  #unsent: Sent[] = [];
  /** Sent and not answered, the longest first. */
  #unanswered: Sent[] = [];
  /** Told when nothing is unanswered. */
  #whenAnswered: (() => void)[] = [];
  #worker: Worker | undefined;
  /** See {@link WriterThreadData}. */
  #idle: Int32Array = new Int32Array(1);
  #closing: Promise<void> | undefined;

  constructor(opts: ThreadedWritesOptions) {
    this.#opts = opts;
    // At once, so that it is there when the first write comes.
    this.#worker = this.#start();
  }

  send<TOp extends SqliteOperation>(write: Extract<SqliteWrite, { op: TOp }>): Promise<SqliteAnswers[TOp]> {
    if (this.#closing !== undefined) return Promise.reject(notRunning());
    return new Promise<SqliteAnswers[SqliteOperation]>((resolve, reject) => {
      if (this.#unsent.length === 0) setImmediate(() => this.#post());
      this.#unsent.push({ write, resolve, reject });
      if (this.#unsent.length >= WORTH_A_COMMIT && Atomics.load(this.#idle, 0) === 1) this.#post();
      // What a write is answered with goes by its operation.
    }) as Promise<SqliteAnswers[TOp]>;
  }

  flush(): Promise<void> {
    this.#post();
    return this.#unanswered.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenAnswered.push(resolve));
  }

  close(): Promise<void> {
    this.#post();
    this.#closing ??= new Promise((resolve) => {
      const worker = this.#worker;
      if (worker === undefined) return resolve();
      worker.once('exit', () => resolve());
      worker.postMessage('close' satisfies WriterMessage);
    });
    return this.#closing;
  }

  #post(): void {
    if (this.#unsent.length === 0) return;
    const sent = this.#unsent;
    this.#unsent = [];
    this.#worker ??= this.#start();
    this.#unanswered.push(...sent);
    Atomics.store(this.#idle, 0, 0);
    this.#worker.postMessage(sent.map(({ write }) => write) satisfies WriterMessage);
  }

  #start(): Worker {
    const { path, log } = this.#opts;
    this.#idle = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const worker = new Worker(writerThread, { workerData: { path, idle: this.#idle } satisfies WriterThreadData, name: 'sqlite-writer' });
    worker.on('message', (reply: WriterReply) => this.#settle(reply));
    worker.on('error', (error) => log.error({ err: error }, 'the thread that writes to the database failed'));
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const lost = new StatusError('InternalError', 'The thread that writes to the database died; whether this was written is not known. Look, and try again', { retryAfterSeconds: 1 });
      for (const { reject } of this.#unanswered.splice(0)) reject(lost);
      this.#tellWhoFlushes();
    });
    return worker;
  }

  #settle({ settled, operations, apart }: WriterReply): void {
    for (const [operation, durationMs] of operations) this.#opts.observe(operation, durationMs);
    for (const failure of apart) this.#opts.log.warn({ err: fromFailure(failure) }, WRITES_APART);
    for (const [index, { resolve, reject }] of this.#unanswered.splice(0, settled.length).entries()) {
      const each = settled[index];
      if (each === undefined || 'failure' in each) reject(fromFailure(each?.failure ?? { message: 'A write was left without an answer' }));
      else resolve(each.result);
    }
    this.#tellWhoFlushes();
  }

  #tellWhoFlushes(): void {
    if (this.#unanswered.length > 0) return;
    for (const tell of this.#whenAnswered.splice(0)) tell();
  }
}
