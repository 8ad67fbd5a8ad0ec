import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAddressGuard } from '../../../http/safeAddress';
import { createSafeFetch } from '../../../http/safeFetch';
import { CLIENT_ID, CLIENT_SECRET, startOidcProvider, type TestOidcProvider } from '../../../../test/harness/oidcProvider';
import { TestBrowser } from '../../../../test/harness/testBrowser';
import { createAuthorizationFlow, type AuthorizationFlow } from './authorizationFlow';
import type { Provider } from './signInProviders';

const REDIRECT = 'http://127.0.0.1:9/callback';
let server: TestOidcProvider;
let provider: Provider;
let flow: AuthorizationFlow;

beforeEach(async () => {
  server = await startOidcProvider();
  server.setRedirectUris(REDIRECT);
  server.person = { sub: 'ada', preferred_username: 'ada', email: 'ada@example.com', email_verified: true };
  const fetch = createSafeFetch(createAddressGuard({ allow: '*' }));
  flow = createAuthorizationFlow({ fetch, trustedFetch: fetch, now: () => Date.now() });
  provider = {
    name: 'sso', version: '1', isFromEnvironment: false, clientSecret: async () => CLIENT_SECRET,
    spec: { organizationRef: 'default', type: 'oidc', enabled: true, createUsers: false, issuerUrl: server.issuer, clientId: CLIENT_ID },
  };
});
afterEach(async () => {
  vi.useRealTimers();
  await server[Symbol.asyncDispose]();
});

/** From the start at Kradle to the way back, and what comes of it. */
async function signIn() {
  const { url, pending } = await flow.begin(provider, REDIRECT);
  const browser = new TestBrowser();
  await browser.open(url, { stopAt: (next) => next.startsWith(REDIRECT) });
  return flow.finish(provider, new URL(browser.history.at(-1) ?? ''), pending);
}

describe('keys of a provider', () => {
  it('that are new are asked for, once a minute at most', async () => {
    expect(await signIn()).toMatchObject({ subject: 'ada', login: 'ada', email: 'ada@example.com', emailVerified: true });
    const asked = server.count('/jwks');
    expect(await signIn()).toMatchObject({ subject: 'ada' });
    expect(server.count('/jwks')).toBe(asked);
    server.rotateKeys();
    await expect(signIn()).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect(server.count('/jwks')).toBe(asked);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect(await signIn()).toMatchObject({ subject: 'ada' });
    expect(server.count('/jwks')).toBe(asked + 1);
  });
});

describe('what a provider says about itself', () => {
  it('is read again after a change of the object, and not for every sign-in', async () => {
    await signIn();
    await signIn();
    expect(server.count('/.well-known/openid-configuration')).toBe(1);
    provider = { ...provider, version: '2' };
    await signIn();
    expect(server.count('/.well-known/openid-configuration')).toBe(2);
  });

  it('is refused when it names another issuer', async () => {
    server.intercept = (req, res) => {
      if (req.url !== '/.well-known/openid-configuration') return false;
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ issuer: 'https://evil.example', authorization_endpoint: `${server.issuer}/auth`, token_endpoint: `${server.issuer}/token`, jwks_uri: `${server.issuer}/jwks` }));
      return true;
    };
    await expect(flow.begin(provider, REDIRECT)).rejects.toMatchObject({ reason: 'ServiceUnavailable', code: 'PROVIDER_UNAVAILABLE' });
  });

  it('is not asked for over plain HTTP beyond this machine', async () => {
    provider = { ...provider, spec: { ...provider.spec, issuerUrl: 'http://sso.example.com' } };
    await expect(flow.check(provider)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('does not lead into a network that the server may not be sent to', async () => {
    const strict = createSafeFetch(createAddressGuard({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] }));
    flow = createAuthorizationFlow({ fetch: strict, trustedFetch: strict, now: () => Date.now() });
    await expect(flow.check(provider)).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  });
});
