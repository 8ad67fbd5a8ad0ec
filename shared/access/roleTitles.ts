import type { OrgRole, RepositoryRole, TokenScope } from './roles';

/** What each role is for, in people's words; the rows of the permission table say it exactly. */
export const ORG_ROLE_TITLES: Readonly<Record<OrgRole, string>> = {
  agent: 'Nothing by itself: what its runs, grants and repository roles give.',
  viewer: 'Reads.',
  reviewer: 'Reviews, comments, sorts issues, and answers approvals.',
  developer: 'Pushes, opens pull requests, dispatches agents, creates repositories.',
  maintainer: 'Merges, sets up repositories, agents and pipelines, and steers everybody\'s runs. Sees private repositories.',
  admin: 'Manages people, teams, service accounts, secrets, policies and other hosts, and reads the audit log.',
  owner: 'Suspends and deletes the organization, and makes others owners.',
};

export const REPOSITORY_ROLE_TITLES: Readonly<Record<RepositoryRole, string>> = {
  read: 'Clones, and reads code, issues and pull requests.',
  triage: 'Reviews, comments and sorts issues.',
  write: 'Pushes, opens pull requests and dispatches agents.',
  maintain: 'Merges, and changes settings and protections.',
  admin: 'Gives others roles, and deletes the repository.',
};

export const TOKEN_SCOPE_TITLES: Readonly<Record<TokenScope, string>> = {
  read: 'Reads everything that its owner may read.',
  write: 'Reads and writes objects and repositories.',
  'repo:read': 'Clones repositories, and reads what belongs to them.',
  'repo:write': 'Pushes, and works with pull requests and issues.',
  'packages:read': 'Downloads packages.',
  'packages:write': 'Publishes packages.',
  runs: 'Dispatches agents and steers runs.',
  admin: 'Manages people, secrets and settings.',
};
