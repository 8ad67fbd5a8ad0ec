import type { ConnectionOptions } from 'node:tls';
import { Client, DatabaseError, Pool, type ClientConfig, type PoolClient } from 'pg';
import type { Logger } from 'pino';
import { isStatusError } from '#shared/api/status';
import { notRunning } from '../../storeErrors';
import type { ObserveOperation } from '../observeOperation';
import { clientConfig, refusesEncryption, tlsAttempts, type PostgresTimeouts } from './postgresConfig';
import { connectionLost, isRefusal, translateRefusal, unreachable } from './postgresErrors';
import { describePostgres, type PostgresTarget } from './postgresUrl';

/** Connections for everything but object writes. */
const POOL_SIZE = 10;
/** Connections for object writes, which have a place of their own: readers must not take it, nor wait for it. They come one at a time. */
const WRITE_POOL_SIZE = 1;
const IDLE_MS = 60_000;

/** A statement of constant text: prepared once on each connection, under its name. */
export interface PostgresStatement {
  readonly name: string;
  readonly text: string;
}

export interface PostgresConnectionsOptions {
  readonly target: PostgresTarget;
  readonly log: Logger;
  readonly observe: ObserveOperation;
  readonly timeouts: PostgresTimeouts;
}

/**
 * The connections of this process to one Postgres. They are made when they are needed and given up when they break, so a database that
 * went away is found again by itself. What goes wrong leaves as the `StatusError` that it means; nothing waits longer than the
 * timeouts say.
 */
export class PostgresConnections {
  /** The address, for messages: without user and password. */
  readonly where: string;
  readonly #opts: PostgresConnectionsOptions;
  readonly #log: Logger;
  readonly #tls: ReturnType<typeof tlsAttempts>;
  readonly #pool: Pool;
  readonly #writers: Pool;
  readonly #clients = new Set<Client>();
  /** The server's processes behind the connections for object writes. */
  readonly #writerProcesses = new Set<number>();
  /** Which of the ways of encrypting worked last. */
  #tlsIndex = 0;
  /** Undefined until the first answer: whoever opens the database says himself that there was none. */
  #answering: boolean | undefined;
  #closed = false;

  constructor(opts: PostgresConnectionsOptions) {
    this.#opts = opts;
    this.where = describePostgres(opts.target);
    this.#log = opts.log.child({ database: this.where });
    this.#tls = tlsAttempts(opts.target);
    this.#pool = this.#makePool(POOL_SIZE);
    this.#writers = this.#makePool(WRITE_POOL_SIZE);
    this.#writers.on('connect', (client) => this.#rememberWriter(client));
  }

  /** Whether a process of the server writes objects for this one, which learns of each by the answer. */
  isOwnWriter(processId: number): boolean {
    return this.#writerProcesses.has(processId);
  }

