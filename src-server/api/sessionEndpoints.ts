import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Browser } from '../http/browser';
import type { PublicEndpoint } from '../http/endpoint';
import { safeNext } from '../http/safeNext';
import type { Authenticator } from './authenticate';
import type { Tokens } from './tokens';

/** Sign-in by the printed link or by token, and sign-out. */
export function createSessionEndpoints(opts: { tokens: Tokens; authenticator: Authenticator; browser: Browser; isTokenOpen: () => Promise<boolean> }): PublicEndpoint[] {
  const { tokens, authenticator, browser } = opts;
  return [
    {
      pattern: /^\/login$/,
      methods: ['GET'],
      async handle(request) {
        const { res, url } = request;
        const code = url.searchParams.get('code');
        let location = safeNext(url.searchParams.get('next'));
        if (code !== null) {
          try {
            await browser.open(request, { account: tokens.redeemLoginCode(code), method: 'link' });
          } catch (error) {
            if (!(error instanceof StatusError)) throw error;
            location = '/sign-in?reason=link';
          }
        } else location = '/sign-in';
        res.writeHead(303, { Location: location, 'Cache-Control': 'no-store' });
        res.end();
      },
    },
    {
      pattern: /^\/api\/session$/,
      methods: ['POST', 'DELETE'],
      async handle(request) {
        if (request.req.method === 'DELETE') {
          await browser.close(request);
          return request.json(200, { signedOut: true });
        }
        if (!(await opts.isTokenOpen())) throw new StatusError('Forbidden', 'Signing in by token is switched off here.', { code: 'METHOD_CLOSED' });
        const account = await accountOfToken((await request.fields()).token, authenticator, request.req);
        await browser.open(request, { account, method: 'token' });
        request.json(200, { signedIn: true, user: account });
      },
    },
  ];
}

/** A session is a person's, with all their rights: a run's token opens none, nor does one that is limited. */
async function accountOfToken(token: unknown, authenticator: Authenticator, { socket, headers }: IncomingMessage): Promise<string> {
  if (typeof token !== 'string' || token === '') {
    throw new StatusError('BadRequest', 'Send { "token": "…" }.', { causes: [{ code: 'FieldValueRequired', field: 'token', message: 'the token of the file admin-token' }] });
  }
  const shown = { socket, headers: { 'x-forwarded-for': headers['x-forwarded-for'], authorization: `Bearer ${token.trim()}` } };
  const actor = (await authenticator.authenticate(shown as unknown as IncomingMessage))?.actor;
  if (actor?.kind !== 'user') throw new StatusError('Unauthorized', 'This token cannot open a session in the console.');
  if (actor.limits !== undefined) throw new StatusError('Forbidden', 'An access token is limited, and a session is not: sign in as yourself. Programs use the token as it is.', { code: 'TOKEN_LIMITED' });
  return actor.name;
}
