import type { Actor } from '../../../resources/actor';
import { shortRefName } from '../git/refs/refName';
import { judgeByPolicy, type PolicyObject, type Pusher } from '../policies/refPolicies';
import { describeViolation, firstRefusal, type RuleName, type Violation } from '../policies/violation';
import type { ProtectionRule } from './protectionRules';
import { protectionOf } from './protectionRules';

/** One reference that somebody wants to move without merging a pull request. */
export interface RefChange {
  /** Full name. */
  readonly ref: string;
  /** Undefined: the reference is new. */
  readonly oldSha: string | undefined;
  /** Undefined: the reference goes. */
  readonly newSha: string | undefined;
  /** The old commit is not reached from the new one. */
  readonly forced: boolean;
}

/** The rules of an organization that speak about one repository. */
export interface RefRules {
  readonly rules: readonly ProtectionRule[];
  readonly policies: readonly PolicyObject[];
}

/** What the decision about a change depends on. */
export interface RefSituation extends RefRules, Pusher {
  readonly org: string;
  readonly repository: string;
  readonly actor: Actor;
  /** Administrators pass the rules that do not bind them. */
  readonly administrator: boolean;
  readonly archived: boolean;
  /** It is a copy of this repository elsewhere, which alone changes it. */
  readonly mirrorOf?: string;
  /** It has no branch yet: the first push makes them, protected or not. */
  readonly empty: boolean;
  readonly defaultBranch: string;
}

/**
 * Why a change of a reference is refused, in words for the person who pushes; undefined when it is allowed. The one decision for git
 * pushes, the branch verbs and what runs bring back. What is in the commits is for `policies/inspectChanges.ts`.
 */
export function refuseRefChange(change: RefChange, situation: RefSituation): string | undefined {
  const refusal = firstRefusal(judgeRefChange(change, situation));
  return refusal === undefined ? undefined : describeViolation(refusal, situation.org);
}

/** Everything that a change of a reference breaks, in the order in which it is asked; a built-in rule that refuses is the only answer. */
export function judgeRefChange(change: RefChange, situation: RefSituation): Violation[] {
  const builtIn = judgeByBuiltIn(change, situation);
  if (builtIn !== undefined) return [builtIn];
  return [
    // The first push of an empty repository makes its branches, protected or not; what a policy denies, it denies from the start.
    ...situation.policies.flatMap((policy) => judgeByPolicy(policy, change, situation)),
    ...judgeByProtection(change, situation),
  ];
}

/** The branch that a run's work is brought back on. */
export function runBranch(run: string): string {
  return `kradle/runs/${run}`;
}

function judgeByBuiltIn({ ref, newSha }: RefChange, situation: RefSituation): Violation | undefined {
  const refuse = (name: string, message: string, advice?: string): Violation => ({
    ref, rule: { kind: 'built-in', name, source: 'built-in' }, outcome: 'refused', message, ...(advice === undefined ? {} : { advice }),
  });
  if (situation.mirrorOf !== undefined) return refuse('mirror', `${situation.repository} is a mirror of ${situation.mirrorOf}: push there`);
  if (situation.archived) return refuse('archived', `${situation.repository} is archived: it can be read, not changed`);
  if (!/^refs\/(heads|tags)\//.test(ref)) return refuse('writable-refs', `${ref} is not yours to write: push branches (refs/heads/…) and tags (refs/tags/…)`);
  if (situation.actor.kind === 'run') {
    const own = runBranch(situation.actor.run?.name ?? situation.actor.name);
    if (ref !== `refs/heads/${own}`) return refuse('run-branch', `a run may push only to its own branch ${own}`, `git push origin HEAD:${own}`);
  }
  if (newSha === undefined && ref === `refs/heads/${situation.defaultBranch}`) {
    return refuse('default-branch', `${shortRefName(ref)} is the default branch: make another one the default before deleting it`);
  }
  return undefined;
}

/** What is asked first decides what is told: one sentence a rule is enough. */
function judgeByProtection(change: RefChange, situation: RefSituation): Violation[] {
  const { ref, oldSha, newSha, forced } = change;
  const name = shortRefName(ref);
  const { rules } = protectionOf(situation.rules, ref);
  const violation = (rule: ProtectionRule, what: string, advice?: string): Violation => ({
    ref,
    rule: protectionName(rule),
    outcome: situation.administrator && !rule.spec.enforceAdmins ? 'bypassed' : 'refused',
    message: `protected branch: ${name} ${what}`,
    ...(advice === undefined ? {} : { advice }),
  });
  if (newSha === undefined) return rules.filter(({ spec }) => !spec.allowDeletion).map((rule) => violation(rule, 'cannot be deleted'));
  if (situation.empty && oldSha === undefined) return [];
  return rules.flatMap((rule) => {
    if (forced && !rule.spec.allowForcePush) return [violation(rule, 'cannot be force-pushed', `Keep what is there: git pull --rebase origin ${name}`)];
    return rule.spec.requirePullRequest ? [violation(rule, 'needs a pull request', `git push origin HEAD:NEW-BRANCH, then open a pull request into ${name}`)] : [];
  });
}

export function protectionName(rule: ProtectionRule): RuleName {
  return { kind: 'BranchProtection', name: rule.metadata.name, source: rule.spec.repository === undefined ? 'organization' : 'repository' };
}
