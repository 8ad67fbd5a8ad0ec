import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import type { ForgeContext } from '../forgeContext';
import { contentRulesOf } from '../policies/contentRules';
import { mergeViolations } from '../policies/evaluateRules';
import { inspectChanges } from '../policies/inspectChanges';
import { describeViolation, firstRefusal } from '../policies/violation';
import { readRefSituation } from '../protection/readRefSituation';
import type { RefChange, RefSituation } from '../protection/refChange';
import type { OpenRepository } from '../repositories/openRepository';

type Place = Pick<OpenRepository, 'org' | 'name' | 'object' | 'git'>;

/**
 * Throws Forbidden (POLICY_DENIED) unless the commits that the forge has made for somebody may come to a branch: what a push of the same would be
 * asked of its signatures, messages, files and secrets.
 */
export async function requireContent(ctx: ForgeContext, repository: Place, opts: { actor: Actor; change: RefChange }): Promise<void> {
  const situation = await readRefSituation(ctx, repository, opts.actor);
  const refusal = await refuseContent(ctx, repository, { situation, change: opts.change });
  if (refusal !== undefined) throw new StatusError('Forbidden', refusal, { code: 'POLICY_DENIED' });
}

/** The same of a merge, and what closes its target: Conflict (MERGE_REFUSED), because another method, or other commits, may do. */
export async function requireMergeContent(ctx: ForgeContext, repository: Place, opts: { actor: Actor; administrator: boolean; change: RefChange }): Promise<void> {
  const situation = { ...(await readRefSituation(ctx, repository, opts.actor)), administrator: opts.administrator };
  const closed = firstRefusal(mergeViolations(opts.change, situation));
  const refusal = closed === undefined ? await refuseContent(ctx, repository, { situation, change: opts.change }) : describeViolation(closed, situation.org);
  if (refusal !== undefined) throw new StatusError('Conflict', `This cannot be merged so: ${refusal}`, { code: 'MERGE_REFUSED' });
}

async function refuseContent(ctx: ForgeContext, { git }: Place, { situation, change }: { situation: RefSituation; change: RefChange }): Promise<string | undefined> {
  const rules = contentRulesOf(situation);
  if (!rules.some((rule) => rule.covers(change.ref))) return undefined;
  const found = await inspectChanges({ repository: git, changes: [change], rules, situation, keyring: () => ctx.signing.keyring(situation.org) });
  const refusal = firstRefusal(found);
  return refusal === undefined ? undefined : describeViolation(refusal, situation.org);
}
