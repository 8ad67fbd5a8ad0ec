import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request that fetch would not send: with a Host of one's own, or with headers that browsers alone may set. */
export async function rawRequest(url: string, opts: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {}): Promise<RawAnswer> {
  const { host, pathname, search } = new URL(url);
  const req = request(url, { method: opts.method ?? 'GET', path: pathname + search, setHost: false, headers: { Host: host, ...opts.headers } });
  req.end(opts.body);
  return new Promise((resolve, reject) => {
    req.once('error', reject).once('response', (res) => {
      text(res).then((body) => resolve({ status: res.statusCode ?? 0, headers: res.headers, text: body }), reject);
    });
  });
}
