import type { Revisions } from '../sql/dialect';
import type { Row, TableName } from './databaseTables';

/** Which database, and where. */
export type DatabaseAddress = { readonly engine: 'sqlite'; readonly path: string } | { readonly engine: 'postgres'; readonly url: string };

/** Rows in order, in pages of some MiB at most (one row always fits). */
export interface RowSource {
  pages(table: TableName): AsyncIterable<readonly Row[]>;
}

/** Something that is wrong with a database. */
export interface DatabaseProblem {
  /** One sentence without its full stop. */
  readonly problem: string;
  /** How often it was found. */
  readonly count: number;
  /** One of them: a key, a revision, an event stream. */
  readonly example?: string;
}

/**
 * One state of a whole database, however long it is read and whatever is written meanwhile. Tables are read in the order of
 * `DATABASE_TABLES`, each to its end; `floor` is final then.
 */
export interface DatabaseSnapshot extends RowSource, Revisions {
  readonly engine: DatabaseAddress['engine'];
  /** For messages: the path, or the address without user and password. */
  readonly where: string;
  readonly schemaVersion: number;
  count(table: TableName): Promise<number>;
  /** What the database itself finds damaged, and what contradicts the store's own rules. `onStep` hears what is looked at. */
  problems(onStep: (step: string) => void): Promise<DatabaseProblem[]>;
}

/** A database that is being filled. Nobody else sees anything of it before it is whole. */
export interface NewDatabase extends RowSource {
  /** Something was there before, and is kept under the name that was given. */
  readonly movedAside: boolean;
  /** Rows in the order of their table; tables in the order of `DATABASE_TABLES`. */
  write(table: TableName, rows: readonly Row[]): Promise<void>;
  /** Sets the counter row; after all rows. */
  setRevisions(revisions: Revisions): Promise<void>;
}
