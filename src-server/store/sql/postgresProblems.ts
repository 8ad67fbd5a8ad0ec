import { STORE_INVARIANTS, type Invariant } from './invariants';
import type { PostgresConnections } from './postgresConnections';
import { READ_EVERYTHING } from './postgresConfig';

const INVARIANTS: readonly Invariant[] = [
  ...STORE_INVARIANTS,
  {
    broken: 'an event stream has lost its count',
    sql: `SELECT 1 FROM event_stream AS s WHERE name IS NOT NULL AND last_seq <> (SELECT count(*) FROM event WHERE stream = s.id) LIMIT 1`,
  },
];

/** What our own invariants find wrong with the database, all at one moment. The pages of its files are the server's own to check. */
export async function postgresProblems(connections: PostgresConnections): Promise<string[]> {
  return connections.transaction({ begin: READ_EVERYTHING, unbounded: true, mayHaveWritten: false }, async (client) => {
    const problems: string[] = [];
    for (const { broken, sql } of INVARIANTS) {
      const { rows } = await client.query(sql);
      if (rows.length > 0) problems.push(broken);
    }
    return problems;
  });
}
