import type { Logger } from 'pino';
import { isStatusError } from '#shared/api/status';
import { checkPosition, checkReadOptions, encodeEventData } from '../../eventEntry';
import type { EventFollowers } from '../../eventFollowers';
import type { ChainDraft } from '../../chain';
import type { EventEntry, EventLog, EventPage, StoredEvent } from '../../eventLog';
import type { PostgresAppends } from './postgresAppends';
import type { PostgresConnections } from './postgresConnections';
import { isUniqueViolation, unavailable } from './postgresErrors';
import { EVENT_STATEMENTS as SQL, toEvent, type EventRow } from './postgresEventStatements';
import type { PostgresHints } from './postgresHints';
import { EVENTS_CHANNEL } from './postgresStatements';

/** Entries that a follower gets at one time. */
const FOLLOW_BATCH = 500;
/** Beyond every seq: the largest bigint of Postgres. */
const AFTER_ALL = 2n ** 63n - 1n;
/** How often an append begins anew because another one brought the same ids, or the stream was dropped, in the same moment. */
const MAX_APPEND_TRIES = 10;

export interface PostgresEventLogOptions {
  readonly log: Logger;
  readonly hints: PostgresHints;
  readonly followers: EventFollowers;
  /** Takes what builds on the end of a stream, together with the writes of objects. */
  readonly appends: PostgresAppends;
}

/**
 * Event streams beside the store, each append one statement. Followers in every process hear of it by NOTIFY, or when the streams that
 * are followed are looked at, once a second and all in one query.
 */
