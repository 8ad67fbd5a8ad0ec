import { isStatusError } from '#shared/api/status';
import type { StatusOf } from '#shared/kind/defineKind';
import { Issue } from '#shared/kinds/forge/issue';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import type { ActorReference } from '../../../../resources/actorReference';
import { actingAs } from '../../../../runtime/actingAs';
import type { ForgeContext } from '../../forgeContext';
import type { GitRepository } from '../../git/gitRepositories';
import { LruCache } from '../../git/lruCache';
import type { PullRequestObject } from '../pullObjects';
import { findIssueReferences, type IssueReference } from './issueReferences';
import { notePullEvents } from '../pullEvents';

export type LinkedIssue = NonNullable<StatusOf<typeof PullRequest>['linkedIssues']>[number];

const MAX_COMMITS = 250;
/** By repository and the two commits. */
const messages = new LruCache<readonly IssueReference[]>(20_000);

/**
 * The issues that a pull request's body and commit messages speak of. An issue of another repository is linked only where the author of the
 * pull request may see it: what somebody writes must not tell them what there is.
 */
export async function findLinkedIssues(ctx: ForgeContext, pullRequest: PullRequestObject, change: { git: GitRepository; base: string | undefined; head: string | undefined }): Promise<LinkedIssue[]> {
  const { organizationRef: org, repository, body, author } = pullRequest.spec;
  const references = mergeReferences([...findIssueReferences([body ?? '']), ...(await referencesOfCommits(change))]);
  const linked = new Map<string, LinkedIssue>();
  for (const { org: otherOrg, repository: otherRepository, number, closes } of references) {
    if (otherOrg !== undefined && otherOrg.toLowerCase() !== org) continue;
    const wanted = (otherRepository ?? repository).toLowerCase();
    const { items } = await ctx.resources.list(Issue, { org, fieldSelector: `spec.number=${number}` });
    const issue = items.find(({ spec, metadata }) => spec.repositories?.includes(wanted) === true && metadata.deletionTimestamp === undefined);
    if (issue === undefined || (wanted !== repository && !(await maySee(ctx, author, { org, name: issue.metadata.name })))) continue;
    const { name } = issue.metadata;
    linked.set(name, { name, number, repository: wanted, closes: closes || linked.get(name)?.closes === true });
  }
  return [...linked.values()];
}

/** Tells the issues which pull requests speak of them, before the pull request says so itself: what a crash cuts off is done again. */
export async function tellIssues(ctx: ForgeContext, pullRequest: PullRequestObject, linked: readonly LinkedIssue[]): Promise<void> {
  const { organizationRef: org } = pullRequest.spec;
  const { name: pull } = pullRequest.metadata;
  const before = new Map((pullRequest.status?.linkedIssues ?? []).map((each) => [each.name, each]));
  const after = new Map(linked.map((each) => [each.name, each]));
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const now = after.get(name);
    if (now !== undefined && before.get(name)?.closes === now.closes) continue;
    await ignoreMissing(
      ctx.resources.mutateStatus(Issue, { org, name }, (status) => {
        const others = (status.pullRequests ?? []).filter((each) => each.name !== pull);
        status.pullRequests = (now === undefined ? others : [...others, { name: pull, closes: now.closes }]).slice(-100);
      }),
    );
  }
}

/**
 * Closes what a merge into the default branch closes, as whoever merged, as far as they may. Once: an issue that is opened again stays open.
 */
export async function closeLinkedIssues(ctx: ForgeContext, pullRequest: PullRequestObject, mergedBy: ActorReference): Promise<void> {
  const { organizationRef: org } = pullRequest.spec;
  const { name: pull } = pullRequest.metadata;
  const closing = (pullRequest.status?.linkedIssues ?? []).filter(({ closes }) => closes);
  const actor = closing.length === 0 ? undefined : await ctx.actorOf(org, mergedBy);
  if (actor === undefined) return;
  for (const { name } of closing) {
    const ref = { org, name };
    const issue = await ctx.resources.find(Issue, ref);
    if (issue === undefined || !(await ctx.resources.as(actor).may('close', Issue, ref)).allowed) continue;
    const isClosed = issue.spec.state === 'closed';
    // Noted before it is closed: what somebody else has closed is left alone, and what a crash cut off is done to its end.
    const isNoted = issue.status?.closedByPullRequest === pull;
    if (isClosed && (!isNoted || issue.status?.closedBy !== undefined)) continue;
    const own = actingAs(ctx, 'close', actor);
    if (!isNoted) {
      await own.resources.mutateStatus(Issue, ref, (status) => {
        status.closedByPullRequest = pull;
      });
    }
    await own.resources.mutate(Issue, ref, ({ spec }) => {
      spec.state = 'closed';
      spec.stateReason = 'completed';
    });
    const at = timestampOf(ctx.clock);
    await notePullEvents(ctx.eventLog, pullRequest, [{ id: `issue-closed/${name}`, at, type: 'issue_closed', actor: mergedBy, data: { issue: name } }]);
    await own.resources.mutateStatus(Issue, ref, (status) => {
      Object.assign(status, { phase: 'Closed', closedAt: at, closedBy: mergedBy });
    });
  }
}

async function referencesOfCommits({ git, base, head }: { git: GitRepository; base: string | undefined; head: string | undefined }): Promise<readonly IssueReference[]> {
  if (base === undefined || head === undefined || base === head) return [];
  const key = [git.path, base, head].join('\0');
  const known = messages.get(key);
  if (known !== undefined) return known;
  const { stdout } = await git.git.run(['log', '-z', '--topo-order', '--format=%B', `--max-count=${MAX_COMMITS}`, '--end-of-options', head, `^${base}`, '--'], { gitDir: git.path });
  const found = findIssueReferences(stdout.toString('utf8').split('\0'));
  messages.set(key, found, found.length + 1);
  return found;
}

function mergeReferences(references: readonly IssueReference[]): IssueReference[] {
  const merged = new Map<string, IssueReference>();
  for (const reference of references) {
    const key = `${reference.org ?? ''}/${reference.repository ?? ''}#${reference.number}`.toLowerCase();
    merged.set(key, { ...reference, closes: reference.closes || merged.get(key)?.closes === true });
  }
  return [...merged.values()].slice(0, 100);
}

async function maySee(ctx: ForgeContext, author: ActorReference | undefined, ref: { org: string; name: string }): Promise<boolean> {
  const actor = author === undefined ? undefined : await ctx.actorOf(ref.org, author);
  return actor !== undefined && (await ctx.resources.as(actor).may('get', Issue, ref)).allowed;
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isStatusError(error, 'NotFound')) throw error;
  });
}
