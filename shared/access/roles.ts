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
