import type { Database } from 'better-sqlite3';
import { countBroken, STORE_INVARIANTS, type BrokenInvariant, type InvariantRow } from './invariants';

/** How many faults SQLite lists before it stops looking. */
const MAX_FAULTS = 100;

/** What SQLite and our own invariants find wrong with the file. */
export function sqliteProblems(db: Database): string[] {
  return [...sqliteDamage(db), ...STORE_INVARIANTS.flatMap((invariant) => sqliteBroken(db, invariant) ?? []).map(({ broken }) => broken)];
}

/** What SQLite finds wrong with its own structures, in its words. Reads the whole file. */
export function sqliteDamage(db: Database): string[] {
  const found = db.prepare<[], { integrity_check: string }>(`PRAGMA integrity_check(${MAX_FAULTS})`).all();
  return found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
}

export function sqliteBroken(db: Database, invariant: (typeof STORE_INVARIANTS)[number]): BrokenInvariant | undefined {
  const found = db.prepare<[], InvariantRow>(countBroken(invariant)).safeIntegers(true).get();
  return found === undefined || found.found === 0n ? undefined : { broken: invariant.broken, count: Number(found.found), example: found.example ?? '' };
}
