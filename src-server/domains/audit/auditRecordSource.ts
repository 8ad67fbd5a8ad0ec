import { setImmediate as nextTurn } from 'node:timers/promises';
import { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { orgOfNamespace } from '#shared/kind/names';
import { isPlainObject } from '#shared/kind/paths';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import type { RecordSource } from '../../resources/recordSource';
import type { StoredEvent } from '../../store/eventLog';
import type { ListPage, ListQuery, ObjectKey, StoreEvent, WatchQuery } from '../../store/store';
import { microsecondsOf } from '../../store/chain';
import { INSTALLATION_LOG, toRecord, type RecordDraft } from './auditRecord';
import type { AuditLog } from './auditLog';

/** Records read at a time. */
const PAGE = 500;
/** How far back a watch of all organizations begins before where it is to resume, in microseconds: several servers write, and none waits for another. */
const RESUME_OVERLAP_US = 5_000_000;
/** The resourceVersion of a log that has no record. */
const BEGINNING = 1;

/** Where a list goes on: the log, the record in it that was answered last, and the version that all pages are of. */
interface Cursor {
  readonly log: string;
  readonly after: number;
  readonly version: number;
}

/** Serves the logs of organizations as objects of their kind. */
export function createAuditRecordSource(opts: { log: AuditLog; organizations: () => Promise<readonly string[]> }): RecordSource {
  const { log } = opts;

  const logsOf = async ({ namespace }: { readonly namespace?: string }): Promise<readonly string[]> => {
    if (namespace === undefined) return [...(await opts.organizations())].sort();
    const org = orgOfNamespace(namespace);
    return org === undefined ? [] : [org];
  };

  async function versionOf(logs: readonly string[]): Promise<number> {
    let version = BEGINNING;
    for (const each of logs) {
      const [last] = (await log.read(each, { before: Number.MAX_SAFE_INTEGER, limit: 1 })).items;
      if (last !== undefined) version = Math.max(version, microsecondsOf(last.at));
    }
    return version;
  }

  async function list(query: ListQuery): Promise<ListPage> {
    const { name, matches, limit = 0 } = query;
    const logs = await logsOf(query);
    const start: Cursor = query.continue === undefined
      ? { log: logs[0] ?? '', after: 0, version: readVersion(query.atResourceVersion) ?? (await versionOf(logs)) }
      : readToken(query.continue);
    const items: KradleObject[] = [];
    const isMeant = (record: KradleObject): boolean => (name === undefined || record.metadata.name === name) && matches?.(record) !== false;
    for (const each of logs.filter((candidate) => candidate >= start.log)) {
      let after = each === start.log ? start.after : 0;
      for (let page = await log.read(each, { after, limit: PAGE }); page.items.length > 0; page = await log.read(each, { after, limit: PAGE })) {
        for (const entry of page.items) {
          // What came after the list began is not in it.
          if (microsecondsOf(entry.at) > start.version) break;
          after = entry.seq;
          const record = toRecord(each, entry) as unknown as KradleObject;
          if (!isMeant(record)) continue;
          items.push(record);
          if (limit > 0 && items.length >= limit) return finish({ log: each, after, version: start.version });
        }
        const last = page.items.at(-1);
        if (last === undefined || microsecondsOf(last.at) > start.version) break;
        // A selection may look through many pages before it finds anything.
        await nextTurn();
      }
    }
    return { items, resourceVersion: String(start.version) };

    async function finish(cursor: Cursor): Promise<ListPage> {
      const remainingItemCount = name === undefined && matches === undefined && logs.length === 1 ? await remainingIn(cursor) : undefined;
      const more = remainingItemCount === undefined || remainingItemCount > 0 ? { continue: writeToken(cursor) } : {};
      return { items, resourceVersion: String(cursor.version), ...more, ...(remainingItemCount === undefined || remainingItemCount === 0 ? {} : { remainingItemCount }) };
    }
  }

  const remainingIn = async (cursor: Cursor): Promise<number> => Math.max(0, (await log.lastAt(cursor.log, cursor.version)) - cursor.after);

  async function* watch(query: WatchQuery): AsyncGenerator<StoreEvent> {
    const { name, matches, signal } = query;
    const logs = await logsOf(query);
    const from = readVersion(query.resourceVersion);
    const overlap = query.namespace === undefined ? RESUME_OVERLAP_US : 0;
    const begun = await Promise.all(logs.map(async (each) => {
      const { lastSeq } = await log.read(each, { limit: 1 });
      return { log: each, after: from === undefined ? lastSeq : await log.lastAt(each, from - overlap), lastSeq };
    }));
    let version = from ?? (await versionOf(logs));
    const stop = new AbortController();
    const end = (): void => stop.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const followers = begun.map(({ log: each, after }) => log.follow(each, { after, signal: stop.signal })[Symbol.asyncIterator]());
    const next = new Map(followers.map((follower, index) => [index, step(follower, index)]));
    /** Logs whose history at the beginning of the watch is still to be told. */
    const behind = new Set(begun.flatMap(({ after, lastSeq }, index) => (after < lastSeq ? [index] : [])));
    let isLive = false;
    const bell = everyMs(query.bookmarkEveryMs);
    try {
      while (!signal.aborted) {
        if (!isLive && behind.size === 0) {
          isLive = true;
          if (query.bookmarkEveryMs !== undefined) yield { type: 'BOOKMARK', resourceVersion: String(version) };
        }
        const heard = await Promise.race([...next.values(), bell.next(stop.signal)]);
        if (signal.aborted) return;
        if (heard === undefined) {
          if (isLive) yield { type: 'BOOKMARK', resourceVersion: String(version) };
          continue;
        }
        const { index, result } = heard;
        const follower = followers[index];
        const of = begun[index];
        if (result.done === true || follower === undefined || of === undefined) next.delete(index);
        else {
          next.set(index, step(follower, index));
          for (const entry of result.value) {
            version = Math.max(version, microsecondsOf(entry.at));
            const record = toRecord(of.log, entry) as unknown as KradleObject;
            if ((name === undefined || record.metadata.name === name) && matches?.(record) !== false) yield { type: 'ADDED', resourceVersion: record.metadata.resourceVersion, object: record };
            if (entry.seq >= of.lastSeq) behind.delete(index);
          }
        }
      }
    } finally {
      signal.removeEventListener('abort', end);
      end();
      bell.stop();
    }
  }

  return {
    kind: AuditEvent,
    async append(key, object) {
      const org = logOf(key);
      return toRecord(org, await log.append(org, toDraft(object)));
    },
    async get(key) {
      const org = logOf(key);
      const found = await log.find(org, key.name);
      return found === undefined ? undefined : (toRecord(org, found));
    },
    list,
    watch: (query) => watch(query),
    async count(namespace) {
      let total = 0;
      for (const each of await logsOf({ ...(namespace === undefined ? {} : { namespace }) })) total += await log.count(each);
      return total;
    },
  };
}

function logOf({ namespace }: ObjectKey): string {
  const org = orgOfNamespace(namespace);
  if (org === undefined) throw new StatusError('BadRequest', `${namespace} is no organization's namespace`);
  return org;
}

/** What is kept of an object that came from elsewhere. */
function toDraft({ metadata, spec }: KradleObject): RecordDraft {
  const { name, uid, labels, annotations } = metadata;
  // The place in the chain is decided when the record is sealed.
  const { sequence: _sequence, previousDigest: _previousDigest, digest: _digest, ...said } = spec;
  return { name, uid, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }), spec: said as RecordDraft['spec'] };
}

