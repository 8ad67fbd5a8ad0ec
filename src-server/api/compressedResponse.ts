import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { acceptsGzip } from './acceptEncoding';

/** What is smaller fits a packet or two as it is. */
const MIN_BYTES = 1024;
/**
 * The quickest level: most clients are on this machine or its network, where a list of 1,000 objects is sent sooner than a better
 * level would be done with it, and it is nearly as small.
 */
const LEVEL = constants.Z_BEST_SPEED;
/** Fewer, larger steps: each is a round through the thread pool. */
const STEP_BYTES = 64 * 1024;

const COMPRESSIBLE = /^(?:text\/(?!event-stream)|application\/(?:[\w.-]+\+)?(?:json|yaml|xml)\b|application\/(?:javascript|manifest\+json)\b|image\/svg\+xml)/i;

/**
 * Compresses the answer when the client takes gzip and it is text of some size, whoever writes it: whole or in pieces, by any door.
 * The work is done by zlib's threads, and the writer waits for the reader as it would without it. Left as they are: streams of events
 * and watches, whose every message is waited for; what is compressed already; parts of a whole; what `no-transform` protects.
 *
 * Answers with secrets in them do not meet text of an attacker here (BREACH): a session cookie is good for requests of this origin only.
 */
export class CompressedResponse<TRequest extends IncomingMessage = IncomingMessage> extends ServerResponse<TRequest> {
  #gzip: Gzip | undefined;
  /** The first piece of an answer that does not say how large it is: it may be the only one. */
  #held: Uint8Array | string | undefined;

  constructor(...given: ConstructorParameters<typeof ServerResponse<TRequest>>) {
    super(...given);
    forgetWeakness(this.req);
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const message = typeof rest[0] === 'string' ? rest[0] : undefined;
    setHeaders(this, (message === undefined ? rest[0] : rest[1]) as OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined);
    if (this.headersSent) return super.writeHead(status);
    this.#begin(status, undefined);
    return message === undefined ? super.writeHead(status) : super.writeHead(status, message);
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.headersSent) {
      const isFirst = this.#held === undefined && rest.length === 0;
      if (isFirst && sizeOf(chunk) < MIN_BYTES && !this.hasHeader('Content-Length') && isCompressible(this, this.statusCode)) {
        this.#held = chunk as Uint8Array | string;
        return true;
      }
      this.#beginUnsaid(undefined);
    }
    this.#passHeld();
    return this.#pass(chunk, ...rest);
  }

  override end(...args: unknown[]): this {
    if (!this.headersSent) this.#beginUnsaid(sizeOf(this.#held) + sizeOf(args[0]));
    this.#passHeld();
    if (this.#gzip === undefined) (super.end as End).apply(this, args);
    else (this.#gzip.end as End).apply(this.#gzip, args);
    return this;
  }

  /** Of an answer whose writer leaves the status line to us. */
  #beginUnsaid(size: number | undefined): void {
    this.#begin(this.statusCode, size);
    super.writeHead(this.statusCode);
  }

  /** Decides once, when the headers are known; `size` is that of the answer if it is known. */
  #begin(status: number, size = numberOf(this.getHeader('Content-Length'))): void {
    if (!isCompressible(this, status)) return;
    addVary(this);
    if ((size !== undefined && size < MIN_BYTES) || !acceptsGzip(this.req.headers['accept-encoding']?.toString())) return;
    this.removeHeader('Content-Length');
    this.setHeader('Content-Encoding', 'gzip');
    weakenTag(this);
    if (this.req.method === 'HEAD') return;
    this.#gzip = openGzip(this, { write: (chunk) => super.write(chunk), end: () => void super.end() });
  }

  #passHeld(): void {
    if (this.#held !== undefined) this.#pass(this.#held);
    this.#held = undefined;
  }

  #pass(chunk: unknown, ...rest: unknown[]): boolean {
    return this.#gzip === undefined ? (super.write as Write).call(this, chunk, ...rest) : (this.#gzip.write as Write).call(this.#gzip, chunk, ...rest);
  }
}

type Write = (chunk: unknown, ...rest: unknown[]) => boolean;
type End = (...args: unknown[]) => unknown;

/** Between the writer and the connection, each of which may have to wait for the other. */
function openGzip(res: ServerResponse, { write, end }: { write: (chunk: Buffer) => boolean; end: () => void }): Gzip {
  const gzip = createGzip({ level: LEVEL, chunkSize: STEP_BYTES });
  let ownNews = false;
  gzip.on('data', (chunk: Buffer) => {
    if (!write(chunk)) gzip.pause();
  });
  gzip.once('end', end);
  // A writer waits for `drain` of the answer; here that is room in front of the compression, not behind it.
  gzip.on('drain', () => {
    ownNews = true;
    res.emit('drain');
    ownNews = false;
  });
  res.on('drain', () => {
    if (!ownNews) gzip.resume();
  });
  gzip.once('error', (error) => res.destroy(error));
  res.once('close', () => gzip.destroy());
  return gzip;
}

function isCompressible(res: ServerResponse, status: number): boolean {
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  if (res.hasHeader('Content-Encoding') || res.hasHeader('Content-Range')) return false;
  // Said of every answer that goes on as things happen.
  if (res.getHeader('X-Accel-Buffering') === 'no' || res.hasHeader('Transfer-Encoding')) return false;
  if (/\bno-transform\b/i.test(textOf(res.getHeader('Cache-Control')))) return false;
  return COMPRESSIBLE.test(textOf(res.getHeader('Content-Type')));
}

function addVary(res: ServerResponse): void {
  const present = textOf(res.getHeader('Vary'));
  if (present !== '' && /(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(present)) return;
  res.setHeader('Vary', present === '' ? 'Accept-Encoding' : `${present}, Accept-Encoding`);
}

/** The bytes are others now; that they mean the same is what a weak validator says (RFC 9110, section 8.8.1). */
function weakenTag(res: ServerResponse): void {
  const tag = textOf(res.getHeader('ETag'));
  if (tag.startsWith('"')) res.setHeader('ETag', `W/${tag}`);
}

/** What we called weak comes back so; endpoints know their tags as they made them, and `If-None-Match` compares weakly anyway. */
function forgetWeakness(req: IncomingMessage): void {
  const tags = req.headers['if-none-match'];
  if (tags !== undefined) req.headers['if-none-match'] = tags.replace(/(^|,\s*)W\/"/g, '$1"');
}

function setHeaders(res: ServerResponse, headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined): void {
  if (headers === undefined) return;
  if (Array.isArray(headers)) {
    for (let at = 0; at < headers.length; at += 2) setPresent(res, String(headers[at]), headers[at + 1]);
  } else {
    for (const name of Object.keys(headers)) setPresent(res, name, headers[name]);
  }
}

function setPresent(res: ServerResponse, name: string, value: OutgoingHttpHeader | undefined): void {
  if (value !== undefined) res.setHeader(name, value);
}

function sizeOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.length : 0;
}

function numberOf(header: OutgoingHttpHeader | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}

function textOf(header: OutgoingHttpHeader | undefined): string {
  return Array.isArray(header) ? header.join(', ') : String(header ?? '');
}
