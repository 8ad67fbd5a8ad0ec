import type { z } from 'zod';
import { headLabel } from '#shared/api/headLabel';
import { StatusError } from '#shared/api/status';
import type { MergeMethod } from '#shared/kinds/forge/mergeMethod';
import type { mergeBlocker } from '#shared/kinds/forge/pullRequest';
import type { ActorReference } from '../../../../resources/actorReference';
import type { Protection } from '../../protection/protectionRules';
import type { ReviewTally } from '../reviews/approvals';
import type { PullRequestObject } from '../pullObjects';

export type MergeBlocker = z.output<typeof mergeBlocker>;

/** What is known of a pull request when its blockers are named. */
export interface BlockerFacts {
  readonly pullRequest: PullRequestObject;
  readonly checks: ReturnType<typeof checksOf>;
  readonly archived: boolean;
  readonly mergeMethods: readonly MergeMethod[];
  readonly sourceExists: boolean;
  readonly targetExists: boolean;
  /** Undefined while a branch is missing. */
  readonly conflictingFiles: readonly string[] | undefined;
  /** Commits that the source has and the target lacks; undefined while a branch is missing. */
  readonly commits: number | undefined;
  /** Commits that the target has and the source lacks; undefined while a branch is missing. */
  readonly behind: number | undefined;
  /** Owners of changed files, none of whom has approved; a group for each rule of CODEOWNERS. */
  readonly missingOwners: readonly (readonly string[])[];
  readonly pusher: ActorReference | undefined;
  readonly protection: Protection;
  readonly tally: ReviewTally;
  readonly unresolvedThreads: number;
}

/** Everything that keeps a pull request from merging, in words that say what to do; empty when it can merge now. */
export function findBlockers(facts: BlockerFacts): MergeBlocker[] {
  return [...branchBlockers(facts), ...reviewBlockers(facts), ...checkBlockers(facts), ...methodBlockers(facts)];
}

/** The checks of that head: what was found of another commit says nothing of this one. */
export function checksOf(pullRequest: PullRequestObject, head: string | undefined) {
  return (pullRequest.status?.checks ?? []).filter((check) => check.sha === undefined || check.sha === head);
}

/** The methods that the repository and the rules of the branch leave. */
export function allowedMethods(mergeMethods: readonly MergeMethod[], protection: Protection): MergeMethod[] {
  return mergeMethods.filter((method) => method !== 'merge' || !protection.requireLinearHistory);
}

/** Throws Invalid (MERGE_METHOD_NOT_ALLOWED) for a method that is not left, naming those that are. */
export function requireAllowedMethod(pullRequest: PullRequestObject, opts: { method: MergeMethod; mergeMethods: readonly MergeMethod[]; protection: Protection }): void {
  const methods = allowedMethods(opts.mergeMethods, opts.protection);
  if (methods.includes(opts.method)) return;
  const message = `"${opts.method}" is not allowed here; use ${methods.length === 0 ? 'none: the rules leave no method' : methods.join(' or ')}`;
  throw new StatusError('Invalid', `${pullRequest.metadata.name} cannot be merged this way: ${message}`, { code: 'MERGE_METHOD_NOT_ALLOWED', causes: [{ code: 'FieldValueNotSupported', field: 'method', message }] });
}

function branchBlockers(facts: BlockerFacts): MergeBlocker[] {
  const { targetBranch, draft } = facts.pullRequest.spec;
  const sourceBranch = headLabel(facts.pullRequest.spec);
  const blockers: MergeBlocker[] = [];
  if (facts.archived) blockers.push({ code: 'Archived', message: 'The repository is archived, so nothing can be merged into it.' });
  if (draft) blockers.push({ code: 'Draft', message: 'It is a draft. Mark it as ready for review first.' });
  if (!facts.sourceExists) blockers.push({ code: 'SourceMissing', message: `The source branch ${sourceBranch} is gone. Push it again, or close the pull request.` });
  if (!facts.targetExists) blockers.push({ code: 'TargetMissing', message: `The target branch ${targetBranch} is gone. Choose another target.` });
  const conflicts = facts.conflictingFiles ?? [];
  if (conflicts.length > 0) {
    blockers.push({ code: 'Conflict', message: `It conflicts with ${targetBranch} in ${nameSome(conflicts)}. Merge ${targetBranch} into ${sourceBranch}, resolve, and push.` });
  }
  if (facts.commits === 0) blockers.push({ code: 'NothingToMerge', message: `${sourceBranch} has no commit that ${targetBranch} lacks.` });
  const behind = facts.behind ?? 0;
  if (behind > 0 && facts.protection.requireUpToDate) {
    const rules = facts.protection.rules.filter((rule) => rule.spec.requireUpToDate);
    blockers.push({ code: 'BehindTarget', message: `${sourceBranch} lacks ${count(behind, 'commit')} of ${targetBranch}, and has to have them before the merge${ruleNames(rules)}. Update the branch.` });
  } else if (behind > 0 && allowedMethods(facts.mergeMethods, facts.protection).every((method) => method === 'fast-forward')) {
    blockers.push({ code: 'BehindTarget', message: `${sourceBranch} lacks ${count(behind, 'commit')} of ${targetBranch}, and the repository only moves ${targetBranch} forward. Update the branch by a rebase.` });
  }
  return blockers;
}

