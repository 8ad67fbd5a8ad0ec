import type { ConflictFile } from '#shared/api/pullViews';
import type { InputOf } from '../../../api/rpc';
import { blockCount, conflictParts, hasConflicts, resolvedText, withLineEndsOf, type BlockChoice } from './conflictText';

/** What somebody decided about one file. */
export interface FileChoice {
  /** Of the blocks, by number. */
  readonly blocks: ReadonlyMap<number, BlockChoice>;
  /** The text as written by hand; counts before the blocks. */
  readonly text?: string | undefined;
  /** The file as a whole; counts before all. */
  readonly whole?: 'ours' | 'theirs' | 'delete' | undefined;
}

export const UNDECIDED: FileChoice = { blocks: new Map() };

type Resolution = InputOf<'pulls.resolveConflicts'>['files'][number];

/** The file as it would be committed, with markers where a block is open. */
export function textOf(file: ConflictFile, choice: FileChoice): string {
  return choice.text ?? resolvedText(conflictParts(file.merged ?? ''), choice.blocks);
}

export function isDecided(file: ConflictFile, choice: FileChoice): boolean {
  if (choice.whole !== undefined) return true;
  if (file.merged === undefined) return choice.text !== undefined;
  return !hasConflicts(textOf(file, choice)) && (choice.text !== undefined || blockCount(conflictParts(file.merged)) > 0);
}

/** What the server is told of a file; undefined while it is not decided. */
export function resolutionOf(file: ConflictFile, choice: FileChoice): Resolution | undefined {
  if (choice.whole === 'delete') return { path: file.path, deleted: true };
  if (choice.whole !== undefined) return { path: file.path, take: choice.whole };
  if (!isDecided(file, choice)) return undefined;
  const text = textOf(file, choice);
  return { path: file.path, content: choice.text === undefined ? text : withLineEndsOf(file.merged ?? file.ours?.text ?? '', text) };
}

/** Blocks that are settled, and all; of a file without blocks, the file counts as one. */
export function progressOf(file: ConflictFile, choice: FileChoice): { done: number; all: number } {
  const all = file.merged === undefined ? 0 : blockCount(conflictParts(file.merged));
  if (all === 0 || choice.whole !== undefined) return { done: isDecided(file, choice) ? Math.max(1, all) : 0, all: Math.max(1, all) };
  if (choice.text === undefined) return { done: choice.blocks.size, all };
  return { done: Math.max(0, all - blockCount(conflictParts(choice.text))), all };
}
