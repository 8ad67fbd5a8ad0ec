import type { IncomingMessage } from 'node:http';
import type { AnyKind } from '#shared/kind/defineKind';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { User } from '#shared/kinds/identity/user';
import type { Clock } from '../../../app/clock';
import type { Logger } from '../../../app/log';
import type { Browser } from '../../../http/browser';
import type { PublicEndpoint } from '../../../http/endpoint';
import type { SafeFetch } from '../../../http/safeFetch';
import { controllerActor, type Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller, Runnable } from '../../../runtime/controller';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import { AccessToken } from '../accounts/accessToken';
import { Account } from '../accounts/account';
import type { Accounts } from '../accounts/accounts';
import { eachObject } from '../accounts/eachObject';
import { FreshCache } from '../accounts/freshCache';
import { Session } from '../accounts/session';
import { DEFAULT_ORG } from '../organizations';
import { createAccessTokens } from './accessTokens';
import { createAccountRouter, createServiceAccountsRouter } from './accountRouter';
import { createAdmitIdentity } from './admitIdentity';
import { createAuthorizationFlow } from './authorizationFlow';
import { createAuthProviderController } from './authProviderController';
import { createCredentials } from './credentials';
import { createDeviceEndpoints, createDeviceRouter } from './deviceEndpoints';
import { createDeviceFlow } from './deviceFlow';
import { createOwnAccount } from './ownAccount';
import { createProxySignIn } from './proxySignIn';
import { createSessions, type Client } from './sessions';
import { createSignInEndpoints } from './signInEndpoints';
import { createSignInProviders, type EnvironmentProvider, type SecretPort } from './signInProviders';
import { createSignInRates } from './signInRates';

/** Kinds whose changes say that somebody may do something else than before. */
export const CREDENTIAL_KINDS: readonly AnyKind[] = [Account, User, Session, AccessToken, AgentServiceAccount, AuthProvider];

export interface SignInOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  /** Of {@link CREDENTIAL_KINDS}. */
  readonly changes: ObjectChanges;
  readonly secrets: SecretPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: {
    readonly sessionIdleMs: number;
    readonly sessionLifetimeMs: number;
    /** Longest life of an access token, in days; 0: as long as one likes. */
    readonly maxTokenDays: number;
    readonly administrator?: string | undefined;
    readonly provider?: EnvironmentProvider | undefined;
  };
  /** For addresses that objects name, and for those of the settings. */
  readonly fetch: SafeFetch;
  readonly trustedFetch: SafeFetch;
  /** Address that people reach the server by. */
  readonly baseUrl: () => string;
  readonly isHosted: () => Promise<boolean>;
}

export type SignIn = ReturnType<typeof createSignIn>;

/** Everything about who is behind a request: sessions, tokens, passwords, providers, proxies and devices. */
export function createSignIn(opts: SignInOptions) {
  const { accounts, changes, clock, log, settings } = opts;
  const resources = opts.resources.as(controllerActor('sign-in'));
  const rates = createSignInRates(clock);
  const sessions = createSessions({ resources, accounts, changes, clock, idleMs: settings.sessionIdleMs, lifetimeMs: settings.sessionLifetimeMs });
  const accessTokens = createAccessTokens({ resources, accounts, changes, clock, maxDays: settings.maxTokenDays });
  const providers = createSignInProviders({ resources, changes, secrets: opts.secrets, environment: settings.provider });
  const admit = createAdmitIdentity({ resources, accounts, now: () => clock.now(), administrator: settings.administrator });
  const flow = createAuthorizationFlow({ fetch: opts.fetch, trustedFetch: opts.trustedFetch, now: () => clock.now() });
  const proxies = createProxySignIn({ providers, admit, accounts, clock });
  const devices = createDeviceFlow({ resources, accounts, accessTokens, rates, clock });
  const credentials = createCredentials({ accounts, sessions, accessTokens, changes, clock, log, sweeps: [sessions, accessTokens, devices] });
  const own = createOwnAccount({ resources, accounts, rates, providerTitle: (name) => providers.title(name) });
  const passwords = createPasswordCensus(resources, changes);

  /** Signs an account in and notes when. */
  async function openSession(account: string, client: Client & { readonly method: string }): Promise<string> {
    const id = await sessions.open(account, client);
    const at = new Date(clock.now()).toISOString();
    const signedIn = await resources.mutateStatus(Account, { org: DEFAULT_ORG, name: account }, (status) => { status.lastSignInAt = at; });
    for (const { org } of signedIn.spec.memberships) {
      // That somebody signed in must not fail because one of their organizations is going away.
      await resources.mutateStatus(User, { org, name: account }, (status) => { status.lastSignInAt = at; }).catch((error: unknown) => log.debug({ err: error, org }, 'the sign-in was not noted on a user'));
    }
    return id;
  }

  return {
    /** What the doors ask who is behind a credential. */
    credentials: {
      findUser: (name: string): Promise<Actor | undefined> => accounts.findActor(name),
      findBySession: (id: string): Promise<Actor | undefined> => sessions.findActor(id),
      findByToken: (token: string, from: Client): Promise<Actor | undefined> => accessTokens.findActor(token, from),
      findByProxy: (req: IncomingMessage): Promise<Actor | undefined> => proxies.findActor(req),
      follow: (actor: Actor, end: () => void) => credentials.follow(actor, end),
    },
    /** What browsers' cookies name. */
    sessions: { lifetimeMs: sessions.lifetimeMs, open: openSession, end: (id: string) => sessions.end(id) },
    isTokenOpen: () => providers.isOpen('token'),
    routers: { account: createAccountRouter({ own, sessions, accessTokens }), serviceAccounts: createServiceAccountsRouter({ accessTokens }), device: createDeviceRouter(devices) },
    endpoints: (browser: Browser): readonly PublicEndpoint[] => [
      ...createSignInEndpoints({ accounts, providers, flow, admit, rates, browser, hasPasswords: passwords, isLocal: async () => settings.provider === undefined && !(await opts.isHosted()) }),
      ...createDeviceEndpoints(devices),
    ],
    controllers: [createAuthProviderController({ resources, flow, secrets: opts.secrets, baseUrl: opts.baseUrl })] satisfies readonly Controller[],
    runnables: [credentials] satisfies readonly Runnable[],
  };
}

/** Whether anybody has a password: without one there is no form for it. */
function createPasswordCensus(resources: ResourceClient, changes: ObjectChanges): () => Promise<boolean> {
  const cache = new FreshCache<boolean>({ maxEntries: 1 });
  changes.onChange((change) => {
    if (change === undefined || change.kind === Account.names.kind) cache.clear();
  });
  return async () => cache.get('any', async () => {
    for await (const { spec } of eachObject(resources, Account, {})) if (spec.passwordHash !== undefined && !spec.disabled) return true;
    return false;
  });
}
