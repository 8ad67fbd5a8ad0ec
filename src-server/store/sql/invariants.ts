/** Statements of fact about a sound store; each query finds a row that contradicts one. */
export interface Invariant {
  readonly broken: string;
  readonly sql: string;
}

/** What ties objects and history together, in SQL that every database understands. */
export const STORE_INVARIANTS: readonly Invariant[] = [
  { broken: 'an object has a revision that was never given out', sql: 'SELECT 1 FROM object WHERE revision > (SELECT revision FROM meta) LIMIT 1' },
  { broken: 'the log has a revision that was never given out', sql: 'SELECT 1 FROM log WHERE revision > (SELECT revision FROM meta) LIMIT 1' },
  {
    broken: 'an object is not at its last logged change',
    sql: `SELECT 1 FROM log AS last LEFT JOIN object ON object.key = last.key
      WHERE last.revision = (SELECT max(revision) FROM log WHERE key = last.key)
        AND object.revision IS DISTINCT FROM CASE last.type WHEN 'D' THEN NULL ELSE last.revision END LIMIT 1`,
  },
];
