import type { AccountProfile, IdentityView } from '#shared/api/account';
import { isStatusError, StatusError } from '#shared/api/status';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import { Account } from '../accounts/account';
import type { AccountObject, Accounts } from '../accounts/accounts';
import { DEFAULT_ORG } from '../organizations';
import type { SignInRates } from './signInRates';

/** What a person sees and changes of their own account. The caller makes sure that it is theirs. */
export interface OwnAccount {
  profile(name: string): Promise<AccountProfile>;
  update(name: string, change: { readonly displayName?: string | undefined; readonly email?: string | undefined }): Promise<AccountProfile>;
  /** @throws Invalid, naming `currentPassword` or `password`; TooManyRequests for who guesses. */
  setPassword(name: string, change: { readonly currentPassword?: string | undefined; readonly password: string; readonly exceptSession?: string | undefined }): Promise<void>;
  identities(name: string): Promise<IdentityView[]>;
  /** Throws Forbidden for the last way to sign in. */
  unlinkIdentity(name: string, identity: { readonly provider: string; readonly subject: string }): Promise<void>;
}

export interface OwnAccountOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly rates: SignInRates;
  /** What people call a provider. */
  readonly providerTitle: (name: string) => Promise<string>;
}

export function createOwnAccount(opts: OwnAccountOptions): OwnAccount {
  const { accounts, rates } = opts;
  const resources = opts.resources.as(controllerActor('accounts'));
  const refOf = (name: string) => ({ org: DEFAULT_ORG, name });

  async function get(name: string): Promise<AccountObject> {
    const account = await accounts.find(name);
    if (account === undefined) throw new StatusError('NotFound', `There is no account "${name}"`);
    return account;
  }

  async function membershipsOf({ metadata: { name }, spec }: AccountObject): Promise<AccountProfile['memberships']> {
    const found = await Promise.all(spec.memberships.map(async ({ org, since }) => {
      const [user, organization] = await Promise.all([resources.find(User, { org, name }), resources.find(Organization, { org, name: org })]).catch(absentOrganization);
      return user === undefined || organization === undefined ? [] : [{ org, displayName: organization.spec.displayName, role: user.spec.role, disabled: user.spec.disabled, since }];
    }));
    return found.flat();
  }

  async function profile(name: string): Promise<AccountProfile> {
    const account = await get(name);
    const { spec, status, metadata } = account;
    return {
      name, displayName: spec.displayName, emailVerified: spec.emailVerified, hasPassword: spec.passwordHash !== undefined,
      administrator: (await accounts.findActor(name))?.orgs === '*',
      memberships: await membershipsOf(account), createdAt: metadata.creationTimestamp,
      ...(spec.email === undefined ? {} : { email: spec.email }),
      ...(spec.passwordChangedAt === undefined ? {} : { passwordChangedAt: spec.passwordChangedAt }),
      ...(status?.lastSignInAt === undefined ? {} : { lastSignInAt: status.lastSignInAt }),
    };
  }

  return {
    profile,
    async update(name, { displayName, email }) {
      const { spec: { memberships } } = await resources.mutate(Account, refOf(name), ({ spec }) => {
        if (displayName !== undefined) spec.displayName = displayName;
        if (email !== undefined && email.toLowerCase() !== spec.email?.toLowerCase()) {
          spec.email = email;
          spec.emailVerified = false;
        }
      });
      // Every organization knows the person by the same name.
      for (const { org } of memberships) {
        await resources.mutate(User, { org, name }, ({ spec }) => {
          if (displayName !== undefined) spec.displayName = displayName;
          if (email !== undefined) spec.email = email;
        }).catch(absentOrganization);
      }
      return profile(name);
    },
    async setPassword(name, { currentPassword, password, exceptSession }) {
      const { spec } = await get(name);
      if (spec.passwordHash !== undefined) {
        const right = await rates.attempt({ account: name, address: `account ${name}` }, () => accounts.checkPassword(name, currentPassword ?? ''));
        if (right === undefined) {
          throw new StatusError('Invalid', 'The present password is not right', { causes: [{ code: 'FieldValueInvalid', field: 'currentPassword', message: 'this is not your present password' }] });
        }
      }
      await accounts.setPassword(name, password, exceptSession === undefined ? {} : { exceptSession });
    },
    async identities(name) {
      const { spec } = await get(name);
      return Promise.all(spec.identities.map(async ({ provider, subject, login, linkedAt }) => ({
        provider, subject, displayName: await opts.providerTitle(provider), ...(login === undefined ? {} : { login }), ...(linkedAt === undefined ? {} : { linkedAt }),
      })));
    },
    async unlinkIdentity(name, identity) {
      const isIt = (each: { provider: string; subject: string }) => each.provider === identity.provider && each.subject === identity.subject;
      await resources.mutate(Account, refOf(name), ({ spec }) => {
        if (!spec.identities.some(isIt)) throw new StatusError('NotFound', 'This account is not linked to yours');
        if (spec.identities.length === 1 && spec.passwordHash === undefined) throw new StatusError('Forbidden', 'It is your only way to sign in. Set a password first, or link another account.', { code: 'LAST_IDENTITY' });
        spec.identities = spec.identities.filter((each) => !isIt(each));
      });
    },
  };
}

function absentOrganization(error: unknown): [undefined, undefined] {
  if (!isStatusError(error, 'NotFound')) throw error;
  return [undefined, undefined];
}
