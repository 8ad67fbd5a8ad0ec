import type { PostgresStatement } from './postgresConnections';
import { STATEMENTS, type StatementName } from './statements';

/** NOTIFY channels. What they carry is a hint, never data. */
export const REVISION_CHANNEL = 'kradle_revision';
export const EVENTS_CHANNEL = 'kradle_events';

/** Keys of advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS), arbitrary and our own. */
export const MIGRATION_LOCK = 7_104_113_001n;
/** Held shared by every server for as long as it listens; alone by whoever replaces the whole database. */
export const SERVING_LOCK = 7_104_113_003n;
const COMPACTION_LOCK = 7_104_113_002n;

/** What a page of rows may hold, in bytes, before it is cut short. One row always fits. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** Log rows that one statement deletes. */
const TRIM_ROWS = 1_000;

/**
 * A page of `rows`, a query of at most `limit` rows with a column `bytes`, cut short where it becomes too large, together with the
 * revisions: one statement has one snapshot, so they agree. `available` says how many rows there were before the cut. A page
 * without rows is one row of nulls.
 */
function page(rows: string, opts: { columns: string; order: string; total?: string }): string {
  return `SELECT m.revision AS head, m.floor, ${opts.total ?? 'NULL::bigint'} AS total, ${opts.columns}, p.available
    FROM meta AS m LEFT JOIN (
      SELECT *, count(*) OVER () AS available, sum(bytes) OVER (ORDER BY ${opts.order} ROWS UNBOUNDED PRECEDING) - bytes AS before
      FROM (${rows}) AS candidates
    ) AS p ON p.before < ${PAGE_BYTES}
    WHERE m.id = 1 ORDER BY p.${opts.order}`;
}

const OBJECT_PAGE = { columns: 'p.key, p.revision, p.value', order: 'key' };

/**
 * An append is one statement, so that the lock of the counter row is not held while anything crosses the network. All of its parts see
 * one snapshot, which may be older than the lock; FOR UPDATE is what answers the latest version of a row all the same, and ON CONFLICT
 * sees rows that the snapshot does not. `counter` is evaluated first, because everything else reads from it.
 */
const COUNTER = 'counter AS (SELECT revision FROM meta WHERE id = 1 FOR UPDATE)';
const CURRENT = `${COUNTER},
    current AS (SELECT o.uid, o.revision, o.value, counter.revision + 1 AS next FROM counter, object AS o WHERE o.key = $1 FOR UPDATE OF o)`;
const BUMP = 'bumped AS (UPDATE meta SET revision = meant.next FROM meant WHERE meta.id = 1)';
const tell = (revision: string) => `pg_notify('${REVISION_CHANNEL}', ${revision}::text)`;

