import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { RestRoute } from './restRoutes';

/** The field of an input that is the version which the object must be at: what `If-Match` says. */
const VERSION_FIELD = 'resourceVersion';

/** Path, query, body and `If-Match` of a request as the input of the procedure. The path wins over the query and the body. */
export function readInput(route: RestRoute, parts: { path: Readonly<Record<string, string>>; query: URLSearchParams; body: unknown; ifMatch?: string | undefined }): Record<string, unknown> {
  const { body } = parts;
  const query = Object.fromEntries([...new Set(parts.query.keys())].map((name) => [name, readQueryValue(route.shape[name], parts.query.getAll(name))]));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new StatusError('BadRequest', 'The body must be a JSON object.');
  const { bodyField } = route.meta;
  const fields = bodyField !== undefined && !(bodyField in body) ? { [bodyField]: body } : body;
  return { ...query, ...fields, ...parts.path, ...readIfMatch(route, parts.ifMatch) };
}

/** Named parts of the path, decoded. */
export function readPath(route: RestRoute, pathname: string): Record<string, string> {
  return Object.fromEntries(Object.entries(route.pattern.exec(pathname)?.groups ?? {}).map(([name, value]) => [name, decodeSegment(value)]));
}

/** A condition that nobody checks would be taken for one that held. */
function readIfMatch(route: RestRoute, header: string | undefined): Record<string, string> {
  if (header === undefined || header.trim() === '*' || route.method === 'GET') return {};
  if (!(VERSION_FIELD in route.shape)) throw new StatusError('BadRequest', 'This address takes no If-Match.', { code: 'IF_MATCH_NOT_SUPPORTED', causes: [{ code: 'FieldValueForbidden', field: 'If-Match', message: 'leave it out' }] });
  const version = /^(?:W\/)?"([^",]+)"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new StatusError('BadRequest', 'If-Match must be one ETag as a read gave it: "42".', { causes: [{ code: 'FieldValueInvalid', field: 'If-Match', message: 'one ETag in quotes' }] });
  return { [VERSION_FIELD]: version };
}

function decodeSegment(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new StatusError('BadRequest', 'The path is not valid percent-encoding.', { cause });
  }
}

/** Query values are text; booleans, numbers and lists are read as the schema wants them. A value that does not fit stays text for the schema to refuse. */
function readQueryValue(schema: z.ZodType | undefined, values: string[]): unknown {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) inner = inner.unwrap();
  if (inner instanceof z.ZodArray) return values.flatMap((value) => value.split(','));
  const value = values.at(-1) ?? '';
  if (inner instanceof z.ZodBoolean) return value === 'true' || value === '1' || value === '' ? true : value === 'false' || value === '0' ? false : value;
  if (inner instanceof z.ZodNumber && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return value;
}
