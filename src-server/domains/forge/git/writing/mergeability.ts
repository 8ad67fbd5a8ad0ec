import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeBase, readCommit } from '../history/commits';
import type { GitRepository } from '../gitRepositories';

export interface MergeConflict {
  readonly path: string;
  /** What git says about it: `CONFLICT (content): Merge conflict in a.txt`. */
  readonly message: string;
}

export type Mergeability =
  /** Head has nothing that base lacks. */
  | { readonly state: 'up-to-date' }
  /** Base has nothing that head lacks. */
  | { readonly state: 'fast-forward'; readonly tree: string }
  | { readonly state: 'clean'; readonly tree: string }
  | { readonly state: 'conflicting'; readonly conflicts: readonly MergeConflict[] }
  /** The histories have no commit in common. */
  | { readonly state: 'unrelated' };

export type TreeMerge = { readonly clean: true; readonly tree: string } | { readonly clean: false; readonly conflicts: readonly MergeConflict[] };

/**
 * Can `head` be merged into `base`, and if not, why? Nothing is kept: git writes the merged tree into a folder that is removed. Both are
 * commits; the answer holds as long as they do, so it can be cached by the two. `known` is their merge base, for who has it.
 */
export async function checkMergeability(repository: GitRepository, { base, head, known }: { readonly base: string; readonly head: string; readonly known?: { readonly common: string | undefined } }): Promise<Mergeability> {
  const common = known === undefined ? await mergeBase(repository, base, head) : known.common;
  if (common === undefined) return { state: 'unrelated' };
  if (common === head) return { state: 'up-to-date' };
  if (common === base) return { state: 'fast-forward', tree: (await readCommit(repository, head)).tree };
  const quarantine = await mkdtemp(join(repository.path, 'objects', 'tmp_merge-'));
  try {
    const merged = await mergeTrees(repository, { ours: base, theirs: head, env: { GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(repository.path, 'objects') } });
    if (!merged.clean) return { state: 'conflicting', conflicts: merged.conflicts };
    return { state: 'clean', tree: merged.tree };
  } finally {
    await rm(quarantine, { recursive: true, force: true });
  }
}

/** Merges two commits without a worktree and writes the resulting tree. */
export async function mergeTrees(repository: GitRepository, merge: { ours: string; theirs: string; env?: Readonly<Record<string, string>>; signal?: AbortSignal | undefined }): Promise<TreeMerge> {
  const { code, stdout } = await repository.git.run(['merge-tree', '--write-tree', '-z', '--name-only', '--messages', merge.ours, merge.theirs], {
    gitDir: repository.path,
    okCodes: [0, 1],
    signal: merge.signal,
    ...(merge.env === undefined ? {} : { env: merge.env }),
    config: [['merge.renames', 'true'], ['merge.conflictStyle', 'merge']],
  });
  return parseMergeTree(stdout.toString('utf8'), code === 0);
}

/**
 * The output of `git merge-tree --write-tree -z --name-only --messages`: `<tree>\0`, then each conflicting path and `\0`, an empty
 * field, and per message `<count>\0<path>\0…<type>\0<text>\0`.
 */
export function parseMergeTree(output: string, clean: boolean): TreeMerge {
  const fields = output.split('\0');
  const tree = fields[0] ?? '';
  if (clean) return { clean: true, tree };
  const separator = fields.indexOf('', 1);
  const paths = fields.slice(1, separator < 0 ? fields.length : separator);
  const messages = parseMessages(fields.slice(separator < 0 ? fields.length : separator + 1));
  const conflicts = paths.map((path) => ({
    path,
    message: messages.find((message) => message.paths.includes(path))?.text ?? `Both sides changed ${path}`,
  }));
  return { clean: false, conflicts };
}

function parseMessages(fields: readonly string[]): { paths: string[]; text: string }[] {
  const messages: { paths: string[]; text: string }[] = [];
  for (let index = 0; index < fields.length; ) {
    const count = Number(fields[index]);
    if (fields[index] === '' || !Number.isInteger(count)) break;
    const paths = fields.slice(index + 1, index + 1 + count);
    const type = fields[index + 1 + count] ?? '';
    const text = (fields[index + 2 + count] ?? '').trim();
    // `Auto-merging` only says that git looked at a file.
    if (type.startsWith('CONFLICT')) messages.push({ paths, text });
    index += count + 3;
  }
  return messages;
}
