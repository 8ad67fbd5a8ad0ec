const LINE_FEED = 0x0a;

/** A piece is not kept beyond this: a line of half a gigabyte is one line in a diff, too. */
const MAX_PIECE_BYTES = 4 * 1024 * 1024;

/** Pulls delimited pieces out of a stream of bytes, holding no more than one piece, cut at 4 MiB, and one chunk. */
export class LineReader {
  readonly #source: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #unread: string | undefined;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The bytes before the next delimiter, which is consumed; what is left at the end of the stream; undefined after that. */
  async readUntil(delimiter: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let kept = 0;
    for (;;) {
      const end = this.#chunk.indexOf(delimiter);
      if (end >= 0) {
        const piece = this.#chunk.subarray(0, end);
        this.#chunk = this.#chunk.subarray(end + 1);
        return parts.length === 0 ? piece : Buffer.concat([...parts, piece]);
      }
      if (this.#chunk.length > 0 && kept < MAX_PIECE_BYTES) {
        parts.push(this.#chunk);
        kept += this.#chunk.length;
      }
      const next = await this.#source.next();
      if (next.done === true) {
        this.#chunk = Buffer.alloc(0);
        return parts.length === 0 ? undefined : Buffer.concat(parts);
      }
      this.#chunk = next.value;
    }
  }

  readLineBytes(): Promise<Buffer | undefined> {
    return this.readUntil(LINE_FEED);
  }

  async readLine(): Promise<string | undefined> {
    const unread = this.#unread;
    this.#unread = undefined;
    return unread ?? (await this.readLineBytes())?.toString('utf8');
  }

  /** The next `readLine` answers this one. */
  unreadLine(line: string): void {
    this.#unread = line;
  }
}
