import { createPrivateKey, generateKeyPairSync, randomUUID, sign, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type JWK } from 'oidc-provider';

export const CLIENT_ID = 'kradle';
export const CLIENT_SECRET = 'a secret between the two of us';

/** Claims of a person beside `sub`. */
export type Person = Readonly<Record<string, unknown>> & { readonly sub: string };

/** A real OpenID provider in this process, at which the person in front of the browser is always signed in and agrees. */
export interface TestOidcProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Who signs in next; undefined says no. */
  person: Person | undefined;
  /** Registers where people are sent back to. */
  setRedirectUris(...uris: string[]): void;
  /** From now on tokens are signed with another key, and the one before is forgotten. */
  rotateKeys(): void;
  /** A token of these claims that the provider's present key has signed. */
  signToken(claims: object): string;
  /** Runs before the provider sees a request; true when it answered itself. */
  intercept: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined;
  /** Requests so far to a path of the provider. */
  count(path: string): number;
}

export async function startOidcProvider(): Promise<TestOidcProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const counts = new Map<string, number>();
  let redirectUris = [`${issuer}/nowhere`];
  let keys = [newKey()];
  let handler = build();

  function build() {
    const configuration: Configuration = {
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: redirectUris, grant_types: ['authorization_code'], response_types: ['code'] }],
      jwks: { keys },
      cookies: { keys: ['a key of cookies'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'groups'] },
      // As most providers do: what was asked for is in the ID token.
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => true },
      ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Grant: 300, Interaction: 300, Session: 300 },
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...test.person, sub }) }),
      async loadExistingGrant(ctx) {
        const grant = new ctx.oidc.provider.Grant({ clientId: CLIENT_ID, accountId: ctx.oidc.session?.accountId ?? '' });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    };
    const provider = new Provider(issuer, configuration);
    return { provider, handle: provider.callback() };
  }

  const test: TestOidcProvider = {
    issuer,
    person: undefined,
    intercept: undefined,
    setRedirectUris(...uris) {
      redirectUris = uris;
      handler = build();
    },
    rotateKeys() {
      keys = [newKey()];
      handler = build();
    },
    signToken(claims) {
      const [key] = keys;
      if (key === undefined) throw new Error('there is no key');
      const head = [{ alg: 'RS256', kid: key.kid, typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${head}.${sign('sha256', Buffer.from(head), createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })).toString('base64url')}`;
    },
    count: (path) => counts.get(path) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    counts.set(path, test.count(path) + 1);
    if (test.intercept?.(req, res) === true) return;
    if (path.startsWith('/interaction/')) {
      const result = test.person === undefined ? { error: 'access_denied', error_description: 'The person said no' } : { login: { accountId: test.person.sub, remember: false } };
      void handler.provider.interactionFinished(req, res, result);
    } else void handler.handle(req, res);
  });
  return test;
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}
