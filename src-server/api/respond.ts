import type { ServerResponse } from 'node:http';
import { toErrorBody, type StatusError } from '#shared/api/status';

export const CORRELATION_HEADER = 'X-Correlation-Id';

export function setSecurityHeaders(res: ServerResponse): void {
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Frame-Options', 'DENY');
  res.setHeader('Referrer-Policy', 'same-origin');
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? {});
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' });
  res.end(text);
}

export function sendError(res: ServerResponse, error: StatusError, correlationId: string): void {
  const { retryAfterSeconds } = error.details;
  if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
  // What was not read of a refused body would be taken for the next request.
  if (!res.req.complete) res.setHeader('Connection', 'close');
  sendJson(res, error.httpStatus, toErrorBody(error, correlationId));
}
