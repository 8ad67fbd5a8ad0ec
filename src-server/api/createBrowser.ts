import type { IncomingMessage } from 'node:http';
import type { Browser, KeptPurpose } from '../http/browser';
import { createCookie, type Cookie } from './sessionCookie';
import type { Tokens } from './tokens';

/** The sessions that a browser's cookie names. */
export interface BrowserSessions {
  readonly lifetimeMs: number;
  open(account: string, opts: { readonly method: string; readonly address?: string; readonly userAgent?: string }): Promise<string>;
  /** Ends a session, whosever it is. */
  end(id: string): Promise<void>;
}

export interface BrowserDoor extends Browser {
  /** Name of the session's cookie over plain HTTP. */
  readonly cookieName: string;
  /** Id of the session that the browser shows, signed by us; whether it is still good is another question. */
  sessionOf(req: IncomingMessage): string | undefined;
}

/** Keeps sessions, and what else a browser keeps for us, in signed cookies. */
export function createBrowser(opts: { tokens: Tokens; sessions: BrowserSessions; port: number; originOf: (req: IncomingMessage) => string; now: () => number }): BrowserDoor {
  const { tokens, sessions, now } = opts;
  const session = createCookie({ ...opts, purpose: 'session' });
  const kept: Readonly<Record<KeptPurpose, Cookie>> = { 'sign-in': createCookie({ ...opts, purpose: 'signin' }), device: createCookie({ ...opts, purpose: 'device' }) };

  function sessionOf(req: IncomingMessage): string | undefined {
    const value = session.read(req);
    return value === undefined ? undefined : tokens.readSession(value);
  }

  return {
    cookieName: session.name,
    sessionOf,
    async open({ req, res, address }, { account, method }) {
      const before = sessionOf(req);
      const userAgent = req.headers['user-agent'];
      const id = await sessions.open(account, { method, address, ...(userAgent === undefined ? {} : { userAgent }) });
      session.write(req, res, { value: tokens.signSession(id), maxAgeSeconds: sessions.lifetimeMs / 1000 });
      if (before !== undefined) await sessions.end(before);
    },
    async close({ req, res }) {
      session.write(req, res, { value: '', maxAgeSeconds: 0 });
      const id = sessionOf(req);
      if (id !== undefined) await sessions.end(id);
    },
    keep: ({ req, res }, { purpose, claims, lifetimeMs }) => kept[purpose].write(req, res, { value: tokens.seal(purpose, claims, now() + lifetimeMs), maxAgeSeconds: Math.ceil(lifetimeMs / 1000) }),
    recall({ req }, purpose) {
      const value = kept[purpose].read(req);
      return value === undefined ? undefined : tokens.unseal(purpose, value);
    },
    forget: ({ req, res }, purpose) => kept[purpose].write(req, res, { value: '', maxAgeSeconds: 0 }),
  };
}
