import type { IncomingMessage, ServerResponse } from 'node:http';
import { toErrorBody, type StatusError } from '#shared/api/status';
import type { ErrorForm } from '../http/endpoint';
import { KUBE_MEDIA_TYPES, negotiateKube } from './kube/kubeAccept';
import { toKubeStatus } from './kube/kubeStatus';
import { encodeKube } from './kube/sendKube';
import { hasUnreadBody } from './readBody';
import type { RestAnswer } from './restAnswer';

export const CORRELATION_HEADER = 'X-Correlation-Id';

/** What is still dropped of a refused body, before the connection closes. */
const MAX_DROPPED_BYTES = 256 * 1024 * 1024;
const MAX_DROPPING_MS = 10_000;
const MAX_SILENCE_MS = 1_000;

export function setSecurityHeaders(res: ServerResponse): void {
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Frame-Options', 'DENY');
  res.setHeader('Referrer-Policy', 'same-origin');
  // A page of another program on this machine is "same site" for a cookie: it may neither embed our answers nor hold on to our window.
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  res.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  sendAnswer(res, { status, body, headers: {} });
}

/** Answers over REST: what the answer says itself of being kept wins. */
export function sendAnswer(res: ServerResponse, { status, body, headers }: RestAnswer): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (status === 304) {
    res.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body ?? {});
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': headers['Cache-Control'] ?? 'no-store' });
  res.end(text);
}

/** Answers a failure in the form that the door's clients read. */
export function sendError(res: ServerResponse, error: StatusError, opts: { correlationId: string; as: ErrorForm }): void {
  const { retryAfterSeconds, allowedMethods } = error.details;
  if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
  if (allowedMethods !== undefined) res.setHeader('Allow', allowedMethods.join(', '));
  const { type, text } = encodeError(res.req, error, opts);
  const unread = hasUnreadBody(res.req);
  // What was not read of a refused body would be taken for the next request.
  if (unread) res.setHeader('Connection', 'close');
  res.writeHead(error.httpStatus, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  if (!unread) {
    res.end(text);
    return;
  }
  res.write(text);
  dropBody(res.req, () => res.end());
}

function encodeError(req: IncomingMessage, error: StatusError, opts: { correlationId: string; as: ErrorForm }): { type: string; text: string } {
  switch (opts.as) {
    case 'text':
      return { type: 'text/plain; charset=utf-8', text: `${error.message}\n` };
    case 'kubernetes': {
      const type = acceptedType(req);
      return { type, text: encodeKube(toKubeStatus(error, (req.url ?? '').split('?', 1)[0] ?? ''), type) };
    }
    case 'json':
      return { type: 'application/json; charset=utf-8', text: JSON.stringify(toErrorBody(error, opts.correlationId)) };
  }
}

/** Who accepts neither JSON nor YAML is told so in JSON. */
function acceptedType(req: IncomingMessage): string {
  const [json = ''] = KUBE_MEDIA_TYPES;
  try {
    return negotiateKube(req.headers.accept).type;
  } catch {
    return json;
  }
}

/**
 * Reads on and forgets, so that the client gets to read its answer: a connection that is closed while its peer still sends is reset,
 * and the answer is lost with it (RFC 9112, section 9.6). Bounded, because the peer was refused.
 */
function dropBody(req: IncomingMessage, done: () => void): void {
  let leftBytes = MAX_DROPPED_BYTES;
  const stop = () => {
    clearTimeout(total);
    clearTimeout(silence);
    req.off('data', onData).off('close', stop).off('end', stop);
    done();
  };
  const onData = (chunk: Buffer) => {
    leftBytes -= chunk.length;
    silence.refresh();
    if (leftBytes < 0) stop();
  };
  const total = setTimeout(stop, MAX_DROPPING_MS);
  const silence = setTimeout(stop, MAX_SILENCE_MS);
  req.on('data', onData).once('end', stop).once('close', stop).resume();
}
