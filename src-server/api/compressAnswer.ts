import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
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
export function compressAnswer(req: IncomingMessage, res: ServerResponse): void {
  const head = res.writeHead.bind(res) as (status: number, message?: string) => ServerResponse;
  const write = res.write.bind(res) as Write;
  const end = res.end.bind(res) as End;
  forgetWeakness(req);
  let gzip: Gzip | undefined;
  /** The first piece of an answer that does not say how large it is: it may be the only one. */
  let held: Uint8Array | string | undefined;
  const pass: Write = (chunk, ...rest) => (gzip === undefined ? write(chunk, ...rest) : (gzip.write as Write).call(gzip, chunk, ...rest));

  /** Decided once, when the headers are known; `size` is that of the answer if it is known. */
  const begin = (status: number, opts: { message?: string; size?: number } = {}): void => {
    if (isCompressible(res, status)) {
      addVary(res);
      const size = opts.size ?? numberOf(res.getHeader('content-length'));
      if (acceptsGzip(textOf(req.headers['accept-encoding'])) && (size === undefined || size >= MIN_BYTES)) {
        res.removeHeader('Content-Length');
        res.setHeader('Content-Encoding', 'gzip');
        weakenTag(res);
        if (req.method !== 'HEAD') gzip = openGzip(res, write, end);
      }
    }
    if (opts.message === undefined) head(status);
    else head(status, opts.message);
  };

  res.writeHead = ((status: number, ...rest: unknown[]) => {
    const message = typeof rest[0] === 'string' ? rest[0] : undefined;
    setHeaders(res, (message === undefined ? rest[0] : rest[1]) as OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined);
    if (!res.headersSent) begin(status, message === undefined ? {} : { message });
    else head(status);
    return res;
  });
  res.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (!res.headersSent && held === undefined && rest.length === 0 && sizeOf(chunk) < MIN_BYTES && !res.hasHeader('Content-Length') && isCompressible(res, res.statusCode)) {
      held = chunk as Uint8Array | string;
      return true;
    }
    if (!res.headersSent) begin(res.statusCode);
    if (held !== undefined) pass(held);
    held = undefined;
    return pass(chunk, ...rest);
  }) as typeof res.write;
  res.end = ((...args: unknown[]) => {
    if (!res.headersSent) begin(res.statusCode, { size: sizeOf(held) + sizeOf(args[0]) });
    if (held !== undefined) pass(held);
    held = undefined;
    if (gzip === undefined) end(...args);
    else (gzip.end as End).apply(gzip, args);
    return res;
  }) as typeof res.end;
}

type Write = (chunk: unknown, ...rest: unknown[]) => boolean;
type End = (...args: unknown[]) => unknown;

/** Between the writer and the connection, each of which may have to wait for the other. */
function openGzip(res: ServerResponse, write: Write, end: End): Gzip {
  const gzip = createGzip({ level: LEVEL, chunkSize: STEP_BYTES });
  let ownNews = false;
  gzip.on('data', (chunk: Buffer) => {
    if (!write(chunk)) gzip.pause();
  });
  gzip.once('end', () => end());
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
  if (/(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(present)) return;
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
  const entries = Array.isArray(headers) ? headers.flatMap((name, index): [string, OutgoingHttpHeader | undefined][] => (index % 2 === 0 ? [[String(name), headers[index + 1]]] : [])) : Object.entries(headers);
  for (const [name, value] of entries) if (value !== undefined) res.setHeader(name, value);
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
