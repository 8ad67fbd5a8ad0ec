import Database from 'better-sqlite3';
import { countBroken, STORE_INVARIANTS, type BrokenInvariant, type InvariantRow } from '../invariants';

/** How many faults SQLite lists before it stops looking. */
const MAX_FAULTS = 100;

/** What SQLite and our own invariants find wrong with the file. */
export function sqliteProblems(db: Database.Database): string[] {
  return [...sqliteDamage(db), ...STORE_INVARIANTS.flatMap((invariant) => sqliteBroken(db, invariant) ?? []).map(({ broken }) => broken)];
}

/** What SQLite finds wrong with its own structures, in its words. Reads the whole file. */
export function sqliteDamage(db: Database.Database): string[] {
  try {
    const found = db.prepare<[], { integrity_check: string }>(`PRAGMA integrity_check(${MAX_FAULTS})`).all();
    return found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  } catch (error) {
    // So damaged that it cannot even be looked through.
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(error.code)) return [error.message];
    throw error;
  }
}

export function sqliteBroken(db: Database.Database, invariant: (typeof STORE_INVARIANTS)[number]): BrokenInvariant | undefined {
  const found = db.prepare<[], InvariantRow>(countBroken(invariant, 'sqlite')).safeIntegers(true).get();
  return found === undefined || found.found === 0n ? undefined : { broken: invariant.broken, count: Number(found.found), example: found.example ?? '' };
}
