import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../resources/actor';
import type { SessionCookie } from './sessionCookie';
import type { Tokens } from './tokens';

export interface Authenticator {
  /** The actor behind the request, or undefined when it shows nothing. Throws `Unauthorized` for a credential that is not good. */
  authenticate(req: IncomingMessage): Promise<Authenticated | undefined>;
}

export interface Authenticated {
  readonly actor: Actor;
  /** A cookie is sent by the browser unasked, so requests that come with one need a same-origin check. */
  readonly by: 'token' | 'cookie';
}

/** Accepts `Authorization: Bearer`, Basic with the token as password (git and package clients), and the session cookie. */
export function createAuthenticator(opts: {
  tokens: Tokens;
  cookie: SessionCookie;
  /** Resolves a user name to an actor; undefined when the user is gone or disabled. */
  findUser: (name: string) => Promise<Actor | undefined>;
}): Authenticator {
  const { tokens } = opts;

  async function byToken(token: string): Promise<Actor> {
    const run = tokens.readRunToken(token);
    if (run !== undefined) return { kind: 'run', name: run.run, orgs: [run.org], run: { org: run.org, name: run.run, attempt: Number(run.attempt) } };
    if (tokens.isAdminToken(token)) {
      const admin = await opts.findUser('admin');
      if (admin !== undefined) return admin;
    }
    throw new StatusError('Unauthorized', 'The token is not valid. The administrator\'s is in the file admin-token of the data folder.');
  }

  return {
    async authenticate(req) {
      const token = readToken(req.headers.authorization);
      if (token !== undefined) return { actor: await byToken(token), by: 'token' };
      const cookie = opts.cookie.read(req);
      if (cookie === undefined) return undefined;
      const session = tokens.readSession(cookie);
      if (session === undefined) return undefined;
      const actor = await opts.findUser(session.user);
      return actor === undefined ? undefined : { actor, by: 'cookie' };
    },
  };
}

function readToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme, credentials = ''] = header.split(/\s+/, 2);
  switch (scheme?.toLowerCase()) {
    case 'bearer':
    case 'token':
      return credentials;
    case 'basic': {
      const decoded = Buffer.from(credentials, 'base64').toString('utf8');
      return decoded.slice(decoded.indexOf(':') + 1);
    }
    default:
      throw new StatusError('Unauthorized', 'Send "Authorization: Bearer TOKEN", or Basic with the token as password.');
  }
}
