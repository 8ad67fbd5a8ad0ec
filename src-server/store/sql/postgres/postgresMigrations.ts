import type { Client } from 'pg';
import { StatusError } from '#shared/api/status';
import { missingMigrations } from '../migrations';
import { POSTGRES_SCHEMA } from './postgresConfig';
import type { PostgresConnections } from './postgresConnections';
import { MIGRATION_LOCK } from './postgresStatements';

/** The oldest that is still maintained, as `server_version_num` has it. */
const OLDEST_VERSION = 140_000;

/**
 * Applies the steps that this database lacks, all or none, one process after the other. Refuses a database that a newer program wrote
 * and one that is too old or cannot hold every text.
 */
export async function migratePostgres(connections: PostgresConnections): Promise<void> {
  await connections.transaction({ begin: 'BEGIN', mayHaveWritten: false }, migrateInTransaction);
}

/** The same as part of a transaction of the caller's. */
export async function migrateInTransaction(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await requireUsable(client);
  for (const migration of missingMigrations(await readVersion(client))) {
    await client.query(migration.postgres);
    await client.query('UPDATE schema_version SET version = $1', [migration.version]);
  }
}

/** Makes what holds the version, if it is not there. Who may not make the schema finds it made for them. */
async function readVersion(client: Client): Promise<number> {
  const { rows } = await client.query<{ present: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS present', [POSTGRES_SCHEMA]);
  if (rows[0]?.present !== true) await client.query(`CREATE SCHEMA ${POSTGRES_SCHEMA}`);
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (id integer PRIMARY KEY CHECK (id = 1), version integer NOT NULL)');
  await client.query('INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING');
  const found = await client.query<{ version: number }>('SELECT version FROM schema_version');
  return found.rows[0]?.version ?? 0;
}

async function requireUsable(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    "SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding",
  );
  const { version = 0, encoding = 'unknown' } = rows[0] ?? {};
  if (version < OLDEST_VERSION) throw new StatusError('Invalid', `The database is a Postgres ${Math.floor(version / 10_000)}; Kradle needs ${OLDEST_VERSION / 10_000} or newer`);
  if (encoding !== 'UTF8') throw new StatusError('Invalid', `The database has the encoding ${encoding}; create one with ENCODING 'UTF8'`);
}
