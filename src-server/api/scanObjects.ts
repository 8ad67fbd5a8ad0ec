import { isStatusError, StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { ResourceClient } from '../resources/resourceClient';

/** Objects that are read of one kind before the others have their turn. */
const PAGE_SIZE = 500;
/** Kinds that are read at a time: hides the way to a database. */
const AT_A_TIME = 4;

/** How far the objects of one kind were looked through. */
export interface Scan<TFound> {
  readonly kind: AnyKind;
  readonly found: TFound[];
  /** Where the next scan goes on: there may be more. Absent: all were looked at. */
  readonly continue?: string;
}

export interface ScanOptions<TFound> {
  readonly org: string;
  readonly kinds: readonly AnyKind[];
  /** What an object is to the question; undefined for nothing. */
  readonly test: (kind: AnyKind, object: KradleObject) => TFound | undefined;
  /** Of each kind, at most. */
  readonly limit: number;
  /** Milliseconds after which no further page is read. The first of each kind always is, as long as the client is there. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  /** Of an earlier scan of the same, only kind. */
  readonly continue?: string;
}

/** A page of the list, and the last name in it that was looked at. */
interface Place {
  readonly page?: string;
  readonly after?: string;
}

interface Progress<TFound> {
  readonly kind: AnyKind;
  readonly found: TFound[];
  /** Undefined: at the end. */
  at: Place | undefined;
  done: boolean;
}

/**
 * Looks through the objects of many kinds for those that `test` takes. Fair: every kind has its first page read before any has its
 * second, so that one of a million objects does not hide the others. Kinds that the actor may not list are left out.
 *
 * @throws the refusal when it may list none of them.
 */
export async function scanObjects<TFound>(resources: ResourceClient, opts: ScanOptions<TFound>): Promise<Scan<TFound>[]> {
  const endsAt = performance.now() + opts.budgetMs;
  const refusals: StatusError[] = [];
  const start = opts.continue === undefined ? {} : readPlace(opts.continue);
  const progress = opts.kinds.map((kind): Progress<TFound> => ({ kind, found: [], at: start, done: false }));

  const readPage = async (one: Progress<TFound>, { page: token, after }: Place): Promise<void> => {
    const page = await resources.list(one.kind, { org: opts.org, limit: PAGE_SIZE, ...(token === undefined ? {} : { continue: token }) });
    for (const object of page.items as unknown as KradleObject[]) {
      const { name } = object.metadata;
      if (after !== undefined && name <= after) continue;
      const found = opts.test(one.kind, object);
      if (found !== undefined) one.found.push(found);
      one.at = { ...(token === undefined ? {} : { page: token }), after: name };
      if (one.found.length >= opts.limit) return;
    }
    one.at = page.metadata.continue === undefined ? undefined : { page: page.metadata.continue };
  };
  // To look through everything is no attempt to read what takes a permission of its own.
  const mayScan = async (kind: AnyKind): Promise<boolean> => {
    if (kind.readVerb === undefined) return true;
    const decision = await resources.may(kind.readVerb, kind, { org: opts.org });
    if (decision.allowed) return true;
    throw new StatusError('Forbidden', decision.reason);
  };
  const proceed = async (one: Progress<TFound>): Promise<void> => {
    try {
      if (one.at !== undefined && (await mayScan(one.kind))) await readPage(one, one.at);
    } catch (error) {
      if (!isStatusError(error) || !(error.reason === 'Forbidden' || error.reason === 'NotFound')) throw error;
      refusals.push(error);
      one.at = undefined;
    }
    one.done = one.at === undefined || one.found.length >= opts.limit;
  };

  for (let round = 0, left = progress; left.length > 0; round += 1, left = left.filter(({ done }) => !done)) {
    const waiting = [...left];
    const work = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        if (opts.signal.aborted || (round > 0 && performance.now() > endsAt)) one.done = true;
        else await proceed(one);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }
  const [refusal] = refusals;
  if (refusal !== undefined && refusals.length === opts.kinds.length) throw refusal;
  return progress.map(({ kind, found, at }) => ({ kind, found, ...(at === undefined ? {} : { continue: writePlace(at) }) }));
}

function writePlace({ page, after }: Place): string {
  return Buffer.from(JSON.stringify([page ?? null, after ?? null])).toString('base64url');
}

function readPlace(token: string): Place {
  try {
    const [page, after] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    const isPart = (part: unknown): part is string | null => part === null || typeof part === 'string';
    if (isPart(page) && isPart(after)) return { ...(page === null ? {} : { page }), ...(after === null ? {} : { after }) };
  } catch {
    // Said below, as for every other token that is not ours.
  }
  const message = 'The continue token does not belong to this question; start again without it';
  throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
}
