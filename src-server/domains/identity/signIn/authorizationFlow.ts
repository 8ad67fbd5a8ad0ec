import type { Configuration, CustomFetch, ServerMetadata } from 'openid-client';
import { isStatusError, StatusError } from '#shared/api/status';
import type { SafeFetch } from '../../../http/safeFetch';
import type { ProviderIdentity } from '../accounts/accounts';
import { readGitHubIdentity } from './gitHubIdentity';
import { readOidcIdentity } from './oidcIdentity';
import type { Provider } from './signInProviders';

/** How long what a provider says about itself is believed, in ms. */
const METADATA_LIFETIME_MS = 3_600_000;
/** How far a provider's clock may be off, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 60;

const GITHUB = { authorization: 'https://github.com/login/oauth/authorize', token: 'https://github.com/login/oauth/access_token', user: 'https://api.github.com/user' };

/** What a browser keeps while its person is at the provider. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Sign-in at a provider by the authorization code flow, with PKCE, state and nonce. Sources: RFC 6749, RFC 7636, RFC 9207, OpenID Connect Core. */
export interface AuthorizationFlow {
  /** Where to send the browser, and what it keeps until it is back. */
  begin(provider: Provider, redirectUri: string): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;
  /**
   * Who came back. `returned` is the address that the provider sent the browser to.
   *
   * @throws Unauthorized (`SIGN_IN_DENIED`) when the person or the provider said no, (`SIGN_IN_FAILED`) when anything of it does not
   * fit; ServiceUnavailable when the provider does not answer.
   */
  finish(provider: Provider, returned: URL, pending: PendingSignIn): Promise<ProviderIdentity>;
  /** Throws what keeps people from signing in by it: a setting, or a provider that does not answer as one. */
  check(provider: Provider): Promise<void>;
}

export interface AuthorizationFlowOptions {
  /** For addresses that objects name. */
  readonly fetch: SafeFetch;
  /** For those that whoever runs the server chose. */
  readonly trustedFetch: SafeFetch;
  readonly now: () => number;
}

interface Known {
  readonly version: string;
  readonly at: number;
  readonly config: Promise<Configuration>;
}

export function createAuthorizationFlow(opts: AuthorizationFlowOptions): AuthorizationFlow {
  const known = new Map<string, Known>();
  const fetchFor = (provider: Provider) => (provider.isFromEnvironment ? opts.trustedFetch : opts.fetch);

  /** Keys are in it, too: whose id is not among them are asked for again, once a minute at most. */
  function configurationOf(provider: Provider): Promise<Configuration> {
    const cached = known.get(provider.name);
    if (cached?.version === provider.version && Math.abs(opts.now() - cached.at) < METADATA_LIFETIME_MS) return cached.config;
    const config = configure(provider, fetchFor(provider));
    const entry = { version: provider.version, at: opts.now(), config };
    known.set(provider.name, entry);
    config.catch(() => { if (known.get(provider.name) === entry) known.delete(provider.name); });
    return config;
  }

  return {
    async begin(provider, redirectUri) {
      const client = await import('openid-client');
      const config = await configurationOf(provider);
      const pending = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri, scope: scopesOf(provider).join(' '), state: pending.state,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: 'S256',
        ...(provider.spec.type === 'oidc' ? { nonce: pending.nonce } : {}),
      });
      return { url: url.href, pending };
    },
    async finish(provider, returned, { state, nonce, verifier }) {
      const client = await import('openid-client');
      const config = await configurationOf(provider);
      try {
        const isOidc = provider.spec.type === 'oidc';
        const tokens = await client.authorizationCodeGrant(config, returned, { expectedState: state, pkceCodeVerifier: verifier, ...(isOidc ? { expectedNonce: nonce, idTokenExpected: true } : {}) });
        return isOidc ? await readOidcIdentity(provider, config, tokens) : await readGitHubIdentity(provider, { accessToken: tokens.access_token, userUrl: provider.spec.userInfoUrl ?? GITHUB.user, fetch: fetchFor(provider) });
      } catch (error) {
        throw toSignInError(error);
      }
    },
    async check(provider) {
      known.delete(provider.name);
      await configurationOf(provider);
    },
  };
}

