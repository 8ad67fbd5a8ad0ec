import { open, type FileHandle } from 'node:fs/promises';
import { translateFileError } from '../../storeErrors';

/**
 * Puts commits of a `synchronous = NORMAL` connection onto the disk without holding the event loop: fdatasync of the write-ahead log
 * runs in libuv's pool, and one covers everybody who committed before it began. Sound, because such a commit is wholly in the WAL
 * before COMMIT returns, and a checkpoint that moves it from there syncs the database file before the WAL is overwritten
 * (https://sqlite.org/wal.html#performance_considerations). SQLite takes no locks on the WAL file, so closing this handle drops none.
 */
export class WalSync {
  readonly #walPath: string;
  readonly #recover: (() => void) | undefined;
  /** The last sync failed: what the system has of the WAL may never reach the disk, whatever the next one answers. */
  #isDoubtful = false;
  #handle: FileHandle | undefined;
  /** The sync that has not begun yet. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  /** `recover` is called before the sync that follows a failed one, and throws unless everything committed is on the disk by another way. */
  constructor(databasePath: string, opts: { readonly recover?: () => void } = {}) {
    this.#walPath = `${databasePath}-wal`;
    this.#recover = opts.recover;
  }

  /** Resolves when every commit made before the call is on the disk. */
  flushed(): Promise<void> {
    if (this.#next === undefined) {
      this.#next = this.#last.then(() => this.#sync());
      this.#last = this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #sync(): Promise<void> {
    this.#next = undefined;
    try {
      if (this.#isDoubtful) this.#recover?.();
      this.#isDoubtful = false;
      // Opened for writing because Windows flushes no other handle.
      this.#handle ??= await open(this.#walPath, 'r+');
      await this.#handle.datasync();
    } catch (error) {
      this.#isDoubtful = true;
      throw translateFileError(error);
    }
  }
}
