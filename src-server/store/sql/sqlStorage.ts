import type { EventLog } from '../eventLog';
import type { SqlStore } from './sqlStore';

export interface StorageSizes {
  /** Tables and indexes, or the whole file. */
  readonly databaseBytes: number;
  /** Of a file: its write-ahead log. */
  readonly walBytes?: number;
  /** Of a file: what of it is unused. */
  readonly freeBytes?: number;
}

/** Everything that lives in one database. */
export interface SqlStorage {
  readonly store: SqlStore;
  readonly eventLog: EventLog;
  sizes(): Promise<StorageSizes>;
  /** What is wrong with the database, one sentence each; empty when nothing is. Reads all there is; on SQLite the event loop stands still. */
  checkIntegrity(): Promise<string[]>;
  /** Stops the store and closes the database. */
  close(): Promise<void>;
}
