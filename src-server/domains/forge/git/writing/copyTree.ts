import type { GitRepository } from '../gitRepositories';
import { storePack } from './storePack';

/**
 * Brings a tree and everything in it into another repository of this machine, and nothing of the history that it is from: who may fetch
 * from `into` gets at any object that it has.
 */
export async function copyTree(from: GitRepository, into: GitRepository, tree: string): Promise<void> {
  const listed = await from.git.run(['rev-list', '--objects', '--no-object-names', '--end-of-options', tree], { gitDir: from.path, maxBytes: 512 * 1024 * 1024, timeoutMs: 10 * 60_000 });
  const packing = from.git.start(['pack-objects', '--quiet', '--stdout', '--delta-base-offset'], { gitDir: from.path, timeoutMs: 30 * 60_000 });
  packing.stdin.end(listed.stdout);
  await storePack(packing, into, { timeoutMs: 30 * 60_000 });
}
