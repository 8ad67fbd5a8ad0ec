import type { ObjectRow } from '../dialect';
import type { PostgresConnections } from './postgresConnections';
import { POSTGRES_STATEMENTS as SQL } from './postgresStatements';

/** Keys that one statement asks for: large objects must not come by the hundred. */
const MAX_KEYS = 32;

interface Wanted {
  readonly found: Promise<ObjectRow | undefined>;
  readonly resolve: (row: ObjectRow | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads of single objects. Those that are asked for in one turn of the event loop go together, each key once: a busy server then asks
 * for who signs in, for the organization and for the objects of many requests in one way to the database and back.
 */
export class PostgresGets {
  readonly #connections: PostgresConnections;
  #wanted = new Map<string, Wanted>();

  constructor(connections: PostgresConnections) {
    this.#connections = connections;
  }

  /** What is asked for here is read after the call, so it shows every write that was acknowledged before. */
  get(key: string): Promise<ObjectRow | undefined> {
    if (this.#wanted.size === 0) setImmediate(() => this.#send());
    const wanted = this.#wanted.get(key) ?? want();
    this.#wanted.set(key, wanted);
    return wanted.found;
  }

  #send(): void {
    const all = [...this.#wanted];
    this.#wanted = new Map();
    for (let start = 0; start < all.length; start += MAX_KEYS) void this.#read(all.slice(start, start + MAX_KEYS));
  }

  /** Settles every one of them; never rejects itself. */
  async #read(wanted: readonly (readonly [key: string, Wanted])[]): Promise<void> {
    const keys = wanted.map(([key]) => key);
    try {
      const rows = keys.length === 1 ? await this.#connections.query<ObjectRow>(SQL.getObject, keys) : await this.#connections.query<ObjectRow>(SQL.getObjects, [keys]);
      const byKey = new Map(rows.map((row) => [row.key, row]));
      for (const [key, { resolve }] of wanted) resolve(byKey.get(key));
    } catch (error) {
      for (const [, { reject }] of wanted) reject(error);
    }
  }
}

function want(): Wanted {
  let resolve: Wanted['resolve'] = () => undefined;
  let reject: Wanted['reject'] = () => undefined;
  const found = new Promise<ObjectRow | undefined>((onFound, onFailed) => {
    resolve = onFound;
    reject = onFailed;
  });
  return { found, resolve, reject };
}
