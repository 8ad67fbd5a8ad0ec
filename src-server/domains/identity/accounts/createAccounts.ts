import { orgRole } from '#shared/access/roles';
import { isStatusError, StatusError } from '#shared/api/status';
import { normalizeName } from '#shared/kind/names';
import { User } from '#shared/kinds/identity/user';
import { controllerActor, type Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Clock } from '../../../app/clock';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import { ADMIN_USER, DEFAULT_ORG } from '../organizations';
import { Account } from './account';
import type { AccountObject, Accounts, ProviderIdentity } from './accounts';
import { eachObject } from './eachObject';
import { FreshCache } from './freshCache';
import { checkPasswordStrength } from './passwordRules';
import type { Passwords } from './passwords';
import { Session } from './session';

/** Accounts whose facts are kept at hand. */
const MAX_CACHED = 20_000;
/** Longest name of an account, so that a number fits behind it. */
const MAX_NAME = 60;
const MAX_NAME_TRIES = 200;

export interface AccountsOptions {
  readonly resources: ResourceClient;
  /** Of accounts and users. */
  readonly changes: ObjectChanges;
  readonly passwords: Passwords;
  readonly clock: Clock;
  /** Login that becomes the installation's administrator with its first sign-in. */
  readonly administrator?: string | undefined;
}

