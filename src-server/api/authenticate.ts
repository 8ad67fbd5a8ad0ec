import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../resources/actor';
import type { Tokens } from './tokens';

export interface Authenticator {
  /** The actor behind the request, or undefined when it shows nothing. Throws `Unauthorized` for a credential that is not good. */
  authenticate(req: IncomingMessage): Promise<Authenticated | undefined>;
  /** Calls `end` when what the actor came with is good no more, while its request is still open. The answer takes it back. */
  follow(actor: Actor, end: () => void): () => void;
}

export interface Authenticated {
  readonly actor: Actor;
  /** A cookie is sent by the browser unasked, as is what a proxy adds for it, so requests that come so need a same-origin check. */
  readonly by: 'token' | 'cookie';
}

/** Who is behind a credential. Undefined when it is not good, or its owner is gone or disabled. */
export interface CredentialSource {
  findUser(name: string): Promise<Actor | undefined>;
  findBySession(id: string): Promise<Actor | undefined>;
  findByToken(token: string, from: { readonly address: string }): Promise<Actor | undefined>;
  /** The person whom a trusted proxy names in its headers; undefined when there is none, or the request is not from one. */
  findByProxy(req: IncomingMessage): Promise<Actor | undefined>;
  follow(actor: Actor, end: () => void): () => void;
}

/** Signed permissions for a part of the server, which nobody keeps. */
export interface TicketReader {
  /** Who acts with it at this path; undefined for what is no ticket for it. */
  findActor(token: string, pathname: string): Promise<Actor | undefined>;
}

export interface AuthenticatorOptions {
  readonly tickets: TicketReader;
  readonly tokens: Pick<Tokens, 'readRunToken' | 'isAdminToken'>;
  readonly credentials: CredentialSource;
  /** Id of the session that the request's cookie names, if we signed it. */
  readonly sessionOf: (req: IncomingMessage) => string | undefined;
  readonly addressOf: (req: IncomingMessage) => string;
  /** Whose the admin token is. */
  readonly adminUser: string;
}

/** Accepts `Authorization: Bearer`, Basic with the token as password or as user name without one (git and package clients), headers of trusted proxies, and the session cookie, in this order. */
export function createAuthenticator(opts: AuthenticatorOptions): Authenticator {
  const { tokens, credentials } = opts;
  let administrator: { base: Actor; actor: Actor } | undefined;

  async function byToken(token: string, req: IncomingMessage): Promise<Actor> {
    const run = tokens.readRunToken(token);
    if (run !== undefined) return { kind: 'run', name: run.run, orgs: [run.org], run: { org: run.org, name: run.run, attempt: Number(run.attempt) }, credential: { kind: 'run-token', id: run.attempt } };
    const actor = tokens.isAdminToken(token)
      ? asAdministrator(await credentials.findUser(opts.adminUser))
      : ((await opts.tickets.findActor(token, pathOf(req))) ?? (await credentials.findByToken(token, { address: opts.addressOf(req) })));
    if (actor === undefined) throw new StatusError('Unauthorized', 'The token is not valid: it is mistyped, expired or revoked. The administrator\'s is in the file admin-token of the data folder.');
    return actor;
  }

  /** The same object for every request, as long as the administrator is the same. */
  function asAdministrator(base: Actor | undefined): Actor | undefined {
    if (base === undefined) return undefined;
    if (administrator?.base !== base) administrator = { base, actor: Object.freeze<Actor>({ ...base, credential: { kind: 'admin-token', id: 'admin-token' } }) };
    return administrator.actor;
  }

  return {
    follow: (actor, end) => credentials.follow(actor, end),
    async authenticate(req) {
      const token = readToken(req.headers.authorization);
      if (token !== undefined) return { actor: await byToken(token, req), by: 'token' };
      const named = await credentials.findByProxy(req);
      if (named !== undefined) return { actor: named, by: 'cookie' };
      const session = opts.sessionOf(req);
      const actor = session === undefined ? undefined : await credentials.findBySession(session);
      return actor === undefined ? undefined : { actor, by: 'cookie' };
    },
  };
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '').split('?', 1)[0] ?? '';
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
      const colon = decoded.indexOf(':');
      const password = decoded.slice(colon + 1);
      // Scripts that come from GitHub say it in the user name: `https://TOKEN:x-oauth-basic@…`.
      return password === '' || password === 'x-oauth-basic' ? decoded.slice(0, Math.max(colon, 0)) : password;
    }
    default:
      throw new StatusError('Unauthorized', 'Send "Authorization: Bearer TOKEN", or Basic with the token as password.');
  }
}
