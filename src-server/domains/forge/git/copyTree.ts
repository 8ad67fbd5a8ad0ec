import { pipeline } from 'node:stream/promises';
import { GitError } from './gitError';
import type { GitRepository } from './gitRepositories';

/**
 * Brings a tree and everything in it into another repository of this machine, and nothing of the history that it is from: who may fetch
 * from `into` gets at any object that it has.
 */
export async function copyTree(from: GitRepository, into: GitRepository, tree: string): Promise<void> {
  const listed = await from.git.run(['rev-list', '--objects', '--no-object-names', '--end-of-options', tree], { gitDir: from.path, maxBytes: 512 * 1024 * 1024, timeoutMs: 10 * 60_000 });
  const packing = from.git.start(['pack-objects', '--quiet', '--stdout', '--delta-base-offset'], { gitDir: from.path, timeoutMs: 30 * 60_000 });
  const storing = into.git.start(['index-pack', '--stdin', '--strict'], { gitDir: into.path, timeoutMs: 30 * 60_000 });
  storing.stdout.resume();
  packing.stdin.end(listed.stdout);
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
