import type { HookEntry } from '#shared/api/pushPolicies';
import { REPOSITORY_ROLE_TITLES } from '#shared/access/roleTitles';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { WebhookSubscription } from '#shared/kinds/hooks/webhookSubscription';
import { PolicyBinding } from '#shared/kinds/policy/policyBinding';
import type { ResourceClient } from '../../../resources/resourceClient';
import { findEntry } from '../git/objects/tree';
import { readRefRules } from '../protection/readRefSituation';
import { CODEOWNERS_PATHS } from '../pulls/reviews/changeOwners';
import type { OpenRepository } from '../repositories/openRepository';
import { describePolicy, describeProtection } from './describeRules';

const STAGES: readonly HookEntry['stage'][] = ['push', 'content', 'merge', 'after'];

/**
 * Everything that affects a push to a repository or a merge in it, in the order in which it is asked. Rules of references hold for
 * everybody who works in the repository and are shown to everybody; webhooks and policies to those who may see them.
 */
export async function listHooks(system: ResourceClient, asker: ResourceClient, repository: OpenRepository): Promise<HookEntry[]> {
  const { org, name } = repository;
  const [{ rules, policies }, permissions, hooks, bindings, owners] = await Promise.all([
    readRefRules(system, org, name),
    system.list(RepositoryPermission, { org, fieldSelector: `spec.repository=${name}` }),
    listVisible(asker, WebhookSubscription, org),
    listVisible(asker, PolicyBinding, org),
    findOwners(repository),
  ]);
  const items: HookEntry[] = [
    permissionSummary(permissions.items.filter(({ spec }) => !spec.revoked).length),
    ...builtInRules(repository),
    ...policies.flatMap(describePolicy),
    ...rules.flatMap(describeProtection),
    ...bindings.filter(({ spec }) => spec.match?.repositories === undefined || spec.match.repositories.includes(name)).map((binding): HookEntry => ({
      id: `PolicyBinding/${binding.metadata.name}`, stage: 'merge', title: `Policy ${binding.spec.templateRef}`, effect: 'warns', enforced: false,
      summary: 'An admission policy. It is kept and does not decide about pushes or merges yet.',
      source: binding.spec.match?.repositories === undefined ? 'organization' : 'repository', object: { kind: 'PolicyBinding', plural: 'policybindings', name: binding.metadata.name },
    })),
    mergeSettings(repository),
    codeOwners(owners),
    ...hooks.filter(({ spec }) => spec.active && (spec.filters?.repositories === undefined || spec.filters.repositories.includes(name))).map((hook): HookEntry => ({
      id: `WebhookSubscription/${hook.metadata.name}`, stage: 'after', title: `Webhook ${hook.spec.displayName ?? hook.metadata.name}`, effect: 'tells', enforced: false,
      summary: `For ${hook.spec.events.join(', ')} to ${hostOf(hook.spec.url)}. It is kept and nothing is sent yet.`,
      source: hook.spec.filters?.repositories === undefined ? 'organization' : 'repository', object: { kind: 'WebhookSubscription', plural: 'webhooksubscriptions', name: hook.metadata.name },
    })),
  ];
  // Within a stage, what was found first is asked first.
  return STAGES.flatMap((stage) => items.filter((each) => each.stage === stage));
}

/** The rules that Kradle itself has, in the order in which they are asked. */
export function builtInRules({ object, name }: OpenRepository): HookEntry[] {
  const { archived, defaultBranch, mirror } = object.spec;
  const rule = (id: string, title: string, summary: string): HookEntry => ({ id: `built-in/${id}`, stage: 'push', title, summary, effect: 'refuses', enforced: true, source: 'built-in', bypass: 'nobody' });
  return [
    ...(mirror?.direction === 'pull' ? [rule('mirror', 'Mirror', `${name} follows another repository: push there.`)] : []),
    rule('archived', 'Archived repositories', archived ? `${name} is archived: pushes and merges are refused.` : 'An archived repository takes no push and no merge; this one is not archived.'),
    rule('writable-refs', 'Branches and tags', 'Only refs/heads/... and refs/tags/... are pushed to; refs/pull/... and refs/kradle/... are Kradle\'s own.'),
    rule('run-branch', 'Branches of runs', 'An agent\'s run pushes to its own branch kradle/runs/RUN and nowhere else.'),
    rule('default-branch', 'Default branch', `${defaultBranch} cannot be deleted while it is the default branch.`),
    { ...rule('fsck', 'Sound objects', 'Objects that would break or attack a client are refused: git checks every one.'), stage: 'content' },
    { ...rule('lfs-locks', 'Locked files', 'A file that somebody has locked with git lfs lock is changed by nobody else.'), stage: 'content' },
  ];
}

function permissionSummary(count: number): HookEntry {
  const given = count === 0 ? 'Nobody was given a role in this repository beside that' : `${count} ${count === 1 ? 'person or team was' : 'people and teams were'} given a role in this repository beside that`;
  return {
    id: 'permissions', stage: 'push', title: 'Who may push', effect: 'gives', enforced: true, source: 'built-in',
    summary: `Pushing and merging take the role "write": ${REPOSITORY_ROLE_TITLES.write.replace(/[.]$/, '')}. Developers of the organization have it in repositories that are not private. ${given}.`,
  };
}

function mergeSettings({ object, name }: OpenRepository): HookEntry {
  const { mergeMethods, deleteBranchOnMerge } = object.spec;
  return {
    id: 'merge-settings', stage: 'merge', title: 'Ways to merge', effect: 'refuses', enforced: true, source: 'repository',
    summary: `Pull requests merge by ${mergeMethods.join(', ')}.${deleteBranchOnMerge ? ' The branch goes when its pull request is merged.' : ''}`,
    object: { kind: 'Repository', plural: 'repositories', name },
  };
}

function codeOwners(path: string | undefined): HookEntry {
  return {
    id: 'code-owners', stage: 'merge', title: 'Code owners', effect: 'tells', enforced: path !== undefined, source: 'repository',
    summary: path === undefined
      ? `The default branch has no CODEOWNERS file (${CODEOWNERS_PATHS.join(', ')}), so nobody is asked for a review by it.`
      : `${path} of the default branch says whose review is asked for; it is needed where a branch protection says so.`,
  };
}

async function findOwners({ git, object }: OpenRepository): Promise<string | undefined> {
  const head = await git.objects.resolve(`refs/heads/${object.spec.defaultBranch}`);
  for (const path of head === undefined ? [] : CODEOWNERS_PATHS) if ((await findEntry(git, head ?? '', path)) !== undefined) return path;
  return undefined;
}

/** What the asker may see of a kind: nothing where they may not list it. */
async function listVisible<TKind extends typeof WebhookSubscription | typeof PolicyBinding>(asker: ResourceClient, kind: TKind, org: string) {
  return (await asker.may('list', kind, { org })).allowed ? (await asker.list(kind, { org })).items : [];
}

function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? 'an address';
}
