import { markdownTable } from '../kind/markdownTable';
import { ACCESS_LIMITS } from './limits';
import { ORG_ROLES, REPOSITORY_ROLE_OF, REPOSITORY_ROLES, TOKEN_SCOPES } from './roles';
import { ORG_ROLE_TITLES, REPOSITORY_ROLE_TITLES, TOKEN_SCOPE_TITLES } from './roleTitles';
import { ACCESS_RULES, type AccessNeed } from './rules';

/** The guide to permissions: the table itself, with what one has to know to read it. */
export function permissionsGuide(): string {
  return `${[
    '# Permissions',
    '<!-- Written by "npm run generate" from shared/access; do not edit. -->',
    INTRODUCTION,
    '## Roles in an organization',
    'A member has one role, in their User. Each may do what the ones before it may; `agent` stands apart.',
    markdownTable(['Role', 'In repositories that are not private', 'What it is for'], ORG_ROLES.map((role) => [`\`${role}\``, code(REPOSITORY_ROLE_OF[role]), ORG_ROLE_TITLES[role]])),
    ADMINISTRATORS,
    '## Roles in a repository',
    REPOSITORIES,
    markdownTable(['Role', 'What it is for'], REPOSITORY_ROLES.map((role) => [`\`${role}\``, REPOSITORY_ROLE_TITLES[role]])),
    PRIVATE,
    '## Who may do what',
    'What no row allows is refused. "Own" means what is yours: a run that you started, your review, your view, your key, a team that you maintain.',
    markdownTable(['Rule', 'You may', 'It takes', 'Verbs', 'Kinds', 'Token scopes'], ACCESS_RULES.map((rule) => [
      `\`${rule.id}\``, `${rule.title}. ${rule.why}`, need(rule.needs), rule.verbs.join(', '), rule.kinds === '*' ? 'every kind' : rule.kinds.join(', '), rule.scopes.map((scope) => `\`${scope}\``).join(' '),
    ])),
    '## Limits',
    'They hold beside the table, whatever role somebody has.',
    markdownTable(['Limit', 'What it says', 'Why'], Object.values(ACCESS_LIMITS).map(({ id, title, why }) => [`\`${id}\``, title, why])),
    '## Tokens',
    'A token does what both its scopes and the rights of its account allow. `write` includes `read` and the scopes of repositories.',
    markdownTable(['Scope', 'What it covers'], TOKEN_SCOPES.map((scope) => [`\`${scope}\``, TOKEN_SCOPE_TITLES[scope]])),
    SERVICE_ACCOUNTS,
    WHY,
  ].join('\n\n')}\n`;
}

function code(text: string | undefined): string {
  return text === undefined ? 'nothing' : `\`${text}\``;
}

function need(needs: AccessNeed): string {
  if ('installation' in needs) return 'administrator of the installation';
  const own = needs.own === true ? ', own' : '';
  return 'org' in needs ? `\`${needs.org}\`${own}` : `\`${needs.repository}\` in the repository${own}`;
}

const INTRODUCTION = `Every door asks the same question before it does anything: may this actor do this verb to this object? The answer comes from one table,
which is this page. A refusal names the rule that would allow it, what you have, and who can change that:

    $ kradle auth can-i merge pr web-12 --explain
    no
    You may not merge PullRequest "web-12": to merge pull requests takes the role "write" or above in repository "web"; yours is "read". …

\`kubectl auth can-i merge pullrequests.kradle.a5c.ai/web-12\` asks the same, and \`kradle auth whoami\` says who you are.`;

const ADMINISTRATORS = `Administrators of the installation are the members of the organization \`default\` whose User has \`spec.admin\`. They may do everything in every
organization. In another organization \`spec.admin\` makes a member at least \`admin\`.`;

const REPOSITORIES = `The role in a repository is the highest of what the role in the organization gives, what RepositoryPermissions give to the person and their
teams, and what \`spec.repositoryGrants\` of their teams give. Whoever creates a repository is its administrator.`;

const PRIVATE = `A **private** repository gives nothing to the roles below \`maintainer\` in the organization: who was not given a role in it cannot tell that it exists.
It and everything that names it (pull requests, their reviews, runs, their sessions and artifacts …) is absent from lists, counts, searches, watches
and git. When somebody is given a role, their watches tell ADDED of what appears; when it is taken back, DELETED of what disappears. A name that is
taken cannot be taken again, though: within an organization names are shared.`;

const SERVICE_ACCOUNTS = `## Service accounts and agents

An AgentServiceAccount has no role. It may do what RepositoryPermissions give it, and what the \`resourceRules\` of its AgentRoleBindings list, in
Kubernetes' words (\`apiGroups: [kradle.a5c.ai]\`, \`resources: [pullrequests]\`, \`verbs: [get, list]\`, and \`resourceNames\`), as long as the binding is not
revoked and has not expired. A binding whose scope is a repository is about what belongs to that repository alone. \`spec.allowedRepositories\` narrows both.

A run reads itself, and pushes its own branch; everything else that it does goes through what its agent was granted.`;

const WHY = `## Suspended organizations

Members still read; every write is refused with the code \`ORG_SUSPENDED\`. An owner resumes the organization, and administrators of the installation
may do everything meanwhile.`;
