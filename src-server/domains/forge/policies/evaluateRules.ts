import type { z } from 'zod';
import type { HookEntry, RuleAction, RuleVerdict, rulesInput, rulesOutput } from '#shared/api/pushPolicies';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';
import { branchRef, isRefName, shortRefName } from '../git/refs/refName';
import { readRefSituation } from '../protection/readRefSituation';
import { judgeRefChange, type RefChange, type RefSituation } from '../protection/refChange';
import { matchesRef } from '../protection/refPattern';
import type { OpenRepository } from '../repositories/openRepository';
import { type ContentRule, contentRulesOf } from './contentRules';
import { builtInRules } from './listHooks';
import { describePolicy, describeProtection } from './describeRules';
import { coversRef } from './refPolicies';
import { describeViolation, type Violation } from './violation';

type Answer = z.output<typeof rulesOutput>;

/** What would become of a change of a reference that somebody tries, rule by rule, without anything being changed. */
export async function evaluateRules(ctx: ForgeContext, asker: ResourceClient, opts: { repository: OpenRepository; input: z.output<typeof rulesInput> }): Promise<Answer> {
  const { repository, input } = opts;
  const ref = input.ref.startsWith('refs/') ? requireRef(input.ref) : branchRef(input.ref, 'ref');
  const actor = input.actor === undefined || input.actor === asker.actor.name ? asker.actor : await actorNamed(asker, input.org, input.actor);
  const situation = await readRefSituation(ctx, repository, actor);
  const current = await repository.git.objects.resolve(ref);
  const change = changeFor(input.action, ref, current);
  const violations = input.action === 'merge' ? mergeViolations(change, situation) : judgeRefChange(change, situation);
  const rules = [await permissionVerdict(ctx, repository, { actor, action: input.action }), ...verdicts(repository, { situation, change, action: input.action, violations })];
  return { ref, action: input.action, actor: actor.name, rules, ...outcomeOf(rules, { ref, action: input.action, actor: actor.name }) };
}

/** A merge is no push: what keeps direct pushes out does not stop it; what closes a reference does. */
export function mergeViolations(change: RefChange, situation: RefSituation): Violation[] {
  return judgeRefChange(change, { ...situation, empty: false, rules: [] });
}

const NEW_COMMIT = 'f'.repeat(40);
const SOME_COMMIT = 'e'.repeat(40);

function changeFor(action: RuleAction, ref: string, current: string | undefined): RefChange {
  switch (action) {
    case 'delete': return { ref, oldSha: current ?? SOME_COMMIT, newSha: undefined, forced: false };
    case 'create': return { ref, oldSha: undefined, newSha: NEW_COMMIT, forced: false };
    case 'force-push': return { ref, oldSha: current ?? SOME_COMMIT, newSha: NEW_COMMIT, forced: true };
    case 'push':
    case 'merge': return { ref, oldSha: current, newSha: NEW_COMMIT, forced: false };
  }
}

function verdicts(repository: OpenRepository, opts: { situation: RefSituation; change: RefChange; action: RuleAction; violations: readonly Violation[] }): RuleVerdict[] {
  const { situation, change, action, violations } = opts;
  const content = change.newSha === undefined ? [] : contentRulesOf(situation).filter((rule) => rule.covers(change.ref));
  const stages: readonly HookEntry['stage'][] = action === 'merge' ? ['push', 'content', 'merge'] : change.newSha === undefined ? ['push'] : ['push', 'content'];
  const entries = [
    ...builtInRules(repository),
    // Deny rules have references of their own, so every policy is asked.
    ...situation.policies.flatMap((policy) => describePolicy(policy).filter((entry) => entry.stage === 'push' || coversRef(policy, change.ref))),
    ...situation.rules.filter(({ spec }) => spec.refs.some((pattern) => matchesRef(pattern, change.ref))).flatMap(describeProtection),
  ].filter((entry) => stages.includes(entry.stage) && !(action === 'merge' && entry.object?.kind === 'BranchProtection' && entry.stage === 'push'));
  return stages.flatMap((stage) => entries.filter((entry) => entry.stage === stage)).map((entry) => judgeEntry(entry, { violations, content, org: situation.org }));
}

