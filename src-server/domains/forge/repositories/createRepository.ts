import type { z } from 'zod';
import type { createRepositoryInput } from '#shared/api/forge';
import { isStatusError, StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import { commitIdentityOf } from './commitIdentity';
import type { ForgeContext } from '../forgeContext';
import type { RefsMoved } from '../push/refsMoved';
import { makeFirstCommit, type NewFile } from './firstCommit';
import { openRepository, type RepositoryObject } from './openRepository';
import type { RepositoryLifecycle } from './repositoryLifecycle';

export interface CreateRepositoryDeps {
  readonly ctx: ForgeContext;
  readonly lifecycle: RepositoryLifecycle;
  readonly refsMoved: RefsMoved;
}

/**
 * Creates a repository for whoever `resources` acts for. Without an import it is Ready when this answers, so that a push can follow at
 * once; with one it is Importing, and its status tells the rest. Throws Invalid naming the field, and AlreadyExists.
 */
export async function createRepository(deps: CreateRepositoryDeps, resources: ResourceClient, input: z.input<typeof createRepositoryInput>): Promise<RepositoryObject> {
  const { org, name, visibility, description, defaultBranch, importFrom, importCredential, importLfs, template, mirror, initialize } = input;
  if (initialize && (importFrom !== undefined || mirror?.direction === 'pull')) {
    const message = 'an imported repository has its own first commit; leave "initialize" out';
    throw new StatusError('Invalid', `Repository "${name}" is invalid: ${message}`, { causes: [{ code: 'FieldValueForbidden', field: 'initialize', message }] });
  }
  await resources.create(Repository, org, {
    metadata: { name },
    spec: {
      organizationRef: org,
      visibility,
      ...(description === undefined ? {} : { description }),
      ...(defaultBranch === undefined ? {} : { defaultBranch }),
      ...(importFrom === undefined ? {} : { importFrom: { url: importFrom, lfs: importLfs, ...(importCredential === undefined ? {} : { credential: { secretName: importCredential } }) } }),
      ...(template ? { template } : {}),
      ...(mirror === undefined ? {} : { mirror }),
    },
  });
  await deps.lifecycle.advance({ org, name });
  if (initialize) {
    const readme = `# ${name}\n${description === undefined || description === '' ? '' : `\n${description}\n`}`;
    await commitFirst(deps, resources, { org, name, message: 'Initial commit', files: [{ path: 'README.md', content: readme }] });
  }
  return resources.get(Repository, { org, name });
}

/** Makes the first commit of an empty repository. Leaves one alone that somebody pushed to first. */
export async function commitFirst(
  deps: CreateRepositoryDeps, resources: ResourceClient, opts: { org: string; name: string; message: string; files: readonly NewFile[] },
): Promise<void> {
  const { ctx } = deps;
  const { org, name, message, files } = opts;
  const repository = await openRepository(ctx, resources, { org, name });
  const by = await commitIdentityOf(ctx.resources, org, resources.actor);
  const branch = repository.object.spec.defaultBranch;
  try {
    await makeFirstCommit(repository.git, { branch, files, message, by, at: new Date(ctx.clock.now()) });
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error;
  }
  await deps.refsMoved({ org, repository: name, refs: [`refs/heads/${branch}`] });
}
