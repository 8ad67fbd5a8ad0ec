import type { Readable } from 'node:stream';
import type { GitRepository } from '../gitRepositories';
import { EMPTY_TREE } from '../objects/objectId';
import { outputStream } from '../process/outputStream';

export type PatchFormat = 'patch' | 'diff';

const TIMEOUT_MS = 5 * 60_000;

/** What changed between two commits, as text: `patch` is one mail for each commit (git-format-patch(1)), `diff` one difference. Binary files are in it whole. */
export function streamPatch(repository: GitRepository, options: { base: string | undefined; head: string; format: PatchFormat; signal?: AbortSignal }): Readable {
  const { base, head, format, signal } = options;
  const common = ['--full-index', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
  const args = format === 'patch'
    ? ['format-patch', '--stdout', '--no-signature', ...common, ...(base === undefined ? ['--root', head] : [`${base}..${head}`]), '--']
    : ['diff-tree', '-r', '--patch', '--find-renames', ...common, '--end-of-options', base ?? EMPTY_TREE, head, '--'];
  return outputStream(repository.git.start(args, { gitDir: repository.path, signal, timeoutMs: TIMEOUT_MS }), `git ${args[0] ?? ''}`);
}
