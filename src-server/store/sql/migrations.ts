import { StatusError } from '#shared/api/status';

/** A step of the schema. Forward only: a released step is never edited, a later one corrects it. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sqlite: string;
  /** Run with the schema of `postgresConfig.ts` in front of the search path. */
  readonly postgres: string;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'revision log and objects',
    // object is a rowid table on purpose: the index of its primary key then holds keys alone, and counting reads no values.
    // log_by_key serves pageAsOf; prev_revision is in it so that rows that do not count are skipped without reading them.
    sqlite: `
      CREATE TABLE meta (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        revision INTEGER NOT NULL,
        floor INTEGER NOT NULL CHECK (floor <= revision)
      ) STRICT;
      INSERT INTO meta (id, revision, floor) VALUES (1, 0, 0);

      CREATE TABLE object (
        key TEXT NOT NULL PRIMARY KEY,
        uid TEXT NOT NULL,
        revision INTEGER NOT NULL,
        value TEXT NOT NULL
      ) STRICT;

      CREATE TABLE log (
        revision INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        type TEXT NOT NULL CHECK (type IN ('C', 'U', 'D')),
        prev_revision INTEGER,
        at INTEGER NOT NULL,
        value TEXT,
        prev_value TEXT
      ) STRICT;
      CREATE INDEX log_by_key ON log (key, revision, prev_revision);
    `,
    // Keys compare by bytes, as in JavaScript. The counter row is rewritten with every change: room on its page keeps it there.
    postgres: `
      CREATE TABLE meta (
        id integer PRIMARY KEY CHECK (id = 1),
        revision bigint NOT NULL,
        floor bigint NOT NULL CHECK (floor <= revision)
      ) WITH (fillfactor = 10);
      INSERT INTO meta (id, revision, floor) VALUES (1, 0, 0);

      CREATE TABLE object (
        key text COLLATE "C" NOT NULL PRIMARY KEY,
        uid text COLLATE "C" NOT NULL,
        revision bigint NOT NULL,
        value text NOT NULL
      );

      CREATE TABLE log (
        revision bigint PRIMARY KEY,
        key text COLLATE "C" NOT NULL,
        type text NOT NULL CHECK (type IN ('C', 'U', 'D')),
        prev_revision bigint,
        at bigint NOT NULL,
        value text,
        prev_value text
      );
      CREATE INDEX log_by_key ON log (key, revision, prev_revision);
    `,
  },
  {
    version: 2,
    name: 'event streams',
    // A dropped stream loses its name at once and its entries in batches; AUTOINCREMENT, so that its id is never given out again.
    // position = stream * 2^32 + seq: the entries of a stream lie side by side in a rowid table, which keeps rows of a few KiB
    // without overflow pages (a WITHOUT ROWID table on (stream, seq) would not).
    sqlite: `
      CREATE TABLE event_stream (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT UNIQUE,
        last_seq INTEGER NOT NULL DEFAULT 0
      ) STRICT;

      CREATE TABLE event (
        position INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL,
        id TEXT NOT NULL,
        at TEXT NOT NULL,
        type TEXT NOT NULL,
        data TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX event_by_id ON event (stream, id);
    `,
    postgres: `
      CREATE TABLE event_stream (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text COLLATE "C" UNIQUE,
        last_seq bigint NOT NULL DEFAULT 0
      );

      CREATE TABLE event (
        stream bigint NOT NULL,
        seq bigint NOT NULL,
        id text COLLATE "C" NOT NULL,
        at text NOT NULL,
        type text NOT NULL,
        data text NOT NULL,
        PRIMARY KEY (stream, seq)
      );
      CREATE UNIQUE INDEX event_by_id ON event (stream, id);
    `,
  },
  {
    version: 3,
    name: 'no index entries of creations',
    // Only versions that were replaced are looked for by it, so what was created is not in it: one index less to write with every new object.
    sqlite: `
      DROP INDEX log_by_key;
      CREATE INDEX log_by_key ON log (key, revision, prev_revision) WHERE prev_revision IS NOT NULL;
    `,
    postgres: `
      DROP INDEX log_by_key;
      CREATE INDEX log_by_key ON log (key, revision, prev_revision) WHERE prev_revision IS NOT NULL;
    `,
  },
  {
    version: 4,
    name: 'nothing is written twice',
    // See VALUE_AFTER_CHANGE of `statements.ts`. SQLite writes the log anew for it.
    sqlite: 'ALTER TABLE log DROP COLUMN value;',
    postgres: 'ALTER TABLE log DROP COLUMN value;',
  },
];

/** Version of the schema that this program works with. */
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0;

/** The steps that a database of this version lacks. Refuses one that a newer program wrote. */
export function missingMigrations(found: number): readonly Migration[] {
  if (found <= SCHEMA_VERSION) return MIGRATIONS.filter(({ version }) => version > found);
  throw new StatusError(
    'InternalError',
    `The database was written by a newer Kradle (schema ${found}; this one knows up to ${SCHEMA_VERSION}). Start that version, or restore a backup`,
  );
}

/** For those who only read, and so cannot bring a database up to date: refuses one that is not. */
export function requireSchema(found: number): void {
  if (missingMigrations(found).length === 0) return;
  throw new StatusError('Invalid', `The database has schema ${found}, which is older than this Kradle (schema ${SCHEMA_VERSION}). Start "kradle serve" on it once, which brings it up to date`);
}