/** The SQL of the store for Postgres, by the names that logs and metrics show. */
export const POSTGRES_STATEMENTS = named({
  /** Key, uid, value, at. No row: the key is taken. */
  appendCreate: `WITH ${COUNTER},
    made AS (
      INSERT INTO object (key, uid, revision, value) SELECT $1, $2, counter.revision + 1, $3 FROM counter
      ON CONFLICT (key) DO NOTHING RETURNING revision
    ),
    bumped AS (UPDATE meta SET revision = made.revision FROM made WHERE meta.id = 1),
    logged AS (INSERT INTO log (revision, key, type, at, value) SELECT revision, $1, 'C', $4, $3 FROM made)
    SELECT revision AS stored, ${tell('revision')} FROM made`,

  /** Key, uid, value, at, expected revision. No row: there is no such object. */
  appendUpdate: `WITH ${CURRENT},
    meant AS (SELECT * FROM current WHERE ($5::bigint IS NULL OR revision = $5) AND value <> $3),
    changed AS (UPDATE object SET uid = $2, revision = meant.next, value = $3 FROM meant WHERE object.key = $1 RETURNING object.revision),
    ${BUMP},
    logged AS (
      INSERT INTO log (revision, key, type, prev_revision, at, value, prev_value)
      SELECT next, $1, 'U', revision, $4, $3, value FROM meant
    )
    SELECT current.revision, current.uid, current.value = $3 AS same, changed.revision AS stored,
      CASE WHEN changed.revision IS NOT NULL THEN ${tell('changed.revision')} END
    FROM current LEFT JOIN changed ON true`,

  /** Key, at, expected revision, expected uid. No row: there is no such object. */
  appendDelete: `WITH ${CURRENT},
    meant AS (SELECT * FROM current WHERE ($3::bigint IS NULL OR revision = $3) AND ($4::text IS NULL OR uid = $4)),
    removed AS (DELETE FROM object USING meant WHERE object.key = $1 RETURNING meant.next AS revision),
    ${BUMP},
    logged AS (INSERT INTO log (revision, key, type, prev_revision, at, prev_value) SELECT next, $1, 'D', revision, $2, value FROM meant)
    SELECT current.revision, current.uid, current.value, removed.revision AS stored,
      CASE WHEN removed.revision IS NOT NULL THEN ${tell('removed.revision')} END
    FROM current LEFT JOIN removed ON true`,

  /**
   * Any of the three for several keys, each once, as arrays: types, keys, uids, values, times, expected revisions, expected uids. A row for
   * each, in order. What is refused leaves a gap in the revisions.
   */
  appendMany: `WITH ${COUNTER},
    given AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
        WITH ORDINALITY AS entry (type, key, uid, value, at, expected_revision, expected_uid, place)
    ),
    current AS (
      SELECT o.key, o.uid, o.revision, o.value FROM counter, given JOIN object AS o ON o.key = given.key WHERE given.type <> 'C' FOR UPDATE OF o
    ),
    made AS (
      INSERT INTO object (key, uid, revision, value) SELECT key, uid, counter.revision + place, value FROM given, counter WHERE type = 'C'
      ON CONFLICT (key) DO NOTHING RETURNING key, revision
    ),
    meant AS (
      SELECT given.type, given.key, given.uid, given.value, given.at, counter.revision + place AS next, current.revision, current.value AS prev_value
      FROM counter, given JOIN current ON current.key = given.key
      WHERE (expected_revision IS NULL OR expected_revision = current.revision) AND (expected_uid IS NULL OR expected_uid = current.uid)
        AND (given.type = 'D' OR given.value <> current.value)
    ),
    changed AS (UPDATE object SET uid = meant.uid, revision = meant.next, value = meant.value FROM meant WHERE meant.type = 'U' AND object.key = meant.key),
    removed AS (DELETE FROM object USING meant WHERE meant.type = 'D' AND object.key = meant.key),
    logged AS (
      INSERT INTO log (revision, key, type, prev_revision, at, value, prev_value)
      SELECT made.revision, made.key, 'C', NULL, given.at, given.value, NULL FROM made JOIN given ON given.key = made.key
      UNION ALL
      SELECT next, key, type, revision, at, CASE type WHEN 'U' THEN value END, prev_value FROM meant
      RETURNING revision, key
    ),
    head AS (SELECT max(revision) AS revision FROM logged),
    bumped AS (UPDATE meta SET revision = head.revision FROM head WHERE meta.id = 1 AND head.revision IS NOT NULL)
    SELECT current.revision, current.uid, CASE given.type WHEN 'D' THEN current.value END AS value, given.value = current.value AS same, logged.revision AS stored,
      (SELECT ${tell('head.revision')} FROM head WHERE head.revision IS NOT NULL)
    FROM given LEFT JOIN current ON current.key = given.key LEFT JOIN logged ON logged.key = given.key
    ORDER BY place`,

  getObject: numbered('getObject'),
  /** Keys, as an array; those that are there, in any order. */
  getObjects: 'SELECT key, uid, revision, value FROM object WHERE key = ANY($1::text[])',
  /** From, before, limit. */
  pageCurrent: page('SELECT key, revision, value, octet_length(value) AS bytes FROM object WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3', OBJECT_PAGE),
  /** The same, and how many there are in all. */
  pageCurrentWithTotal: page('SELECT key, revision, value, octet_length(value) AS bytes FROM object WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3', {
    ...OBJECT_PAGE,
    total: '(SELECT count(*) FROM object WHERE key >= $1 AND key < $2)',
  }),
  /** From, before, limit, revision: see `statements.ts`. */
  pageAsOf: page(
    `SELECT key, revision, value, octet_length(value) AS bytes FROM object WHERE key >= $1 AND key < $2 AND revision <= $4
      UNION ALL
      SELECT key, prev_revision, prev_value, octet_length(prev_value) FROM log WHERE key >= $1 AND key < $2 AND revision > $4 AND prev_revision <= $4
      ORDER BY key LIMIT $3`,
    OBJECT_PAGE,
  ),
  countKeys: numbered('countKeys'),
  firstKey: numbered('firstKey'),

  revisions: numbered('revisions'),
  /** Revision, limit. */
  logAfter: page(
    `SELECT revision, key, type, value, prev_value, coalesce(octet_length(value), 0) + coalesce(octet_length(prev_value), 0) AS bytes
      FROM log WHERE revision > $1 ORDER BY revision LIMIT $2`,
    { columns: 'p.revision, p.key, p.type, p.value, p.prev_value', order: 'revision' },
  ),
  stampAfter: numbered('stampAfter'),
  raiseFloor: numbered('raiseFloor'),
  /**
   * One process at a time: whoever does not get the lock leaves the work to the one that has it. Counted is what was found, because another
   * may have deleted it since this statement began, and not all there was.
   */
  trimLog: `WITH alone AS (SELECT pg_try_advisory_xact_lock(${COMPACTION_LOCK}) AS got),
    old AS (
      SELECT revision FROM log WHERE revision <= (SELECT floor FROM meta WHERE id = 1) AND (SELECT got FROM alone) ORDER BY revision LIMIT ${TRIM_ROWS}
    ),
    trimmed AS (DELETE FROM log USING old WHERE log.revision = old.revision)
    SELECT count(*) AS deleted FROM old`,
});

/** Gives each text its name on the connection. */
export function named<TName extends string>(texts: Readonly<Record<TName, string>>): Readonly<Record<TName, PostgresStatement>> {
  const statements = Object.entries<string>(texts).map(([name, text]) => [name, { name, text }]);
  return Object.fromEntries(statements) as Record<TName, PostgresStatement>;
}

/** A statement that both databases understand, with Postgres' placeholders. */
function numbered(name: StatementName): string {
  let count = 0;
  return STATEMENTS[name].replace(/\?/g, () => `$${(count += 1)}`);
}
