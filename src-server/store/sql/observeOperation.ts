/**
 * Told of every operation on a database: its name and how many ms it took. On SQLite the event loop stands still for it; on Postgres
 * others are served meanwhile.
 */
export type ObserveOperation = (operation: string, durationMs: number) => void;
