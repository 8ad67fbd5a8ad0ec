import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A server without a git: it asks another one at the first time, and then sends what it has. What clients need with it is what they need by themselves. */
export interface Replay extends Disposable {
  /** The address at which it answers for one of the other server. */
  urlOf(address: string): string;
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

export async function startReplay(): Promise<Replay> {
  const answers = new Map<string, Promise<Answer>>();
  let origin = '';
  const server = createServer((req, res) => {
    void buffer(req).then(async (body) => {
      const key = [req.method, req.url, req.headers.authorization, body.toString('base64')].join('\n');
      const asked = answers.get(key) ?? ask(`${origin}${req.url ?? ''}`, req, body);
      answers.set(key, asked);
      const { status, headers, body: answer } = await asked;
      res.writeHead(status, { ...headers, 'content-length': answer.length }).end(answer);
    }).catch((error: unknown) => res.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf(address) {
      const url = new URL(address);
      origin = url.origin;
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const PASSED_ON = ['authorization', 'content-type', 'content-encoding', 'git-protocol', 'accept', 'user-agent'];

async function ask(address: string, req: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers();
  for (const name of PASSED_ON) {
    const value = req.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const response = await fetch(address, { method: req.method ?? 'GET', headers, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) });
  const kept = ['content-type', 'www-authenticate'].flatMap((name): [string, string][] => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status: response.status, headers: Object.fromEntries(kept), body: Buffer.from(await response.arrayBuffer()) };
}
