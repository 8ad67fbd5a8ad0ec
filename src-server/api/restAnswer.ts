import { isPlainObject } from '#shared/kind/paths';
import { sparseFields } from './sparseFields';

/** What goes back over REST: a status, headers and, but for a 304, a body. */
export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

export interface AnswerOptions {
  readonly status: number;
  /** `http://127.0.0.1:3080`: links start with it. */
  readonly origin: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly ifNoneMatch?: string | undefined;
}

/** The answer to a read: the fields that were asked for, the version as its ETag, and where the next page is. */
export function answerRead(body: unknown, opts: AnswerOptions): RestAnswer {
  const headers: Record<string, string> = {};
  const next = nextPage(body);
  if (next !== undefined) headers.Link = `<${nextAddress(next, opts)}>; rel="next"`;
  const tag = entityTag(body);
  if (tag !== undefined) {
    headers.ETag = tag;
    // May be kept, and is asked for again with its tag.
    headers['Cache-Control'] = 'private, no-cache';
    if (matchesTag(opts.ifNoneMatch, tag)) return { status: 304, headers };
  }
  const fields = opts.query.get('fields');
  return { status: opts.status, body: fields === null ? body : sparseFields(body, fields), headers };
}

/** `"42"`, the version of an object; undefined for what is not one object. */
export function entityTag(body: unknown): string | undefined {
  if (!isPlainObject(body) || Array.isArray(body.items) || !isPlainObject(body.metadata)) return undefined;
  const { resourceVersion } = body.metadata;
  return typeof resourceVersion === 'string' && resourceVersion !== '' ? `"${resourceVersion}"` : undefined;
}

/** RFC 9110, section 13.1.2: weakly, any of a list, or `*`. */
function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

function nextPage(body: unknown): string | undefined {
  if (!isPlainObject(body) || !Array.isArray(body.items)) return undefined;
  const token = (isPlainObject(body.metadata) ? body.metadata.continue : undefined) ?? body.continue;
  return typeof token === 'string' && token !== '' ? token : undefined;
}

function nextAddress(token: string, { origin, pathname, query }: AnswerOptions): string {
  const search = new URLSearchParams(query);
  search.set('continue', token);
  return `${origin}${pathname}?${search.toString()}`;
}
