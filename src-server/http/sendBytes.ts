import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EndpointRequest } from './endpoint';

/** Bytes, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Content that can be read from any place. */
export interface SentBytes {
  readonly sizeBytes: number;
  /** Strong, with its quotes: the same tag means the same bytes. */
  readonly etag: string;
  /** A stream of exactly these bytes; of all of them when no range is given. */
  open(range: ByteRange | undefined): Readable | Promise<Readable>;
}

/**
 * Answers a GET or HEAD with bytes: whole, in part (RFC 9110, section 14; one range), or 304 for who has them. Headers that say what
 * they are must be set before. Nothing is opened for a HEAD.
 */
export async function sendBytes({ req, res }: Pick<EndpointRequest, 'req' | 'res'>, content: SentBytes): Promise<void> {
  const { sizeBytes, etag } = content;
  res.setHeader('ETag', etag);
  res.setHeader('Accept-Ranges', 'bytes');
  if (matchesTag(req.headers['if-none-match'], etag)) {
    res.writeHead(304).end();
    return;
  }
  const ifRange = req.headers['if-range'];
  const range = req.headers.range === undefined || (ifRange !== undefined && ifRange !== etag) ? undefined : parseRange(req.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    res.writeHead(416, { 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 }).end();
    return;
  }
  if (range !== undefined) {
    res.statusCode = 206;
    res.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${sizeBytes}`);
  }
  res.setHeader('Content-Length', range === undefined ? sizeBytes : range.end - range.start + 1);
  if (req.method === 'HEAD' || sizeBytes === 0) {
    res.end();
    return;
  }
  const stream = await content.open(range);
  await pipeline(stream, res).catch((error: NodeJS.ErrnoException) => {
    // Whoever asked has enough: a player that seeks, a download that was paused.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** The one range that a header asks for; undefined for what may be ignored: another unit, several ranges, no sense. */
export function parseRange(header: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (match === null) return undefined;
  const [first = '', last = ''] = match.slice(1);
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Number(last);
    return length === 0 || sizeBytes === 0 ? 'unsatisfiable' : { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
