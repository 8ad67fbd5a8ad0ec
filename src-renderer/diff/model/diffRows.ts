import type { DiffFile, DiffLine } from '#shared/api/git';
import type { DiffAnchor, DiffSide } from './diffAnchor';
import { diffGaps, hiddenRange, type DiffGap, type GapOpening } from './diffGap';
import { anchorThreads, lineKey, type DiffThread } from './diffThread';
import { imageType } from './imageFile';
import { pairLines, type LinePair, type PlacedLine } from './pairLines';
import { wordDiff, type TextRange } from './wordDiff';

export type DiffMode = 'unified' | 'split';

/** One side of a shown line. */
export interface CodeCell {
  readonly type: DiffLine['type'];
  readonly text: string;
  /** Number on the cell's own side. */
  readonly line: number | undefined;
  readonly noNewline: boolean;
  /** Words that changed within the line. */
  readonly words: readonly TextRange[] | undefined;
  /** Place in the file's hunks, for highlighting; absent for context that was opened later. */
  readonly at: { readonly hunk: number; readonly index: number } | undefined;
}

export type DiffRow =
  | { readonly type: 'file'; readonly key: string; readonly file: DiffFile }
  | { readonly type: 'note'; readonly key: string; readonly file: DiffFile; readonly note: FileNote }
  | { readonly type: 'gap'; readonly key: string; readonly file: DiffFile; readonly gap: DiffGap; readonly hidden: readonly [number, number | undefined] }
  | { readonly type: 'line'; readonly key: string; readonly file: DiffFile; readonly cell: CodeCell; readonly oldLine: number | undefined; readonly newLine: number | undefined }
  | { readonly type: 'pair'; readonly key: string; readonly file: DiffFile; readonly left: CodeCell | undefined; readonly right: CodeCell | undefined }
  | { readonly type: 'thread'; readonly key: string; readonly file: DiffFile; readonly thread: DiffThread; readonly misplaced: boolean }
  | { readonly type: 'image'; readonly key: string; readonly file: DiffFile }
  | { readonly type: 'composer'; readonly key: string; readonly file: DiffFile; readonly anchor: DiffAnchor }
  | { readonly type: 'end'; readonly key: string; readonly file: DiffFile };

/** Why a file shows no lines, or not all of them. */
export type FileNote = 'binary' | 'lfs' | 'mode' | 'empty' | 'renamed' | 'large' | 'truncated' | 'whitespace' | 'submodule';

export interface FileRowsState {
  readonly mode: DiffMode;
  readonly collapsed: boolean;
  readonly ignoreWhitespace: boolean;
  /** A large file stays behind a button until the reader asks for it. */
  readonly deferred: boolean;
  /** Lines of the new side, once loaded to open gaps. */
  readonly contents: readonly string[] | undefined;
  readonly openings: ReadonlyMap<number, GapOpening>;
  /** The text of the new side can be had, so folds can be opened. */
  readonly expandable: boolean;
  /** The bytes of both sides can be had, so pictures are shown. */
  readonly images: boolean;
  readonly threads: readonly DiffThread[];
  readonly composer: DiffAnchor | undefined;
}

/** Changed lines above which a file's diff waits for a click. */
export const LARGE_FILE_LINES = 3000;

/** The rows of one file, header first. Word diffs are computed when a row's `words` are first read, so that building stays linear. */
export function fileRows(file: DiffFile, state: FileRowsState): DiffRow[] {
  const key = file.path;
  const rows: DiffRow[] = [{ type: 'file', key: `file:${key}`, file }];
  if (state.collapsed) return rows;
  const lines: DiffRow[] = [];
  const showsImage = state.images && imageType(file.path) !== undefined && (file.oldSha !== undefined || file.newSha !== undefined) && !isLfsPointer(file) && !isSubmodule(file);
  const note = showsImage && file.binary ? undefined : fileNote(file, state);
  if (showsImage) rows.push({ type: 'image', key: `image:${key}`, file });
  if (!state.deferred) appendHunks(lines, file, state);
  const shown = shownLines(lines);
  const anchored = anchorThreads(file, state.threads, (side, line) => shown.has(lineKey(side, line)));
  for (const thread of anchored.onFile) {
    rows.push({ type: 'thread', key: `thread:${thread.id}`, file, thread, misplaced: thread.line !== undefined });
  }
  const composer = state.composer?.path === file.path ? state.composer : undefined;
  if (composer !== undefined && composer.start === undefined) rows.push({ type: 'composer', key: `composer:${key}`, file, anchor: composer });
  const place = (side: DiffSide, line: number | undefined) => {
    if (line === undefined) return;
    for (const thread of anchored.byLine.get(lineKey(side, line)) ?? []) rows.push({ type: 'thread', key: `thread:${thread.id}`, file, thread, misplaced: false });
    if (composer?.start !== undefined && (composer.side ?? 'new') === side && (composer.end ?? composer.start) === line) {
      rows.push({ type: 'composer', key: `composer:${key}`, file, anchor: composer });
    }
  };
  for (const row of lines) {
    rows.push(row);
    if (row.type === 'line') {
      if (row.cell.type !== 'add') place('old', row.oldLine);
      if (row.cell.type !== 'delete') place('new', row.newLine);
    } else if (row.type === 'pair') {
      place('old', row.left?.line);
      place('new', row.right?.line);
    }
  }
  if (note !== undefined) rows.push({ type: 'note', key: `note:${key}`, file, note });
  rows.push({ type: 'end', key: `end:${key}`, file });
  return rows;
}

