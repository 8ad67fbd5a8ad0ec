import { randomBytes } from 'node:crypto';
import { passwordSignIn, type SignedIn, type SignInFailure, type SignInMethods } from '#shared/api/signIn';
import { isStatusError, StatusError } from '#shared/api/status';
import { normalizeName } from '#shared/kind/names';
import { User } from '#shared/kinds/identity/user';
import type { Browser } from '../../../http/browser';
import type { PublicEndpoint, PublicRequest } from '../../../http/endpoint';
import { safeNext } from '../../../http/safeNext';
import { zodCauses } from '../../../rpc/trpc';
import type { Accounts } from '../accounts/accounts';
import { NotAdmitted, type AdmitIdentity } from './admitIdentity';
import type { AuthorizationFlow, PendingSignIn } from './authorizationFlow';
import type { SignInRates } from './signInRates';
import { titleOf, type Provider, type SignInProviders } from './signInProviders';

/** How long a person may take at the provider, in ms. */
const AT_PROVIDER_MS = 15 * 60_000;
/** How long a browser in which somebody has signed in is told from those of strangers, in ms. */
const DEVICE_KNOWN_MS = 180 * 24 * 3_600_000;
const TAGS = ['Sign-in'];

export interface SignInEndpointsOptions {
  readonly accounts: Accounts;
  readonly providers: SignInProviders;
  readonly flow: AuthorizationFlow;
  readonly admit: AdmitIdentity;
  readonly rates: SignInRates;
  readonly browser: Browser;
  /** Somebody has a password. */
  readonly hasPasswords: () => Promise<boolean>;
  /** The server is its user's own: "kradle open" signs in. */
  readonly isLocal: () => Promise<boolean>;
}

/** Which ways there are to sign in, by password, and by the providers that people are sent to. */
export function createSignInEndpoints(opts: SignInEndpointsOptions): PublicEndpoint[] {
  const { accounts, providers, flow, browser } = opts;

  async function methods(): Promise<SignInMethods> {
    const buttons = (await providers.enabled()).flatMap((provider) => {
      const { type } = provider.spec;
      return type === 'oidc' || type === 'github' ? [{ name: provider.name, type, displayName: titleOf(provider), startUrl: `/api/sign-in/${encodeURIComponent(provider.name)}/start` }] : [];
    });
    return { providers: buttons, password: (await providers.isOpen('password')) && (await opts.hasPasswords()), token: await providers.isOpen('token'), link: await opts.isLocal() };
  }

  async function byPassword(request: PublicRequest): Promise<SignedIn> {
    if (!(await providers.isOpen('password'))) throw new StatusError('Forbidden', 'Signing in by password is switched off here.', { code: 'METHOD_CLOSED' });
    const fields = await request.fields();
    const parsed = passwordSignIn.safeParse(fields);
    if (!parsed.success) throw new StatusError('BadRequest', 'Send { "username": "…", "password": "…" }.', { causes: zodCauses(parsed.error, fields) ?? [] });
    const { username, password, next } = parsed.data;
    const name = await nameOf(username);
    const known = browser.recall(request, 'device');
    const device = known?.account === name && typeof known.id === 'string' ? known.id : undefined;
    const account = await opts.rates.attempt({ account: name, address: request.address, device }, () => accounts.checkPassword(name, password));
    // The same words and the same time, whether there is no such account or another password.
    if (account === undefined) {
      await note(request, { account: name, method: 'password', refusal: 'wrong name or password' });
      throw new StatusError('Unauthorized', 'The name or the password is not right.', { code: 'SIGN_IN_FAILED' });
    }
    if ((await accounts.findActor(name)) === undefined) {
      await note(request, { account: name, method: 'password', refusal: 'the account is disabled' });
      throw new StatusError('Forbidden', 'This account is disabled. An administrator can enable it again.', { code: 'ACCOUNT_DISABLED' });
    }
    await note(request, { account: name, method: 'password' });
    await browser.open(request, { account: name, method: 'password' });
    browser.keep(request, { purpose: 'device', claims: { account: name, id: device ?? randomBytes(12).toString('hex') }, lifetimeMs: DEVICE_KNOWN_MS });
    return { signedIn: true, user: name, next: safeNext(next) };
  }

  /** A login, or an address that belongs to one account. */
  async function nameOf(username: string): Promise<string> {
    if (!username.includes('@')) return normalizeName(username);
    const found = await accounts.findByEmail(username);
    return (found.length === 1 ? found[0]?.metadata.name : undefined) ?? normalizeName(username);
  }

  async function start(request: PublicRequest): Promise<void> {
    const next = safeNext(request.url.searchParams.get('next'));
    try {
      const provider = await redirecting(request);
      const { url, pending } = await flow.begin(provider, callbackOf(request, provider));
      // Only the browser that set out may come back: a sign-in that somebody else began would sign people in as somebody else.
      browser.keep(request, { purpose: 'sign-in', claims: { ...pending, provider: provider.name, next }, lifetimeMs: AT_PROVIDER_MS });
      redirect(request, url);
    } catch (error) {
      fail(request, error, next);
    }
  }

  async function callback(request: PublicRequest): Promise<void> {
    const kept = browser.recall(request, 'sign-in');
    browser.forget(request, 'sign-in');
    const next = safeNext(kept?.next);
    try {
      const provider = await redirecting(request);
      const pending = pendingOf(kept, provider);
      if (pending === undefined || request.url.searchParams.get('state') !== pending.state) throw new NotAdmitted('state');
      const identity = await flow.finish(provider, new URL(request.url.pathname + request.url.search, request.origin), pending);
      const account = await opts.admit(provider, identity).catch(async (error: unknown) => {
        await note(request, { account: identity.login ?? identity.subject, method: provider.name, refusal: reasonOf(error) });
        throw error;
      });
      await note(request, { account, method: provider.name });
      await browser.open(request, { account, method: provider.name });
      redirect(request, next);
    } catch (error) {
      fail(request, error, next);
    }
  }

  async function redirecting({ params }: PublicRequest): Promise<Provider> {
    const provider = await providers.get(params.provider ?? '');
    if (provider.spec.type !== 'oidc' && provider.spec.type !== 'github') throw new StatusError('NotFound', `"${provider.name}" is no provider that people are sent to`);
    return provider;
  }

  const description = (path: string, summary: string, answers = 'text/html') => ({ openapi: { path, summary, tags: TAGS, answers } });
  return [
    {
      pattern: /^\/api\/sign-in\/methods$/, methods: ['GET'],
      ...description('/api/sign-in/methods', 'The ways to sign in that are open', 'application/json'),
      handle: async (request) => request.json(200, await methods()),
    },
    {
      pattern: /^\/api\/sign-in\/password$/, methods: ['POST'],
      openapi: { path: '/api/sign-in/password', summary: 'Sign a browser in by name and password', tags: TAGS, body: passwordSignIn, answers: 'application/json' },
      handle: async (request) => request.json(200, await byPassword(request)),
    },
    {
      pattern: /^\/api\/sign-in\/(?<provider>[^/]+)\/start$/, methods: ['GET'],
      openapi: { path: '/api/sign-in/{provider}/start', summary: 'Send a browser to a provider to sign in', tags: TAGS, query: { next: 'Path to open afterwards.' }, answers: 'text/html' },
      handle: start,
    },
    {
      pattern: /^\/api\/sign-in\/(?<provider>[^/]+)\/callback$/, methods: ['GET'],
      ...description('/api/sign-in/{provider}/callback', 'Where a provider sends a browser back'),
      handle: callback,
    },
  ];
}

