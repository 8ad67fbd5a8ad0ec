import { createInterface } from 'node:readline';
import { Pool } from 'undici';

/**
 * A server that speaks the Kubernetes API over TLS, asked by the client behind Node's `fetch`, which takes less of the processors than
 * `node:https`: what it takes is missing to whom it asks. The same for all that are compared.
 */
export interface ApiTarget {
  readonly name: string;
  /** The processes that serve it. */
  readonly pids: readonly number[];
  /** Anything but 2xx is an error. */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<string>;
  /** Lines of a watch as they come; ends with the signal. */
  watch(path: string, signal: AbortSignal): AsyncIterable<string>;
  /** Drops idle connections. */
  close(): void;
}

/** Connections that are kept: what a measure asks for at a time is at most this. */
const CONNECTIONS = 16;

export function createApiTarget(opts: { name: string; pids: readonly number[]; url: string; token: string }): ApiTarget {
  const { origin } = new URL(opts.url);
  // Each server signed its own certificate; what is measured is the protocol, not the trust.
  const connect = { rejectUnauthorized: false };
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1, connect });
  const headers = { authorization: `Bearer ${opts.token}`, accept: 'application/json' };
  return {
    name: opts.name,
    pids: opts.pids,
    async send(method, path, sent) {
      const { statusCode, body } = await pool.request({
        method, path,
        ...(sent === undefined ? { headers } : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(sent) }),
      });
      const answer = await body.text();
      if (statusCode >= 200 && statusCode < 300) return answer;
      throw new Error(`${opts.name}: ${method} ${path} answered ${statusCode}: ${answer.slice(0, 500)}`);
    },
    async *watch(path, signal) {
      const alone = new Pool(origin, { connections: 1, connect });
      try {
        const { statusCode, body } = await alone.request({ method: 'GET', path, headers, signal });
        if (statusCode !== 200) throw new Error(`${opts.name}: ${path} answered ${statusCode}`);
        yield* createInterface({ input: body, crlfDelay: Infinity });
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        await alone.destroy();
      }
    },
    close: () => void pool.destroy(),
  };
}