async function configure(provider: Provider, fetch: SafeFetch): Promise<Configuration> {
  const client = await import('openid-client');
  const { spec } = provider;
  const clientId = required(spec.clientId, 'clientId');
  const secret = await provider.clientSecret();
  const customFetch = toCustomFetch(fetch);
  const metadata = { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
  if (spec.type === 'github') {
    if (secret === undefined) throw missing('clientSecretRef');
    const config = new client.Configuration({ issuer: 'https://github.com', authorization_endpoint: spec.authorizationUrl ?? GITHUB.authorization, token_endpoint: spec.tokenUrl ?? GITHUB.token }, clientId, metadata, client.ClientSecretPost(secret));
    config[client.customFetch] = customFetch;
    config.timeout = 10;
    if (isLoopback(spec.tokenUrl)) client.allowInsecureRequests(config);
    return config;
  }
  const issuer = new URL(required(spec.issuerUrl, 'issuerUrl'));
  // Plain HTTP is for providers on this machine: on any other way everybody in between could be the provider.
  const insecure = isLoopback(issuer.href) ? [client.allowInsecureRequests] : [];
  try {
    const config = await client.discovery(issuer, clientId, metadata, client.None(), {
      [client.customFetch]: customFetch, timeout: 10, execute: insecure,
    });
    return withOwnEndpoints(client, { config, provider, secret });
  } catch (error) {
    throw discoveryFailure(issuer, error);
  }
}

/** What the object says about endpoints goes before what was discovered; the secret is sent in the way that the provider takes. */
function withOwnEndpoints(client: typeof import('openid-client'), { config, provider: { spec }, secret }: { config: Configuration; provider: Provider; secret: string | undefined }): Configuration {
  // Without the helpers that the library adds to it.
  const server = JSON.parse(JSON.stringify(config.serverMetadata())) as ServerMetadata;
  const { authorizationUrl, tokenUrl, userInfoUrl } = spec;
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const auth = secret === undefined ? client.None() : methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
  const own = new client.Configuration({
    ...server,
    ...(authorizationUrl === undefined ? {} : { authorization_endpoint: authorizationUrl }), ...(tokenUrl === undefined ? {} : { token_endpoint: tokenUrl }), ...(userInfoUrl === undefined ? {} : { userinfo_endpoint: userInfoUrl }),
  }, config.clientMetadata().client_id, { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS }, auth);
  const customFetch = config[client.customFetch];
  if (customFetch !== undefined) own[client.customFetch] = customFetch;
  own.timeout = 10;
  if (isLoopback(spec.issuerUrl)) client.allowInsecureRequests(own);
  client.enableNonRepudiationChecks(own);
  return own;
}

function toCustomFetch(fetch: SafeFetch): CustomFetch {
  return (url, { method, headers, body, signal }) => fetch(url, {
    method, headers, ...(body === undefined || body === null ? {} : { body: body instanceof Uint8Array ? body : String(body as string | URLSearchParams) }), ...(signal === undefined ? {} : { signal }),
  });
}

function scopesOf({ spec }: Provider): readonly string[] {
  if (spec.type === 'oidc') return [...new Set(['openid', ...(spec.scopes ?? ['email', 'profile'])])];
  return spec.scopes ?? ['read:user', 'user:email', ...(spec.adminGroups === undefined ? [] : ['read:org'])];
}

function required(value: string | undefined, field: string): string {
  if (value === undefined || value === '') throw missing(field);
  return value;
}

function missing(field: string): StatusError {
  return new StatusError('Invalid', `spec.${field} is missing`, { causes: [{ code: 'FieldValueRequired', field: `spec.${field}`, message: 'the provider needs it' }] });
}

function isLoopback(url: string | undefined): boolean {
  return url !== undefined && /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(url);
}

function discoveryFailure(issuer: URL, error: unknown): unknown {
  if (isStatusError(error)) return error;
  const cause = error instanceof Error && isStatusError(error.cause) ? error.cause : undefined;
  return cause ?? new StatusError('ServiceUnavailable', `${issuer.href} does not answer as an OpenID provider: ${error instanceof Error ? error.message : String(error)}`, { code: 'PROVIDER_UNAVAILABLE', cause: error });
}

/** The library's failures, in the two words that the sign-in page has for them. Details are for the log. */
function toSignInError(error: unknown): unknown {
  if (isStatusError(error)) return error;
  if (error instanceof Error && isStatusError(error.cause)) return error.cause;
  const name = error instanceof Error ? error.constructor.name : '';
  if (name === 'AuthorizationResponseError') return new StatusError('Unauthorized', 'The provider did not sign you in.', { code: 'SIGN_IN_DENIED', cause: error });
  return new StatusError('Unauthorized', 'What the provider answered does not fit this sign-in.', { code: 'SIGN_IN_FAILED', cause: error });
}
