import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { isStatusError, type StatusError, StatusError as Status } from '#shared/api/status';

/** Source of the shapes here: git-lfs, docs/api/{batch,locking}.md. */
export const LFS_MEDIA_TYPE = 'application/vnd.git-lfs+json';

const oid = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, 64 lower-case hexadecimal digits');
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const ref = z.object({ name: z.string().max(1024) }).nullish();

/** Objects that one question may be about; git-lfs asks about a hundred at a time. */
const MAX_OBJECTS = 5000;

export const batchInput = z.object({
  operation: z.enum(['download', 'upload']),
  transfers: z.array(z.string().max(100)).max(50).optional(),
  ref,
  objects: z.array(z.object({ oid, size })).max(MAX_OBJECTS, `at most ${MAX_OBJECTS} objects may be asked for at once`),
  hash_algo: z.string().max(50).optional(),
});

export const verifyInput = z.object({ oid, size });

export const lockInput = z.object({
  path: z.string().min(1).max(4096).refine((path) => !path.startsWith('/') && !path.split('/').some((part) => part === '' || part === '.' || part === '..') && !path.includes('\0'), 'must be the path of a file, from the top of the repository'),
  ref,
});

export const lockPageInput = z.object({ cursor: z.string().max(200).optional(), limit: z.number().int().min(0).max(10_000).optional(), ref });

export const unlockInput = z.object({ force: z.boolean().optional(), ref });

/** How long an address of an object is good without asking again, in seconds: nothing about it is kept here, so this is only a hint. */
export const ACTION_LIFETIME_S = 3600;

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Reads a JSON body. Throws BadRequest for what is none, UnprocessableEntity's `Invalid` for another shape. */
export async function readLfsBody<T>(req: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Status('RequestEntityTooLarge', 'This request is larger than git-lfs makes them; ask for fewer objects at once');
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new Status('BadRequest', 'The body is not JSON', { cause });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const causes = parsed.error.issues.map(({ path, message }) => ({ code: 'FieldValueInvalid', field: path.join('.'), message }));
  throw new Status('Invalid', causes.map(({ field, message }) => `${field} ${message}`).join('; '), { causes });
}

export function sendLfs(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': LFS_MEDIA_TYPE, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' }).end(text);
}

/** Tells a failure in the words and the form that git-lfs shows to people. What is no answer to a client is thrown on. */
export function sendLfsError(res: ServerResponse, error: unknown, correlationId: string): void {
  if (!isStatusError(error) || res.headersSent) throw error;
  if (error.details.retryAfterSeconds !== undefined) res.setHeader('Retry-After', error.details.retryAfterSeconds);
  sendLfs(res, error.httpStatus, { message: error.message, request_id: correlationId });
}

/** The same, of one object among several. */
export function objectError({ httpStatus, message }: StatusError): { code: number; message: string } {
  return { code: httpStatus, message };
}
