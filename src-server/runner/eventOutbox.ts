import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEventType } from '#shared/api/agents';
import { MAX_EVENTS_IN_BATCH } from '../domains/agents/runnerProtocol';
import type { EventRedaction } from './eventRedaction';
import { shrinkEvent } from './shrinkEvent';
import { EventSpool, readLeftSpool } from './eventSpool';
import { RequestRefused, type ServerLink } from './serverLink';

const FLUSH_MS = 30;
const FLUSH_COUNT = 200;
/** The server stores a batch in one step, and answers others between two. */
const BATCH = { maxLines: MAX_EVENTS_IN_BATCH, maxBytes: 1024 * 1024 };

export interface OutboxOptions {
  readonly folder: string;
  readonly attempt: number;
  readonly link: ServerLink;
  /** Aborted when nobody wants the events any more. */
  readonly signal: AbortSignal;
  /** Bytes of events that wait for the server before further ones are dropped. */
  readonly maxSpoolBytes?: number;
  /** Takes out of events what nobody may keep, before they reach the disk. */
  readonly redaction?: EventRedaction;
}

/**
 * Sends events in order, each once: numbered here, stored by id there, sent again until acknowledged. Written to the spool first, so
 * that a runner that is killed has at most {@link FLUSH_MS} of events only in memory.
 */
export class EventOutbox {
  readonly #options: OutboxOptions;
  readonly #spool: EventSpool;
  #number = 0;
  #unwritten: string[] = [];
  #dropped = 0;
  #flushTimer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failure: Error | undefined;
  #sentBytes = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#spool = new EventSpool(join(options.folder, `events-${options.attempt}.ndjson`), options.maxSpoolBytes === undefined ? {} : { maxBytes: options.maxSpoolBytes });
  }

  /** Bytes of all events so far, as JSON. */
  get bytes(): number {
    return this.#sentBytes;
  }

  push(type: RunEventType, data: unknown): void {
    const { redaction } = this.#options;
    for (const event of redaction?.accept({ type, data }) ?? [{ type, data }]) this.#append(event.type, event.data);
  }

  #append(type: RunEventType, data: unknown): void {
    this.#number += 1;
    const line = shrinkEvent({ id: `${this.#options.attempt}.${this.#number}`, at: new Date().toISOString(), type, data });
    this.#sentBytes += line.length;
    this.#unwritten.push(line);
    if (this.#unwritten.length >= FLUSH_COUNT) this.#write();
    else this.#flushTimer ??= setTimeout(() => this.#write(), FLUSH_MS);
  }

  /** Hands over what runners of earlier attempts could not send any more. */
  async sendLeftovers(): Promise<void> {
    const { folder, attempt, link } = this.#options;
    for (const name of (await readdir(folder)).sort()) {
      const earlier = Number(/^events-(\d+)\.ndjson$/.exec(name)?.[1] ?? attempt);
      if (earlier >= attempt) continue;
      for (const lines of readLeftSpool(join(folder, name), BATCH)) await this.#send(lines.filter(isWhole), link);
      await unlink(join(folder, name));
    }
  }

  /** Settles when everything pushed so far is stored by the server. Rejects when the server dismissed this runner. */
  async drain(): Promise<void> {
    for (const { type, data } of this.#options.redaction?.end() ?? []) this.#append(type, data);
    this.#write();
    while (this.#sending !== undefined || this.#spool.pendingBytes > 0) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#pump();
      await this.#sending;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    clearTimeout(this.#flushTimer);
    this.#spool.close();
  }

  #write(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const lines = this.#unwritten;
    this.#unwritten = [];
    if (lines.length === 0) return;
    if (this.#dropped > 0) lines.unshift(this.#droppedNotice());
    if (this.#spool.append(lines)) this.#dropped = 0;
    else this.#dropped += lines.length - (this.#dropped > 0 ? 1 : 0);
    this.#pump();
  }

  #droppedNotice(): string {
    this.#number += 1;
    const message = `${this.#dropped} events were left out: the server was away, and the space for waiting events was full.`;
    return shrinkEvent({ id: `${this.#options.attempt}.${this.#number}`, at: new Date().toISOString(), type: 'runner.notice', data: { message } });
  }

  #pump(): void {
    if (this.#sending !== undefined || this.#failure !== undefined) return;
    this.#sending = this.#sendAll()
      .catch((error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.#sending = undefined;
        if (this.#spool.pendingBytes > 0 && this.#failure === undefined) this.#pump();
      });
  }

  async #sendAll(): Promise<void> {
    for (let batch = this.#spool.next(BATCH); batch !== undefined; batch = this.#spool.next(BATCH)) {
      await this.#send(batch.lines, this.#options.link);
      this.#spool.acknowledge(batch.end);
      // Under load, wait for a fuller batch: fewer, larger transactions there.
      if (batch.lines.length < FLUSH_COUNT) await sleep(1);
    }
  }

  async #send(lines: readonly string[], link: ServerLink): Promise<void> {
    if (lines.length === 0) return;
    const json = { attempt: this.#options.attempt, events: lines.map((line) => JSON.parse(line) as unknown) };
    try {
      await link.call('/runner/events', { json, signal: this.#options.signal });
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      // One of them is refused for what it is: find it, and leave a word in its place.
      if (lines.length > 1) for (const line of lines) await this.#send([line], link);
      else await this.#replaceRefused(lines[0] ?? '', link, error);
    }
  }

  async #replaceRefused(line: string, link: ServerLink, error: RequestRefused): Promise<void> {
    const { id, at } = JSON.parse(line) as { id: string; at: string };
    const data = { message: `An event of ${line.length} characters could not be stored: ${error.message}` };
    await link.call('/runner/events', { json: { attempt: this.#options.attempt, events: [{ id, at, type: 'runner.notice', data }] }, signal: this.#options.signal });
  }
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
