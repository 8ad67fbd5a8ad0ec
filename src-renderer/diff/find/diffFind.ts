import type { DiffFile } from '#shared/api/git';
import type { DiffAnchor } from '../model/diffAnchor';
import type { TextRange } from '../model/wordDiff';

/** More matches than a reader steps through. */
export const MAX_MATCHES = 5000;
/** Shorter words are in nearly every line. */
const MIN_LENGTH = 2;

/**
 * The lines of a diff that contain the text, in any case, as places in the order of the diff; at most {@link MAX_MATCHES}. Stands in for the
 * browser's search, which sees only the lines that are on the screen.
 */
export function findInDiff(files: readonly DiffFile[], text: string): DiffAnchor[] {
  const wanted = text.trim().toLowerCase();
  const matches: DiffAnchor[] = [];
  if (wanted.length < MIN_LENGTH) return matches;
  for (const file of files) {
    for (const hunk of file.hunks) {
      for (const line of hunk.lines) {
        if (!line.text.toLowerCase().includes(wanted)) continue;
        const number = line.type === 'delete' ? line.oldLine : line.newLine;
        if (number === undefined) continue;
        matches.push({ path: file.path, side: line.type === 'delete' ? 'old' : 'new', start: number, end: number });
        if (matches.length === MAX_MATCHES) return matches;
      }
    }
  }
  return matches;
}

/** Where the text stands in a line. */
export function findRanges(line: string, text: string): TextRange[] {
  const wanted = text.trim().toLowerCase();
  if (wanted.length < MIN_LENGTH) return [];
  const ranges: TextRange[] = [];
  const lower = line.toLowerCase();
  // A few characters get longer in lower case; then places within the line do not agree.
  if (lower.length !== line.length) return [];
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + wanted.length)) ranges.push({ start: at, end: at + wanted.length });
  return ranges;
}
