import type { z } from 'zod';
import type { revertInput } from '#shared/api/pulls';
import { isStatusError, StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import { commitIdentityOf } from '../../repositories/commitIdentity';
import { formatSignature } from '../../git/objects/commitObject';
import { mergeBase, readCommit } from '../../git/history/commits';
import type { GitRepository } from '../../git/gitRepositories';
import { messageBytes, requireClean, writeCommit } from '../../git/writing/merge';
import { mergeOver } from '../../git/writing/mergeOver';
import { isBranchName } from '../../git/refs/refName';
import { addBranch } from '../../repositories/branches';
import { openRepository, type OpenRepository } from '../../repositories/openRepository';
import type { PullRequestObject } from '../pullObjects';
import { createPull } from '../createPull';
import { requireNoOpenRevert } from './requireNoOpenRevert';
import { notePullEvents } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';

type Input = z.output<typeof revertInput>;

/**
 * Takes a merged pull request back: one commit on a new branch that undoes what the merge brought, whichever method it was, and a pull request for
 * it. Of a merge commit the target's side is the mainline. What changed on the target since stays.
 *
 * @throws Conflict with PULL_REQUEST_NOT_MERGED; MERGE_CONFLICT, a cause per file, where later changes are in the way; NOTHING_TO_REVERT where the
 *   target does not have the change any more; AlreadyExists (PULL_REQUEST_EXISTS), naming it, where one that reverts it is open.
 */
export async function revertPull(deps: PullRouterDeps, resources: ResourceClient, input: Input): Promise<PullRequestObject> {
  const { actor } = resources;
  const { org, pr } = input;
  const ref = { org, name: pr };
  await resources.require('revert', PullRequest, ref);
  const pullRequest = await resources.get(PullRequest, ref);
  const ctx = actingAs(deps.ctx, 'revert', actor);
  const repository = await openRepository(ctx, resources, { org, name: pullRequest.spec.repository });
  return ctx.locks.run(`revert/${org}/${pr}`, async () => {
    await requireNoOpenRevert(ctx, pullRequest);
    const { sha, target } = await makeRevert(deps, repository, { pullRequest, by: await commitIdentityOf(ctx.resources, org, actor), message: messageOf(pullRequest) });
    const branch = await makeBranch({ ...deps, ctx }, repository, { actor, sha, target, wanted: input.branch, pullRequest });
    const { number, title, targetBranch } = pullRequest.spec;
    const created = await createPull(ctx, deps.evaluator, {
      resources,
      input: {
        org, repository: repository.name, sourceBranch: branch, targetBranch, draft: input.draft, reverts: pr,
        title: input.title ?? `Revert "${title}"`.slice(0, 500),
        body: input.body ?? `Reverts #${number ?? '?'}.`,
      },
    });
    const at = timestampOf(ctx.clock);
    await notePullEvents(ctx.eventLog, pullRequest, [{ id: `reverted/${created.metadata.name}`, at, type: 'reverted', actor: toActorReference(actor), data: { pullRequest: created.metadata.name } }]);
    return created;
  });
}

/** Writes the commit; nothing reaches it yet. */
async function makeRevert(deps: PullRouterDeps, { git }: OpenRepository, opts: { pullRequest: PullRequestObject; by: { name: string; email: string }; message: string }): Promise<{ sha: string; target: string }> {
  const { pullRequest, by, message } = opts;
  const merge = pullRequest.status?.merge;
  const { name } = pullRequest.metadata;
  if (merge === undefined) throw new StatusError('Conflict', `${name} is not merged, so there is nothing to take back`, { code: 'PULL_REQUEST_NOT_MERGED' });
  const target = await git.objects.resolve(`refs/heads/${pullRequest.spec.targetBranch}`);
  if (target === undefined) throw new StatusError('Conflict', `The target branch ${pullRequest.spec.targetBranch} is gone`, { code: 'TARGET_MISSING' });
  const { after, before } = await changeOf(git, pullRequest, merge);
  const now = new Date(deps.ctx.clock.now());
  const present = (await readCommit(git, target)).tree;
  // The change backwards, over what it made: its result is the base, and what was there before is one side.
  const tree = requireClean(await mergeOver(git, { base: after, ours: present, theirs: (await readCommit(git, before)).tree, now }));
  if (tree === present) throw new StatusError('Conflict', `${pullRequest.spec.targetBranch} does not have the change of ${name} any more`, { code: 'NOTHING_TO_REVERT' });
  const signature = formatSignature(by, now);
  return { target, sha: await writeCommit(git, { tree, parents: [target], author: signature, committer: signature, encoding: undefined, message: messageBytes(message) }) };
}

/**
 * The commits between which the change lies. Of what the forge merged, from the target before to what it made of it; of what somebody merged by
 * hand and pushed, perhaps among other things, the branch's own change.
 */
async function changeOf(git: GitRepository, { status, metadata }: PullRequestObject, merge: NonNullable<NonNullable<PullRequestObject['status']>['merge']>): Promise<{ before: string; after: string }> {
  const head = status?.headSha ?? merge.sha;
  const { parents } = await readCommit(git, merge.sha);
  if (merge.method !== 'merge' || (parents[0] === merge.targetBefore && parents[1] === head)) return { before: merge.targetBefore, after: merge.sha };
  const base = await mergeBase(git, merge.targetBefore, head);
  if (base === undefined) throw new StatusError('Conflict', `What ${metadata.name} changed cannot be told any more`, { code: 'NOTHING_TO_REVERT' });
  return { before: base, after: head };
}

/**
 * Makes the branch. One of the default name whose commit does the same to the same target is what a server that was killed in between left: it is
 * taken over.
 */
async function makeBranch(
  deps: PullRouterDeps, repository: OpenRepository, opts: { actor: ResourceClient['actor']; sha: string; target: string; wanted: string | undefined; pullRequest: PullRequestObject },
): Promise<string> {
  const { actor, sha, wanted, pullRequest } = opts;
  const add = (name: string) => addBranch(deps, repository, { actor, input: { org: repository.org, repository: repository.name, name, from: sha } });
  if (wanted !== undefined) return (await add(wanted)).name;
  const { number, sourceBranch } = pullRequest.spec;
  const plain = `revert-${number ?? 0}-${sourceBranch}`;
  const name = isBranchName(plain) ? plain : `revert-${number ?? 0}`;
  for (let attempt = 1; ; attempt += 1) {
    const candidate = attempt === 1 ? name : `${name}-${attempt}`;
    const existing = await repository.git.objects.resolve(`refs/heads/${candidate}`);
    if (existing !== undefined && (await isSameRevert(repository.git, existing, sha))) return candidate;
    if (existing !== undefined && attempt < 20) continue;
    try {
      return (await add(candidate)).name;
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists') || attempt >= 20) throw error;
    }
  }
}

async function isSameRevert(git: GitRepository, left: string, right: string): Promise<boolean> {
  const [one, other] = await Promise.all([readCommit(git, left), readCommit(git, right)]);
  return one.tree === other.tree && one.parents[0] === other.parents[0] && one.subject === other.subject;
}

/** As `git revert` words it, with the number that people know it by. */
function messageOf({ spec, status }: PullRequestObject): string {
  const sha = status?.merge?.sha ?? '';
  return `Revert "${spec.title} (#${spec.number ?? '?'})"\n\nThis reverts commit ${sha}.`;
}
