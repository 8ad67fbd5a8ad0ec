import type { Database, Statement } from 'better-sqlite3';
import type { Revisions } from '../dialect';
import { STATEMENTS, type StatementName } from '../statements';

type Control = 'BEGIN' | 'BEGIN IMMEDIATE' | 'COMMIT' | 'ROLLBACK';

/** The statements of the store on one connection, each prepared when it is first used. Integers are bigint. */
export class SqliteStatements {
  readonly #db: Database;
  readonly #prepared = new Map<string, Statement<unknown[]>>();

  constructor(db: Database) {
    this.#db = db.defaultSafeIntegers(true);
  }

  /** Answers how many rows it changed. */
  run(name: StatementName, ...parameters: unknown[]): number {
    return this.get(name).run(...parameters).changes;
  }

  first<TRow>(name: StatementName, ...parameters: unknown[]): TRow | undefined {
    return this.get<unknown[], TRow>(name).get(...parameters);
  }

  get<TParameters extends unknown[], TRow = unknown>(name: StatementName): Statement<TParameters, TRow> {
    // The text of a statement and the row type that its caller names belong together; the conformance suite holds them to it.
    return this.#prepare(STATEMENTS[name]) as unknown as Statement<TParameters, TRow>;
  }

  revisions(): Revisions {
    const revisions = this.first<Revisions>('revisions');
    if (revisions === undefined) throw new Error('The database has lost its revision counter');
    return revisions;
  }

  control(sql: Control): void {
    this.#prepare(sql).run();
  }

  #prepare(sql: string): Statement<unknown[]> {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) this.#prepared.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
