import {
  higherRepositoryRole, isAtLeast, isRepositoryRoleAtLeast, ORG_ROLE_FOR, REPOSITORY_ROLE_OF, type OrgRole, type RepositoryRole,
} from '#shared/access/roles';
import type { KradleObject } from '#shared/kind/defineKind';
import type { NamedRepository, ObjectRepositories } from './repositoryGraph';
import type { BoundRule } from './resourceRules';

/** What an organization knows of one actor. */
export interface Membership {
  /** Undefined for a service account. */
  readonly role: OrgRole | undefined;
  /** Roles that were given in single repositories. */
  readonly grants: ReadonlyMap<string, RepositoryRole>;
  /** What its role bindings allow. */
  readonly bindings: readonly BoundRule[];
  /** For an agent's identity that is limited to them. */
  readonly onlyRepositories?: ReadonlySet<string>;
}

/** Which repositories there are, and whether they are private. */
export type RepositoryVisibilities = ReadonlyMap<string, 'private' | 'open'>;

/** What somebody is in one organization, at one time: everything that decides about them, apart from the objects they ask about. */
export class Standing {
  /** What somebody who may do everything is. */
  static readonly everything = new Standing({ role: 'owner', grants: new Map(), bindings: [] }, new Map());

  constructor(readonly membership: Membership, readonly repositories: RepositoryVisibilities) {}

  get role(): OrgRole | undefined {
    return this.membership.role;
  }

  /** Sees every repository, and has the same role in each. */
  get unlimited(): boolean {
    return isAtLeast(this.role, 'maintainer');
  }

  repositoryRole(name: string): RepositoryRole | undefined {
    const { role, grants, onlyRepositories } = this.membership;
    if (onlyRepositories?.has(name) === false) return undefined;
    const visibility = this.repositories.get(name);
    const base = role !== undefined && (this.unlimited || visibility === 'open') ? REPOSITORY_ROLE_OF[role] : undefined;
    return higherRepositoryRole(base, grants.get(name));
  }

  /** Whether nothing that the object names is hidden. A name of nothing hides what is part of it, and nothing else. */
  mayKnow({ named, unresolved }: ObjectRepositories, object?: KradleObject): boolean {
    if (this.unlimited) return true;
    return !unresolved.some(({ belongs }) => belongs) && named.every((each) => this.#mayKnowOf(each, object));
  }

  /** Whether the actor has this role in every repository that an object names; of none, what the organization gives. */
  hasRepositoryRole({ named }: Pick<ObjectRepositories, 'named'>, least: RepositoryRole): boolean {
    if (this.unlimited || named.length === 0) return isAtLeast(this.role, ORG_ROLE_FOR[least]);
    return named.every(({ name, belongs }) => (belongs || this.repositories.has(name) ? isRepositoryRoleAtLeast(this.repositoryRole(name), least) : isAtLeast(this.role, ORG_ROLE_FOR[least])));
  }

  /** Whether the actor has this role in any repository. */
  hasSomeRepositoryRole(least: RepositoryRole): boolean {
    if (isAtLeast(this.role, ORG_ROLE_FOR[least])) return true;
    return [...this.membership.grants.values()].some((role) => isRepositoryRoleAtLeast(role, least));
  }

  #mayKnowOf({ name, belongs }: NamedRepository, object: KradleObject | undefined): boolean {
    // An object says itself what it is: the last word of one that was deleted reaches those who saw it.
    const isItself = belongs && object?.kind === 'Repository' && object.metadata.name === name;
    if (isItself && object.spec.visibility !== 'private' && isAtLeast(this.role, 'viewer')) return true;
    if (!isItself && !belongs && !this.repositories.has(name)) return isAtLeast(this.role, 'viewer');
    return this.repositoryRole(name) !== undefined;
  }
}
