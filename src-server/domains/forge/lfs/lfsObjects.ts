import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { Actor } from '../../../resources/actor';
import type { FilePlace, StoredFile } from '../files/repositoryFiles';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import type { OpenRepository } from '../repositories/openRepository';

/** The large files of a repository, as one actor reaches them. */
export interface LfsObjects {
  /** Undefined when the repository has no such file, nor the one that it is a fork of, as far as the actor may read that. */
  stat(oid: string): Promise<StoredFile | undefined>;
}

/** Throws Forbidden where large files are switched off. */
export function requireLfs({ object, name }: Pick<OpenRepository, 'object' | 'name'>): void {
  if (object.spec.objectStorage?.lfs !== false) return;
  throw new StatusError('Forbidden', `Large files (Git LFS) are switched off for ${name}. Whoever maintains the repository can switch them on in its settings`, { code: 'LFS_OFF' });
}

export function placeOf({ git }: Pick<OpenRepository, 'git'>): FilePlace {
  return { repository: git.path, use: 'lfs' };
}

export function digestOf(oid: string): string {
  return `sha256:${oid}`;
}

/**
 * Finds a file of a repository. A fork gets what its origin has when somebody asks who may read the origin, too: they could have brought
 * it themselves. Nobody gets a file by knowing its digest.
 */
export function createLfsObjects(ctx: ForgeContext, repository: OpenRepository, actor: Actor): LfsObjects {
  const own = placeOf(repository);
  let origin: Promise<FilePlace | undefined> | undefined;

  async function findOrigin(): Promise<FilePlace | undefined> {
    const { forkOf } = repository.object.spec;
    if (forkOf === undefined || actor.kind === 'run' || actor.kind === 'deploy-key') return undefined;
    const place = { org: forkOf.organization, name: forkOf.repository };
    const readable = await ctx.resources.as(actor).find(Repository, place).catch(() => undefined);
    return readable === undefined ? undefined : { repository: repositoryPath(ctx.repositoriesRoot, place.org, place.name), use: 'lfs' };
  }

  return {
    async stat(oid) {
      const found = await ctx.files.stat(own, digestOf(oid));
      if (found !== undefined) return found;
      origin ??= findOrigin();
      const from = await origin;
      if (from === undefined || !(await ctx.files.share(from, own, digestOf(oid)))) return undefined;
      return ctx.files.stat(own, digestOf(oid));
    },
  };
}
