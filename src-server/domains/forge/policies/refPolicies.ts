import type { ObjectOf } from '#shared/kind/defineKind';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import { shortRefName } from '../git/refs/refName';
import type { RefChange } from '../protection/refChange';
import { matchesRef } from '../protection/refPattern';
import type { RuleName, Violation } from './violation';

export type PolicyObject = ObjectOf<typeof RefPolicy>;

/** Who changes references, as bypasses know them. */
export interface Pusher {
  readonly actor: Actor;
  readonly administrator: boolean;
  /** Teams of the organization that the person is in. */
  readonly teams: ReadonlySet<string>;
}

/** Every policy of an organization that speaks about this repository and is in force. */
export async function listPolicies(resources: ResourceClient, org: string, repository: string): Promise<PolicyObject[]> {
  const { items } = await resources.list(RefPolicy, { org });
  return items.filter(({ metadata, spec }) => spec.mode !== 'disabled' && (spec.repository === undefined || spec.repository === repository) && metadata.deletionTimestamp === undefined);
}

export function policyName({ metadata, spec }: PolicyObject): RuleName {
  return { kind: 'RefPolicy', name: metadata.name, source: spec.repository === undefined ? 'organization' : 'repository' };
}

/** Is a reference among those that everything but the deny rules of a policy is about? */
export function coversRef({ spec }: PolicyObject, ref: string): boolean {
  return spec.refs === undefined || spec.refs.some((pattern) => matchesRef(pattern, ref));
}

/** May this pusher break the policy? A run never may: it was given a branch, and nothing else. */
export function mayBypass({ spec }: PolicyObject, { actor, administrator, teams }: Pusher): boolean {
  const { bypass } = spec;
  if (bypass === undefined || actor.kind === 'run') return false;
  if (bypass.administrators && administrator) return true;
  if (actor.kind === 'service-account') return bypass.serviceAccounts?.includes(actor.name) === true;
  if (actor.kind !== 'user') return false;
  return bypass.users?.includes(actor.name) === true || bypass.teams?.some((team) => teams.has(team)) === true;
}

/** What breaking this policy means for this pusher. */
export function outcomeOf(policy: PolicyObject, pusher: Pusher): Violation['outcome'] {
  if (policy.spec.mode === 'audit') return 'warned';
  return mayBypass(policy, pusher) ? 'bypassed' : 'refused';
}

/** What a change breaks of a policy, as far as the reference and its two commits say. */
export function judgeByPolicy(policy: PolicyObject, change: RefChange, pusher: Pusher): Violation[] {
  const { ref } = change;
  const name = shortRefName(ref);
  const found = [...denied(policy, change, name), ...(coversRef(policy, ref) ? historyKept(policy, change, { name, pusher }) : [])];
  return found.map((each) => ({ ref, rule: policyName(policy), outcome: outcomeOf(policy, pusher), ...each }));
}

type Finding = Pick<Violation, 'message' | 'advice'>;
const ACTION_WORDS = { create: 'cannot be created', update: 'cannot be changed', delete: 'cannot be deleted' } as const;

function denied({ spec }: PolicyObject, change: RefChange, name: string): Finding[] {
  const action = change.newSha === undefined ? 'delete' : change.oldSha === undefined ? 'create' : 'update';
  const prefix = spec.denyPrefixes?.find((each) => change.ref.startsWith(each));
  const rule = spec.denyRules?.find(({ pattern, actions }) => actions.includes(action) && matchesRef(pattern, change.ref));
  return [
    ...(prefix === undefined ? [] : [{ message: `nothing may be pushed under ${prefix}`, advice: 'Push under another name: git push origin HEAD:NAME' }]),
    ...(rule === undefined ? [] : [{ message: `${name} ${ACTION_WORDS[action]}${rule.message === undefined ? '' : `: ${rule.message}`}` }]),
  ];
}

function historyKept({ spec }: PolicyObject, { newSha, forced }: RefChange, { name, pusher }: { name: string; pusher: Pusher }): Finding[] {
  const closed = (who: 'allow' | 'admins' | 'deny' | undefined): boolean => who === 'deny' || (who === 'admins' && !pusher.administrator);
  const but = (who: string | undefined): string => (who === 'admins' ? ', except by administrators' : '');
  if (newSha === undefined) return closed(spec.deletion) ? [{ message: `${name} cannot be deleted${but(spec.deletion)}` }] : [];
  return forced && closed(spec.forcePush) ? [{ message: `${name} cannot be force-pushed${but(spec.forcePush)}`, advice: `Keep what is there: git pull --rebase origin ${name}, then push without --force` }] : [];
}
