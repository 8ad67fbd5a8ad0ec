import type { Client } from 'pg';
import { StatusError } from '#shared/api/status';
import { silentLogger } from '../../app/log';
import type { Revisions } from '../sql/dialect';
import { STORE_INVARIANTS } from '../sql/invariants';
import { requireSchema } from '../sql/migrations';
import { POSTGRES_SCHEMA, POSTGRES_TIMEOUTS, READ_EVERYTHING } from '../sql/postgres/postgresConfig';
import { PostgresConnections } from '../sql/postgres/postgresConnections';
import { startProblem } from '../sql/postgres/postgresErrors';
import { postgresBroken } from '../sql/postgres/postgresProblems';
import { parsePostgresUrl } from '../sql/postgres/postgresUrl';
import type { DatabaseProblem, DatabaseSnapshot } from './databaseSnapshot';
import type { TableName } from './databaseTables';
import { postgresPages } from './postgresRows';

/** Reads the database in one REPEATABLE READ transaction, which hinders no writer. */
export async function readPostgres<TResult>(url: string, work: (snapshot: DatabaseSnapshot) => Promise<TResult>): Promise<TResult> {
  return withPostgres(url, (connections) =>
    connections.transaction({ begin: READ_EVERYTHING, unbounded: true, mayHaveWritten: false }, async (client) => {
      const { where } = connections;
      const { schemaVersion, ...revisions } = await begin(client, where);
      return work({
        engine: 'postgres',
        where,
        schemaVersion,
        ...revisions,
        count: async (table) => Number((await client.query<{ total: bigint }>(COUNTS[table])).rows[0]?.total ?? 0),
        pages: (table) => postgresPages(client, table, table === 'log' ? { after: [revisions.floor] } : {}),
        problems: (onStep) => findProblems(client, onStep),
      });
    }),
  );
}

/** Connections for the time of `work`. What is wrong with the database is said as it is to whoever starts a server on it. */
export async function withPostgres<TResult>(url: string, work: (connections: PostgresConnections) => Promise<TResult>): Promise<TResult> {
  const connections = new PostgresConnections({ target: parsePostgresUrl(url), log: silentLogger(), observe: () => undefined, timeouts: POSTGRES_TIMEOUTS });
  try {
    return await work(connections);
  } catch (error) {
    throw startProblem(error, connections.where);
  } finally {
    await connections.close();
  }
}

const COUNTS: Readonly<Record<TableName, string>> = {
  object: 'SELECT count(*) AS total FROM object',
  log: 'SELECT count(*) AS total FROM log WHERE revision > (SELECT floor FROM meta)',
  event_stream: 'SELECT count(*) AS total FROM event_stream WHERE name IS NOT NULL',
  event: 'SELECT coalesce(sum(last_seq), 0)::bigint AS total FROM event_stream WHERE name IS NOT NULL',
};

async function begin(client: Client, where: string): Promise<Revisions & { schemaVersion: number }> {
  const present = await client.query<{ present: boolean }>(`SELECT to_regclass('${POSTGRES_SCHEMA}.schema_version') IS NOT NULL AS present`);
  const found = present.rows[0]?.present === true ? await client.query<{ version: number }>('SELECT version FROM schema_version') : undefined;
  const schemaVersion = found?.rows[0]?.version ?? 0;
  if (schemaVersion === 0) throw new StatusError('NotFound', `There is no Kradle database at ${where}: no server has ever started on it`);
  requireSchema(schemaVersion);
  const revisions = await client.query<{ head: bigint; floor: bigint }>('SELECT revision AS head, floor FROM meta WHERE id = 1');
  return { schemaVersion, ...(revisions.rows[0] ?? { head: 0n, floor: 0n }) };
}

async function findProblems(client: Client, onStep: (step: string) => void): Promise<DatabaseProblem[]> {
  const problems: DatabaseProblem[] = [];
  for (const invariant of STORE_INVARIANTS) {
    onStep('rules of the store');
    const found = await postgresBroken(client, invariant);
    if (found !== undefined) problems.push({ problem: found.broken, count: found.count, example: found.example });
  }
  return problems;
}
