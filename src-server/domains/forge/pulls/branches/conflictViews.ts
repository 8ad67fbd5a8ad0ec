import type { z } from 'zod';
import type { ConflictFile, ConflictKind, conflictSide, ConflictsView } from '#shared/api/pullViews';
import { isBinary } from '../../git/objects/blob';
import { type ConflictedPath, type ConflictStage, type DetailedMerge, mergeInDetail } from '../../git/writing/conflicts';
import { findInTree } from '../../git/writing/editTree';
import type { GitRepository } from '../../git/gitRepositories';
import { ObjectTooLarge } from '../../git/objects/objectReader';
import { newObject } from '../../git/writing/writeObjects';

type Side = z.output<typeof conflictSide>;

/** What people edit in a browser. */
const MAX_TEXT_BYTES = 1024 * 1024;
const MAX_FILES = 200;
const SUBMODULE = '160000';
const SYMLINK = '120000';

/** Two branches that conflict: ours is the source of a pull request, theirs its target. */
export interface ConflictingBranches {
  readonly git: GitRepository;
  readonly ours: { readonly name: string; readonly sha: string };
  readonly theirs: { readonly name: string; readonly sha: string };
}

/** Every conflict between the two branches, with what each side has. One process says what conflicts. */
export async function viewConflicts(branches: ConflictingBranches): Promise<ConflictsView> {
  const { git, ours, theirs } = branches;
  const merge = await mergeInDetail(git, { ours: ours.sha, theirs: theirs.sha });
  const files: ConflictFile[] = [];
  for (const conflict of merge.conflicts.slice(0, MAX_FILES)) files.push(await viewConflict(branches, merge, conflict));
  const truncated = merge.conflicts.length > MAX_FILES;
  return { headSha: ours.sha, baseSha: theirs.sha, resolvable: !truncated && files.every((file) => file.resolvable), files, truncated };
}

async function viewConflict(branches: ConflictingBranches, merge: DetailedMerge, conflict: ConflictedPath): Promise<ConflictFile> {
  const { git } = branches;
  const { path } = conflict;
  const [base, ours, theirs] = await Promise.all([readSide(git, path, conflict.base), readSide(git, path, conflict.ours), readSide(git, path, conflict.theirs)]);
  const sides = [base, ours, theirs].filter((side) => side !== undefined);
  const kind = kindOf(conflict, sides);
  const reason = unresolvable(kind, conflict, sides);
  const isText = reason === undefined && (kind === 'content' || kind === 'add-add' || kind === 'modify-delete' || kind === 'rename') && sides.every((side) => side.text !== undefined);
  const merged = isText ? await readMerged(branches, merge.tree, path) : undefined;
  return {
    path,
    kind,
    message: describe(kind, conflict, branches),
    resolvable: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ways: reason !== undefined ? [] : [...(isText ? (['edit'] as const) : []), ...(ours === undefined ? [] : (['ours'] as const)), ...(theirs === undefined ? [] : (['theirs'] as const)), ...(ours === undefined || theirs === undefined ? (['delete'] as const) : [])],
    ...(base === undefined ? {} : { base }),
    ...(ours === undefined ? {} : { ours }),
    ...(theirs === undefined ? {} : { theirs }),
    ...(merged === undefined ? {} : { merged }),
  };
}

interface ReadSide extends Side {
  readonly binary: boolean;
}

async function readSide(git: GitRepository, path: string, stage: ConflictStage | undefined): Promise<ReadSide | undefined> {
  if (stage === undefined) return undefined;
  const common = { path, sha: stage.sha, mode: stage.mode };
  if (stage.mode === SUBMODULE) return { ...common, binary: false };
  const info = await git.objects.info(stage.sha);
  try {
    const object = await git.objects.read(stage.sha, MAX_TEXT_BYTES);
    const binary = object !== undefined && isBinary(object.content);
    const text = object === undefined || binary ? undefined : textOf(object.content);
    return { ...common, binary, ...(info === undefined ? {} : { sizeBytes: info.sizeBytes }), ...(text === undefined ? {} : { text }) };
  } catch (error) {
    if (error instanceof ObjectTooLarge) return { ...common, binary: false, sizeBytes: error.object.sizeBytes };
    throw error;
  }
}

