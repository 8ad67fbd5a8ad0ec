import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * A connection for one request at a time, kept between them: as much of HTTP/1.1 as a server's answers to a load generator need, because what
 * the client takes of the processors is missing to whom it asks. Undici takes twice as much.
 */
export class KeptConnection {
  readonly #socket: TLSSocket;
  /** The lines of every request. */
  readonly #lines: string;
  /** What has come of the answer. */
  #pieces: Buffer[] = [];
  #size = 0;
  #head: Head | undefined;
  #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: TLSSocket, lines: string) {
    this.#socket = socket;
    this.#lines = lines;
    socket.on('data', (piece) => this.#take(piece));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('The server closed the connection')));
  }

  /** Whatever certificate the server has: what is measured is the protocol, not the trust. */
  static async open({ hostname, port, host }: URL, headers: Readonly<Record<string, string>>): Promise<KeptConnection> {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.setNoDelay(true);
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}${LINE_END}`);
    return new KeptConnection(socket, lines.join(''));
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** `body` is JSON. */
  request(method: string, path: string, body?: string): Promise<Answer> {
    const content = body === undefined ? '' : `content-type: application/json${LINE_END}content-length: ${Buffer.byteLength(body)}${LINE_END}`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${method} ${path} HTTP/1.1${LINE_END}${this.#lines}${content}${LINE_END}${body ?? ''}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    this.#head ??= readHead(joined(this.#pieces));
    if (this.#head === undefined) return;
    const { status, bodyStart, length } = this.#head;
    const mayBeWhole = length === undefined ? endsWithLastChunk(this.#pieces) : this.#size >= bodyStart + length;
    if (!mayBeWhole) return;
    const received = joined(this.#pieces);
    const body = length === undefined ? readChunks(received, bodyStart) : received.subarray(bodyStart, bodyStart + length);
    if (body === undefined) return;
    const waiting = this.#waiting;
    this.#pieces = [];
    this.#size = 0;
    this.#head = undefined;
    this.#waiting = undefined;
    waiting?.resolve({ status, body });
  }
}

interface Head {
  readonly status: number;
  readonly bodyStart: number;
  /** Undefined where the body comes in chunks. */
  readonly length: number | undefined;
}

/** Most answers come in one piece, which need not be copied. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [first, ...more] = pieces;
  return first === undefined || more.length > 0 ? Buffer.concat(pieces) : first;
}

/** Once it is complete. */
function readHead(received: Buffer): Head | undefined {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const text = received.toString('latin1', 0, end);
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  return { status: Number(text.split(' ', 2)[1]), bodyStart: end + HEAD_END.length, length: length === undefined ? undefined : Number(length) };
}

/** Whether a body in chunks may end here: told by the last bytes, so that a long one is not walked through with each of its pieces. */
function endsWithLastChunk(pieces: readonly Buffer[]): boolean {
  const tails = pieces.slice(-HEAD_END.length).map((piece) => piece.subarray(-HEAD_END.length));
  return Buffer.concat(tails).toString('latin1').endsWith(HEAD_END);
}

/** A body of `Transfer-Encoding: chunked`, once its last chunk is there: RFC 9112, section 7.1. */
function readChunks(received: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = received.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + LINE_END.length;
    if (size === 0) return Buffer.concat(chunks);
    if (from + size + LINE_END.length > received.length) return undefined;
    chunks.push(received.subarray(from, from + size));
    at = from + size + LINE_END.length;
  }
}
