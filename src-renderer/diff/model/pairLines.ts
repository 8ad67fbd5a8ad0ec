import { diffArrays } from 'diff';
import type { DiffLine } from '#shared/api/git';

/** A line of a hunk with its place in `hunk.lines`, which keys highlighting and word diffs. */
export interface PlacedLine {
  readonly line: DiffLine;
  readonly index: number;
}

/** What stands side by side: both for context and replaced lines, one for a pure addition or deletion. */
export interface LinePair {
  readonly old?: PlacedLine;
  readonly new?: PlacedLine;
  /** The sides differ in nothing, or only in white space that the reader chose to ignore. */
  readonly same: boolean;
}

/** Longest block of changes that is aligned while ignoring white space; larger ones are paired in order. */
const MAX_ALIGNED_LINES = 2000;

/**
 * Aligns the lines of a hunk. In each run of deletions and additions the first deleted line stands beside the first added one,
 * and so on, as git prints them. With `ignoreWhitespace` lines that differ only in white space are found and marked `same`.
 */
export function pairLines(lines: readonly DiffLine[], opts: { ignoreWhitespace?: boolean } = {}): LinePair[] {
  const pairs: LinePair[] = [];
  let deleted: PlacedLine[] = [];
  let added: PlacedLine[] = [];
  const flush = () => {
    const aligned =
      opts.ignoreWhitespace === true && deleted.length > 0 && added.length > 0 && deleted.length + added.length <= MAX_ALIGNED_LINES;
    pairs.push(...(aligned ? alignIgnoringWhitespace(deleted, added) : inOrder(deleted, added)));
    deleted = [];
    added = [];
  };
  lines.forEach((line, index) => {
    if (line.type === 'delete') {
      // A deletion after additions starts a new run.
      if (added.length > 0) flush();
      deleted.push({ line, index });
    } else if (line.type === 'add') {
      added.push({ line, index });
    } else {
      flush();
      const placed = { line, index };
      pairs.push({ old: placed, new: placed, same: true });
    }
  });
  flush();
  return pairs;
}

function inOrder(deleted: readonly PlacedLine[], added: readonly PlacedLine[]): LinePair[] {
  return Array.from({ length: Math.max(deleted.length, added.length) }, (_, index) => {
    const [before, after] = [deleted[index], added[index]];
    return { ...(before === undefined ? {} : { old: before }), ...(after === undefined ? {} : { new: after }), same: false };
  });
}

function alignIgnoringWhitespace(deleted: readonly PlacedLine[], added: readonly PlacedLine[]): LinePair[] {
  const pairs: LinePair[] = [];
  let [oldAt, newAt] = [0, 0];
  let pendingOld: PlacedLine[] = [];
  let pendingNew: PlacedLine[] = [];
  const flush = () => {
    pairs.push(...inOrder(pendingOld, pendingNew));
    pendingOld = [];
    pendingNew = [];
  };
  for (const change of diffArrays(deleted.map(withoutWhitespace), added.map(withoutWhitespace))) {
    if (change.removed) {
      pendingOld.push(...deleted.slice(oldAt, oldAt + change.count));
      oldAt += change.count;
    } else if (change.added) {
      pendingNew.push(...added.slice(newAt, newAt + change.count));
      newAt += change.count;
    } else {
      flush();
      for (let step = 0; step < change.count; step += 1) {
        const [before, after] = [deleted[oldAt + step], added[newAt + step]];
        if (before !== undefined && after !== undefined) pairs.push({ old: before, new: after, same: true });
      }
      oldAt += change.count;
      newAt += change.count;
    }
  }
  flush();
  return pairs;
}

function withoutWhitespace(placed: PlacedLine): string {
  return placed.line.text.replace(/\s+/g, '');
}
