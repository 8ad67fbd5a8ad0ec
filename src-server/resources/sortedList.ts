import { createHash } from 'node:crypto';
import { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { getPath, parsePath } from '#shared/kind/paths';
import type { ListPage, Selection, Store } from '../store/store';

/** Objects that a sorted list reads into memory at most; more is refused with advice to narrow the list. */
export const MAX_SORTED_OBJECTS = 50_000;
/** Tells a sorted list's tokens from the store's own. */
const TOKEN_PREFIX = 'sorted.';

type SortValue = string | number | boolean | null;

interface Cursor {
  /** Digest of what was asked, so that a token is good for its own list only. */
  readonly query: string;
  readonly value: SortValue;
  readonly key: string;
}

interface Row {
  readonly object: KradleObject;
  readonly value: SortValue;
  readonly key: string;
}

/**
 * A page of a list in another order than by name. The store keeps no index for it, so every page reads and sorts the selection as
 * it is now; the token says after which value and key the next page starts, so that no object is shown twice or left out because
 * others came or went. Pages share no revision: the answer's is the one of this page. Absent values come last, ascending or not.
 *
 * @throws BadRequest for more than {@link MAX_SORTED_OBJECTS} objects or a token of another list; Expired never.
 */
export async function sortedPage(
  store: Pick<Store, 'list'>, selection: Selection, opts: { sort: string; identity: string; limit?: number; continue?: string; signal?: AbortSignal | undefined },
): Promise<ListPage> {
  const descending = opts.sort.startsWith('-');
  const path = parsePath(descending ? opts.sort.slice(1) : opts.sort);
  const query = createHash('sha256').update(`${opts.identity}\n${opts.sort}`).digest('base64url').slice(0, 16);
  const cursor = opts.continue === undefined ? undefined : readToken(opts.continue, query);

  const all = await store.list({ ...selection, limit: MAX_SORTED_OBJECTS, signal: opts.signal });
  if (all.continue !== undefined) {
    throw new StatusError('BadRequest', `More than ${MAX_SORTED_OBJECTS} objects match, too many to sort; narrow the list by a selector, or list by name`);
  }
  const compare = comparator(descending);
  const rows = all.items.map((object): Row => ({ object, value: sortValue(getPath(object, path)), key: `${object.metadata.namespace}/${object.metadata.name}` }));
  rows.sort(compare);
  const start = cursor === undefined ? 0 : firstAfter(rows, cursor, compare);
  const end = opts.limit === undefined ? rows.length : start + opts.limit;
  const last = rows[end - 1];
  return {
    items: rows.slice(start, end).map((row) => row.object),
    resourceVersion: all.resourceVersion,
    ...(end < rows.length && last !== undefined ? { continue: writeToken({ query, value: last.value, key: last.key }), remainingItemCount: rows.length - end } : {}),
  };
}

/** Whether a continue token came from {@link sortedPage}. */
export function isSortedToken(token: string): boolean {
  return token.startsWith(TOKEN_PREFIX);
}

function comparator(descending: boolean): (a: Pick<Row, 'value' | 'key'>, b: Pick<Row, 'value' | 'key'>) => number {
  return (a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else {
      const order = compareValues(a.value, b.value);
      if (order !== 0) return descending ? -order : order;
    }
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  };
}

/** Text without regard to case, then with it, so that the order is total. */
function compareValues(a: Exclude<SortValue, null>, b: Exclude<SortValue, null>): number {
  if (typeof a !== 'string' || typeof b !== 'string') return Number(a) - Number(b) || compareText(typeof a, typeof b);
  return compareText(a.toLowerCase(), b.toLowerCase()) || compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortValue(value: unknown): SortValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return Array.isArray(value) ? value.map(String).join(',') : null;
}

/** Binary search for the first row behind the cursor. */
function firstAfter(rows: readonly Row[], cursor: Cursor, compare: (a: Pick<Row, 'value' | 'key'>, b: Pick<Row, 'value' | 'key'>) => number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && compare(row, cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writeToken(cursor: Cursor): string {
  return TOKEN_PREFIX + Buffer.from(JSON.stringify([cursor.query, cursor.value, cursor.key])).toString('base64url');
}

function readToken(token: string, query: string): Cursor {
  try {
    const [tokenQuery, value, key] = JSON.parse(Buffer.from(token.slice(TOKEN_PREFIX.length), 'base64url').toString()) as [unknown, unknown, unknown];
    const isValue = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (isSortedToken(token) && tokenQuery === query && isValue && typeof key === 'string') return { query, value: value as SortValue, key };
  } catch {
    // Said below, as for every other token that is not ours.
  }
  const message = 'The continue token does not belong to this list; start again without it';
  throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
}
