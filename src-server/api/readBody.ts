import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';

/** How long a body may take to arrive, in ms: a client that drips must not hold a connection for ever. */
const BODY_TIMEOUT_MS = 120_000;

/** Reads a whole request body. `RequestEntityTooLarge` past the limit, without reading on; `BadRequest` when it does not arrive. */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkAnnouncedLength(req, maxBytes);
  const whole = takeArrived(req);
  if (whole !== undefined) {
    if (whole.length > maxBytes) throw tooLarge(maxBytes);
    return whole;
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      // Paused and not destroyed: the connection still has an answer to carry.
      req.off('data', onData).off('end', onEnd).off('close', onClose).pause();
      outcome();
    };
    const refuse = (error: StatusError) => settle(() => reject(error));
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) refuse(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onClose = () => refuse(new StatusError('BadRequest', 'The connection closed before the body was complete.'));
    const timer = setTimeout(() => refuse(new StatusError('BadRequest', `The body did not arrive within ${BODY_TIMEOUT_MS / 1000} s.`, { code: 'REQUEST_TIMEOUT' })), BODY_TIMEOUT_MS);
    req.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

/** Bodies that were taken whole before the parser came to their end. */
const taken = new WeakSet<IncomingMessage>();

/** Whether there is more to come of the body. */
export function hasUnreadBody(req: IncomingMessage): boolean {
  if (req.complete || taken.has(req)) return false;
  return req.headers['transfer-encoding'] !== undefined || announcedLength(req) > 0;
}

/** The whole body if it is here, as small ones are that came with their headers: the events of the stream would only tell so later. */
function takeArrived(req: IncomingMessage): Buffer | undefined {
  if (req.readableFlowing !== null) return undefined;
  if (!req.complete) {
    const sizeBytes = announcedLength(req);
    if (sizeBytes === 0 || req.readableLength !== sizeBytes) return undefined;
    taken.add(req);
  }
  return (req.read() as Buffer | null) ?? Buffer.alloc(0);
}

/** Refuses a body that says itself that it is too large, before any of it is read. */
export function checkAnnouncedLength(req: IncomingMessage, maxBytes: number): void {
  if (announcedLength(req) > maxBytes) throw tooLarge(maxBytes);
}

function announcedLength(req: IncomingMessage): number {
  return Number(req.headers['content-length'] ?? 0);
}

/** Reads a JSON body; an empty one is `{}`. `UnsupportedMediaType`, `BadRequest` saying where the JSON breaks. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(req, maxBytes);
  if (body.length === 0) return {};
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && type !== 'application/json' && !type.endsWith('+json')) {
    throw new StatusError('UnsupportedMediaType', `The body must be application/json, not ${type}.`);
  }
  // Reading it all the same would put other characters in place of those that are none.
  if (!isUtf8(body)) throw new StatusError('BadRequest', 'The body is not valid UTF-8');
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new StatusError('BadRequest', `The body is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

/** Reads the fields of a JSON object or of a form, as programs of RFC 8628 send one. */
export async function readFields(req: IncomingMessage, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams((await readBody(req, maxBytes)).toString('utf8')));
  const body = await readJson(req, maxBytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new StatusError('BadRequest', 'The body must be a JSON object.');
  return body as Record<string, unknown>;
}

function tooLarge(maxBytes: number): StatusError {
  return new StatusError('RequestEntityTooLarge', `The body is larger than ${Math.floor(maxBytes / 1024)} KiB.`);
}
