import type { Client } from 'pg';
import { countBroken, STORE_INVARIANTS, type BrokenInvariant, type InvariantRow } from '../invariants';
import type { PostgresConnections } from './postgresConnections';
import { READ_EVERYTHING } from './postgresConfig';

/** What our own invariants find wrong with the database, all at one moment. The pages of its files are the server's own to check. */
export async function postgresProblems(connections: PostgresConnections): Promise<string[]> {
  return connections.transaction({ begin: READ_EVERYTHING, unbounded: true, mayHaveWritten: false }, async (client) => {
    const problems: string[] = [];
    for (const invariant of STORE_INVARIANTS) {
      if ((await postgresBroken(client, invariant)) !== undefined) problems.push(invariant.broken);
    }
    return problems;
  });
}

export async function postgresBroken(client: Client, invariant: (typeof STORE_INVARIANTS)[number]): Promise<BrokenInvariant | undefined> {
  const { rows } = await client.query<InvariantRow>(countBroken(invariant, 'postgres'));
  const [found] = rows;
  return found === undefined || found.found === 0n ? undefined : { broken: invariant.broken, count: Number(found.found), example: found.example ?? '' };
}
