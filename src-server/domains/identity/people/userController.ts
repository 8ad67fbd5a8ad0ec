import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { controllerActor } from '../../../resources/actor';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { Account } from '../accounts/account';
import type { AccountObject, Accounts } from '../accounts/accounts';
import { groupsOf } from './userGroups';
import { MEMBERSHIP_FINALIZER } from './userStrategy';

export interface UserControllerDeps {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
}

type UserObject = ObjectOf<typeof User>;

/**
 * Says whether somebody is a user, and what follows from it. A user that goes takes the membership of its account along, and leaves its
 * teams; one that is disabled ends what its account has open.
 */
export function createUserController(deps: UserControllerDeps): Controller {
  const { accounts } = deps;
  const resources = deps.resources.as(controllerActor('user'));

  return {
    name: 'user',
    kind: User,
    watches: [
      { kind: Account, map: ({ metadata, spec }) => (spec.memberships as { org: string }[]).map(({ org }) => ({ org, name: metadata.name })) },
      { kind: Team, map: ({ spec }) => membersOf(spec).map((name) => ({ org: String(spec.organizationRef), name })) },
      { kind: IdentityMapping, map: ({ spec }) => [{ org: String(spec.organizationRef), name: String(spec.user) }] },
    ],
    async reconcile(ref) {
      const user = await find(ref);
      if (user === undefined || user.metadata.deletionTimestamp !== undefined) return remove(ref, user);
      if (user.metadata.finalizers?.includes(MEMBERSHIP_FINALIZER) !== true) await addFinalizer(ref);
      const account = await boundAccount(ref, user);
      const isDisabled = user.spec.disabled || account?.spec.disabled === true;
      const endsNow = isDisabled && account !== undefined && user.status?.phase !== 'Disabled' && !(await hasAccessElsewhere(account, ref.org));
      if (endsNow) await accounts.endAccess(ref.name);
      const { items: teams } = await resources.list(Team, { org: ref.org });
      const identities = await identitiesOf(ref, account);
      await resources.mutateStatus(User, ref, (status, current) => {
        status.phase = isDisabled ? 'Disabled' : account === undefined ? 'Invited' : 'Active';
        status.groups = groupsOf(current, teams);
        status.identities = identities;
        const lastSignInAt = account?.status?.lastSignInAt;
        if (lastSignInAt === undefined) delete status.lastSignInAt;
        else status.lastSignInAt = lastSignInAt;
        status.observedGeneration = current.metadata.generation;
      });
    },
  };

  /** The account that this user is, once it is a member. Of others nothing may be told, not even that they are there. */
  async function boundAccount({ org, name }: ObjectRef, user: UserObject): Promise<AccountObject | undefined> {
    const account = await accounts.find(name);
    if (account === undefined || isMember(account, org)) return account;
    if (user.spec.admitted !== true) return undefined;
    await accounts.join(name, { org, role: user.spec.role, adopt: true });
    return accounts.find(name);
  }

  async function remove(ref: ObjectRef, user: UserObject | undefined): Promise<void> {
    const account = await accounts.find(ref.name);
    if (account !== undefined && isMember(account, ref.org)) await accounts.leave(ref.name, ref.org);
    if (user === undefined) return;
    const { items } = await resources.list(Team, { org: ref.org });
    for (const team of items) {
      if (membersOf(team.spec).includes(ref.name)) await ignoringNotFound(resources.mutate(Team, { org: ref.org, name: team.metadata.name }, ({ spec }) => { removeMember(spec, ref.name); }));
    }
    await ignoringNotFound(resources.mutate(User, ref, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== MEMBERSHIP_FINALIZER);
    }));
  }

  async function addFinalizer(ref: ObjectRef): Promise<void> {
    await resources.mutate(User, ref, ({ metadata }) => {
      if (metadata.deletionTimestamp === undefined) metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), MEMBERSHIP_FINALIZER])];
    });
  }

  async function hasAccessElsewhere(account: AccountObject, org: string): Promise<boolean> {
    if (account.spec.disabled) return false;
    for (const membership of account.spec.memberships) {
      if (membership.org === org) continue;
      const user = await find({ org: membership.org, name: account.metadata.name });
      if (user !== undefined && user.metadata.deletionTimestamp === undefined && !user.spec.disabled) return true;
    }
    return false;
  }

  async function identitiesOf({ org, name }: ObjectRef, account: AccountObject | undefined): Promise<{ provider: string; subject: string }[]> {
    const { items } = await resources.list(IdentityMapping, { org, fieldSelector: `spec.user=${name}` });
    const all = [...(account?.spec.identities ?? []), ...items.map(({ spec }) => spec)];
    const byPair = new Map(all.map(({ provider, subject }) => [JSON.stringify([provider, subject]), { provider, subject }]));
    return [...byPair].sort(([a], [b]) => a.localeCompare(b)).map(([, identity]) => identity);
  }

  /** An organization that is gone has nobody. */
  async function find(ref: ObjectRef): Promise<UserObject | undefined> {
    try {
      return await resources.find(User, ref);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

/** Takes somebody out of a team. */
export function removeMember(spec: Pick<ObjectOf<typeof Team>['spec'], 'members' | 'maintainers'>, name: string): void {
  if (spec.members !== undefined) spec.members = spec.members.filter((member) => member !== name);
  if (spec.maintainers !== undefined) spec.maintainers = spec.maintainers.filter((maintainer) => maintainer !== name);
}

function membersOf({ members, maintainers }: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([members, maintainers].flatMap((names) => (Array.isArray(names) ? names.map(String) : [])))];
}

function isMember(account: AccountObject, org: string): boolean {
  return account.spec.memberships.some((membership) => membership.org === org);
}

async function ignoringNotFound(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
