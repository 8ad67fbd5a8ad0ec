import type { GitRepository } from '../gitRepositories';
import { pathText } from '../objects/pathText';

/** One side's version of a path, as git's index would have it. */
export interface ConflictStage {
  /** Six octal digits. */
  readonly mode: string;
  readonly sha: string;
}

/** A path that could not be merged. */
export interface ConflictedPath {
  readonly path: string;
  readonly base: ConflictStage | undefined;
  readonly ours: ConflictStage | undefined;
  readonly theirs: ConflictStage | undefined;
  /** What git says of it, each with its kind: `CONFLICT (contents)`. */
  readonly messages: readonly { readonly type: string; readonly text: string }[];
}

/** What came of merging two commits, in detail. `tree` holds what could be merged, with markers in what could not. */
export interface DetailedMerge {
  readonly tree: string;
  readonly conflicts: readonly ConflictedPath[];
}

/** Merges `theirs` into `ours` by one process, without a worktree, and answers every conflicting path with its versions. */
export async function mergeInDetail(repository: GitRepository, merge: { ours: string; theirs: string; signal?: AbortSignal | undefined }): Promise<DetailedMerge> {
  const { stdout } = await repository.git.run(['merge-tree', '--write-tree', '-z', '--messages', merge.ours, merge.theirs], {
    gitDir: repository.path,
    okCodes: [0, 1],
    signal: merge.signal,
    config: [['merge.renames', 'true'], ['merge.conflictStyle', 'merge']],
    maxBytes: 64 * 1024 * 1024,
  });
  return parseDetailedMerge(stdout);
}

/** `<tree>\0`, per version of a conflicting path `<mode> <id> <stage>\t<path>\0`, an empty field, then messages as git-merge-tree(1) has them. */
export function parseDetailedMerge(output: Buffer): DetailedMerge {
  const fields = splitFields(output);
  const tree = fields[0]?.toString('latin1') ?? '';
  const paths = new Map<string, { base?: ConflictStage; ours?: ConflictStage; theirs?: ConflictStage }>();
  let index = 1;
  for (; index < fields.length; index += 1) {
    const field = fields[index] ?? Buffer.alloc(0);
    if (field.length === 0) break;
    const tab = field.indexOf(0x09);
    const [mode = '', sha = '', stage = ''] = field.toString('latin1', 0, tab).split(' ');
    const path = pathText(field.subarray(tab + 1));
    const known = paths.get(path) ?? {};
    paths.set(path, { ...known, [stage === '1' ? 'base' : stage === '2' ? 'ours' : 'theirs']: { mode, sha } });
  }
  const messages = parseMessages(fields.slice(index + 1));
  return {
    tree,
    conflicts: [...paths].map(([path, { base, ours, theirs }]) => ({ path, base, ours, theirs, messages: messages.filter((message) => message.paths.includes(path)) })),
  };
}

function parseMessages(fields: readonly Buffer[]): { paths: string[]; type: string; text: string }[] {
  const messages: { paths: string[]; type: string; text: string }[] = [];
  for (let index = 0; index < fields.length; ) {
    const count = Number(fields[index]?.toString('latin1'));
    if ((fields[index]?.length ?? 0) === 0 || !Number.isInteger(count)) break;
    const paths = fields.slice(index + 1, index + 1 + count).map(pathText);
    const type = fields[index + 1 + count]?.toString() ?? '';
    const text = (fields[index + 2 + count]?.toString() ?? '').trim();
    // `Auto-merging` only says that git looked at a file.
    if (type.startsWith('CONFLICT')) messages.push({ paths, type, text });
    index += count + 3;
  }
  return messages;
}

function splitFields(output: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    fields.push(output.subarray(start, end < 0 ? output.length : end));
    if (end < 0) break;
    start = end + 1;
  }
  return fields;
}
