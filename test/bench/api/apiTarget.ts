import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** A server that speaks the Kubernetes API over TLS, asked by Node's own client: the same for all that are compared. */
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
  const { hostname: host, port } = new URL(opts.url);
  // Each server signed its own certificate; what is measured is the protocol, not the trust.
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, rejectUnauthorized: false });
  const headers = { authorization: `Bearer ${opts.token}`, accept: 'application/json' };
  return {
    name: opts.name,
    pids: opts.pids,
    async send(method, path, body) {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
        const outgoing = request(
          { agent, host, port, method, path, headers: sent === undefined ? headers : { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) } },
          (incoming) => void text(incoming).then((all) => resolve({ status: incoming.statusCode ?? 0, answer: all }), reject),
        );
        outgoing.once('error', reject);
        outgoing.end(sent);
      });
      if (status >= 200 && status < 300) return answer;
      throw new Error(`${opts.name}: ${method} ${path} answered ${status}: ${answer.slice(0, 500)}`);
    },
    async *watch(path, signal) {
      const outgoing = request({ agent: false, rejectUnauthorized: false, host, port, path, headers, signal });
      outgoing.end();
      try {
        const incoming = await new Promise<IncomingMessage>((resolve, reject) => outgoing.once('response', resolve).once('error', reject));
        if (incoming.statusCode !== 200) throw new Error(`${opts.name}: ${path} answered ${incoming.statusCode}`);
        yield* createInterface({ input: incoming, crlfDelay: Infinity });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    close: () => agent.destroy(),
  };
}
