import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import { readBody } from '../../readBody';
import { countKeys, countWrittenKeys, findDuplicateKeys } from './scanJson';
import { parseYaml } from './parseYaml';

/** As kube-apiserver: twice what an object may have, and room for a patch around it. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const BYTE_ORDER_MARK = 0xfeff;

/** What objects may be sent as. */
export const OBJECT_MEDIA_TYPES = ['application/json', 'application/yaml'] as const;

export interface ObjectBody {
  /** JSON data; undefined when the body is empty. */
  readonly value: unknown;
  /** What a strict reader refuses, in Kubernetes' words: keys that stand twice in one object. The last one counts. */
  readonly problems: readonly string[];
}

/**
 * Reads the body of a request as JSON or YAML.
 *
 * @throws UnsupportedMediaType, RequestEntityTooLarge; BadRequest saying where it cannot be read.
 */
export async function readObjectBody(req: IncomingMessage, opts: { accepted: readonly string[] }): Promise<ObjectBody> {
  const type = bodyType(req);
  if (!opts.accepted.includes(type)) throw unsupportedBody(opts.accepted);
  const bytes = await readBody(req, MAX_BODY_BYTES);
  if (bytes.length === 0) return { value: undefined, problems: [] };
  if (!isUtf8(bytes)) throw new StatusError('BadRequest', 'The body is not valid UTF-8');
  const text = withoutMark(bytes.toString('utf8'));
  if (!type.endsWith('yaml') || looksLikeJson(text)) return parseJson(text);
  const { value, duplicates } = parseYaml(text);
  return { value, problems: duplicates.map((path) => `yaml: key ${JSON.stringify(path)} already set in map`) };
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** The media type of a body, JSON when the client says none. */
export function bodyType(req: IncomingMessage): string {
  return req.headers['content-type']?.split(';')[0]?.trim().toLowerCase() || 'application/json';
}

/** Worded as kube-apiserver words it. */
export function unsupportedBody(accepted: readonly string[]): StatusError {
  return new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`);
}

function parseJson(text: string): ObjectBody {
  const written = countWrittenKeys(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StatusError('BadRequest', `The body is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  if (countKeys(value) === written) return { value, problems: [] };
  return { value, problems: findDuplicateKeys(text).map((path) => `json: duplicate field ${JSON.stringify(path)}`) };
}

/** Clients send JSON as YAML, which it is, and its own parser is the faster one. */
function looksLikeJson(text: string): boolean {
  return /^\s*\{\s*["}]/.test(text);
}