export class PostgresEventLog implements EventLog {
  readonly #connections: PostgresConnections;
  readonly #log: Logger;
  readonly #followers: EventFollowers;
  readonly #appends: PostgresAppends;
  readonly #hints: PostgresHints;
  readonly #stopHints: () => void;
  /** How the followed streams stood at the last look. A stream whose follower could not read is left out, so that it is told again. */
  #seen = new Map<string, string>();
  #looking = false;
  #sweeping: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(connections: PostgresConnections, opts: PostgresEventLogOptions) {
    this.#connections = connections;
    this.#log = opts.log;
    this.#followers = opts.followers;
    this.#appends = opts.appends;
    this.#hints = opts.hints;
    this.#stopHints = opts.hints.on(EVENTS_CHANNEL, (stream) => (stream === undefined ? void this.#look() : this.#followers.wake(stream)));
    // What an earlier process dropped and could not finish.
    this.#sweep().catch((error: unknown) => opts.log.error({ err: error }, 'deleting dropped event streams failed'));
  }

  async append(stream: string, entries: readonly EventEntry[]): Promise<{ lastSeq: number; stored: number }> {
    const data = entries.map(encodeEventData);
    if (entries.length === 0) return { lastSeq: await this.#lastSeq(stream), stored: 0 };
    const columns = [entries.map(({ id }) => id), entries.map(({ at }) => at), entries.map(({ type }) => type), data];
    for (let attempt = 0; attempt < MAX_APPEND_TRIES; attempt += 1) {
      const answer = await this.#tryAppend([stream, ...columns, !this.#hints.alone]);
      if (answer === undefined) continue;
      if (answer.stored > 0) this.#followers.wake(stream);
      return answer;
    }
    throw unavailable(`Too many appends of the same events to "${stream}" at once; try again in a moment`, undefined);
  }

  link(stream: string, drafts: readonly ChainDraft[]): Promise<(StoredEvent | undefined)[]> {
    return this.#appends.link(stream, drafts);
  }

  async read(stream: string, opts: { after?: number; before?: number; limit: number }): Promise<EventPage> {
    checkReadOptions(opts);
    const statement = opts.before === undefined ? SQL.readUp : SQL.readDown;
    const rows = await this.#connections.query<EventRow>(statement, [stream, opts.after ?? 0, opts.before ?? AFTER_ALL, opts.limit]);
    return { items: toEvents(rows), lastSeq: Number(rows[0]?.last_seq ?? 0) };
  }

  follow(stream: string, opts: { after: number; signal: AbortSignal }): AsyncIterable<StoredEvent[]> {
    checkPosition('after', opts.after);
    let followed: bigint | undefined;
    const readAfter = async (seq: number): Promise<StoredEvent[] | undefined> => {
      const rows = await this.#readBatch(stream, seq);
      const found = rows === 'later' ? followed : rows[0]?.stream;
      // Dropped, by whomever; perhaps there is a new one of its name.
      if (followed !== undefined && found !== followed) return undefined;
      followed = found;
      return rows === 'later' ? [] : toEvents(rows);
    };
    return this.#followers.follow(stream, { ...opts, readAfter });
  }

  async find(stream: string, id: string): Promise<StoredEvent | undefined> {
    return toEvents(await this.#connections.query<EventRow>(SQL.findEvent, [stream, id]))[0];
  }

  /** Entries are numbered without gaps: from the first to the last, whatever was trimmed before. */
  async count(stream: string): Promise<number> {
    const [found] = await this.#connections.query<{ entries: bigint }>(SQL.countEvents, [stream]);
    return Number(found?.entries ?? 0);
  }

  async trim(stream: string, through: number): Promise<void> {
    checkPosition('through', through);
    while (!this.#closing) {
      const [trimmed] = await this.#connections.query<{ deleted: bigint }>(SQL.trimEvents, [stream, through]);
      this.#appends.forgetEnd(stream);
      if (trimmed === undefined || trimmed.deleted === 0n) return;
    }
  }

  /** The stream is gone when this resolves; its rows have been deleted in batches. */
  async drop(stream: string): Promise<void> {
    await this.#connections.query(SQL.dropStream, [stream]);
    this.#followers.end(stream);
    await this.#sweep();
  }

  /** Ends the followers and waits for what is running. After that the connections may be closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopHints();
    this.#followers.endAll();
    await this.#sweeping.catch(() => undefined);
  }

  async #lastSeq(stream: string): Promise<number> {
    const [found] = await this.#connections.query<{ last_seq: bigint }>(SQL.lastSeq, [stream]);
    return Number(found?.last_seq ?? 0);
  }

  /** Undefined: nothing was stored, and it should be tried again. */
  async #tryAppend(parameters: readonly [string, ...unknown[]]): Promise<{ lastSeq: number; stored: number } | undefined> {
    try {
      // An append may be run again after it was: its ids are there then.
      const [found] = await this.#connections.query<{ last_seq: bigint; stored: bigint }>(SQL.appendEvents, [...parameters]);
      if (found !== undefined) return { lastSeq: Number(found.last_seq), stored: Number(found.stored) };
      await this.#connections.query(SQL.addStream, [parameters[0]]);
      return undefined;
    } catch (error) {
      // Another append of the same ids was faster, and cannot be seen by the statement that lost.
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  /** `later` when the database does not answer: a follower waits for it to come back. */
  async #readBatch(stream: string, after: number): Promise<EventRow[] | 'later'> {
    try {
      return await this.#connections.query<EventRow>(SQL.followEvents, [stream, after, FOLLOW_BATCH]);
    } catch (error) {
      if (!isStatusError(error, 'ServiceUnavailable') || this.#closing) throw error;
      this.#seen.delete(stream);
      return 'later';
    }
  }

  /** Wakes the followers of the streams that are not as they were at the last look. */
  async #look(): Promise<void> {
    const { streams } = this.#followers;
    if (this.#looking || this.#closing || streams.length === 0) return;
    this.#looking = true;
    try {
      const found = await this.#connections.query<{ name: string; id: bigint; last_seq: bigint }>(SQL.followedStreams, [streams]);
      const states = new Map(found.map(({ name, id, last_seq }) => [name, `${id}:${last_seq}`]));
      for (const stream of streams) {
        const state = states.get(stream) ?? '';
        const before = this.#seen.get(stream);
        if (before === state) continue;
        this.#seen.set(stream, state);
        this.#followers.wake(stream);
      }
      // What nobody follows any more.
      for (const stream of this.#seen.keys()) if (!streams.includes(stream)) this.#seen.delete(stream);
    } catch (error) {
      if (!isStatusError(error, 'ServiceUnavailable')) this.#log.error({ err: error }, 'looking for new events failed');
    } finally {
      this.#looking = false;
    }
  }

  /** Deletes the rows of all dropped streams, one sweep after the other. */
  #sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.catch(() => undefined).then(async () => {
      while (!this.#closing) {
        const [swept] = await this.#connections.query<{ id: bigint; deleted: bigint }>(SQL.sweepEvents, []);
        if (swept === undefined) return;
        if (swept.deleted === 0n) await this.#connections.query(SQL.forgetStream, [swept.id]);
      }
    });
    return this.#sweeping;
  }
}

function toEvents(rows: readonly EventRow[]): StoredEvent[] {
  return rows.map(toEvent).filter((event) => event !== undefined);
}
