import type { Logger } from 'pino';
import { isStatusError } from '#shared/api/status';
import { headAt, type ChainDraft } from '../../chain';
import type { EventFollowers } from '../../eventFollowers';
import type { StoredEvent } from '../../eventLog';
import type { WriteRecord } from '../../store';
import type { AppendCondition, AppendOutcome, AppendRequest } from '../dialect';
import { StreamEnds, type KnownEnd } from '../streamEnds';
import { WRITES_APART } from '../writesApart';
import { appendParameters, conditionOf, creationParameters, draftAppends, refusalOf, streamsOf, tellStored, Undraftable, type AppendDraft, type AppendRow, type Change, type Pending } from './appendDraft';
import type { PostgresConnections } from './postgresConnections';
import { isUndone, isUniqueViolation, unavailable } from './postgresErrors';
import { EVENT_STATEMENTS, toEvent, type EventRow } from './postgresEventStatements';
import type { PostgresHints } from './postgresHints';
import { POSTGRES_STATEMENTS } from './postgresStatements';

/** What one statement takes at most. */
const MAX_BATCH = 64;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;
/** How long a batch is sent again because other servers were faster. Each lost try means that another's got through. */
const MAX_TRYING_MS = 20_000;

/**
 * What this process writes of objects, and what builds on the ends of streams, one statement after the other: another would only wait for
 * the counter row. What comes while one is under way goes together, each key once, so that it shares a way to the server and a sync of its
 * disk; nobody waits for company.
 *
 * Entries are sealed here, so a statement says at which revision and behind which entries it belongs. This process remembers where the last
 * one left both, and is right as long as no other server writes. Where one does, the statement stores nothing and says where things stand.
 */
export class PostgresAppends {
  readonly #connections: PostgresConnections;
  readonly #followers: EventFollowers;
  readonly #hints: Pick<PostgresHints, 'alone'>;
  readonly #log: Logger;
  readonly #ends = new StreamEnds();
  /** Ids that a stream has had all along, by stream: those of entries that were sent again, or that others chose. */
  readonly #taken = new Map<string, Set<string>>();
  /** The revision that the database stands at, as far as is known. */
  #head: bigint | undefined;
  #queue: Pending[] = [];
  #isSending = false;
  /** What is stored, and whoever asked for it has not been told. */
  #untold: (() => void)[] = [];

  constructor(connections: PostgresConnections, { followers, hints, log }: { followers: EventFollowers; hints: Pick<PostgresHints, 'alone'>; log: Logger }) {
    this.#connections = connections;
    this.#followers = followers;
    this.#hints = hints;
    this.#log = log;
  }

