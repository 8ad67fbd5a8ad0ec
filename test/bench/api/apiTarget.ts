import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { KeptConnection, type Answer } from './keptConnection';

/** A server that speaks the Kubernetes API over TLS, and the client that asks it: the same for all that are compared. */
export interface ApiTarget {
  readonly name: string;
  /** The processes that serve it. */
  readonly pids: readonly number[];
  /** Makes all of its connections anew, so that none is made, or found to be closed, while something is measured. */
  connect(): Promise<void>;
  /** `body` is JSON; so is the answer. Anything but 2xx is an error. At most {@link CONNECTIONS} at a time. */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: string): Promise<Buffer>;
  /** Lines of a watch as they come; ends with the signal. */
  watch(path: string, signal: AbortSignal): AsyncIterable<string>;
  /** Drops idle connections. */
  close(): void;
}

/** What a measure asks for at a time. */
export const CONNECTIONS = 16;

export function createApiTarget(opts: { name: string; pids: readonly number[]; url: string; token: string }): ApiTarget {
  const { name, pids } = opts;
  const url = new URL(opts.url);
  const headers = { authorization: `Bearer ${opts.token}`, accept: 'application/json' };
  let idle: KeptConnection[] = [];

  const open = () => KeptConnection.open(url, headers);
  const close = () => {
    for (const connection of idle.splice(0)) connection.close();
  };

  /** Undefined when each idle one was closed by the server. */
  function takeIdle(): KeptConnection | undefined {
    for (;;) {
      const connection = idle.shift();
      if (connection === undefined || connection.isOpen) return connection;
    }
  }

  return {
    name,
    pids,
    close,
    async connect() {
      close();
      idle = await Promise.all(Array.from({ length: CONNECTIONS }, open));
    },
    async send(method, path, body) {
      const connection = takeIdle() ?? (await open());
      let answer: Answer;
      try {
        answer = await connection.request(method, path, body);
      } catch (cause) {
        throw new Error(`${name}: ${method} ${path} was not answered`, { cause });
      }
      idle.push(connection);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${name}: ${method} ${path} answered ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
    },
    async *watch(path, signal) {
      const alone = new Pool(url.origin, { connections: 1, connect: { rejectUnauthorized: false } });
      try {
        const { statusCode, body } = await alone.request({ method: 'GET', path, headers, signal });
        if (statusCode !== 200) throw new Error(`${name}: ${path} answered ${statusCode}`);
        yield* createInterface({ input: body, crlfDelay: Infinity });
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        await alone.destroy();
      }
    },
  };
}
