/** Something wrong with a database: what, how often, and one of them (a key, a revision, the id of a stream). */
export interface BrokenInvariant {
  readonly broken: string;
  readonly count: number;
  readonly example: string;
}

/** A statement of fact about a sound store. The query finds what contradicts it, a row each, with an `example` that names it. */
interface Invariant {
  readonly broken: string;
  /** Where databases store it differently, one query each. */
  readonly sql: string | Readonly<Record<'sqlite' | 'postgres', string>>;
}

/** Streams that begin anywhere, because their owner trims them, and knows by other means what was trimmed. */
const TRIMMED_STREAMS = 'audit/';

/** `seq`: how the database has it. */
const lostEntries = (seq: string): string => `SELECT s.name AS example FROM event_stream AS s
  WHERE s.name IS NOT NULL AND last_seq <> (
    SELECT count(*) + CASE WHEN s.name LIKE '${TRIMMED_STREAMS}%' THEN coalesce(min(${seq}) - 1, s.last_seq) ELSE 0 END FROM event WHERE stream = s.id
  )`;

/** The change before each change of the same object, if the log still has it. What is at or below the floor is gone, even if it is there. */
const CHAIN = `SELECT revision, type, prev_revision, lag(revision) OVER history AS before_revision, lag(type) OVER history AS before_type
  FROM log WHERE revision > (SELECT floor FROM meta) WINDOW history AS (PARTITION BY key ORDER BY revision)`;

/** What ties objects, history and event streams together, in SQL that every database understands. */
export const STORE_INVARIANTS: readonly Invariant[] = [
  { broken: 'the revision counter is missing', sql: 'SELECT 1 AS example WHERE NOT EXISTS (SELECT 1 FROM meta WHERE id = 1)' },
  { broken: 'the floor of the history is above its head', sql: 'SELECT floor AS example FROM meta WHERE floor > revision OR floor < 0' },
  { broken: 'an object has a revision that was never given out', sql: 'SELECT key AS example FROM object WHERE revision > (SELECT revision FROM meta) OR revision < 1' },
  { broken: 'the log has a revision that was never given out', sql: 'SELECT revision AS example FROM log WHERE revision > (SELECT revision FROM meta) OR revision < 1' },
  {
    broken: 'an object is not at its last logged change',
    sql: `SELECT last.key AS example FROM log AS last LEFT JOIN object ON object.key = last.key
      WHERE last.revision = (SELECT max(revision) FROM log WHERE key = last.key) AND last.revision > (SELECT floor FROM meta)
        AND object.revision IS DISTINCT FROM CASE last.type WHEN 'D' THEN NULL ELSE last.revision END`,
  },
  {
    broken: 'an object has changed without a trace in the log',
    sql: 'SELECT key AS example FROM object WHERE revision > (SELECT floor FROM meta) AND NOT EXISTS (SELECT 1 FROM log WHERE log.revision = object.revision AND log.key = object.key)',
  },
  {
    broken: 'a change in the log is not what its type says',
    sql: `SELECT revision AS example FROM log
      WHERE (type <> 'C') IS DISTINCT FROM (prev_value IS NOT NULL) OR (type <> 'C') IS DISTINCT FROM (prev_revision IS NOT NULL)`,
  },
  {
    broken: 'a change in the log does not follow the one before it',
    // Without one before it, that one was compacted: so it was not above the floor.
    sql: `SELECT revision AS example FROM (${CHAIN}) AS change
      WHERE CASE
        WHEN before_revision IS NULL THEN prev_revision > (SELECT floor FROM meta)
        WHEN before_type = 'D' THEN type <> 'C'
        ELSE type = 'C' OR prev_revision IS DISTINCT FROM before_revision
      END`,
  },
  {
    broken: 'an event stream has lost its count',
    sql: { sqlite: lostEntries('position & 4294967295'), postgres: lostEntries('seq') },
  },
  {
    broken: 'events belong to no stream',
    sql: 'SELECT stream AS example FROM event WHERE NOT EXISTS (SELECT 1 FROM event_stream WHERE event_stream.id = event.stream)',
  },
];

/** As {@link BrokenInvariant}, but `found` is 0 when all is well. */
export interface InvariantRow {
  readonly found: bigint;
  readonly example: string | null;
}

/** Asks how often an invariant is broken, in one row. */
export function countBroken({ sql }: Invariant, database: 'sqlite' | 'postgres'): string {
  return `SELECT count(*) AS found, min(CAST(example AS text)) AS example FROM (${typeof sql === 'string' ? sql : sql[database]}) AS broken`;
}
