import type { z } from 'zod';
import type { previewOwnersInput } from '#shared/api/pulls';
import type { OwnersPreview } from '#shared/api/pullViews';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { withBorrowedObjects } from '../../git/writing/borrowObjects';
import type { GitRepository } from '../../git/gitRepositories';
import { requireRevision, type ResolvedRevision } from '../../git/objects/resolve';
import { openRepository } from '../../repositories/openRepository';
import { readChangeOwners } from './changeOwners';
import type { PullRouterDeps } from '../pullRouterDeps';

/** Who would own what a pull request from `head` into `base` changes: whom opening it asks for a review. */
export async function previewOwners(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof previewOwnersInput>): Promise<OwnersPreview> {
  const { org, repository, headRepository = repository } = input;
  const { git } = await openRepository(deps.ctx, resources, { org, name: repository });
  const from = headRepository === repository ? git : (await openRepository(deps.ctx, resources, { org, name: headRepository })).git;
  const [base, head] = await Promise.all([requireRevision(git, input.base), requireRevision(from, input.head)]);
  return from === git ? ownersOf(deps, git, { base, head }) : withBorrowedObjects(git, from.path, (both) => ownersOf(deps, both, { base, head }));
}

async function ownersOf(deps: PullRouterDeps, git: GitRepository, { base, head }: { base: ResolvedRevision; head: ResolvedRevision }): Promise<OwnersPreview> {
  const change = await readChangeOwners(git, { target: base.sha, head: head.sha }, await deps.facts.read(git, base.sha, head.sha));
  if (change === undefined) return { owners: [], faults: 0 };
  const counts = new Map<string, number>();
  for (const { rule, files } of change.groups) for (const owner of rule.owners) counts.set(owner, (counts.get(owner) ?? 0) + files.length);
  return { path: change.path, owners: [...counts].map(([owner, files]) => ({ owner, files })), faults: change.faults.length };
}
