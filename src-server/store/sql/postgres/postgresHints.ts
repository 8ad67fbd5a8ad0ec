import type { Client } from 'pg';
import type { Logger } from 'pino';
import type { PostgresConnections } from './postgresConnections';
import { SERVERS_CHANNEL, SERVING_LOCK } from './postgresStatements';

/** Everybody looks this often by himself, whether or not a notification came. */
const POLL_MS = 1_000;
const RECONNECT_MS = 1_000;
/** Whether nobody else holds the lock: it is taken whole, which one's own share does not hinder, and given back at once. */
const IS_ALONE = 'SELECT CASE WHEN pg_try_advisory_lock($1) THEN pg_advisory_unlock($1) ELSE false END AS alone';

/** `payload` is what the notification said; undefined when there may be something new of any kind. */
export type HintHandler = (payload: string | undefined) => void;

/**
 * Says when another process may have written: by LISTEN on a connection of its own, and once a second without any reason. A
 * notification that is lost, doubled or late costs a second or a query, never a change. The connection also holds the lock by which
 * others see that a server has the database: where nobody else holds it, nobody need be notified of what this process writes.
 */
export class PostgresHints {
  readonly #connections: PostgresConnections;
  readonly #log: Logger;
  readonly #channels: readonly string[];
  readonly #handlers = new Map<string, Set<HintHandler>>();
  #poll: NodeJS.Timeout | undefined;
  #listening: Promise<void> = Promise.resolve();
  #stop: () => void = () => undefined;
  /** The connection that listens and holds the lock, while it does. */
  #listener: Client | undefined;
  #alone = false;
  #looking = false;
  #stopped = false;

  constructor(connections: PostgresConnections, opts: { log: Logger; channels: readonly string[] }) {
    this.#connections = connections;
    this.#log = opts.log;
    this.#channels = opts.channels;
  }

  /** No other server listens. One that begins to says so; that the last one has gone is found out within a second. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Calls `handler` for each hint on a channel. The answer takes it back. */
  on(channel: string, handler: HintHandler): () => void {
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  start(): void {
    this.#poll = setInterval(() => {
      this.#hintAll();
      void this.#lookAround();
    }, POLL_MS).unref();
    this.#listening = this.#listen();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#poll);
    this.#stop();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#listenOnce();
      } catch (error) {
        if (!this.#stopped) this.#log.debug({ err: error }, 'listening to the database failed; what others write is found once a second');
      }
      if (!this.#stopped) await this.#pause();
    }
  }

  /** Until the connection breaks or `close` is called. */
  async #listenOnce(): Promise<void> {
    const client = await this.#connections.dedicated();
    const ended = new Promise((resolve) => client.once('end', resolve));
    this.#stop = () => void client.end();
    if (this.#stopped) this.#stop();
    try {
      client.on('notification', ({ channel, payload, processId }) => {
        if (channel === SERVERS_CHANNEL) this.#alone = false;
        else if (!this.#connections.isOwnWriter(processId)) this.#hint(channel, payload);
      });
      await client.query('SELECT pg_advisory_lock_shared($1)', [SERVING_LOCK]);
      for (const channel of [...this.#channels, SERVERS_CHANNEL]) await client.query(`LISTEN ${channel}`);
      // Whoever thought to be alone hears of it.
      await client.query(`NOTIFY ${SERVERS_CHANNEL}`);
      this.#listener = client;
      // What happened while nobody listened.
      this.#hintAll();
      await this.#lookAround();
      await ended;
    } finally {
      this.#listener = undefined;
      this.#alone = false;
      await client.end();
    }
  }

  /** On the connection that listens, so that the answer comes before the word of a server that came after it. */
  async #lookAround(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined || this.#looking) return;
    this.#looking = true;
    const { rows } = await listener.query<{ alone: boolean }>(IS_ALONE, [SERVING_LOCK]).catch(() => ({ rows: [] }));
    this.#looking = false;
    // Where the connection has gone meanwhile, the lock has gone with it.
    if (listener === this.#listener) this.#alone = rows[0]?.alone === true;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RECONNECT_MS).unref();
      this.#stop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #hintAll(): void {
    for (const channel of this.#handlers.keys()) this.#hint(channel, undefined);
  }

  #hint(channel: string, payload: string | undefined): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(payload);
  }
}
