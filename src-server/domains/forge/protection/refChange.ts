import type { Actor } from '../../../resources/actor';
import type { ProtectionRule } from './protectionRules';
import { protectionOf } from './protectionRules';
import { shortRefName } from '../git/refName';

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

/** What the decision about a change depends on. */
export interface RefSituation {
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
  readonly rules: readonly ProtectionRule[];
}

/**
 * Why a change of a reference is refused, in words for the person who pushes; undefined when it is allowed. The one decision for git
 * pushes, the branch verbs and what runs bring back.
 */
export function refuseRefChange(change: RefChange, situation: RefSituation): string | undefined {
  const { ref, newSha } = change;
  const name = shortRefName(ref);
  if (situation.mirrorOf !== undefined) return `${situation.repository} is a mirror of ${situation.mirrorOf}: push there`;
  if (situation.archived) return `${situation.repository} is archived: it can be read, not changed`;
  if (!/^refs\/(heads|tags)\//.test(ref)) return `${ref} is not yours to write: push branches (refs/heads/…) and tags (refs/tags/…)`;
  if (situation.actor.kind === 'run') {
    const own = runBranch(situation.actor.run?.name ?? situation.actor.name);
    if (ref !== `refs/heads/${own}`) return `a run may push only to its own branch ${own}`;
  }
  if (newSha === undefined && ref === `refs/heads/${situation.defaultBranch}`) return `${name} is the default branch: make another one the default before deleting it`;
  return refuseByRules(change, situation);
}

/** The branch that a run's work is brought back on. */
export function runBranch(run: string): string {
  return `kradle/runs/${run}`;
}

function refuseByRules(change: RefChange, situation: RefSituation): string | undefined {
  const { ref, oldSha, newSha, forced } = change;
  const { rules } = protectionOf(situation.rules, ref, { bypass: situation.administrator });
  const name = shortRefName(ref);
  const refusal = (what: string, rule: ProtectionRule | undefined): string | undefined =>
    rule === undefined ? undefined : `protected branch: ${name} ${what} (BranchProtection ${situation.org}/${rule.metadata.name})`;
  if (newSha === undefined) return refusal('cannot be deleted', rules.find((rule) => !rule.spec.allowDeletion));
  if (situation.empty && oldSha === undefined) return undefined;
  const force = forced ? refusal('cannot be force-pushed', rules.find((rule) => !rule.spec.allowForcePush)) : undefined;
  return force ?? refusal('needs a pull request', rules.find((rule) => rule.spec.requirePullRequest));
}