function judgeEntry(entry: HookEntry, opts: { violations: readonly Violation[]; content: readonly ContentRule[]; org: string }): RuleVerdict {
  const mine = opts.violations.filter(({ rule }) => (rule.kind === 'built-in' ? entry.id === `built-in/${rule.name}` : entry.stage === 'push' && entry.id.startsWith(`${rule.kind}/${rule.name}/`)));
  const [first] = mine;
  if (first !== undefined) return { ...entry, verdict: first.outcome === 'refused' ? 'refuses' : first.outcome === 'bypassed' ? 'bypassed' : 'warns', message: describeViolation(first, opts.org) };
  if (!entry.enforced || entry.stage === 'push') return { ...entry, verdict: 'allows', message: entry.enforced ? 'Nothing to say against it.' : 'It does nothing yet.' };
  if (entry.stage === 'merge') return { ...entry, verdict: 'depends', message: 'Depends on the pull request.' };
  const rule = opts.content.find(({ name }) => entry.id.startsWith(`${name.kind}/${name.name}/`));
  if (rule === undefined) return { ...entry, verdict: 'depends', message: 'Depends on what is pushed.' };
  return rule.outcome === 'refused' ? { ...entry, verdict: 'depends', message: 'Depends on what is pushed.' }
    : { ...entry, verdict: rule.outcome === 'bypassed' ? 'bypassed' : 'warns', message: rule.outcome === 'bypassed' ? 'You may break it; that is recorded.' : 'What breaks it is only told.' };
}

async function permissionVerdict(ctx: ForgeContext, { org, name }: OpenRepository, opts: { actor: Actor; action: RuleAction }): Promise<RuleVerdict> {
  const verb = { push: 'push', 'force-push': 'push', create: 'push', delete: 'push', merge: 'merge' }[opts.action];
  const decision = opts.actor.kind === 'run' ? { allowed: opts.action !== 'merge', reason: 'A run cannot merge' } : await ctx.resources.as(opts.actor).may(verb, verb === 'merge' ? PullRequest : Repository, verb === 'merge' ? { org } : { org, name });
  const entry: HookEntry = { id: 'permissions', stage: 'push', title: 'Permission', summary: `Takes the role "write" in ${name}.`, effect: 'refuses', enforced: true, source: 'built-in', bypass: 'nobody' };
  return decision.allowed ? { ...entry, verdict: 'allows', message: `${opts.actor.name} may ${verb} here.` } : { ...entry, verdict: 'refuses', message: decision.reason };
}

function outcomeOf(rules: readonly RuleVerdict[], opts: { ref: string; action: RuleAction; actor: string }): Pick<Answer, 'outcome' | 'message'> {
  const name = shortRefName(opts.ref);
  const act = { push: `push to ${name}`, 'force-push': `force-push ${name}`, create: `create ${name}`, delete: `delete ${name}`, merge: `merge into ${name}` }[opts.action];
  const refusal = rules.find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined) return { outcome: 'refused', message: `${opts.actor} cannot ${act}: ${refusal.message}` };
  const open = rules.filter(({ verdict, source }) => verdict === 'depends' && source !== 'built-in').length;
  const bypassed = rules.filter(({ verdict }) => verdict === 'bypassed').length;
  const note = bypassed === 0 ? '' : ` ${bypassed === 1 ? 'One rule does' : `${bypassed} rules do`} not bind them; that is recorded.`;
  if (open > 0) return { outcome: 'depends', message: `${opts.actor} can ${act}, if ${open === 1 ? 'one rule' : `${open} rules`} that ${open === 1 ? 'looks' : 'look'} into it ${open === 1 ? 'has' : 'have'} nothing against it.${note}` };
  return { outcome: 'allowed', message: `${opts.actor} can ${act}.${note}` };
}

async function actorNamed(asker: ResourceClient, org: string, name: string): Promise<Actor> {
  // Whoever may see the organization's people may ask what a rule says to them.
  await asker.get(User, { org, name });
  return { kind: 'user', name, orgs: [org] };
}

function requireRef(ref: string): string {
  if (isRefName(ref)) return ref;
  const message = 'write a branch, such as main, or a full name, such as refs/tags/v1';
  throw new StatusError('Invalid', `"${ref}" is not the name of a reference: ${message}`, { causes: [{ code: 'FieldValueInvalid', field: 'ref', message }] });
}
