import { EventFollowers } from '../../eventFollowers';
import { PostgresAppends } from './postgresAppends';
import { PostgresConnections } from './postgresConnections';
import { POSTGRES_SCHEMA, POSTGRES_TIMEOUTS, type PostgresTimeouts } from './postgresConfig';
import { PostgresDialect } from './postgresDialect';
import { startProblem } from './postgresErrors';
import { PostgresEventLog } from './postgresEventLog';
import { PostgresHints } from './postgresHints';
import { migratePostgres } from './postgresMigrations';
import { EVENTS_CHANNEL, REVISION_CHANNEL } from './postgresStatements';
import { describePostgres, parsePostgresUrl } from './postgresUrl';
import type { ObserveOperation } from '../observeOperation';
import { postgresProblems } from './postgresProblems';
import type { SqlStorage } from '../sqlStorage';
import { SqlStore, type SqlStoreOptions } from '../sqlStore';

export interface OpenPostgresStoreOptions extends SqlStoreOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; see `postgresUrl.ts`. */
  readonly url: string;
  readonly timeouts?: PostgresTimeouts;
  /** For metrics: every operation, and how many ms its answer took. */
  readonly observe?: ObserveOperation;
}

/** An answer that took this long is worth a line in the log. */
const SLOW_OPERATION_MS = 1_000;
/** How long a close waits for what is under way. */
const CLOSE_MS = 3_000;

/**
 * Connects to a Postgres database, 14 or newer, and brings its schema up to date. Several processes may share one database. Call
 * `store.start()` before the first watch.
 *
 * @throws Invalid when the address is none; ServiceUnavailable, which says what is wrong and where, when the database cannot be used.
 */
export async function openPostgresStore(opts: OpenPostgresStoreOptions): Promise<SqlStorage> {
  const { log } = opts;
  const target = parsePostgresUrl(opts.url);
  const observe: ObserveOperation = (operation, durationMs) => {
    if (durationMs >= SLOW_OPERATION_MS) log.warn({ operation, durationMs: Math.round(durationMs) }, 'slow database operation');
    opts.observe?.(operation, durationMs);
  };
  const connections = new PostgresConnections({ target, log, observe, timeouts: opts.timeouts ?? POSTGRES_TIMEOUTS });
  try {
    await migratePostgres(connections);
  } catch (error) {
    await connections.close();
    throw startProblem(error, describePostgres(target));
  }
  const hints = new PostgresHints(connections, { log, channels: [REVISION_CHANNEL, EVENTS_CHANNEL] });
  const followers = new EventFollowers();
  const appends = new PostgresAppends(connections, { followers, hints, log });
  const store = new SqlStore(new PostgresDialect(connections, { hints, appends }), opts);
  const eventLog = new PostgresEventLog(connections, { log, hints, followers, appends });
  hints.start();
  return {
    store,
    eventLog,
    sizes: async () => {
      const [found] = await connections.query<{ bytes: bigint }>({ name: 'sizes', text: SIZES }, []);
      return { databaseBytes: Number(found?.bytes ?? 0) };
    },
    checkIntegrity: () => postgresProblems(connections),
    close: async () => {
      // A server that does not answer is not waited for.
      const abandon = setTimeout(() => connections.abandon(), CLOSE_MS);
      try {
        await hints.close();
        await store.stop();
        await eventLog.close();
        await connections.close();
      } finally {
        clearTimeout(abandon);
      }
    },
  };
}

const SIZES = `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class WHERE relnamespace = '${POSTGRES_SCHEMA}'::regnamespace AND relkind = 'r'`;
