import type { Database } from 'better-sqlite3';
import { missingMigrations } from '../migrations';

/** Applies the steps that this file lacks, each in its own transaction. Refuses a file that a newer program wrote. */
export function migrateSqlite(db: Database): void {
  for (const migration of missingMigrations(Number(db.pragma('user_version', { simple: true })))) {
    db.transaction(() => {
      db.exec(migration.sqlite);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
}
