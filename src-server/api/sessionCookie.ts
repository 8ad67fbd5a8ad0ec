import type { IncomingMessage, ServerResponse } from 'node:http';

/** A cookie of ours in the browser. */
export interface Cookie {
  /** Its name over plain HTTP. */
  readonly name: string;
  read(req: IncomingMessage): string | undefined;
  /** Adds it to the answer; an age of 0 removes it from the browser. */
  write(req: IncomingMessage, res: ServerResponse, cookie: { value: string; maxAgeSeconds: number }): void;
}

/**
 * Browsers send cookies to every port of a host, so two servers on one machine need names of their own. Over https the cookie is
 * another one again: with `__Host-` in front nobody can set or overwrite it from a plain page, and a plain page that set the same name
 * would be refused for ever once the secure one is there (RFC 6265bis, "Leave Secure Cookies Alone").
 */
export function createCookie(opts: { purpose: string; port: number; originOf: (req: IncomingMessage) => string }): Cookie {
  const name = `kradle_${opts.purpose}_${opts.port}`;
  const isSecure = (req: IncomingMessage) => opts.originOf(req).startsWith('https:');
  const nameFor = (req: IncomingMessage) => (isSecure(req) ? `__Host-${name}` : name);
  return {
    name,
    read: (req) => readCookie(req.headers.cookie, nameFor(req)),
    write(req, res, { value, maxAgeSeconds }) {
      res.appendHeader('Set-Cookie', `${nameFor(req)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${isSecure(req) ? '; Secure' : ''}`);
    },
  };
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return undefined;
}
