/**
 * The SQL of the store, each statement under the name that logs and metrics show: values never do. `?` is the placeholder; a
 * dialect with another form rewrites it. Prefixes are ranges (`key >= ? AND key < ?`), never LIKE, so that the index on the key serves.
 */
export const STATEMENTS = {
  setRevision: 'UPDATE meta SET revision = ? WHERE id = 1',
  insertObject: 'INSERT INTO object (key, uid, revision, value) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
  updateObject: 'UPDATE object SET uid = ?, revision = ?, value = ? WHERE key = ?',
  deleteObject: 'DELETE FROM object WHERE key = ?',
  insertLog: 'INSERT INTO log (revision, key, type, prev_revision, at, value, prev_value) VALUES (?, ?, ?, ?, ?, ?, ?)',

  revisionOf: 'SELECT revision FROM object WHERE key = ?',
  getObject: 'SELECT key, uid, revision, value FROM object WHERE key = ?',
  pageCurrent: 'SELECT key, revision, value FROM object WHERE key >= ? AND key < ? ORDER BY key LIMIT ?',
  /**
   * The state at revision R without snapshots: what has not changed since, plus, of each key that has, the version that the one log
   * row with prev_revision <= R < revision replaced. Parameters: from, before, R, from, before, R, R, limit.
   */
  pageAsOf: `SELECT key, revision, value FROM object WHERE key >= ? AND key < ? AND revision <= ?
    UNION ALL
    SELECT key, prev_revision, prev_value FROM log WHERE key >= ? AND key < ? AND revision > ? AND prev_revision <= ?
    ORDER BY key LIMIT ?`,
  countKeys: 'SELECT count(*) AS total FROM object WHERE key >= ? AND key < ?',
  firstKey: 'SELECT key FROM object WHERE key >= ? ORDER BY key LIMIT 1',

  revisions: 'SELECT revision AS head, floor FROM meta WHERE id = 1',
  logAfter: 'SELECT revision, key, type, value, prev_value FROM log WHERE revision > ? ORDER BY revision LIMIT ?',
  stampAfter: 'SELECT revision, at FROM log WHERE revision > ? ORDER BY revision LIMIT 1',
  raiseFloor: 'UPDATE meta SET floor = ? WHERE id = 1 AND floor < ?',
  trimLog: 'DELETE FROM log WHERE revision IN (SELECT revision FROM log WHERE revision <= (SELECT floor FROM meta WHERE id = 1) ORDER BY revision LIMIT ?)',
} as const;

export type StatementName = keyof typeof STATEMENTS;
