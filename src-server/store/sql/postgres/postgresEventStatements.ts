import type { StoredEvent } from '../../eventLog';
import { EVENTS_CHANNEL, named } from './postgresStatements';

/** What a follower gets at one time, in bytes of data, before it is cut short. One entry always fits. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Rows that one statement deletes. */
const SWEEP_ROWS = 1_000;

const COLUMNS = 's.id AS stream, s.last_seq, e.seq, e.id, e.at, e.type, e.data';

/** A row of {@link COLUMNS}. */
export interface EventRow {
  /** Id of the stream's row. */
  readonly stream: bigint;
  readonly last_seq: bigint;
  /** Null, as the rest is, where the stream has no such entry. */
  readonly seq: bigint | null;
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly data: string;
}

/** The entry of a row, if it has one. */
export function toEvent({ seq, id, at, type, data }: EventRow): StoredEvent | undefined {
  return seq === null ? undefined : { seq: Number(seq), id, at, type, data: JSON.parse(data) as unknown };
}

const read = (order: 'ASC' | 'DESC') => `SELECT ${COLUMNS}
    FROM event_stream AS s LEFT JOIN LATERAL (
      SELECT seq, id, at, type, data FROM event WHERE stream = s.id AND seq > $2 AND seq < $3 ORDER BY seq ${order} LIMIT $4
    ) AS e ON true
    WHERE s.name = $1 ORDER BY e.seq`;

/** The SQL of the event log for Postgres, by the names that logs and metrics show. */
export const EVENT_STATEMENTS = named({
  /**
   * Name, ids, times, types, data, whether anybody is to be notified. No row: there is no such stream. The lock of the stream's row numbers its appends one after the other.
   * What was appended while this waited for it cannot be seen here, but breaks the uniqueness of the id: then nothing is stored.
   */
  appendEvents: `WITH stream AS (SELECT id, last_seq FROM event_stream WHERE name = $1 FOR UPDATE),
    given AS (
      SELECT DISTINCT ON (id COLLATE "C") id, at, type, data, place
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS entry (id, at, type, data, place)
      ORDER BY id COLLATE "C", place
    ),
    stored AS (
      INSERT INTO event (stream, seq, id, at, type, data)
      SELECT stream.id, stream.last_seq + row_number() OVER (ORDER BY place), given.id, at, type, data FROM stream, given
      WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.stream = stream.id AND event.id = given.id)
      RETURNING seq
    ),
    sums AS (SELECT count(*) AS stored, max(seq) AS last_seq FROM stored),
    moved AS (UPDATE event_stream SET last_seq = sums.last_seq FROM sums WHERE name = $1 AND sums.stored > 0)
    SELECT coalesce(sums.last_seq, stream.last_seq) AS last_seq, sums.stored, CASE WHEN sums.stored > 0 AND $6::boolean THEN pg_notify('${EVENTS_CHANNEL}', $1) END
    FROM stream, sums`,
  addStream: 'INSERT INTO event_stream (name) VALUES ($1) ON CONFLICT (name) DO NOTHING',

  /** Names. Of each stream that is there, its row and its last entry, or nulls where that was taken out. */
  streamEnds: `SELECT s.name, ${COLUMNS} FROM event_stream AS s LEFT JOIN event AS e ON e.stream = s.id AND e.seq = s.last_seq WHERE s.name = ANY ($1::text[])`,
  /** Row of a stream, and ids: those that are there. */
  takenIds: 'SELECT id FROM event WHERE stream = $1 AND id = ANY ($2::text[])',

  /** Name, after, before, limit. A stream without entries there is one row of nulls. */
  readUp: read('ASC'),
  readDown: read('DESC'),
  /** Name, after, limit. */
  followEvents: `SELECT ${COLUMNS}
    FROM event_stream AS s LEFT JOIN LATERAL (
      SELECT *, sum(octet_length(data)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - octet_length(data) AS before
      FROM (SELECT seq, id, at, type, data FROM event WHERE stream = s.id AND seq > $2 ORDER BY seq LIMIT $3) AS candidates
    ) AS e ON e.before < ${BATCH_BYTES}
    WHERE s.name = $1 ORDER BY e.seq`,
  /** Name, id. */
  findEvent: `SELECT ${COLUMNS} FROM event_stream AS s JOIN event AS e ON e.stream = s.id WHERE s.name = $1 AND e.id = $2`,
  lastSeq: 'SELECT last_seq FROM event_stream WHERE name = $1',
  countEvents: `SELECT coalesce(s.last_seq - (SELECT min(seq) FROM event WHERE stream = s.id) + 1, 0) AS entries FROM event_stream AS s WHERE s.name = $1`,
  /** Name, and the last seq to go. Some rows of it. No row: there is no such stream. */
  trimEvents: `WITH stream AS (SELECT id FROM event_stream WHERE name = $1),
    deleted AS (
      DELETE FROM event USING stream
      WHERE event.stream = stream.id AND seq <= least($2::bigint, (SELECT max(seq) FROM (SELECT seq FROM event WHERE stream = (SELECT id FROM stream) ORDER BY seq LIMIT ${SWEEP_ROWS}) AS batch))
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM deleted) AS deleted FROM stream`,
  followedStreams: 'SELECT name, id, last_seq FROM event_stream WHERE name = ANY ($1::text[])',

  dropStream: `WITH dropped AS (UPDATE event_stream SET name = NULL WHERE name = $1 RETURNING id) SELECT pg_notify('${EVENTS_CHANNEL}', $1) FROM dropped`,
  /** Some rows of one dropped stream. No row: none is dropped. */
  sweepEvents: `WITH gone AS (SELECT id FROM event_stream WHERE name IS NULL ORDER BY id LIMIT 1),
    deleted AS (
      DELETE FROM event USING gone
      WHERE stream = gone.id AND seq <= (SELECT max(seq) FROM (SELECT seq FROM event WHERE stream = (SELECT id FROM gone) ORDER BY seq LIMIT ${SWEEP_ROWS}) AS batch)
      RETURNING 1
    )
    SELECT gone.id, (SELECT count(*) FROM deleted) AS deleted FROM gone`,
  forgetStream: 'DELETE FROM event_stream WHERE id = $1 AND name IS NULL',
});