interface Heard {
  readonly index: number;
  readonly result: IteratorResult<StoredEvent[]>;
}

async function step(follower: AsyncIterator<StoredEvent[]>, index: number): Promise<Heard> {
  return { index, result: await follower.next() };
}

/** Resolves with undefined each time that so many milliseconds have passed, and when the signal aborts. */
function everyMs(intervalMs: number | undefined): { next(signal: AbortSignal): Promise<undefined>; stop(): void } {
  let wake: (() => void) | undefined;
  let waiting: Promise<undefined> | undefined;
  const ring = (): void => {
    waiting = undefined;
    wake?.();
  };
  const timer = intervalMs === undefined ? undefined : setInterval(ring, intervalMs).unref();
  return {
    next(signal) {
      waiting ??= new Promise((resolve) => {
        wake = () => resolve(undefined);
        if (signal.aborted) wake();
        else signal.addEventListener('abort', wake, { once: true });
      });
      return waiting;
    },
    stop() {
      clearInterval(timer);
      ring();
    },
  };
}

function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const version = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(version)) return version;
  throw new StatusError('BadRequest', 'The resourceVersion is not one that this server gave out', {
    causes: [{ code: 'FieldValueInvalid', field: 'resourceVersion', message: 'must be a resourceVersion of an earlier answer, unchanged' }],
  });
}

function writeToken({ log, after, version }: Cursor): string {
  return Buffer.from(JSON.stringify({ log, after, version })).toString('base64url');
}

function readToken(token: string): Cursor {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isPlainObject(value) && typeof value.log === 'string' && value.log !== INSTALLATION_LOG && Number.isSafeInteger(value.after) && Number.isSafeInteger(value.version)) return value as unknown as Cursor;
  } catch {
    // Said below, as for every other token that is not ours.
  }
  throw new StatusError('BadRequest', 'The continue token is not one that this list gave out', {
    causes: [{ code: 'FieldValueInvalid', field: 'continue', message: 'must be the token of the previous page, with the same selection' }],
  });
}
