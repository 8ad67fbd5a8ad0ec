import type { z } from 'zod';
import type { previewOwnersInput } from '#shared/api/pulls';
import type { OwnersPreview } from '#shared/api/pullViews';
import type { ResourceClient } from '../../../resources/resourceClient';
import { requireRevision } from '../git/resolve';
import { openRepository } from '../repositories/openRepository';
import { readChangeOwners } from './changeOwners';
import type { PullRouterDeps } from './pullRouterDeps';

/** Who would own what a pull request from `head` into `base` changes: whom opening it asks for a review. */
export async function previewOwners(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof previewOwnersInput>): Promise<OwnersPreview> {
  const { git } = await openRepository(deps.ctx, resources, { org: input.org, name: input.repository });
  const [base, head] = await Promise.all([requireRevision(git, input.base), requireRevision(git, input.head)]);
  const change = await readChangeOwners(git, { target: base.sha, head: head.sha }, await deps.facts.read(git, base.sha, head.sha));
  if (change === undefined) return { owners: [], faults: 0 };
  const counts = new Map<string, number>();
  for (const { rule, files } of change.groups) for (const owner of rule.owners) counts.set(owner, (counts.get(owner) ?? 0) + files.length);
  return { path: change.path, owners: [...counts].map(([owner, files]) => ({ owner, files })), faults: change.faults.length };
}
