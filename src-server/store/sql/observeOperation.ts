/**
 * Told of every operation on a database: its name and how many ms it took. Reads of SQLite hold the event loop for that long; its writes have
 * a thread of their own, and on Postgres others are served meanwhile.
 */
export type ObserveOperation = (operation: string, durationMs: number) => void;
