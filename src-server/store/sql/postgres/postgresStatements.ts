import type { PostgresStatement } from './postgresConnections';
import { STATEMENTS, VALUE_AFTER_CHANGE, type StatementName } from '../statements';

/** NOTIFY channels. What they carry is a hint, never data. */
export const REVISION_CHANNEL = 'kradle_revision';
export const EVENTS_CHANNEL = 'kradle_events';
/** A server begins to listen. */
export const SERVERS_CHANNEL = 'kradle_servers';

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

/** The SQL of the store for Postgres, by the names that logs and metrics show. */
export const POSTGRES_STATEMENTS = named({
  /**
   * Changes of objects, each key once, and entries of streams, all or nothing, in one way there and back: so no lock is held while anything
   * crosses the network. Whoever sends it has made the entries from the revisions that the changes will have and from the ends of the
   * streams, so it says where these are to stand; where one stands elsewhere nothing is stored. All parts see one snapshot, which may be
   * older than the locks: that of the counter, which everything else reads first, tells that nothing was changed since.
   *
   * The revision ($1). Of the changes, in order: types, keys, uids, values, times, expected revisions, expected uids ($2 to $8). Of the
   * streams: names, rows, last seqs before and after ($9 to $12). Of the entries: streams' rows, seqs, ids, times, types, data ($13 to $18). Whether anybody
   * is to be notified ($19): that is a tenth of the whole. The conditions: keys, revisions ($20, $21).
   * Where nothing was stored, a row for each change, or one: `fits` tells whether nothing is wrong with the change itself. Otherwise a row for each that replaced
   * something, or one.
   */
  append: `WITH counter AS (SELECT revision FROM meta WHERE id = 1 FOR UPDATE),
    given AS (
      SELECT entry.*, $1::bigint + entry.place AS next
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[])
        WITH ORDINALITY AS entry (type, key, uid, value, at, expected_revision, expected_uid, place)
    ),
    judged AS (
      SELECT given.*, o.revision AS prev_revision, o.uid AS prev_uid, o.value AS prev_value, CASE given.type
          WHEN 'C' THEN o.key IS NULL
          ELSE o.key IS NOT NULL AND (expected_revision IS NULL OR expected_revision = o.revision) AND (expected_uid IS NULL OR expected_uid = o.uid)
            AND (given.type = 'D' OR given.value <> o.value)
        END AS fits
      FROM counter, given LEFT JOIN object AS o ON o.key = given.key
    ),
    ends AS (SELECT * FROM unnest($9::text[], $10::bigint[], $11::bigint[], $12::bigint[]) AS entry (name, id, before, after)),
    standing AS (SELECT FROM counter, ends JOIN event_stream AS s ON s.id = ends.id AND s.name = ends.name AND s.last_seq = ends.before FOR UPDATE OF s),
    go AS (
      SELECT FROM counter
      WHERE revision = $1 AND NOT EXISTS (SELECT FROM judged WHERE NOT fits)
        AND NOT EXISTS (SELECT FROM unnest($20::text[], $21::bigint[]) AS entry (key, revision) LEFT JOIN object AS o ON o.key = entry.key WHERE o.revision IS DISTINCT FROM entry.revision)
        AND (SELECT count(*) FROM standing) = cardinality($9::text[])
    ),
    made AS (INSERT INTO object (key, uid, revision, value) SELECT key, uid, next, value FROM judged, go WHERE type = 'C'),
    changed AS (UPDATE object SET uid = judged.uid, revision = next, value = judged.value FROM judged, go WHERE judged.type = 'U' AND object.key = judged.key),
    removed AS (DELETE FROM object USING judged, go WHERE judged.type = 'D' AND object.key = judged.key),
    logged AS (
      INSERT INTO log (revision, key, type, prev_revision, at, prev_value) SELECT next, key, type, prev_revision, at, prev_value FROM judged, go
    ),
    bumped AS (UPDATE meta SET revision = $1 + cardinality($2::text[]) FROM go WHERE meta.id = 1 AND cardinality($2::text[]) > 0),
    entered AS (
      INSERT INTO event (stream, seq, id, at, type, data)
      SELECT entry.* FROM unnest($13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[]) AS entry, go
    ),
    ended AS (UPDATE event_stream SET last_seq = ends.after FROM ends, go WHERE event_stream.id = ends.id)
    SELECT counter.revision AS head, EXISTS (SELECT FROM go) AS stored, place, fits, prev_revision AS revision, prev_uid AS uid, prev_value AS value, judged.value = prev_value AS same,
      (SELECT pg_notify('${REVISION_CHANNEL}', ($1 + cardinality($2::text[]))::text) FROM go WHERE cardinality($2::text[]) > 0 AND $19::boolean),
      (SELECT count(pg_notify('${EVENTS_CHANNEL}', ends.name)) FROM ends, go WHERE $19::boolean)
    FROM counter LEFT JOIN judged ON prev_revision IS NOT NULL OR NOT EXISTS (SELECT FROM go) ORDER BY place`,

  /**
   * What `append` does, for new objects only and where nobody needs to be notified, at four fifths of its cost. Where anything is not as it was thought to be
   * nothing is stored and nothing is said of it; `append` finds out what. The counter is updated first, and only at the expected revision, so what the other
   * parts see is the latest state. A stream that stands elsewhere by then makes the division fail: SQL has no other way to undo what the statement has done.
   *
   * The revision ($1). Of the objects, in order: keys, uids, values, times ($2 to $5). Of the streams: names, rows, last seqs before and after ($6 to $9). Of the
   * entries: streams' rows, seqs, ids, times, types, data ($10 to $15). The conditions: keys, revisions ($16, $17).
   */
  appendCreations: `WITH counter AS (
      UPDATE meta SET revision = $1 + cardinality($2::text[]) WHERE id = 1 AND revision = $1::bigint AND NOT EXISTS (SELECT FROM object WHERE key = ANY ($2))
        AND NOT EXISTS (SELECT FROM unnest($16::text[], $17::bigint[]) AS entry (key, revision) LEFT JOIN object AS o ON o.key = entry.key WHERE o.revision IS DISTINCT FROM entry.revision)
      RETURNING revision
    ),
    made AS (
      INSERT INTO object (key, uid, revision, value)
      SELECT entry.key, uid, $1 + place, value FROM counter, unnest($2, $3::text[], $4::text[]) WITH ORDINALITY AS entry (key, uid, value, place)
    ),
    logged AS (
      INSERT INTO log (revision, key, type, at) SELECT $1 + place, entry.key, 'C', at FROM counter, unnest($2, $5::bigint[]) WITH ORDINALITY AS entry (key, at, place)
    ),
    entered AS (
      INSERT INTO event (stream, seq, id, at, type, data)
      SELECT entry.* FROM counter, unnest($10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[]) AS entry
    ),
    ended AS (
      UPDATE event_stream AS s SET last_seq = ends.after FROM counter, unnest($6::text[], $7::bigint[], $8::bigint[], $9::bigint[]) AS ends (name, id, before, after)
      WHERE s.id = ends.id AND s.name = ends.name AND s.last_seq = ends.before RETURNING s.id
    )
    SELECT count(*) > 0 AS stored, 1 / (CASE WHEN count(*) = 0 OR (SELECT count(*) FROM ended) = cardinality($6) THEN 1 ELSE 0 END) AS whole FROM counter`,

  /** Keys, as an array. */
  revisionsOf: 'SELECT key, revision FROM object WHERE key = ANY($1::text[])',
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
  /** From, before, limit, revision: see `statements.ts`. Each half is in order and ends at the limit, so that a page is merged and not sorted out of all there is. */
  pageAsOf: page(
    `(SELECT key, revision, value, octet_length(value) AS bytes FROM object WHERE key >= $1 AND key < $2 AND revision <= $4 ORDER BY key LIMIT $3)
      UNION ALL
      (SELECT key, prev_revision, prev_value, octet_length(prev_value) FROM log WHERE key >= $1 AND key < $2 AND revision > $4 AND prev_revision <= $4 ORDER BY key LIMIT $3)
      ORDER BY key LIMIT $3`,
    OBJECT_PAGE,
  ),
  countKeys: numbered('countKeys'),
  firstKey: numbered('firstKey'),

  revisions: numbered('revisions'),
  /** Revision, limit. */
  logAfter: page(
    `SELECT *, coalesce(octet_length(value), 0) + coalesce(octet_length(prev_value), 0) AS bytes
      FROM (SELECT revision, key, type, ${VALUE_AFTER_CHANGE} AS value, prev_value FROM log WHERE revision > $1 ORDER BY revision LIMIT $2) AS changes`,
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