  append(request: AppendRequest, record: WriteRecord | undefined): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => this.#add({ request, record, resolve, reject }));
  }

  link(stream: string, drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]> {
    return new Promise((resolve, reject) => this.#add({ stream, drafts, resolve, reject }));
  }

  /** Entries were taken out: what the next stands behind is what is there then. */
  forgetEnd(stream: string): void {
    this.#ends.delete(stream);
  }

  /** Another server has written this revision. */
  learn(revision: bigint): void {
    if (this.#head !== undefined && revision > this.#head) this.#head = revision;
  }

  #add(pending: Pending): void {
    // Whatever else asks in this turn of the event loop goes along.
    if (this.#queue.length === 0) setImmediate(() => void this.#pump());
    this.#queue.push(pending);
  }

  /** Until nobody waits. */
  async #pump(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#queue.length > 0) await this.#send(this.#takeBatch());
    this.#isSending = false;
    this.#tell();
  }

  /** Once the next batch is on its way: the database works on that while those who waited for the last one go on. */
  #tell(): void {
    for (const tell of this.#untold.splice(0)) tell();
  }

  /** The next in line, but of each key only the first: the second must see what became of it, and so must whoever has it as a condition. */
  #takeBatch(): Pending[] {
    const batch: Pending[] = [];
    const later: Pending[] = [];
    const keys = new Set<string>();
    let size = 0;
    for (const pending of this.#queue) {
      const fits = batch.length === 0 || (batch.length < MAX_BATCH && size <= MAX_BATCH_CHARACTERS);
      const isFirst = !('request' in pending) || !(keys.has(pending.request.key) || keys.has(conditionOf(pending)?.key ?? ''));
      if (fits && isFirst) {
        batch.push(pending);
        size += 'request' in pending && pending.request.type !== 'D' ? pending.request.value.length : 0;
      } else {
        later.push(pending);
      }
      if ('request' in pending) keys.add(pending.request.key);
    }
    this.#queue = later;
    return batch;
  }

  /** Settles every one of the batch; never rejects itself. */
  async #send(batch: readonly Pending[]): Promise<void> {
    const startedAt = performance.now();
    let left = batch;
    try {
      while (left.length > 0) {
        if (performance.now() - startedAt > MAX_TRYING_MS) throw unavailable('Too many servers write to the database at once; nothing was changed. Try again in a moment', undefined);
        left = await this.#try(left);
      }
    } catch (error) {
      this.#tell();
      this.#head = undefined;
      for (const stream of streamsOf(left)) this.#ends.delete(stream);
      // A fault in one of them has undone all: each by itself shows whose it is.
      const isOfOne = left.length > 1 && !isStatusError(error, 'ServiceUnavailable', 'InsufficientStorage');
      if (isOfOne) {
        this.#log.warn({ err: error }, WRITES_APART);
        for (const pending of left) await this.#send([pending]);
      } else for (const { reject } of left) reject(error);
    } finally {
      this.#taken.clear();
    }
  }

  /** Answers those that are still to be stored. */
  async #try(batch: readonly Pending[]): Promise<readonly Pending[]> {
    const head = this.#headKnownFor(batch) ?? (await this.#lookWhere(batch));
    let draft: AppendDraft;
    try {
      draft = this.#draft(batch, head);
    } catch (error) {
      if (!(error instanceof Undraftable)) throw error;
      error.pending.reject(error.cause);
      return batch.filter((pending) => pending !== error.pending);
    }
    if (await this.#writeCreations(draft)) return this.#stored(draft, []);
    const rows = await this.#write(draft);
    if (rows === 'taken') return batch;
    const [first] = rows;
    if (first?.stored === true) return this.#stored(draft, rows);
    if (first?.head !== head) {
      this.#head = first?.head;
      return batch;
    }
    const refused = new Set<Pending>();
    for (const row of rows) {
      const change = draft.changes[Number(row.place) - 1];
      if (row.fits !== false || change === undefined) continue;
      refused.add(change);
      change.resolve(refusalOf(change.request, row));
    }
    for (const unmet of refused.size === 0 ? await this.#unmetOf(draft) : []) {
      refused.add(unmet);
      unmet.resolve({ outcome: 'unmet' });
    }
    if (refused.size === 0) for (const stream of draft.streams.keys()) this.#ends.delete(stream);
    return batch.filter((pending) => !refused.has(pending));
  }

  /** All of it; `rows` are those of what it replaced. */
  #stored(draft: AppendDraft, rows: readonly AppendRow[]): readonly Pending[] {
    this.#head = draft.head + BigInt(draft.changes.length);
    for (const [stream, { after }] of draft.streams) this.#ends.set(stream, after);
    this.#untold.push(() => {
      tellStored(draft, rows);
      for (const stream of draft.streams.keys()) this.#followers.wake(stream);
    });
    return [];
  }

  /** Those whose condition does not hold. */
  async #unmetOf({ changes, conditions }: AppendDraft): Promise<readonly Change[]> {
    if (conditions.length === 0) return [];
    const rows = await this.#connections.query<AppendCondition>(POSTGRES_STATEMENTS.revisionsOf, [conditions.map(({ key }) => key)]);
    const standing = new Map(rows.map(({ key, revision }) => [key, revision]));
    return changes.filter((change) => {
      const condition = conditionOf(change);
      return condition !== undefined && standing.get(condition.key) !== condition.revision;
    });
  }

  /** Where the database stands, if nothing has to be read for the batch. */
  #headKnownFor(batch: readonly Pending[]): bigint | undefined {
    return this.#unknownOf(streamsOf(batch)).length === 0 ? this.#head : undefined;
  }

  /** Where the database stands; reads what is not known. */
  async #lookWhere(batch: readonly Pending[]): Promise<bigint> {
    this.#tell();
    try {
      const head = (this.#head ??= await this.#readHead());
      await this.#learnEnds(streamsOf(batch));
      return head;
    } catch (cause) {
      if (!isStatusError(cause, 'ServiceUnavailable')) throw cause;
      throw unavailable('The database does not answer; nothing was changed. Try again in a moment', cause);
    }
  }

  async #readHead(): Promise<bigint> {
    const [found] = await this.#connections.query<{ head: bigint }>(POSTGRES_STATEMENTS.revisions, []);
    if (found === undefined) throw new Error('The database has lost its revision counter');
    return found.head;
  }

  /** Reads the ends that are not known, of streams that are made where they are not there. */
  async #learnEnds(streams: ReadonlySet<string>): Promise<void> {
    for (let unknown = this.#unknownOf(streams); unknown.length > 0; unknown = this.#unknownOf(streams)) {
      const rows = await this.#connections.query<EndRow>(EVENT_STATEMENTS.streamEnds, [unknown]);
      for (const row of rows) this.#ends.set(row.name, toKnownEnd(row));
      for (const stream of this.#unknownOf(streams)) await this.#connections.query(EVENT_STATEMENTS.addStream, [stream]);
    }
  }

  #unknownOf(streams: ReadonlySet<string>): string[] {
    return [...streams].filter((stream) => this.#ends.get(stream) === undefined);
  }

  #draft(batch: readonly Pending[], head: bigint): AppendDraft {
    return draftAppends(batch, {
      head,
      endOf: (stream) => this.#ends.get(stream),
      isTaken: (stream, id) => this.#taken.get(stream)?.has(id) === true,
    });
  }

  /**
   * Whether it is new objects only, and stored. Where other servers write nothing is often as it was thought to be, and this would be one way to the
   * database more.
   */
  async #writeCreations(draft: AppendDraft): Promise<boolean> {
    const parameters = this.#hints.alone ? creationParameters(draft) : undefined;
    if (parameters === undefined) return false;
    try {
      const [answer] = await this.#connections.write<{ stored: boolean }>(POSTGRES_STATEMENTS.appendCreations, parameters, { meanwhile: () => this.#tell() });
      return answer?.stored === true;
    } catch (error) {
      if (isUniqueViolation(error) || isUndone(error)) return false;
      throw error;
    }
  }

  async #write(draft: AppendDraft): Promise<AppendRow[] | 'taken'> {
    const parameters = appendParameters(draft, { notify: !this.#hints.alone });
    try {
      return await this.#connections.write<AppendRow>(POSTGRES_STATEMENTS.append, parameters, { meanwhile: () => this.#tell() });
    } catch (error) {
      if (!isUniqueViolation(error) || !(await this.#learnTaken(draft))) throw error;
      return 'taken';
    }
  }

  /** Finds out which of the entries' ids are there already. False: none. */
  async #learnTaken({ streams, entries }: AppendDraft): Promise<boolean> {
    let found = false;
    for (const [stream, { before }] of streams) {
      const ids = entries.filter(({ streamId }) => streamId === before.id).map(({ entry }) => entry.id);
      const rows = await this.#connections.query<{ id: string }>(EVENT_STATEMENTS.takenIds, [before.id, ids]);
      if (rows.length === 0) continue;
      found = true;
      this.#taken.set(stream, new Set([...(this.#taken.get(stream) ?? []), ...rows.map(({ id }) => id)]));
    }
    return found;
  }
}

/** The last entry of a stream, or nulls where it was taken out. */
interface EndRow extends EventRow {
  readonly name: string;
}

function toKnownEnd(row: EndRow): KnownEnd {
  return { id: row.stream, head: headAt(Number(row.last_seq), toEvent(row)) };
}
