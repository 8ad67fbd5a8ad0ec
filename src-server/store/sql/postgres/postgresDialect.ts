import type { LogRow } from '../../logEntry';
import type { KeyRange } from '../../objectKey';
import { readRevision } from '../../revision';
import type { WriteRecord } from '../../store';
import type { AppendOutcome, AppendRequest, Dialect, ObjectPage, ObjectRow, Page, Revisions } from '../dialect';
import type { PostgresAppends } from './postgresAppends';
import type { PostgresConnections, PostgresStatement } from './postgresConnections';
import { PostgresGets } from './postgresGets';
import type { PostgresHints } from './postgresHints';
import { POSTGRES_STATEMENTS as SQL, REVISION_CHANNEL } from './postgresStatements';

/** A row of a page: its own columns, which are null when the page has no row, and what is said of the whole. */
type Paged<TRow> = { readonly [TColumn in keyof TRow]: TRow[TColumn] | null } & Revisions & { readonly total: bigint | null; readonly available: bigint | null };

/** The dialect of one Postgres database, which several processes may share. */
export class PostgresDialect implements Dialect {
  readonly #connections: PostgresConnections;
  readonly #appends: PostgresAppends;
  readonly #gets: PostgresGets;
  readonly #hints: PostgresHints;

  constructor(connections: PostgresConnections, { hints, appends }: { hints: PostgresHints; appends: PostgresAppends }) {
    this.#connections = connections;
    this.#appends = appends;
    this.#gets = new PostgresGets(connections);
    this.#hints = hints;
  }

  append(request: AppendRequest, record: WriteRecord | undefined): Promise<AppendOutcome> {
    return this.#appends.append(request, record);
  }

  async get(key: string): Promise<ObjectRow | undefined> {
    return this.#gets.get(key);
  }

  async page(query: KeyRange & { asOf?: bigint; limit: number; withTotal?: boolean }): Promise<ObjectPage> {
    const { from, before, limit, asOf } = query;
    // One more than wanted tells whether there is more.
    const range = [from, before, limit + 1];
    const current = query.withTotal === true ? SQL.pageCurrentWithTotal : SQL.pageCurrent;
    const found = await (asOf === undefined ? this.#connections.query<Paged<ObjectRow>>(current, range) : this.#connections.query<Paged<ObjectRow>>(SQL.pageAsOf, [...range, asOf]));
    const total = found[0]?.total ?? undefined;
    const page: Page<ObjectRow> = toPage<ObjectRow, Paged<ObjectRow>>(found, { limit, has: (row): row is Paged<ObjectRow> & ObjectRow => row.key !== null });
    return total === undefined ? page : { ...page, total: Number(total) };
  }

  async count(range: KeyRange): Promise<number> {
    return Number((await this.#first<{ total: bigint }>(SQL.countKeys, [range.from, range.before]))?.total ?? 0);
  }

  async firstKey(from: string): Promise<string | undefined> {
    return (await this.#first<{ key: string }>(SQL.firstKey, [from]))?.key;
  }

  async revisions(): Promise<Revisions> {
    return (await this.#first<Revisions>(SQL.revisions, [])) ?? lostCounter();
  }

  async logAfter(revision: bigint, limit: number): Promise<Page<LogRow>> {
    const found = await this.#connections.query<Paged<LogRow>>(SQL.logAfter, [revision, limit + 1]);
    return toPage<LogRow, Paged<LogRow>>(found, { limit, has: (row): row is Paged<LogRow> & LogRow => row.key !== null });
  }

  async stampAfter(revision: bigint): Promise<{ revision: bigint; at: number } | undefined> {
    const row = await this.#first<{ revision: bigint; at: bigint }>(SQL.stampAfter, [revision]);
    return row && { revision: row.revision, at: Number(row.at) };
  }

  async raiseFloor(target: bigint): Promise<void> {
    await this.#connections.query(SQL.raiseFloor, [target, target]);
  }

  async trimLog(): Promise<number> {
    return Number((await this.#first<{ deleted: bigint }>(SQL.trimLog, []))?.deleted ?? 0);
  }

  /** Never anything to do: autovacuum sees to it. */
  async tidy(): Promise<boolean> {
    return Promise.resolve(false);
  }

  onForeignCommit(hint: (revision?: bigint) => void): () => void {
    return this.#hints.on(REVISION_CHANNEL, (payload) => {
      const revision = payload === undefined ? undefined : readRevision(payload);
      if (revision !== undefined) this.#appends.learn(revision);
      hint(revision);
    });
  }

  async #first<TRow extends object>(statement: PostgresStatement, parameters: unknown[]): Promise<TRow | undefined> {
    return (await this.#connections.query<TRow>(statement, parameters))[0];
  }
}

function toPage<TRow, TPaged extends Paged<TRow>>(found: readonly TPaged[], opts: { limit: number; has: (row: TPaged) => row is TPaged & TRow }): Page<TRow> {
  const [first] = found;
  if (first === undefined) return lostCounter();
  const rows = found.filter(opts.has).slice(0, opts.limit);
  return { rows, more: Number(first.available ?? 0) > rows.length, head: first.head, floor: first.floor };
}

function lostCounter(): never {
  throw new Error('The database has lost its revision counter');
}
