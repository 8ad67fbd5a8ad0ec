import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Authenticator } from './authenticate';
import type { PublicEndpoint } from './httpServer';
import { readJson } from './readBody';
import { sendJson } from './respond';
import type { SessionCookie } from './sessionCookie';
import { SESSION_LIFETIME_MS, type Tokens } from './tokens';

/** Sign-in by the printed link or by token, and sign-out. */
export function createSessionEndpoints(opts: { tokens: Tokens; authenticator: Authenticator; cookie: SessionCookie }): PublicEndpoint[] {
  const { tokens, authenticator, cookie } = opts;

  const signIn = (req: IncomingMessage, res: ServerResponse, user: string) => cookie.write(req, res, { value: tokens.signSession(user), maxAgeSeconds: SESSION_LIFETIME_MS / 1000 });

  return [
    {
      path: '/login',
      methods: ['GET'],
      async handle(req, res, url) {
        const code = url.searchParams.get('code');
        let location = safeNext(url.searchParams.get('next'));
        if (code !== null) {
          try {
            signIn(req, res, tokens.redeemLoginCode(code));
          } catch {
            location = '/sign-in?reason=link';
          }
        } else location = '/sign-in';
        res.writeHead(303, { Location: location, 'Cache-Control': 'no-store' });
        res.end();
        await Promise.resolve();
      },
    },
    {
      path: '/api/session',
      methods: ['POST', 'DELETE'],
      async handle(req, res) {
        if (req.method === 'DELETE') {
          cookie.write(req, res, { value: '', maxAgeSeconds: 0 });
          return sendJson(res, 200, { signedOut: true });
        }
        const actor = await actorOfToken(req, authenticator);
        signIn(req, res, actor);
        sendJson(res, 200, { signedIn: true, user: actor });
      },
    },
  ];
}

/** A session is a person's: a run's token opens none. */
async function actorOfToken(req: IncomingMessage, authenticator: Authenticator): Promise<string> {
  const body = await readJson(req, 64 * 1024);
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string' || token === '') {
    throw new StatusError('BadRequest', 'Send { "token": "…" }.', { causes: [{ code: 'FieldValueRequired', field: 'token', message: 'the token of the file admin-token' }] });
  }
  const authenticated = await authenticator.authenticate({ headers: { authorization: `Bearer ${token.trim()}` } } as IncomingMessage);
  if (authenticated?.actor.kind !== 'user') throw new StatusError('Unauthorized', 'This token cannot open a session in the console.');
  return authenticated.actor.name;
}

/** Only paths of our own: an open redirect would send people from a Kradle link to anywhere. */
function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w\-./~%?=&:@+,#]*$/.test(next) ? next : '/';
}
