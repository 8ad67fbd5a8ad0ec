import type { SpecOf } from '#shared/kind/defineKind';
import type { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { matchesRef } from '../protection/refPattern';
import { protectionName, type RefSituation } from '../protection/refChange';
import { coversRef, outcomeOf, policyName } from './refPolicies';
import type { RuleName, Violation } from './violation';

type PolicySpec = SpecOf<typeof RefPolicy>;
export type FileLimits = NonNullable<PolicySpec['files']>;
export type MessageRule = NonNullable<PolicySpec['commitMessages']>[number];
export type IdentityRule = NonNullable<PolicySpec['identities']>;
export type SecretRule = NonNullable<PolicySpec['secretScanning']>;
type Demand = 'ignore' | 'warn' | 'require';

/** What one BranchProtection or RefPolicy asks of the commits and files that come to the references it covers. */
export interface ContentRule {
  readonly name: RuleName;
  /** What breaking it means for whoever changes the references. */
  readonly outcome: Violation['outcome'];
  /** Equal for rules that cover the same references. */
  readonly scope: string;
  /** Whether the rule covers every reference there is. */
  readonly coversAll: boolean;
  covers(ref: string): boolean;
  readonly linearHistory: boolean;
  readonly signedCommits: Demand;
  readonly signedTags: Demand;
  readonly files: FileLimits | undefined;
  readonly messages: readonly MessageRule[];
  readonly identities: IdentityRule | undefined;
  readonly secrets: SecretRule | undefined;
}

/** Every rule that looks into what a reference gets, rather than at its name. */
export function contentRulesOf(situation: RefSituation): ContentRule[] {
  return [...fromPolicies(situation), ...fromProtections(situation)];
}

function fromPolicies(situation: RefSituation): ContentRule[] {
  return situation.policies.flatMap((policy) => {
    const { refs, linearHistory = false, signing, files, commitMessages = [], identities, secretScanning } = policy.spec;
    const rule: ContentRule = {
      name: policyName(policy),
      outcome: outcomeOf(policy, situation),
      scope: JSON.stringify(refs === undefined ? ['*'] : [...refs].sort()),
      coversAll: refs === undefined,
      covers: (ref) => coversRef(policy, ref),
      linearHistory,
      signedCommits: signing?.commits ?? 'ignore',
      signedTags: signing?.tags ?? 'ignore',
      files,
      messages: commitMessages,
      identities: identities === undefined || (identities.author === 'any' && identities.committer === 'any') ? undefined : identities,
      secrets: secretScanning === undefined || secretScanning.mode === 'off' ? undefined : secretScanning,
    };
    return asksAnything(rule) ? [rule] : [];
  });
}

function fromProtections(situation: RefSituation): ContentRule[] {
  return situation.rules.flatMap((protection) => {
    const { refs, requireLinearHistory, requireSignedCommits, enforceAdmins } = protection.spec;
    const rule: ContentRule = {
      name: protectionName(protection),
      outcome: situation.administrator && !enforceAdmins ? 'bypassed' : 'refused',
      scope: JSON.stringify([...refs].sort()),
      coversAll: false,
      covers: (ref) => refs.some((pattern) => matchesRef(pattern, ref)),
      linearHistory: requireLinearHistory,
      signedCommits: requireSignedCommits ? 'require' : 'ignore',
      signedTags: 'ignore',
      files: undefined,
      messages: [],
      identities: undefined,
      secrets: undefined,
    };
    return asksAnything(rule) ? [rule] : [];
  });
}

/** Does the rule need to see each commit's own text? */
export function readsCommits(rule: ContentRule): boolean {
  return rule.signedCommits !== 'ignore' || rule.messages.length > 0 || rule.identities !== undefined;
}

/** Does the rule need to see which files commits change? */
export function readsFiles(rule: ContentRule): boolean {
  return rule.files !== undefined || rule.secrets !== undefined;
}

function asksAnything(rule: ContentRule): boolean {
  return rule.linearHistory || rule.signedTags !== 'ignore' || readsCommits(rule) || readsFiles(rule);
}
