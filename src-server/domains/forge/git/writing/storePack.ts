import { pipeline } from 'node:stream/promises';
import type { GitProcess, GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';

/**
 * Stores the pack that a `git pack-objects` writes, every object of it checked; what it is to pack has been told to it, or is on its way.
 * Throws GitError of whichever of the two failed, and both are gone then.
 */
export async function storePack(packing: GitProcess, into: GitRepository, options: GitProcessOptions): Promise<void> {
  const storing = into.git.start(['index-pack', '--stdin', '--strict'], { ...options, gitDir: into.path });
  storing.stdout.resume();
  const piped = pipeline(packing.stdout, storing.stdin).catch(() => storing.kill());
  try {
    for (const [name, child] of [['git pack-objects', packing], ['git index-pack', storing]] as const) {
      const exitCode = await child.ended;
      if (exitCode !== 0) throw new GitError(name, { failure: 'failed', exitCode, stderr: child.stderrTail() });
    }
    await piped;
  } finally {
    packing.kill();
    storing.kill();
  }
}
