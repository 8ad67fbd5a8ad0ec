import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import { createNetworks, type Networks } from '../../../http/networks';
import type { Actor } from '../../../resources/actor';
import type { Clock } from '../../../app/clock';
import type { Accounts, ProviderIdentity } from '../accounts/accounts';
import { NotAdmitted, type AdmitIdentity } from './admitIdentity';
import type { Provider, SignInProviders } from './signInProviders';

/** How long the same word of a proxy is not looked into again, in ms. */
const ADMITTED_FOR_MS = 5 * 60_000;
const MAX_REMEMBERED = 20_000;

export interface ProxySignIn {
  /**
   * The person whom a trusted proxy names in its headers; undefined where nothing is said, or by somebody who is not trusted. Only the
   * address that the connection comes from counts: what it forwards about others proves nothing.
   *
   * @throws Unauthorized when a trusted proxy names somebody who may not sign in, or two people at once.
   */
  findActor(req: IncomingMessage): Promise<Actor | undefined>;
}

interface Delegation {
  readonly provider: Provider;
  readonly proxies: Networks;
  readonly userHeader: string;
}

export function createProxySignIn(opts: { providers: SignInProviders; admit: AdmitIdentity; accounts: Accounts; clock: Clock }): ProxySignIn {
  const { providers, accounts, clock } = opts;
  let delegations: { of: readonly Provider[]; list: readonly Delegation[] } | undefined;
  const admitted = new Map<string, { account: string; at: number }>();
  const actors = new WeakMap<Actor, Map<string, Actor>>();

  function delegationsOf(enabled: readonly Provider[]): readonly Delegation[] {
    if (delegations?.of !== enabled) delegations = { of: enabled, list: enabled.flatMap(toDelegation) };
    return delegations.list;
  }

  async function accountOf(provider: Provider, identity: ProviderIdentity): Promise<string> {
    const key = JSON.stringify([provider.version, identity]);
    const known = admitted.get(key);
    if (known !== undefined && Math.abs(clock.now() - known.at) < ADMITTED_FOR_MS) return known.account;
    const account = await opts.admit(provider, identity);
    if (admitted.size >= MAX_REMEMBERED) admitted.clear();
    admitted.set(key, { account, at: clock.now() });
    return account;
  }

  return {
    async findActor(req) {
      const asked = providers.enabled();
      const list = delegationsOf(asked instanceof Promise ? await asked : asked);
      if (list.length === 0) return undefined;
      const peer = (req.socket?.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
      for (const { provider, proxies, userHeader } of list) {
        if (!proxies.has(peer)) continue;
        const user = headerOf(req, userHeader);
        if (user === undefined) continue;
        const identity = identityOf(provider, user, req);
        try {
          const base = await accounts.findActor(await accountOf(provider, identity));
          if (base === undefined) throw new NotAdmitted('disabled');
          return withCredential(base, provider.name);
        } catch (error) {
          if (error instanceof NotAdmitted) throw new StatusError('Unauthorized', `${provider.spec.displayName ?? provider.name} signs you in as "${user.slice(0, 100)}", who has no access here.`, { code: 'NOT_ADMITTED', cause: error });
          throw error;
        }
      }
      return undefined;
    },
  };

  /** The same object as long as nothing about the person changes. */
  function withCredential(base: Actor, provider: string): Actor {
    const known = actors.get(base) ?? new Map<string, Actor>();
    actors.set(base, known);
    const actor = known.get(provider) ?? Object.freeze<Actor>({ ...base, credential: { kind: 'proxy', id: provider } });
    known.set(provider, actor);
    return actor;
  }
}

function toDelegation(provider: Provider): Delegation[] {
  const { type, headers, trustedProxies } = provider.spec;
  if (type !== 'delegated' || headers?.user === undefined || trustedProxies === undefined) return [];
  return [{ provider, proxies: createNetworks(trustedProxies), userHeader: headers.user }];
}

function identityOf(provider: Provider, user: string, req: IncomingMessage): ProviderIdentity {
  const { headers } = provider.spec;
  const email = headers?.email === undefined ? undefined : headerOf(req, headers.email);
  const groups = headers?.groups === undefined ? undefined : headerOf(req, headers.groups);
  return {
    provider: provider.name, subject: user, login: user.split('@')[0] ?? user,
    // The proxy has authenticated its person; the address is its word, as the name is.
    ...(email === undefined ? {} : { email, emailVerified: true }),
    ...(groups === undefined ? {} : { groups: groups.split(/[,;|]/).map((group) => group.trim()).filter(Boolean) }),
  };
}

/** The one value of a header. Two of them are a proxy that adds to what its client sent, and nobody knows which is whose. */
function headerOf(req: IncomingMessage, name: string): string | undefined {
  const values = req.headersDistinct[name.toLowerCase()] ?? [];
  if (values.length > 1) throw new StatusError('Unauthorized', `The request has more than one ${name} header; the proxy must replace what its clients send.`, { code: 'HEADER_AMBIGUOUS' });
  const value = values[0]?.trim();
  return value === undefined || value === '' || value.length > 500 ? undefined : value;
}
