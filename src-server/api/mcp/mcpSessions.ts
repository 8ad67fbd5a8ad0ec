import { randomUUID } from 'node:crypto';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../resources/actor';
import type { Clock } from '../../app/clock';
import { isSameActor } from './mcpRequest';
import { ResumableEvents } from './resumableEvents';

/** A session that nobody has used for so long, and that has no stream open, ends. */
export const IDLE_MS = 30 * 60_000;
export const MAX_SESSIONS_OF_ACTOR = 64;
const MAX_SESSIONS = 512;

/** A client between `initialize` and its DELETE. */
export interface McpSession {
  readonly actor: Actor;
  readonly transport: StreamableHTTPServerTransport;
  /** Keeps the session while a request of it is answered; the answer ends that. */
  use(): () => void;
}

interface OpenSession extends McpSession {
  readonly server: Server;
  inUse: number;
  lastUsedAt: number;
  forget: () => void;
}

/** The sessions of this process, bounded in number for all and for each actor. A restart ends them, and clients begin anew. */
export class McpSessions {
  readonly #sessions = new Map<string, OpenSession>();
  readonly #opts: { readonly clock: Clock; readonly createServer: () => Server };

  constructor(opts: { readonly clock: Clock; readonly createServer: () => Server }) {
    this.#opts = opts;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** `NotFound` for a session that is not there or another actor's, which tells a client to initialize again. */
  find(id: string, actor: Actor): McpSession {
    const session = this.#sessions.get(id);
    if (session !== undefined && isSameActor(session.actor, actor)) return session;
    throw new StatusError('NotFound', 'There is no such session, or it has ended; initialize a new one.', { code: 'SESSION_NOT_FOUND' });
  }

  /**
   * A transport for a client that has yet to initialize. It counts once it has; the one of the actor that has lain idle longest makes room.
   *
   * @throws TooManyRequests when the actor's sessions are all busy; ServiceUnavailable when everybody's are too many.
   */
  async open(actor: Actor): Promise<McpSession> {
    await this.#makeRoom(actor);
    const server = this.#opts.createServer();
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new ResumableEvents(),
      onsessioninitialized: (id) => this.#add(id, session),
      onsessionclosed: (id) => void this.#end(id),
    });
    const session: OpenSession = {
      actor, server, transport, inUse: 0, lastUsedAt: this.#opts.clock.now(), forget: () => undefined,
      use: () => {
        session.inUse += 1;
        return () => {
          session.inUse -= 1;
          session.lastUsedAt = this.#opts.clock.now();
        };
      },
    };
    await server.connect(transport);
    return session;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)));
  }

  #add(id: string, session: OpenSession): void {
    this.#sessions.set(id, session);
    this.#expire(id, session);
  }

  #expire(id: string, session: OpenSession): void {
    const { clock } = this.#opts;
    const idleMs = session.inUse > 0 ? 0 : clock.now() - session.lastUsedAt;
    if (idleMs >= IDLE_MS) void this.#end(id);
    else session.forget = clock.after(IDLE_MS - idleMs, () => this.#expire(id, session));
  }

  async #end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    session.forget();
    await session.server.close();
  }

  async #makeRoom(actor: Actor): Promise<void> {
    const own = [...this.#sessions].filter(([, session]) => isSameActor(session.actor, actor));
    if (own.length >= MAX_SESSIONS_OF_ACTOR) {
      const [oldest] = own.filter(([, session]) => session.inUse === 0).sort(([, a], [, b]) => a.lastUsedAt - b.lastUsedAt);
      if (oldest === undefined) throw new StatusError('TooManyRequests', `You have ${MAX_SESSIONS_OF_ACTOR} MCP sessions in use; end one first.`, { retryAfterSeconds: 60 });
      await this.#end(oldest[0]);
    }
    if (this.#sessions.size >= MAX_SESSIONS) throw new StatusError('ServiceUnavailable', 'The server has too many MCP sessions; try again later.', { retryAfterSeconds: 60 });
  }
}