/** Undefined for text that is not UTF-8: written back, its bytes would be others. */
function textOf(content: Buffer): string | undefined {
  const text = content.toString('utf8');
  return newObject('blob', Buffer.from(text)).oid === newObject('blob', content).oid ? text : undefined;
}

function kindOf({ ours, theirs, base, messages }: ConflictedPath, sides: readonly ReadSide[]): ConflictKind {
  const says = (text: string): boolean => messages.some(({ type }) => type.includes(text));
  if (says('file/directory') || says('distinct modes') || says('distinct types')) return 'type';
  if (sides.some(({ mode }) => mode === SUBMODULE)) return 'submodule';
  if (sides.some(({ mode }) => mode === SYMLINK)) return 'symlink';
  if (says('rename')) return 'rename';
  if (sides.some(({ binary }) => binary)) return 'binary';
  if (ours === undefined || theirs === undefined) return 'modify-delete';
  return base === undefined ? 'add-add' : 'content';
}

/** Why a conflict takes a clone; undefined for one that can be resolved in a browser. */
function unresolvable(kind: ConflictKind, { messages, ours, theirs }: ConflictedPath, sides: readonly ReadSide[]): string | undefined {
  const inClone = 'Merge the target into the branch in a clone, resolve it there, and push.';
  if (kind === 'type') return `One side has a file where the other has a folder or another kind of file. ${inClone}`;
  if (messages.some(({ type }) => type.includes('directory rename') || type.includes('rename/rename'))) return `The two sides renamed it differently. ${inClone}`;
  if (ours === undefined && theirs === undefined) return `Neither side has it under this name. ${inClone}`;
  if (sides.some(({ mode, sizeBytes = 0 }) => mode !== SUBMODULE && sizeBytes > MAX_TEXT_BYTES) && kind !== 'binary') return `It is too large to be edited here. ${inClone}`;
  return undefined;
}

function describe(kind: ConflictKind, { ours, messages, path }: ConflictedPath, branches: ConflictingBranches): string {
  const [source, target] = [branches.ours.name, branches.theirs.name];
  switch (kind) {
    case 'content':
      return `Both ${source} and ${target} changed the same lines`;
    case 'add-add':
      return `Both ${source} and ${target} added it, with different content`;
    case 'binary':
      return `Both ${source} and ${target} changed it, and it is no text that could be merged`;
    case 'modify-delete':
      return ours === undefined ? `${target} changed it, ${source} removed it` : `${source} changed it, ${target} removed it`;
    case 'symlink':
      return `${source} and ${target} point the link to different places`;
    case 'submodule':
      return `${source} and ${target} want different commits of the submodule`;
    default:
      return (messages[0]?.text ?? `${path} conflicts`).replace(/^CONFLICT \([^)]*\): /, '').replaceAll(branches.ours.sha, source).replaceAll(branches.theirs.sha, target);
  }
}

/** What git could merge, its markers naming the branches instead of the commits that it was given. */
async function readMerged({ git, ours, theirs }: ConflictingBranches, tree: string, path: string): Promise<string | undefined> {
  const entry = await findInTree(git, tree, path);
  const object = entry === undefined ? undefined : await git.objects.read(entry.sha, 4 * MAX_TEXT_BYTES);
  const names = new Map([[ours.sha, ours.name], [theirs.sha, theirs.name]]);
  return object?.content.toString('utf8').replace(/^(<{7}|>{7}) ([0-9a-f]{40})(?=[:\r\n])/gm, (line, marker: string, sha: string) => (names.has(sha) ? `${marker} ${names.get(sha) ?? ''}` : line));
}
