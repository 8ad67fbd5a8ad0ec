import type { SignInFailure } from '#shared/api/signIn';
import { isStatusError, StatusError } from '#shared/api/status';
import { normalizeName } from '#shared/kind/names';
import { formatFieldRequirement } from '#shared/kind/selectors';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { Invite } from '#shared/kinds/identity/invite';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { AccountObject, Accounts, ProviderIdentity } from '../accounts/accounts';
import { ADMIN_USER, DEFAULT_ORG } from '../organizations';
import type { Provider } from './signInProviders';

/** Says on a User which provider made them an administrator, and may take that back. */
const ADMIN_BY = 'kradle.a5c.ai/admin-by';

/** Why somebody whom a provider knows does not come in. `code` is one of {@link SignInFailure} for the sign-in page. */
export class NotAdmitted extends Error {
  readonly failure: SignInFailure;

  constructor(failure: SignInFailure) {
    super(`not admitted: ${failure}`);
    this.failure = failure;
  }
}

/** Decides which account a provider's word is good for, and makes one where the provider's rules say so. */
export type AdmitIdentity = (provider: Provider, identity: ProviderIdentity) => Promise<string>;

export interface AdmitOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly now: () => number;
  /** Login whose first sign-in needs no invitation: it becomes the installation's administrator. */
  readonly administrator?: string | undefined;
}

/**
 * The account is, in this order: the one that the identity is linked to; the one that an administrator linked it to by an IdentityMapping;
 * the one whose verified address it has; a new one, for the first administrator, where the provider makes accounts, and for who is
 * invited.
 *
 * @throws NotAdmitted
 */
export function createAdmitIdentity(opts: AdmitOptions): AdmitIdentity {
  const { accounts } = opts;
  const resources = opts.resources.as(controllerActor('sign-in'));
  const administrator = opts.administrator === undefined ? undefined : normalizeName(opts.administrator);

  async function accountOf(provider: Provider, identity: ProviderIdentity): Promise<AccountObject> {
    const linked = await accounts.findByIdentity(identity);
    if (linked !== undefined) return linked;
    const known = (await mapped(identity)) ?? (await byAddress(identity));
    if (known !== undefined) return link(known, identity);
    const login = normalizeName(identity.login ?? identity.email?.split('@')[0] ?? identity.subject);
    if (login === administrator) {
      const prepared = await accounts.find(login);
      // Made by an administrator or an older version, and nobody's yet.
      if (prepared !== undefined && prepared.spec.identities.length === 0 && prepared.spec.passwordHash === undefined) return link(prepared, identity);
      if (prepared === undefined) return create(identity, login);
    }
    if (provider.spec.createUsers) {
      const created = await create(identity, login);
      await accounts.join(created.metadata.name, { org: DEFAULT_ORG, role: 'developer' }).catch(takenName);
      return created;
    }
    if (await isInvited(identity)) return create(identity, login);
    throw new NotAdmitted('not-invited');
  }

  /** Only an administrator of the installation writes mappings into its own organization. */
  async function mapped({ provider, subject }: ProviderIdentity): Promise<AccountObject | undefined> {
    const fieldSelector = [formatFieldRequirement('spec.provider', '=', provider), formatFieldRequirement('spec.subject', '=', subject)].join(',');
    const [mapping] = (await resources.list(IdentityMapping, { org: DEFAULT_ORG, fieldSelector })).items;
    return mapping === undefined ? undefined : accounts.find(mapping.spec.user);
  }

  /** An address can change hands: to whom this provider knows under another subject it proves nothing. */
  async function byAddress({ provider, email, emailVerified }: ProviderIdentity): Promise<AccountObject | undefined> {
    if (email === undefined || emailVerified !== true) return undefined;
    const [found, ...others] = await accounts.findByEmail(email);
    return others.length === 0 && found?.spec.identities.every((each) => each.provider !== provider) === true ? found : undefined;
  }

  async function isInvited({ email, emailVerified }: ProviderIdentity): Promise<boolean> {
    if (email === undefined || emailVerified !== true) return false;
    const { items } = await resources.list(Invite, { org: '*', fieldSelector: formatFieldRequirement('spec.email', '=', email.toLowerCase()) });
    return items.some(({ spec, status }) => !spec.revoked && status?.acceptedAt === undefined && (spec.expiresAt === undefined || Date.parse(spec.expiresAt) > opts.now()));
  }

  async function link(account: AccountObject, identity: ProviderIdentity): Promise<AccountObject> {
    await accounts.linkIdentity(account.metadata.name, identity).catch(takenIdentity);
    return account;
  }

  const create = (identity: ProviderIdentity, login: string) => accounts.create({
    wantedName: login, displayName: identity.displayName ?? identity.login ?? login, identity,
    ...(identity.email === undefined ? {} : { email: identity.email, emailVerified: identity.emailVerified ?? false }),
  }).catch(takenIdentity);

  /** Brings what the provider says about groups into the installation's own organization. */
  async function followGroups(name: string, provider: Provider, groups: readonly string[]): Promise<void> {
    const { adminGroups, claims, headers } = provider.spec;
    const isAdmin = adminGroups?.some((group) => groups.includes(group)) === true;
    if (isAdmin) await accounts.join(name, { org: DEFAULT_ORG, role: 'developer', adopt: true });
    const ref = { org: DEFAULT_ORG, name };
    const user = await resources.find(User, ref);
    if (user === undefined) return;
    const follows = claims?.groups !== undefined || headers?.groups !== undefined;
    await resources.mutate(User, ref, (draft) => {
      const { spec, metadata } = draft;
      if (follows) spec.groups = groups.length === 0 ? undefined : [...groups].slice(0, 500).map((group) => group.slice(0, 253));
      if (isAdmin && !spec.admin) {
        spec.admin = true;
        metadata.annotations = { ...metadata.annotations, [ADMIN_BY]: provider.name };
      } else if (!isAdmin && metadata.annotations?.[ADMIN_BY] === provider.name && name !== ADMIN_USER) {
        // What somebody else granted stays.
        spec.admin = false;
        const { [ADMIN_BY]: _gone, ...annotations } = metadata.annotations;
        metadata.annotations = annotations;
      }
    });
  }

  return async (provider, identity) => {
    const { allowedDomains, adminGroups, claims, headers } = provider.spec;
    if (allowedDomains !== undefined && !isOfDomains(identity, allowedDomains)) throw new NotAdmitted(identity.email !== undefined && identity.emailVerified !== true ? 'email' : 'domain');
    const { metadata: { name } } = await accountOf(provider, identity);
    if (adminGroups !== undefined || claims?.groups !== undefined || headers?.groups !== undefined) await followGroups(name, provider, identity.groups ?? []);
    if ((await accounts.findActor(name)) === undefined) throw new NotAdmitted('disabled');
    return name;
  };
}

/** Only an address that the provider vouches for says which domain somebody belongs to. */
function isOfDomains({ email, emailVerified }: ProviderIdentity, domains: readonly string[]): boolean {
  const domain = email?.split('@').at(-1)?.toLowerCase();
  return emailVerified === true && domains.some((each) => each.toLowerCase() === domain);
}

function takenIdentity(error: unknown): never {
  if (isStatusError(error, 'AlreadyExists')) throw new NotAdmitted('taken');
  throw error;
}

function takenName(error: unknown): void {
  if (!(error instanceof StatusError) || error.code !== 'USER_TAKEN') throw error;
  throw new NotAdmitted('taken');
}
