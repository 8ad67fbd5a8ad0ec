import { isStatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import type { ImportProgress } from '../git/remotes/importProgress';
import { importRepository, type ImportResult } from '../git/remotes/importRepository';
import { importFiles } from '../mirrors/importFiles';
import type { OtherHosts } from '../mirrors/otherHosts';
import { readCredential } from '../mirrors/remoteCredential';
import type { RepositoryObject } from './openRepository';
import { claimBytes, removeBytes } from './repositoryBytes';
import { setRepositoryPhase } from './repositoryStatus';
import { ADOPT_DEFAULT_BRANCH } from './repositoryStrategy';

/** At most one status write for progress in this time. */
const PROGRESS_INTERVAL_MS = 500;

const STAGES: Readonly<Record<ImportProgress['phase'], string>> = {
  counting: 'Counting objects',
  compressing: 'Compressing objects',
  receiving: 'Receiving objects',
  resolving: 'Resolving deltas',
  optimizing: 'Optimizing',
  lfs: 'Fetching large files',
};

export interface ImportRunDeps extends OtherHosts {
  readonly markReady: (ref: { org: string; name: string }) => Promise<void>;
}

/**
 * Fills a repository from its `spec.importFrom`, from the start: what an import that was cut off has left is removed first. Ends with
 * the phase Ready or Failed; an abort leaves Importing, so that the next start begins again.
 */
export function createImportRun(ctx: ForgeContext, deps: ImportRunDeps) {
  return async (object: RepositoryObject, signal: AbortSignal): Promise<void> => {
    const ref = { org: object.spec.organizationRef, name: object.metadata.name };
    const path = repositoryPath(ctx.repositoriesRoot, ref.org, ref.name);
    const progress = createProgressWriter(ctx, ref);
    try {
      await removeBytes(ctx, path);
      const { url = '', credential: secret, lfs = true } = object.spec.importFrom ?? {};
      const policy = await deps.readPolicy();
      const credential = secret === undefined ? undefined : await readCredential(deps.readSecret, ref.org, secret.secretName);
      let files: { count: number; warnings: string[] } = { count: 0, warnings: [] };
      const result = await importRepository(ctx.git, {
        ...policy, source: url, path, credential, keysRoot: deps.keysRoot, signal, onProgress: (step) => progress.note(step),
        async complete(repository, { remote }) {
          if (!lfs) return;
          progress.note({ phase: 'lfs' });
          files = await importFiles(repository, { files: ctx.files, remote, credential, addresses: policy.addresses, signal });
        },
      });
      await progress.settled();
      signal.throwIfAborted();
      await noteFiles(ctx, ref, files);
      await adoptDefaultBranch(ctx, ref, result);
      await claimBytes(path, object.metadata.uid);
      await deps.markReady(ref);
      ctx.log.info({ ...ref, branches: result.branches, tags: result.tags }, 'repository imported');
    } catch (error) {
      await progress.settled();
      if (signal.aborted) return;
      if (!isStatusError(error)) ctx.log.error({ err: error, ...ref }, 'import failed');
      await markFailed(ctx, ref, isStatusError(error) ? error.message : 'The import failed in a way that is not foreseen; the server\'s log has the details.');
    }
  };
}

async function noteFiles(ctx: ForgeContext, ref: { org: string; name: string }, files: { count: number; warnings: string[] }): Promise<void> {
  if (files.count === 0 && files.warnings.length === 0) return;
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    status.import = { ...status.import, lfsFiles: files.count, ...(files.warnings.length === 0 ? {} : { warnings: files.warnings }) };
  });
}

async function markFailed(ctx: ForgeContext, ref: { org: string; name: string }, message: string): Promise<void> {
  if ((await findObject(ctx.resources, Repository, ref)) === undefined) return;
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    const now = timestampOf(ctx.clock);
    setRepositoryPhase(status, { phase: 'Failed', now, message });
    status.import = { ...status.import, finishedAt: now };
  });
}

/** The source's own default branch, unless the repository was created with one that is there. */
async function adoptDefaultBranch(ctx: ForgeContext, ref: { org: string; name: string }, result: ImportResult): Promise<void> {
  const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name));
  const { spec, metadata } = await ctx.resources.get(Repository, ref);
  const chosenIsThere = (await git.objects.resolve(`refs/heads/${spec.defaultBranch}`)) !== undefined;
  const adopts = result.branches > 0 && (metadata.annotations?.[ADOPT_DEFAULT_BRANCH] !== undefined || !chosenIsThere);
  await ctx.resources.mutate(Repository, ref, (draft) => {
    if (adopts) draft.spec.defaultBranch = result.defaultBranch;
    const { [ADOPT_DEFAULT_BRANCH]: _done, ...annotations } = draft.metadata.annotations ?? {};
    draft.metadata.annotations = Object.keys(annotations).length === 0 ? undefined : annotations;
  });
}

/** Writes progress into the status, at most every half second, one write at a time, always the newest. */
function createProgressWriter(ctx: ForgeContext, ref: { org: string; name: string }) {
  let latest: ImportProgress | undefined;
  let lastWriteAt = 0;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const progress = latest;
    latest = undefined;
    if (progress === undefined) return;
    lastWriteAt = ctx.clock.now();
    await ctx.resources.mutateStatus(Repository, ref, (status) => {
      if (status.phase !== 'Importing') return;
      const { percent: _previous, ...rest } = status.import ?? {};
      status.import = { ...rest, stage: STAGES[progress.phase], ...(progress.percent === undefined ? {} : { percent: progress.percent }) };
    });
  };

  return {
    note(progress: ImportProgress): void {
      latest = progress;
      if (writing !== undefined || ctx.clock.now() - lastWriteAt < PROGRESS_INTERVAL_MS) return;
      writing = write()
        // Progress is a courtesy: the import does not fail over it.
        .catch((error: unknown) => ctx.log.debug({ err: error, ...ref }, 'import progress not written'))
        .finally(() => {
          writing = undefined;
        });
    },
    async settled(): Promise<void> {
      await writing;
    },
  };
}
