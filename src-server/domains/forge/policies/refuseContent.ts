import type { ForgeContext } from '../forgeContext';
import type { GitRepository } from '../git/gitRepositories';
import type { RefChange, RefSituation } from '../protection/refChange';
import { contentRulesOf } from './contentRules';
import { inspectChanges } from './inspectChanges';
import { describeViolation, firstRefusal } from './violation';

/**
 * Why a change that is no push may not come to a reference, by what is in its commits and files: what a push of the same would be asked.
 * The objects are in the repository already. Undefined when nothing stands against it.
 */
export async function refuseContent(ctx: ForgeContext, repository: GitRepository, { situation, change }: { situation: RefSituation; change: RefChange }): Promise<string | undefined> {
  const rules = change.newSha === undefined ? [] : contentRulesOf(situation).filter((rule) => rule.covers(change.ref));
  if (rules.length === 0) return undefined;
  const found = await inspectChanges({ repository, changes: [change], rules, situation, keyring: () => ctx.signing.keyring(situation.org) });
  const refusal = firstRefusal(found);
  if (refusal === undefined) return undefined;
  const { sha, path } = refusal;
  const place = [sha?.slice(0, 10), path].filter((part) => part !== undefined).join(' ');
  return `${place === '' ? '' : `${place}: `}${describeViolation(refusal, situation.org)}`;
}
