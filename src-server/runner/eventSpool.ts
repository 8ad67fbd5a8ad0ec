import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

export interface SpoolBatch {
  /** Lines of JSON, one an event. */
  readonly lines: string[];
  /** Where the batch ends in the spool: what to acknowledge. */
  readonly end: number;
}

/** Bytes of a spool that wait for the server before further ones are refused. */
export const MAX_SPOOL_BYTES = 1024 ** 3;
/** A spool with nothing waiting is emptied once it has grown to this. */
const COMPACT_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/**
 * Events on their way to the server, in a file of the run's folder: what was written survives the runner, and memory stays small
 * however long the server is away. Written at the end, read from the front, emptied when everything was acknowledged.
 */
export class EventSpool {
  readonly path: string;
  readonly #fd: number;
  readonly #maxBytes: number;
  #written = 0;
  #acknowledged = 0;

  constructor(path: string, opts: { maxBytes?: number } = {}) {
    this.path = path;
    this.#fd = openSync(path, 'w+', 0o600);
    this.#maxBytes = opts.maxBytes ?? MAX_SPOOL_BYTES;
  }

  get pendingBytes(): number {
    return this.#written - this.#acknowledged;
  }

  /** False when too much waits already: the lines are not kept. */
  append(lines: readonly string[]): boolean {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    if (this.pendingBytes + bytes.length > this.#maxBytes) return false;
    let offset = 0;
    while (offset < bytes.length) offset += writeSync(this.#fd, bytes, offset, bytes.length - offset, this.#written + offset);
    this.#written += bytes.length;
    return true;
  }

  /** The oldest lines that are not acknowledged, at least one unless nothing waits. */
  next(limits: { maxLines: number; maxBytes: number }): SpoolBatch | undefined {
    return readBatch(this.#fd, this.#acknowledged, { ...limits, end: this.#written });
  }

  acknowledge(end: number): void {
    this.#acknowledged = end;
    if (end < this.#written || this.#written < COMPACT_BYTES) return;
    ftruncateSync(this.#fd, 0);
    this.#written = 0;
    this.#acknowledged = 0;
  }

  /** Closes the file; removes it when nothing waits in it. */
  close(): void {
    closeSync(this.#fd);
    if (this.pendingBytes === 0) unlinkSync(this.path);
  }
}

/** Reads what a runner that was killed left behind, batch by batch. A last line that it did not finish is left out. */
export function* readLeftSpool(path: string, limits: { maxLines: number; maxBytes: number }): Generator<string[]> {
  const fd = openSync(path, 'r');
  try {
    let batch = readBatch(fd, 0, limits);
    while (batch !== undefined) {
      yield batch.lines;
      batch = readBatch(fd, batch.end, limits);
    }
  } finally {
    closeSync(fd);
  }
}

function readBatch(fd: number, from: number, limits: { maxLines: number; maxBytes: number; end?: number }): SpoolBatch | undefined {
  const lines: string[] = [];
  let end = from;
  let pending = Buffer.alloc(0);
  let position = from;
  for (;;) {
    const wanted = Math.min(READ_BYTES, limits.end === undefined ? READ_BYTES : limits.end - position);
    const chunk = Buffer.alloc(Math.max(0, wanted));
    const size = wanted > 0 ? readSync(fd, chunk, 0, wanted, position) : 0;
    if (size === 0) break;
    position += size;
    pending = pending.length === 0 ? chunk.subarray(0, size) : Buffer.concat([pending, chunk.subarray(0, size)]);
    let start = 0;
    for (let newline = pending.indexOf(0x0a); newline !== -1; newline = pending.indexOf(0x0a, start)) {
      const lineEnd = end + (newline - start) + 1;
      if (lines.length >= limits.maxLines || (lines.length > 0 && lineEnd - from > limits.maxBytes)) return { lines, end };
      lines.push(pending.toString('utf8', start, newline));
      end = lineEnd;
      start = newline + 1;
    }
    pending = pending.subarray(start);
  }
  return lines.length === 0 ? undefined : { lines, end };
}