function fileNote(file: DiffFile, state: FileRowsState): FileNote | undefined {
  if (state.deferred) return 'large';
  if (file.truncated) return 'truncated';
  if (isSubmodule(file)) return file.hunks.length === 0 ? 'submodule' : undefined;
  if (file.binary) return 'binary';
  if (isLfsPointer(file)) return 'lfs';
  if (file.hunks.length > 0) {
    return state.ignoreWhitespace && changesNothingButWhitespace(file) ? 'whitespace' : undefined;
  }
  if (file.oldMode !== undefined && file.newMode !== undefined && file.oldMode !== file.newMode) return 'mode';
  return file.status === 'renamed' || file.status === 'copied' ? 'renamed' : 'empty';
}

function isSubmodule(file: DiffFile): boolean {
  return file.newMode === '160000' || file.oldMode === '160000';
}

/** A Git LFS pointer (git-lfs spec, "The Pointer"): three text lines that stand for the real content. */
function isLfsPointer(file: DiffFile): boolean {
  const first = file.hunks[0]?.lines[0];
  return file.hunks.length === 1 && first?.text.startsWith('version https://git-lfs.github.com/spec/') === true;
}

function changesNothingButWhitespace(file: DiffFile): boolean {
  return file.hunks.every((hunk) => pairLines(hunk.lines, { ignoreWhitespace: true }).every((pair) => pair.same));
}

function appendHunks(rows: DiffRow[], file: DiffFile, state: FileRowsState): void {
  const gaps = diffGaps(file, state.contents?.length);
  file.hunks.forEach((hunk, hunkIndex) => {
    const gap = gaps[hunkIndex];
    if (gap !== undefined) appendGap(rows, file, { gap, state });
    const pairs = pairLines(hunk.lines, { ignoreWhitespace: state.ignoreWhitespace });
    if (state.mode === 'split') appendSplit(rows, file, { hunkIndex, pairs });
    else appendUnified(rows, file, { hunkIndex, pairs });
  });
  const last = gaps[file.hunks.length];
  // Nothing is known of what follows the last hunk, not even whether there is anything.
  if (last !== undefined && state.expandable) appendGap(rows, file, { gap: last, state });
}

function appendGap(rows: DiffRow[], file: DiffFile, at: { gap: DiffGap; state: FileRowsState }): void {
  const { gap, state } = at;
  if (gap.newEnd !== undefined && gap.newEnd < gap.newStart) {
    if (gap.hunk !== undefined && gap.index > 0) rows.push({ type: 'gap', key: `gap:${file.path}:${gap.index}`, file, gap, hidden: [gap.newStart, gap.newEnd] });
    return;
  }
  const opening = state.contents === undefined ? undefined : state.openings.get(gap.index);
  const hidden = hiddenRange(gap, opening);
  const firstHidden = hidden?.[0] ?? (gap.newEnd ?? 0) + 1;
  appendContext(rows, file, { from: gap.newStart, to: firstHidden - 1, gap, state });
  if (hidden === undefined) return;
  rows.push({ type: 'gap', key: `gap:${file.path}:${gap.index}`, file, gap, hidden });
  if (hidden[1] !== undefined && gap.newEnd !== undefined) appendContext(rows, file, { from: hidden[1] + 1, to: gap.newEnd, gap, state });
}

