import type { GitRepository } from './gitRepositories';

/**
 * Brings a repository into the shape that serves fastest: one large pack and a few small ones, a reachability bitmap (clones need not
 * walk the history) and a commit graph with changed-path filters (the history of one file need not read every tree). Objects that
 * nothing reaches are kept: workspaces borrow objects from here. Run it after an import, and from time to time after pushes.
 */
export async function maintainRepository(repository: GitRepository, options: { signal?: AbortSignal } = {}): Promise<void> {
  const common = { gitDir: repository.path, timeoutMs: 30 * 60_000, signal: options.signal };
  await repository.git.run(['pack-refs', '--all'], common);
  // `--geometric` rewrites only packs that are out of proportion, so the cost follows what was pushed and not the whole repository.
  await repository.git.run(['repack', '-q', '-d', '--geometric=2', '--write-midx', '--write-bitmap-index'], { ...common, config: [['repack.writeBitmaps', 'true']] });
  await repository.git.run(['commit-graph', 'write', '--reachable', '--changed-paths', '--split=replace'], common);
}