  /** Runs a statement that changes nothing, or that may be run again after it did; once more when the connection breaks under it. */
  async query<TRow extends object>(statement: PostgresStatement, values: unknown[]): Promise<TRow[]> {
    return this.#observed(statement.name, async () => {
      try {
        return await this.#once<TRow>(this.#pool, statement, { values, mayHaveWritten: false });
      } catch (error) {
        // A pooled connection may have died while nobody looked. What timed out is not tried again.
        if (!(isStatusError(error, 'ServiceUnavailable') && error.details.cause instanceof LostConnection)) throw error;
        return await this.#once<TRow>(this.#pool, statement, { values, mayHaveWritten: false });
      }
    });
  }

  /**
   * Runs a statement that must not be run twice. When the connection breaks under it, the error says that it may have been carried out.
   * `meanwhile` is called as soon as it is on its way, or has to wait for a connection.
   */
  async write<TRow extends object>(statement: PostgresStatement, values: unknown[], { meanwhile }: { meanwhile: () => void }): Promise<TRow[]> {
    return this.#observed(statement.name, () => this.#once<TRow>(this.#writers, statement, { values, mayHaveWritten: true, meanwhile }));
  }

  /**
   * Runs statements in a transaction on a connection of its own. `unbounded` ones may take as long as they take: they read or write
   * everything there is.
   */
  async transaction<TResult>(opts: { begin: string; unbounded?: boolean; mayHaveWritten: boolean }, work: (client: Client) => Promise<TResult>): Promise<TResult> {
    const client = await this.dedicated({ unbounded: opts.unbounded });
    let broken = false;
    client.once('error', () => (broken = true));
    try {
      await client.query(opts.begin);
      // It walks through whole tables, and should do so in their own order.
      if (opts.unbounded === true) await client.query('SET LOCAL enable_seqscan = on');
      const result = await work(client);
      await client.query('COMMIT');
      this.#tellAnswering();
      return result;
    } catch (cause) {
      const isOfDatabase = broken || cause instanceof DatabaseError || isSilence(cause);
      // What the caller's own work throws is for the caller.
      throw isOfDatabase && !isStatusError(cause) ? this.#translate(cause, opts) : cause;
    } finally {
      // Rolls back what was not committed.
      await client.end().catch(ignore);
    }
  }

  /** A connection of its own, outside the pools. The caller ends it. */
  async dedicated(opts: { unbounded?: boolean } = {}): Promise<Client> {
    return this.#connecting(async (tls) => {
      const client = new Client({ ...this.#config(), ssl: tls, ...(opts.unbounded === true ? { statement_timeout: false, query_timeout: undefined } : {}) });
      this.#remember(client);
      await client.connect();
      return client;
    });
  }

  /** Waits for what is running; see {@link abandon}. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([this.#pool.end(), this.#writers.end()]);
  }

  /** Breaks every connection, so that whoever waits for a server that does not answer waits no longer. */
  abandon(): void {
    this.#closed = true;
    for (const client of this.#clients) client.connection.stream.destroy();
  }

  async #once<TRow extends object>(pool: Pool, statement: PostgresStatement, opts: { values: unknown[]; mayHaveWritten: boolean; meanwhile?: () => void }): Promise<TRow[]> {
    if (pool.idleCount === 0) opts.meanwhile?.();
    const client = await this.#acquire(pool);
    let broken = true;
    try {
      const answer = client.query<TRow>({ ...statement, values: opts.values });
      opts.meanwhile?.();
      const result = await answer;
      const { rows } = result;
      // V8's young generation takes what a result of `pg` holds for alive: of lists over and over, 150 MB of rows lay until the next full collection.
      result.rows = [];
      broken = false;
      this.#tellAnswering();
      return rows;
    } catch (cause) {
      broken = !isRefusal(cause);
      throw this.#translate(cause, opts);
    } finally {
      client.release(broken);
    }
  }

  async #acquire(pool: Pool): Promise<PoolClient> {
    return this.#connecting((tls) => {
      pool.options.ssl = tls;
      return pool.connect();
    });
  }

  /** Makes a connection, in another way of encrypting when the first is refused and the mode allows another. */
  async #connecting<TResult>(connect: (tls: false | ConnectionOptions) => Promise<TResult>): Promise<TResult> {
    if (this.#closed) throw notRunning();
    const first = this.#tls[this.#tlsIndex] ?? this.#tls[0];
    try {
      return await connect(first).catch(async (error: unknown) => {
        const other = this.#tls.find((tls) => tls !== first);
        if (other === undefined || !refusesEncryption(error)) throw error;
        const result = await connect(other);
        this.#tlsIndex = this.#tls.indexOf(other);
        return result;
      });
    } catch (cause) {
      this.#tellUnreachable(cause);
      throw unreachable(cause);
    }
  }

  #translate(cause: unknown, opts: { mayHaveWritten: boolean }): unknown {
    if (isRefusal(cause)) return translateRefusal(cause, { statementTimeoutMs: this.#opts.timeouts.statementMs });
    this.#tellUnreachable(cause);
    return connectionLost(isSilence(cause) ? cause : new LostConnection('the connection broke', { cause }), opts);
  }

  #tellAnswering(): void {
    if (this.#answering === false) this.#log.info('the database answers again');
    this.#answering = true;
  }

  /** Once, until it answers again: every request that fails meanwhile says so itself. */
  #tellUnreachable(cause: unknown): void {
    if (this.#answering !== true || this.#closed) return;
    this.#answering = false;
    this.#log.error({ err: cause }, 'the database does not answer; requests are refused until it does');
  }

  async #observed<TResult>(operation: string, work: () => Promise<TResult>): Promise<TResult> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#opts.observe(operation, performance.now() - startedAt);
    }
  }

  #makePool(max: number): Pool {
    const pool = new Pool({ ...this.#config(), max, idleTimeoutMillis: IDLE_MS, ssl: this.#tls[0] });
    // A connection that breaks while it lies idle is dropped by the pool; one that breaks in use fails its statement.
    pool.on('error', ignore);
    pool.on('connect', (client) => this.#remember(client));
    return pool;
  }

  #remember(client: Client): void {
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    // Whoever uses it hears of the error himself.
    client.on('error', ignore);
  }

  #rememberWriter(client: PoolClient): void {
    // Known to `pg` since the connection was made, and not to its types.
    const { processID } = client as PoolClient & { readonly processID?: number | null };
    if (typeof processID !== 'number') return;
    this.#writerProcesses.add(processID);
    client.once('end', () => this.#writerProcesses.delete(processID));
  }

  #config(): ClientConfig {
    return clientConfig(this.#opts.target, this.#opts.timeouts);
  }
}

/** How `pg` says that a statement was not answered within `query_timeout`. */
function isSilence(cause: unknown): boolean {
  return cause instanceof Error && cause.message === 'Query read timeout';
}

/** The connection broke, as opposed to: nothing was heard in time. */
class LostConnection extends Error {}

function ignore(): void {
  // Told where it is used.
}
