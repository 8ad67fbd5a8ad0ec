/**
 * The object after a change of the log, null for a delete. The log holds what a change replaced and not what it made, so that nothing is written twice: what a
 * change made is the object as it is, until the next change replaces that and so holds it.
 */
export const VALUE_AFTER_CHANGE = `CASE WHEN log.type <> 'D' THEN coalesce(
  (SELECT object.value FROM object WHERE object.key = log.key AND object.revision = log.revision),
  (SELECT next.prev_value FROM log AS next WHERE next.key = log.key AND next.revision > log.revision AND next.prev_revision = log.revision LIMIT 1)
) END`;

/**
 * The SQL of the store, each statement under the name that logs and metrics show: values never do. `?` is the placeholder; a
 * dialect with another form rewrites it. Prefixes are ranges (`key >= ? AND key < ?`), never LIKE, so that the index on the key serves.
 */
export const STATEMENTS = {
  setRevision: 'UPDATE meta SET revision = ? WHERE id = 1',
  insertObject: 'INSERT INTO object (key, uid, revision, value) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
  updateObject: 'UPDATE object SET uid = ?, revision = ?, value = ? WHERE key = ?',
  deleteObject: 'DELETE FROM object WHERE key = ?',
  insertLog: 'INSERT INTO log (revision, key, type, prev_revision, at, prev_value) VALUES (?, ?, ?, ?, ?, ?)',

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
  logAfter: `SELECT revision, key, type, ${VALUE_AFTER_CHANGE} AS value, prev_value FROM log WHERE revision > ? ORDER BY revision LIMIT ?`,
  stampAfter: 'SELECT revision, at FROM log WHERE revision > ? ORDER BY revision LIMIT 1',
  raiseFloor: 'UPDATE meta SET floor = ? WHERE id = 1 AND floor < ?',
  trimLog: 'DELETE FROM log WHERE revision IN (SELECT revision FROM log WHERE revision <= (SELECT floor FROM meta WHERE id = 1) ORDER BY revision LIMIT ?)',
} as const;

export type StatementName = keyof typeof STATEMENTS;
