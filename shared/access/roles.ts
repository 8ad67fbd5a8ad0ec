import { z } from 'zod';

/**
 * What a member is in an organization. From least to most: viewer, reviewer, developer, maintainer, admin, owner; each may do what the
 * ones before it may. `agent` stands beside them: it has nothing by itself, only what its run and its grants give.
 */
export const ORG_ROLES = ['viewer', 'reviewer', 'developer', 'maintainer', 'admin', 'owner', 'agent'] as const;
export const orgRole = z.enum(ORG_ROLES);
export type OrgRole = (typeof ORG_ROLES)[number];

/** What somebody may do in one repository, from least to most. */
export const REPOSITORY_ROLES = ['read', 'triage', 'write', 'maintain', 'admin'] as const;
export type RepositoryRole = (typeof REPOSITORY_ROLES)[number];

/**
 * What an access token is limited to, beside what its account may do: `read` everything; `write` objects and repositories; `repo:read` and
 * `repo:write`, git and code alone; `packages:read` and `packages:write`; `runs`, to dispatch and steer runs; `admin`, to manage people,
 * secrets and settings. `write` includes `read` and both `repo` scopes; a token without scopes may do nothing.
 */
export const TOKEN_SCOPES = ['read', 'write', 'repo:read', 'repo:write', 'packages:read', 'packages:write', 'runs', 'admin'] as const;
export const tokenScope = z.enum(TOKEN_SCOPES);
export type TokenScope = (typeof TOKEN_SCOPES)[number];

const ORG_RANK: Readonly<Record<OrgRole, number>> = { agent: 0, viewer: 1, reviewer: 2, developer: 3, maintainer: 4, admin: 5, owner: 6 };
const REPOSITORY_RANK: Readonly<Record<RepositoryRole, number>> = { read: 1, triage: 2, write: 3, maintain: 4, admin: 5 };

/** The role that an organization's role gives in its repositories; in a private one only maintainers and above have it. */
export const REPOSITORY_ROLE_OF: Readonly<Record<OrgRole, RepositoryRole | undefined>> = {
  agent: undefined, viewer: 'read', reviewer: 'triage', developer: 'write', maintainer: 'maintain', admin: 'admin', owner: 'admin',
};

/** The least organization role that gives a repository role. */
export const ORG_ROLE_FOR: Readonly<Record<RepositoryRole, OrgRole>> = { read: 'viewer', triage: 'reviewer', write: 'developer', maintain: 'maintainer', admin: 'admin' };

/** Whether a role is `least` or more. `agent` is less than every other; no role at all is less than that. */
export function isAtLeast(role: OrgRole | undefined, least: OrgRole): boolean {
  return role !== undefined && ORG_RANK[role] >= ORG_RANK[least];
}

/** As {@link isAtLeast}, of a repository. */
export function isRepositoryRoleAtLeast(role: RepositoryRole | undefined, least: RepositoryRole): boolean {
  return role !== undefined && REPOSITORY_RANK[role] >= REPOSITORY_RANK[least];
}

export function higherRepositoryRole(one: RepositoryRole | undefined, other: RepositoryRole | undefined): RepositoryRole | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return REPOSITORY_RANK[one] >= REPOSITORY_RANK[other] ? one : other;
}

const IMPLIED_SCOPES: Readonly<Record<TokenScope, readonly TokenScope[]>> = {
  read: ['repo:read', 'packages:read'],
  write: ['read', 'repo:read', 'repo:write', 'packages:read'],
  'repo:read': [],
  'repo:write': ['repo:read'],
  'packages:read': [],
  'packages:write': ['packages:read'],
  runs: [],
  admin: [],
};

/** Whether a token with these scopes may do what any of `wanted` covers. */
export function coversScope(scopes: readonly TokenScope[], wanted: readonly TokenScope[]): boolean {
  return scopes.some((scope) => wanted.includes(scope) || IMPLIED_SCOPES[scope].some((implied) => wanted.includes(implied)));
}