/** Leaves a record of who came in, and of who did not. */
function note({ trail }: PublicRequest, { account, method, refusal }: { account: string; method: string; refusal?: string }): Promise<void> {
  return trail.note({ kind: 'user', name: account, orgs: [] }, {
    verb: 'sign-in', kind: User.names.kind, name: account, outcome: refusal === undefined ? 'allowed' : 'denied', details: { method }, ...(refusal === undefined ? {} : { reason: refusal }),
  });
}

/** What to register at the provider. */
export function callbackPath(provider: string): string {
  return `/api/sign-in/${encodeURIComponent(provider)}/callback`;
}

function callbackOf({ origin }: PublicRequest, provider: Provider): string {
  return origin + callbackPath(provider.name);
}

function pendingOf(kept: Readonly<Record<string, unknown>> | undefined, provider: Provider): PendingSignIn | undefined {
  const { state, nonce, verifier } = kept ?? {};
  // Another provider's answer for this one's question would be a mix-up.
  if (kept?.provider !== provider.name || typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
  return { state, nonce, verifier };
}

/** People see the sign-in page, which says what to do; what exactly went wrong is in the log. */
function fail(request: PublicRequest, error: unknown, next: string): void {
  const reason = reasonOf(error);
  if (reason === 'unavailable' && !isStatusError(error)) request.log.error({ err: error }, 'sign-in failed');
  else request.log.warn({ err: error, provider: request.params.provider, reason }, 'sign-in by a provider did not work');
  redirect(request, `/sign-in?reason=${reason}${next === '/' ? '' : `&next=${encodeURIComponent(next)}`}`);
}

function reasonOf(error: unknown): SignInFailure {
  if (error instanceof NotAdmitted) return error.failure;
  if (!isStatusError(error)) return 'unavailable';
  if (error.code === 'SIGN_IN_DENIED') return 'denied';
  return error.reason === 'Unauthorized' ? 'provider' : 'unavailable';
}

function redirect({ res }: PublicRequest, location: string): void {
  res.writeHead(303, { Location: location, 'Cache-Control': 'no-store' });
  res.end();
}
