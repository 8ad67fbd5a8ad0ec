import type { Database } from 'better-sqlite3';
import { STORE_INVARIANTS, type Invariant } from './invariants';

const INVARIANTS: readonly Invariant[] = [
  ...STORE_INVARIANTS,
  {
    broken: 'an event stream has lost its count',
    sql: `SELECT 1 FROM event_stream AS s WHERE name IS NOT NULL
      AND last_seq <> (SELECT count(*) FROM event WHERE position > (s.id << 32) AND position < ((s.id + 1) << 32)) LIMIT 1`,
  },
];

/** What SQLite and our own invariants find wrong with the file. */
export function sqliteProblems(db: Database): string[] {
  const found = db.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').all();
  const damage = found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  const broken = INVARIANTS.filter(({ sql }) => db.prepare(sql).get() !== undefined).map((invariant) => invariant.broken);
  return [...damage, ...broken];
}
