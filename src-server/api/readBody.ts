import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';

/** Reads a whole request body. `RequestEntityTooLarge` past the limit, without reading on. */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON body; an empty one is `{}`. `UnsupportedMediaType`, `BadRequest` saying where the JSON breaks. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(req, maxBytes);
  if (body.length === 0) return {};
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && type !== 'application/json' && !type.endsWith('+json')) {
    throw new StatusError('UnsupportedMediaType', `The body must be application/json, not ${type}.`);
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new StatusError('BadRequest', `The body is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

function tooLarge(maxBytes: number): StatusError {
  return new StatusError('RequestEntityTooLarge', `The body is larger than ${Math.floor(maxBytes / 1024)} KiB.`);
}
