import type { Database } from 'better-sqlite3';

/** Statements of fact about a sound store; each query finds the rows that contradict one. */
const INVARIANTS: readonly { readonly broken: string; readonly sql: string }[] = [
  { broken: 'an object has a revision that was never given out', sql: 'SELECT 1 FROM object WHERE revision > (SELECT revision FROM meta) LIMIT 1' },
  { broken: 'the log has a revision that was never given out', sql: 'SELECT 1 FROM log WHERE revision > (SELECT revision FROM meta) LIMIT 1' },
  {
    broken: 'an object is not at its last logged change',
    sql: `SELECT 1 FROM log AS last LEFT JOIN object USING (key)
      WHERE last.revision = (SELECT max(revision) FROM log WHERE key = last.key)
        AND (object.revision IS NOT CASE last.type WHEN 'D' THEN NULL ELSE last.revision END) LIMIT 1`,
  },
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
