import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../../resources/actor';
import type { ForgeContext } from '../../forgeContext';
import { mergeViolations } from '../../policies/evaluateRules';
import { refuseContent } from '../../policies/refuseContent';
import { describeViolation, firstRefusal } from '../../policies/violation';
import { readRefSituation } from '../../protection/readRefSituation';
import type { RefChange } from '../../protection/refChange';
import type { OpenRepository } from '../../repositories/openRepository';

type Place = Pick<OpenRepository, 'org' | 'name' | 'object' | 'git'>;

/**
 * Throws Conflict (MERGE_REFUSED) unless what a merge has made may come to its target: what closes the target, and what a push of the same would
 * be asked of its signatures, messages, files and secrets. A conflict, because another method, or other commits, may do.
 */
export async function requireMergeContent(ctx: ForgeContext, repository: Place, opts: { actor: Actor; administrator: boolean; change: RefChange }): Promise<void> {
  const situation = { ...(await readRefSituation(ctx, repository, opts.actor)), administrator: opts.administrator };
  const closed = firstRefusal(mergeViolations(opts.change, situation));
  const refusal = closed === undefined ? await refuseContent(ctx, repository.git, { situation, change: opts.change }) : describeViolation(closed, situation.org);
  if (refusal !== undefined) throw new StatusError('Conflict', `This cannot be merged so: ${refusal}`, { code: 'MERGE_REFUSED' });
}
