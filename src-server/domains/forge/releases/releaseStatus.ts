import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Release } from '#shared/kinds/forge/release';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { resolveRevision } from '../git/objects/resolve';

export type ReleaseObject = ObjectOf<typeof Release>;

/** Writes what follows from the release and its tag. `markLatest`: it is to be the latest from now on. Undefined when it is gone. */
export async function settleRelease(ctx: ForgeContext, ref: ObjectRef, opts: { markLatest?: boolean } = {}): Promise<ReleaseObject | undefined> {
  const release = await findObject(ctx.resources, Release, ref);
  if (release === undefined || release.metadata.deletionTimestamp !== undefined) return undefined;
  const repository = await findObject(ctx.resources, Repository, { org: ref.org, name: release.spec.repository });
  // What is being moved or deleted has no tags that could be read; its object changes again.
  if (repository?.status?.phase !== 'Ready') return release;
  const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, ref.org, release.spec.repository));
  const sha = (await resolveRevision(git, `refs/tags/${release.spec.tag}`))?.sha;
  const now = timestampOf(ctx.clock);
  try {
    return await ctx.resources.mutateStatus(Release, ref, (status, { spec, metadata }) => {
      status.phase = spec.draft ? 'Draft' : sha === undefined ? 'TagMissing' : 'Published';
      if (status.phase === 'TagMissing') status.message = `The repository has no tag "${spec.tag}". Push it, and the release is of it.`;
      else delete status.message;
      if (sha === undefined) delete status.sha;
      else status.sha = sha;
      if (!spec.draft) status.publishedAt ??= now;
      if (spec.draft || spec.prerelease || !spec.latest) delete status.latestAt;
      else if (opts.markLatest === true) status.latestAt = now;
      else status.latestAt ??= status.publishedAt ?? now;
      status.observedGeneration = metadata.generation;
    });
  } catch (error) {
    // Deleted meanwhile.
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Keeps the status of releases true. */
export function releaseController(ctx: ForgeContext): Controller {
  return {
    name: 'release',
    kind: Release,
    async reconcile(request) {
      await settleRelease(ctx, request);
    },
  };
}

/** Looks at the tags of releases again whenever their repository was pushed to. */
export function releaseTagsController(ctx: ForgeContext): Controller {
  // By name, what was last looked at: a repository's status changes for many reasons.
  const seen = new Map<string, string>();
  return {
    name: 'release-tags',
    kind: Repository,
    async reconcile({ org, name }) {
      const key = `${org}/${name}`;
      const repository = await findObject(ctx.resources, Repository, { org, name });
      const state = repository === undefined ? undefined : `${repository.metadata.uid} ${repository.status?.phase ?? ''} ${repository.status?.pushedAt ?? ''} ${repository.status?.tagCount ?? ''}`;
      if (state === undefined) seen.delete(key);
      if (state === undefined || seen.get(key) === state) return;
      const { items } = await ctx.resources.list(Release, { org, fieldSelector: `spec.repository=${name}` });
      for (const release of items) await settleRelease(ctx, { org, name: release.metadata.name });
      seen.set(key, state);
    },
  };
}