function appendContext(rows: DiffRow[], file: DiffFile, at: { from: number; to: number; gap: DiffGap; state: FileRowsState }): void {
  for (let newLine = at.from; newLine <= at.to; newLine += 1) {
    const text = at.state.contents?.[newLine - 1];
    if (text === undefined) return;
    const oldLine = newLine + at.gap.oldOffset;
    const cell = { type: 'context', text, noNewline: false, words: undefined, at: undefined } as const;
    rows.push(
      at.state.mode === 'split'
        ? { type: 'pair', key: `${file.path}:c${newLine}`, file, left: { ...cell, line: oldLine }, right: { ...cell, line: newLine } }
        : { type: 'line', key: `${file.path}:c${newLine}`, file, cell: { ...cell, line: newLine }, oldLine, newLine },
    );
  }
}

interface HunkPairs {
  readonly hunkIndex: number;
  readonly pairs: readonly LinePair[];
}

function appendSplit(rows: DiffRow[], file: DiffFile, hunk: HunkPairs): void {
  hunk.pairs.forEach((pair, index) => {
    const words = pairWords(pair);
    rows.push({
      type: 'pair',
      key: `${file.path}:${hunk.hunkIndex}:${index}`,
      file,
      left: codeCell(pair.old, hunk.hunkIndex, { side: 'old', words, same: pair.same }),
      right: codeCell(pair.new, hunk.hunkIndex, { side: 'new', words, same: pair.same }),
    });
  });
}

/** Unified order: within a run of changes all deletions, then all additions. */
function appendUnified(rows: DiffRow[], file: DiffFile, hunk: HunkPairs): void {
  let additions: DiffRow[] = [];
  const flush = () => {
    for (const row of additions) rows.push(row);
    additions = [];
  };
  hunk.pairs.forEach((pair, index) => {
    const key = `${file.path}:${hunk.hunkIndex}:${index}`;
    if (pair.same) {
      flush();
      const cell = codeCell(pair.new, hunk.hunkIndex, { side: 'new', words: undefined, same: true });
      if (cell !== undefined) rows.push({ type: 'line', key, file, cell, oldLine: pair.old?.line.oldLine, newLine: cell.line });
      return;
    }
    const words = pairWords(pair);
    const before = codeCell(pair.old, hunk.hunkIndex, { side: 'old', words, same: false });
    const after = codeCell(pair.new, hunk.hunkIndex, { side: 'new', words, same: false });
    if (before !== undefined) rows.push({ type: 'line', key: `${key}-`, file, cell: before, oldLine: before.line, newLine: undefined });
    if (after !== undefined) additions.push({ type: 'line', key: `${key}+`, file, cell: after, oldLine: undefined, newLine: after.line });
  });
  flush();
}

/** Computed on first use and kept: most rows of a large diff are never looked at. */
function pairWords(pair: LinePair): (() => ReturnType<typeof wordDiff>) | undefined {
  const [before, after] = [pair.old?.line.text, pair.new?.line.text];
  if (pair.same || before === undefined || after === undefined) return undefined;
  let computed: { readonly value: ReturnType<typeof wordDiff> } | undefined;
  return () => {
    computed ??= { value: wordDiff(before, after) };
    return computed.value;
  };
}

function codeCell(
  placed: PlacedLine | undefined,
  hunk: number,
  opts: { side: DiffSide; words: ReturnType<typeof pairWords>; same: boolean },
): CodeCell | undefined {
  if (placed === undefined) return undefined;
  const { line, index } = placed;
  return {
    type: opts.same ? 'context' : line.type,
    text: line.text,
    line: opts.side === 'old' ? line.oldLine : line.newLine,
    noNewline: line.noNewline === true,
    get words() {
      return opts.words?.()?.[opts.side];
    },
    at: { hunk, index },
  };
}

function shownLines(rows: readonly DiffRow[]): Set<string> {
  const shown = new Set<string>();
  for (const row of rows) {
    if (row.type === 'line') {
      if (row.oldLine !== undefined && row.cell.type !== 'add') shown.add(lineKey('old', row.oldLine));
      if (row.newLine !== undefined && row.cell.type !== 'delete') shown.add(lineKey('new', row.newLine));
    } else if (row.type === 'pair') {
      if (row.left?.line !== undefined) shown.add(lineKey('old', row.left.line));
      if (row.right?.line !== undefined) shown.add(lineKey('new', row.right.line));
    }
  }
  return shown;
}