/** The accounts of the installation. Facts that every request asks for are remembered until they change. */
export function createAccounts(opts: AccountsOptions): Accounts {
  const { passwords, clock } = opts;
  const resources = opts.resources.as(controllerActor('accounts'));
  const accounts = new FreshCache<AccountObject | undefined>({ maxEntries: MAX_CACHED });
  const actors = new FreshCache<Actor | undefined>({ maxEntries: MAX_CACHED });
  const ownerOfPair = new FreshCache<string | undefined>({ maxEntries: MAX_CACHED });
  const administrator = opts.administrator === undefined ? undefined : normalizeName(opts.administrator);
  let linking: Promise<unknown> = Promise.resolve();

  opts.changes.onChange((change) => {
    if (change === undefined) {
      for (const cache of [accounts, actors, ownerOfPair]) cache.clear();
      return;
    }
    const { name } = change.metadata;
    if (change.kind === Account.names.kind) {
      accounts.forget(name);
      // Whose a subject is may have changed with any account.
      ownerOfPair.clear();
      actors.forget(name);
    } else if (change.kind === User.names.kind) actors.forget(name);
  });

  const refOf = (name: string) => ({ org: DEFAULT_ORG, name });
  const now = () => new Date(clock.now()).toISOString();
  const find = async (name: string) => accounts.get(name, () => resources.find(Account, refOf(name)));

  async function loadActor(name: string): Promise<Actor | undefined> {
    const account = await find(name);
    if (account === undefined || account.spec.disabled) return undefined;
    const users = await Promise.all(account.spec.memberships.map(async ({ org }) => ({ org, user: await findUser(org, name) })));
    const present = users.flatMap(({ org, user }) => (user === undefined || user.metadata.deletionTimestamp !== undefined ? [] : [{ org, user }]));
    const enabled = present.filter(({ user }) => !user.spec.disabled);
    // Whoever is shut out wherever they are known may not sign in; whoever is known nowhere yet may, and sees nothing.
    if (present.length > 0 && enabled.length === 0) return undefined;
    const isAdministrator = enabled.some(({ org, user }) => org === DEFAULT_ORG && user.spec.admin);
    const email = account.spec.email ?? enabled[0]?.user.spec.email;
    return Object.freeze({
      kind: 'user', name, displayName: account.spec.displayName, orgs: isAdministrator ? '*' : enabled.map(({ org }) => org),
      ...(email === undefined ? {} : { email }),
    });
  }

  async function findUser(org: string, name: string) {
    try {
      return await resources.find(User, { org, name });
    } catch (error) {
      // The organization is gone, too.
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async function firstAccount(matches: (account: AccountObject) => boolean): Promise<AccountObject | undefined> {
    for await (const account of eachObject(resources, Account, {})) if (matches(account)) return account;
    return undefined;
  }

  async function findByIdentity(pair: Pick<ProviderIdentity, 'provider' | 'subject'>): Promise<AccountObject | undefined> {
    const name = await ownerOfPair.get(JSON.stringify([pair.provider, pair.subject]), async () => (await firstAccount((account) => hasIdentity(account, pair)))?.metadata.name);
    const found = name === undefined ? undefined : await find(name);
    return found !== undefined && hasIdentity(found, pair) ? found : undefined;
  }

  /** One after the other: a subject must not become two accounts' at once. */
  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = linking.then(work);
    linking = result.catch(() => undefined);
    return result;
  }

  async function requireFree(identity: ProviderIdentity, except?: string): Promise<void> {
    const owner = await findByIdentity(identity);
    if (owner !== undefined && owner.metadata.name !== except) throw new StatusError('AlreadyExists', `This account of ${identity.provider} belongs to somebody else here already`, { code: 'IDENTITY_TAKEN' });
  }

  async function join(name: string, membership: Parameters<Accounts['join']>[1] & { readonly admin?: boolean }): Promise<void> {
    const { org, teams, groups } = membership;
    const account = await requireAccount(name);
    const isMember = account.spec.memberships.some((each) => each.org === org);
    const user = await resources.find(User, { org, name });
    const role = orgRole.catch('developer').parse(membership.role);
    if (user === undefined) {
      const spec = {
        displayName: account.spec.displayName, email: account.spec.email ?? unknownEmail(name), username: name, role, organizationRef: org,
        ...(teams === undefined ? {} : { teams: [...teams] }), ...(groups === undefined ? {} : { groups: [...groups] }),
      };
      try {
        await resources.create(User, org, { metadata: { name }, spec });
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists')) throw error;
        // Whoever makes an organization gets there by the request and by the controller: the second finds the user that the first has made.
        return join(name, membership);
      }
    } else if (!isMember && membership.adopt !== true && !isOwnAddress(account, user.spec.email)) {
      throw new StatusError('AlreadyExists', `Organization "${org}" has a user "${name}" with another e-mail address. Whoever manages its people has to rename or delete that one first`, { code: 'USER_TAKEN' });
    }
    if (isMember) return;
    await resources.mutate(Account, refOf(name), ({ spec }) => {
      if (!spec.memberships.some((each) => each.org === org)) spec.memberships.push({ org, since: now() });
    });
  }

  async function requireAccount(name: string): Promise<AccountObject> {
    const account = await find(name);
    if (account === undefined) throw new StatusError('NotFound', `There is no account "${name}"`);
    return account;
  }

  async function makeAdministrator(name: string): Promise<void> {
    await join(name, { org: DEFAULT_ORG, role: 'owner', adopt: true });
    await resources.mutate(User, { org: DEFAULT_ORG, name }, ({ spec }) => {
      spec.admin = true;
      spec.disabled = false;
    });
  }

  async function endSessions(name: string, exceptSession?: string): Promise<void> {
    for await (const { metadata, status } of eachObject(resources, Session, { fieldSelector: `spec.account=${name}` })) {
      if (metadata.name === exceptSession || status?.revokedAt !== undefined) continue;
      await resources.mutateStatus(Session, refOf(metadata.name), (draft) => { draft.revokedAt ??= now(); });
    }
  }

  return {
    findActor: async (name) => actors.get(name, () => loadActor(name)),
    find,
    findByIdentity,
    async findByEmail(email) {
      const found: AccountObject[] = [];
      for await (const account of eachObject(resources, Account, {})) if (account.spec.emailVerified && isSameAddress(account.spec.email, email)) found.push(account);
      return found;
    },
    create: (input) => exclusively(async () => {
      const { identity, password, email } = input;
      const base = normalizeName(input.wantedName).slice(0, MAX_NAME).replace(/-+$/, '');
      if (password !== undefined) checkPasswordStrength(password, { name: base, email, displayName: input.displayName });
      const passwordHash = password === undefined ? undefined : await passwords.hash(password);
      for (let number = 1; ; number += 1) {
        if (identity !== undefined) await requireFree(identity);
        const name = number === 1 ? base : `${base}-${number}`;
        const created = await unlessTaken(resources.create(Account, DEFAULT_ORG, {
          metadata: { name },
          spec: {
            displayName: input.displayName.slice(0, 200) || name,
            ...(email === undefined ? {} : { email, emailVerified: input.emailVerified ?? false }),
            ...(passwordHash === undefined ? {} : { passwordHash, passwordChangedAt: now() }),
            ...(identity === undefined ? {} : { identities: [toLinked(identity, now())] }),
          },
        }));
        if (created === undefined && number < MAX_NAME_TRIES) continue;
        if (created === undefined) throw new StatusError('AlreadyExists', `There are too many accounts called "${base}"`);
        if (name === administrator) await makeAdministrator(name);
        return created;
      }
    }),
    linkIdentity: (name, identity) => exclusively(async () => {
      await requireFree(identity, name);
      const { spec } = await requireAccount(name);
      await resources.mutate(Account, refOf(name), (draft) => {
        if (!draft.spec.identities.some((each) => isSamePair(each, identity))) draft.spec.identities.push(toLinked(identity, now()));
      });
      // An account that nobody could sign in to until now: this is its first sign-in.
      if (name === administrator && name !== ADMIN_USER && spec.identities.length === 0 && spec.passwordHash === undefined) await makeAdministrator(name);
    }),
    async setPassword(name, password, { exceptSession } = {}) {
      const { spec } = await requireAccount(name);
      checkPasswordStrength(password, { name, email: spec.email, displayName: spec.displayName });
      const passwordHash = await passwords.hash(password);
      await resources.mutate(Account, refOf(name), (draft) => {
        draft.spec.passwordHash = passwordHash;
        draft.spec.passwordChangedAt = now();
      });
      await endSessions(name, exceptSession);
    },
    async checkPassword(name, password) {
      const account = await find(name);
      const hash = account?.spec.passwordHash;
      if (!(await passwords.verify(hash, password)) || account === undefined || hash === undefined) return undefined;
      if (passwords.isOutdated(hash)) {
        const passwordHash = await passwords.hash(password);
        await resources.mutate(Account, refOf(name), ({ spec }) => { if (spec.passwordHash === hash) spec.passwordHash = passwordHash; });
      }
      return account;
    },
    join,
    async leave(name, org) {
      if ((await find(name)) === undefined) return;
      await resources.mutate(Account, refOf(name), ({ spec }) => { spec.memberships = spec.memberships.filter((each) => each.org !== org); });
    },
    async endAccess(name) {
      await resources.mutate(Account, refOf(name), ({ spec }) => { spec.validAfter = now(); });
    },
  };
}

async function unlessTaken<T>(creation: Promise<T>): Promise<T | undefined> {
  try {
    return await creation;
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return undefined;
    throw error;
  }
}

/** A User must have an address; nobody gets mail at this one. */
export function unknownEmail(name: string): string {
  return `${name}@localhost.localdomain`;
}

function hasIdentity({ spec }: AccountObject, pair: Pick<ProviderIdentity, 'provider' | 'subject'>): boolean {
  return spec.identities.some((each) => isSamePair(each, pair));
}

function isSamePair(left: Pick<ProviderIdentity, 'provider' | 'subject'>, right: Pick<ProviderIdentity, 'provider' | 'subject'>): boolean {
  return left.provider === right.provider && left.subject === right.subject;
}

function toLinked({ provider, subject, login }: ProviderIdentity, linkedAt: string) {
  return { provider, subject, linkedAt, ...(login === undefined ? {} : { login: login.slice(0, 200) }) };
}

function isOwnAddress({ spec }: AccountObject, email: string): boolean {
  return spec.emailVerified && isSameAddress(spec.email, email);
}

function isSameAddress(left: string | undefined, right: string): boolean {
  return left?.toLowerCase() === right.toLowerCase();
}
