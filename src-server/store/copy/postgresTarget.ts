import type { Client } from 'pg';
import { StatusError } from '#shared/api/status';
import { POSTGRES_SCHEMA } from '../sql/postgres/postgresConfig';
import { migrateInTransaction } from '../sql/postgres/postgresMigrations';
import { SERVING_LOCK } from '../sql/postgres/postgresStatements';
import type { NewDatabase } from './databaseSnapshot';
import { DATABASE_TABLES, type Row, type TableName } from './databaseTables';
import { columnsOf, postgresPages } from './postgresRows';
import { withPostgres } from './postgresSnapshot';

/**
 * Fills the database in one transaction, which also makes its schema: until it commits nobody sees anything of it, and when the
 * process or the connection ends before, Postgres forgets it.
 */
export async function fillPostgres<TResult>(url: string, opts: { moveAside?: string }, work: (database: NewDatabase) => Promise<TResult>): Promise<TResult> {
  return withPostgres(url, (connections) =>
    connections.transaction({ begin: 'BEGIN', unbounded: true, mayHaveWritten: true }, async (client) => {
      await requireNoServer(client, connections.where);
      const movedAside = opts.moveAside !== undefined && (await moveSchema(client, opts.moveAside));
      await migrateInTransaction(client);
      await requireUnused(client, connections.where);
      const result = await work({
        movedAside,
        pages: (table) => postgresPages(client, table),
        write: (table, rows) => insert(client, table, rows),
        setRevisions: async ({ head, floor }) => void (await client.query('UPDATE meta SET revision = $1, floor = $2 WHERE id = 1', [head, floor])),
      });
      // Rows came with their numbers: the next stream must have one of its own.
      await client.query(`SELECT setval(pg_get_serial_sequence('event_stream', 'id'), (SELECT max(id) FROM event_stream)) FROM event_stream LIMIT 1`);
      return result;
    }),
  );
}

/** Every server holds the lock shared, on the connection over which it listens. It is ours until the end of the transaction. */
async function requireNoServer(client: Client, where: string): Promise<void> {
  const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS got', [SERVING_LOCK]);
  if (rows[0]?.got !== true) throw new StatusError('Conflict', `A Kradle server uses the database at ${where}. Stop it first`, { code: 'DATABASE_IN_USE' });
}

async function moveSchema(client: Client, aside: string): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS present', [POSTGRES_SCHEMA]);
  if (rows[0]?.present !== true) return false;
  await client.query(`ALTER SCHEMA ${POSTGRES_SCHEMA} RENAME TO ${client.escapeIdentifier(aside)}`);
  return true;
}

/** A server that was started once and never used leaves a schema that may be filled; any other may not. */
async function requireUnused(client: Client, where: string): Promise<void> {
  const { rows } = await client.query<{ unused: boolean }>('SELECT revision = 0 AND NOT EXISTS (SELECT 1 FROM event_stream) AS unused FROM meta WHERE id = 1');
  if (rows[0]?.unused !== true) throw new StatusError('AlreadyExists', `There is a Kradle database at ${where} already, and it is not empty`, { code: 'DATABASE_NOT_EMPTY' });
}

async function insert(client: Client, table: TableName, rows: readonly Row[]): Promise<void> {
  const columns = Object.values(DATABASE_TABLES[table].columns).map((_, index) => rows.map((row) => row[index] ?? null));
  await client.query({ name: `kradle_fill_${table}`, text: insertStatement(table), values: columns });
}

function insertStatement(table: TableName): string {
  const arrays = Object.values(DATABASE_TABLES[table].columns).map((type, index) => `$${index + 1}::${type.startsWith('text') ? 'text' : 'bigint'}[]`);
  // The id of a stream is otherwise Postgres' own to give.
  const numbering = table === 'event_stream' ? 'OVERRIDING SYSTEM VALUE' : '';
  return `INSERT INTO ${table} (${columnsOf(table)}) ${numbering} SELECT * FROM unnest(${arrays.join(', ')})`;
}
