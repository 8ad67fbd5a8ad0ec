import type { Database } from 'better-sqlite3';
import { StatusError } from '#shared/api/status';
import { MIGRATIONS } from './migrations';

/** Applies the steps that this file lacks, each in its own transaction. Refuses a file that a newer program wrote. */
export function migrateSqlite(db: Database): void {
  const latest = MIGRATIONS.at(-1)?.version ?? 0;
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > latest) {
    throw new StatusError(
      'InternalError',
      `The database was written by a newer Kradle (schema ${found}; this one knows up to ${latest}). Start that version, or restore a backup`,
    );
  }
  for (const migration of MIGRATIONS.filter(({ version }) => version > found)) {
    db.transaction(() => {
      db.exec(migration.sqlite);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
}