function reviewBlockers({ pullRequest, protection, tally, unresolvedThreads, missingOwners, pusher }: BlockerFacts): MergeBlocker[] {
  const blockers: MergeBlocker[] = [];
  if (tally.changesRequestedBy.length > 0) {
    blockers.push({ code: 'ChangesRequested', message: `${nameSome(tally.changesRequestedBy)} asked for changes and has to approve, or dismiss the review.` });
  }
  if (tally.approvedBy.length < protection.requiredApprovals) {
    const rules = protection.rules.filter((rule) => rule.spec.requiredApprovals > 0);
    blockers.push({
      code: 'ApprovalsMissing',
      message: `It needs ${count(protection.requiredApprovals, 'approval')} and has ${tally.approvedBy.length}${ruleNames(rules)}. ${whoseDoNotCount(pullRequest, protection, tally)}`,
    });
  }
  if (protection.requireLastPushApproval && !tally.lastPushApproved) {
    const rules = protection.rules.filter((rule) => rule.spec.requireLastPushApproval);
    const who = pusher === undefined ? 'Nobody knows who pushed last, so two people have to approve the change as it is now' : `Somebody other than ${pusher.name}, who pushed last, has to approve the change as it is now`;
    blockers.push({ code: 'LastPushApprovalMissing', message: `${who}${ruleNames(rules)}.` });
  }
  if (protection.requireCodeOwnerReview && missingOwners.length > 0) {
    const rules = protection.rules.filter((rule) => rule.spec.requireCodeOwnerReview);
    const groups = [...new Set(missingOwners.map((owners) => owners.join(' or ')))];
    blockers.push({ code: 'CodeOwnersMissing', message: `Changed files have owners that have to approve: ${nameSome(groups)}${ruleNames(rules)}.` });
  }
  if (protection.requireConversationResolution && unresolvedThreads > 0) {
    blockers.push({ code: 'ConversationUnresolved', message: `${count(unresolvedThreads, 'conversation')} must be resolved first.` });
  }
  return blockers;
}

function whoseDoNotCount({ spec: { requesters = [] } }: PullRequestObject, protection: Protection, { agentApprovals }: ReviewTally): string {
  const people = requesters.filter(({ kind }) => kind === 'user').map(({ name }) => name);
  const own = protection.countRequesterApprovals || people.length === 0 ? 'The author\'s own does not count.' : `${nameSome(people)} started the run; somebody else must review.`;
  return agentApprovals.length === 0 ? own : `${own} Those of agents do not count: ${nameSome(agentApprovals)}.`;
}

function checkBlockers({ protection, checks }: BlockerFacts): MergeBlocker[] {
  const states = new Map(checks.map((check) => [check.name, check.state]));
  const failed = protection.requiredChecks.filter((name) => states.get(name) === 'Failed');
  const missing = protection.requiredChecks.filter((name) => states.get(name) === undefined || states.get(name) === 'Pending');
  return [
    ...(failed.length === 0 ? [] : [{ code: 'ChecksFailed' as const, message: `Required checks failed: ${nameSome(failed)}.` }]),
    ...(missing.length === 0 ? [] : [{ code: 'ChecksMissing' as const, message: `Required checks have not succeeded yet: ${nameSome(missing)}.` }]),
  ];
}

function methodBlockers({ mergeMethods, protection }: BlockerFacts): MergeBlocker[] {
  if (allowedMethods(mergeMethods, protection).length > 0) return [];
  const rules = protection.rules.filter((rule) => rule.spec.requireLinearHistory);
  return [{ code: 'MethodNotAllowed', message: `The repository allows only merge commits, and a rule asks for a linear history${ruleNames(rules)}.` }];
}

function ruleNames(rules: Protection['rules']): string {
  return rules.length === 0 ? '' : ` (BranchProtection ${nameSome(rules.map((rule) => rule.metadata.name))})`;
}

function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
