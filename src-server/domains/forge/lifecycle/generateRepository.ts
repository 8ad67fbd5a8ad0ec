import type { z } from 'zod';
import type { createFromTemplateInput } from '#shared/api/repositoryLifecycle';
import { isStatusError, StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { toActorReference } from '../../../resources/actorReference';
import type { ResourceClient } from '../../../resources/resourceClient';
import { actingAs } from '../../../runtime/actingAs';
import { commitIdentityOf } from '../repositories/commitIdentity';
import { formatSignature } from '../git/objects/commitObject';
import { readCommit } from '../git/history/commits';
import { copyTree } from '../git/writing/copyTree';
import { writeCommit } from '../git/writing/merge';
import { refTargets, updateRef } from '../git/refs/refs';
import { openRepository, type OpenRepository, type RepositoryObject } from '../repositories/openRepository';
import type { CreateRepositoryDeps } from '../repositories/createRepository';

/**
 * Makes a repository from the files of a template: one fresh commit for the default branch, or for each branch. Nothing of the template's
 * history comes along.
 */
export async function generateRepository(deps: CreateRepositoryDeps, resources: ResourceClient, input: z.output<typeof createFromTemplateInput>): Promise<RepositoryObject> {
  const { ctx } = deps;
  const template = await openRepository(ctx, resources, { org: input.org, name: input.repository });
  await resources.require('generate', Repository, { org: template.org, name: template.name });
  if (!template.object.spec.template) throw new StatusError('Invalid', `Repository "${template.name}" is no template; its maintainers can make it one`, { code: 'NOT_A_TEMPLATE' });
  const org = input.organization ?? template.org;
  await resources.require('create', Repository, { org });
  const { name, visibility, description } = input;
  const { defaultBranch, mergeMethods, deleteBranchOnMerge } = template.object.spec;
  await actingAs(ctx, 'generate', resources.actor).resources.create(Repository, org, {
    metadata: { name },
    spec: {
      organizationRef: org, visibility, defaultBranch, mergeMethods, deleteBranchOnMerge,
      generatedFrom: { organization: template.org, repository: template.name }, createdBy: toActorReference(resources.actor),
      ...(description === undefined ? {} : { description }),
    },
  });
  await deps.lifecycle.advance({ org, name });
  const made = await openRepository(ctx, ctx.resources, { org, name });
  await commitTemplate(deps, { template, made, resources, allBranches: input.allBranches });
  return ctx.resources.get(Repository, { org, name });
}

async function commitTemplate(deps: CreateRepositoryDeps, opts: { template: OpenRepository; made: OpenRepository; resources: ResourceClient; allBranches: boolean }): Promise<void> {
  const { ctx } = deps;
  const { template, made, resources, allBranches } = opts;
  const heads = await refTargets(template.git, allBranches ? ['refs/heads/'] : [`refs/heads/${template.object.spec.defaultBranch}`]);
  const by = formatSignature(await commitIdentityOf(ctx.resources, made.org, resources.actor), new Date(ctx.clock.now()));
  // Branches with the same files get the same commit, as they have it in the template.
  const commits = new Map<string, string>();
  for (const [ref, head] of heads) {
    const { tree } = await readCommit(template.git, head);
    const known = commits.get(tree);
    if (known === undefined) await copyTree(template.git, made.git, tree);
    const sha = known ?? (await writeCommit(made.git, { tree, parents: [], author: by, committer: by, encoding: undefined, message: Buffer.from(`Initial commit\n\nFrom the template ${template.org}/${template.name}.\n`) }));
    commits.set(tree, sha);
    try {
      await updateRef(made.git, { ref, newOid: sha, expectedOid: undefined, reason: 'from a template' });
    } catch (error) {
      // Somebody pushed to it first.
      if (!isStatusError(error, 'Conflict')) throw error;
    }
  }
  await deps.refsMoved({ org: made.org, repository: made.name, refs: [...heads.keys()] });
}
