import { higherRepositoryRole, isAtLeast, type OrgRole, type RepositoryRole } from '#shared/access/roles';
import type { KradleObject, ObjectOf } from '#shared/kind/defineKind';
import type { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import type { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import type { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import type { Organization } from '#shared/kinds/identity/organization';
import type { Team } from '#shared/kinds/identity/team';
import type { User } from '#shared/kinds/identity/user';
import { orgNamespace } from '#shared/kind/names';
import type { DirectNames } from './repositoryGraph';
import type { BoundRule } from './resourceRules';
import { Standing, type Membership } from './standing';

export type SubjectKind = 'User' | 'AgentServiceAccount';

interface Grant {
  readonly repository: string;
  readonly subject: { readonly kind: string; readonly name: string };
  readonly role: RepositoryRole;
}

type TeamSpec = Pick<ObjectOf<typeof Team>['spec'], 'members' | 'maintainers' | 'repositoryGrants'>;
type Fact =
  | { readonly kind: 'Organization'; readonly suspended: boolean }
  | { readonly kind: 'User'; readonly role: OrgRole; readonly admin: boolean; readonly disabled: boolean; readonly teams: readonly string[] }
  | ({ readonly kind: 'Team' } & TeamSpec)
  | { readonly kind: 'Repository'; readonly visibility: 'private' | 'open' }
  | ({ readonly kind: 'RepositoryPermission' } & Grant)
  | { readonly kind: 'AgentServiceAccount'; readonly onlyRepositories: readonly string[] | undefined }
  | { readonly kind: 'AgentRoleBinding'; readonly account: string; readonly rules: readonly BoundRule[] };

/** Everything that decides about the members of one organization. Takes objects in, and answers what somebody is. */
export class OrgFacts {
  suspended = false;
  /** What the objects say that others belong to, by `kind/name`. */
  readonly parents = new Map<string, DirectNames>();
  readonly #org: string;
  readonly #users = new Map<string, Extract<Fact, { kind: 'User' }>>();
  readonly #teams = new Map<string, TeamSpec>();
  readonly #grants = new Map<string, Grant>();
  readonly #accounts = new Map<string, readonly string[] | undefined>();
  readonly #bindings = new Map<string, { readonly account: string; readonly rules: readonly BoundRule[] }>();
  /** Replaced, not changed, when what was known becomes another: a standing keeps the one that it was made with. */
  #repositories = new Map<string, 'private' | 'open'>();
  /** Of those who asked; given again as long as nothing about them changes. */
  readonly #standings = new Map<string, { standing: Standing | undefined; current: boolean }>();

  constructor(org: string) {
    this.#org = org;
  }

  /** Takes in an object as it is now. Answers whether what somebody may do or see may have changed. */
  put(object: KradleObject): boolean {
    const { name } = object.metadata;
    const fact = factOf(object, this.#org);
    switch (fact?.kind) {
      case undefined: return this.remove(object);
      case 'Organization': {
        const changed = this.suspended !== fact.suspended;
        this.suspended = fact.suspended;
        return changed;
      }
      case 'User': this.#users.set(name, fact); break;
      case 'Team': this.#teams.set(name, fact); break;
      case 'RepositoryPermission': this.#grants.set(name, fact); break;
      case 'AgentServiceAccount': this.#accounts.set(name, fact.onlyRepositories); break;
      case 'AgentRoleBinding': this.#bindings.set(name, fact); break;
      case 'Repository': {
        const known = this.#repositories.get(name);
        if (known === fact.visibility) return false;
        // One that is new changes nothing about the others, and thousands may come at a time.
        if (known !== undefined) this.#repositories = new Map(this.#repositories);
        this.#repositories.set(name, fact.visibility);
        if (known === undefined) return false;
      }
    }
    return this.#outdate();
  }

  remove({ kind, metadata: { name } }: Pick<KradleObject, 'kind' | 'metadata'>): boolean {
    if (kind === 'Repository' && this.#repositories.has(name)) {
      this.#repositories = new Map(this.#repositories);
      this.#repositories.delete(name);
      return this.#outdate();
    }
    const facts = { User: this.#users, Team: this.#teams, RepositoryPermission: this.#grants, AgentServiceAccount: this.#accounts, AgentRoleBinding: this.#bindings }[kind];
    return facts?.delete(name) === true ? this.#outdate() : false;
  }

  /** What somebody is here; undefined for nobody. The same object as before when nothing about them has changed. */
  standing(kind: SubjectKind, name: string): Standing | undefined {
    const key = `${kind}/${name}`;
    const known = this.#standings.get(key);
    if (known?.current === true) return known.standing;
    const membership = kind === 'User' ? this.#memberOf(name) : this.#accountOf(name);
    const standing = membership === undefined ? undefined : new Standing(membership, this.#repositories);
    const same = known?.standing !== undefined && standing !== undefined && isSame(known.standing, standing);
    const entry = { standing: same ? known.standing : standing, current: true };
    this.#standings.set(key, entry);
    return entry.standing;
  }

  /** The role of a member, as its User says it. */
  roleOf(user: string): OrgRole | undefined {
    return this.#memberOf(user)?.role;
  }

  readonly parentOf = (kind: string, name: string): DirectNames | undefined => this.parents.get(`${kind}/${name}`);

  team(name: string): TeamSpec | undefined {
    return this.#teams.get(name);
  }

  #outdate(): true {
    for (const entry of this.#standings.values()) entry.current = false;
    return true;
  }

  #memberOf(name: string): Membership | undefined {
    const user = this.#users.get(name);
    if (user === undefined || user.disabled) return undefined;
    const teams = new Set([...user.teams, ...[...this.#teams].filter(([, { members, maintainers }]) => members?.includes(name) === true || maintainers?.includes(name) === true).map(([team]) => team)]);
    const grants = this.#grantsOf((subject) => (subject.kind === 'User' && subject.name === name) || (subject.kind === 'Team' && teams.has(subject.name)));
    for (const team of teams) for (const { repository, permission } of this.#teams.get(team)?.repositoryGrants ?? []) raise(grants, repository, permission);
    return { role: user.admin && !isAtLeast(user.role, 'admin') ? 'admin' : user.role, grants, bindings: [] };
  }

  #accountOf(name: string): Membership | undefined {
    if (!this.#accounts.has(name)) return undefined;
    const only = this.#accounts.get(name);
    return {
      role: undefined,
      grants: this.#grantsOf((subject) => subject.kind === 'AgentServiceAccount' && subject.name === name),
      bindings: [...this.#bindings.values()].filter(({ account }) => account === name).flatMap(({ rules }) => rules),
      ...(only === undefined ? {} : { onlyRepositories: new Set(only) }),
    };
  }

  #grantsOf(isMeant: (subject: Grant['subject']) => boolean): Map<string, RepositoryRole> {
    const grants = new Map<string, RepositoryRole>();
    for (const { repository, subject, role } of this.#grants.values()) if (isMeant(subject)) raise(grants, repository, role);
    return grants;
  }
}

function raise(grants: Map<string, RepositoryRole>, repository: string, role: RepositoryRole): void {
  grants.set(repository, higherRepositoryRole(grants.get(repository), role) ?? role);
}

/** What an object says that decides about anybody; undefined when it says nothing, as what is revoked does. */
function factOf(object: KradleObject, org: string): Fact | undefined {
  switch (object.kind) {
    case 'Organization': {
      const { spec, status } = object as ObjectOf<typeof Organization>;
      return { kind: 'Organization', suspended: (spec as { suspended?: unknown }).suspended === true || status?.phase === 'Suspended' };
    }
    case 'User': {
      const { role, admin, disabled, teams = [] } = (object as ObjectOf<typeof User>).spec;
      return { kind: 'User', role: roleOrDefault(role), admin, disabled, teams };
    }
    case 'Team': return { kind: 'Team', ...(object as ObjectOf<typeof Team>).spec };
    case 'Repository': return { kind: 'Repository', visibility: object.spec.visibility === 'private' ? 'private' : 'open' };
    case 'RepositoryPermission': {
      const { repository, subject, permission, revoked } = (object as ObjectOf<typeof RepositoryPermission>).spec;
      return revoked ? undefined : { kind: 'RepositoryPermission', repository, subject, role: permission };
    }
    case 'AgentServiceAccount': return { kind: 'AgentServiceAccount', onlyRepositories: (object as ObjectOf<typeof AgentServiceAccount>).spec.allowedRepositories };
    case 'AgentRoleBinding': return bindingOf(object as ObjectOf<typeof AgentRoleBinding>, org);
    default: return undefined;
  }
}

/** Users of before there were roles have none. */
function roleOrDefault(role: OrgRole | undefined): OrgRole {
  return role ?? 'developer';
}

/** A binding counts for the service account that it names as its subject. */
function bindingOf(object: ObjectOf<typeof AgentRoleBinding>, org: string): Fact | undefined {
  const { revoked, subject } = object.spec;
  const account = subject.kind === 'service-account' ? subject.name : undefined;
  return revoked || account === undefined ? undefined : { kind: 'AgentRoleBinding', account, rules: boundRules(object, org) };
}

/** The rules that a binding gives, with its scope and its end. */
export function boundRules({ metadata, spec }: Pick<ObjectOf<typeof AgentRoleBinding>, 'metadata' | 'spec'>, org: string): BoundRule[] {
  const { scope, resourceRules = [], expiresAt } = spec;
  if (scope.kind === 'namespace' && scope.name !== orgNamespace(org)) return [];
  return resourceRules.map((rule) => ({
    binding: metadata.name,
    ...rule,
    ...(scope.kind === 'repository' ? { repository: scope.name ?? '' } : {}),
    ...(expiresAt === undefined ? {} : { endsAtMs: Date.parse(expiresAt) }),
  }));
}

function isSame(one: Standing, other: Standing): boolean {
  const [left, right] = [one.membership, other.membership];
  return one.repositories === other.repositories && left.role === right.role
    && left.grants.size === right.grants.size && [...left.grants].every(([name, role]) => right.grants.get(name) === role)
    && JSON.stringify(left.bindings) === JSON.stringify(right.bindings)
    && JSON.stringify([...(left.onlyRepositories ?? [])]) === JSON.stringify([...(right.onlyRepositories ?? [])]);
}

