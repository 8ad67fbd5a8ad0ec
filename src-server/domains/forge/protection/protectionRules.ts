import type { ObjectOf } from '#shared/kind/defineKind';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { matchesRef } from './refPattern';
import type { ResourceClient } from '../../../resources/resourceClient';

export type ProtectionRule = ObjectOf<typeof BranchProtection>;

/** What holds for one reference: the strictest of every rule that matches it. */
export interface Protection {
  /** Rules that matched, by name; empty when the reference is free. */
  readonly rules: readonly ProtectionRule[];
  readonly requiredApprovals: number;
  /** Only where every rule that asks for approvals says so. */
  readonly countRequesterApprovals: boolean;
  readonly countAgentApprovals: boolean;
  readonly requiredChecks: readonly string[];
  readonly dismissStaleReviews: boolean;
  readonly requireConversationResolution: boolean;
  readonly requireLinearHistory: boolean;
  readonly requireUpToDate: boolean;
  readonly requireLastPushApproval: boolean;
  readonly requireCodeOwnerReview: boolean;
}

/** Every rule of an organization that speaks about this repository. */
export async function listRules(resources: ResourceClient, org: string, repository: string): Promise<ProtectionRule[]> {
  const { items } = await resources.list(BranchProtection, { org });
  return items.filter((rule) => (rule.spec.repository === undefined || rule.spec.repository === repository) && rule.metadata.deletionTimestamp === undefined);
}

/**
 * Joins the rules that match a full reference name. `bypass`: the actor administrates the organization, so rules that do not bind
 * administrators (`enforceAdmins: false`) are left out.
 */
export function protectionOf(rules: readonly ProtectionRule[], ref: string, opts: { bypass?: boolean } = {}): Protection {
  const matching = rules.filter((rule) => rule.spec.refs.some((pattern) => matchesRef(pattern, ref)) && !(opts.bypass === true && !rule.spec.enforceAdmins));
  const asking = matching.filter((rule) => rule.spec.requiredApprovals > 0);
  return {
    rules: matching,
    requiredApprovals: Math.max(0, ...asking.map((rule) => rule.spec.requiredApprovals)),
    countRequesterApprovals: asking.length > 0 && asking.every((rule) => rule.spec.countRequesterApprovals),
    countAgentApprovals: asking.length > 0 && asking.every((rule) => rule.spec.countAgentApprovals),
    requiredChecks: [...new Set(matching.flatMap((rule) => rule.spec.requiredChecks ?? []))].sort(),
    dismissStaleReviews: matching.some((rule) => rule.spec.dismissStaleReviews),
    requireConversationResolution: matching.some((rule) => rule.spec.requireConversationResolution),
    requireLinearHistory: matching.some((rule) => rule.spec.requireLinearHistory),
    requireUpToDate: matching.some((rule) => rule.spec.requireUpToDate),
    requireLastPushApproval: matching.some((rule) => rule.spec.requireLastPushApproval),
    requireCodeOwnerReview: matching.some((rule) => rule.spec.requireCodeOwnerReview),
  };
}
