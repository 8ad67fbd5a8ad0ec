export interface PathMatch {
  readonly path: string;
  /** Places of the letters that matched. */
  readonly marks: ReadonlySet<number>;
}

/**
 * Paths that have the letters of `text` in this order, the best first: letters that follow each other, begin a word or stand in the
 * file's name count more, and shorter paths come first. Without a text, the first paths as they are.
 */
export function matchPaths(paths: readonly string[], text: string, limit: number): PathMatch[] {
  const letters = text.toLowerCase().replace(/\s+/g, '');
  if (letters === '') return paths.slice(0, limit).map((path) => ({ path, marks: NONE }));
  const found: { path: string; score: number; marks: Set<number> }[] = [];
  for (const path of paths) {
    const match = scorePath(path, letters);
    if (match !== undefined) found.push({ path, ...match });
  }
  return found.sort((a, b) => b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1)).slice(0, limit);
}

const NONE: ReadonlySet<number> = new Set();

function scorePath(path: string, letters: string): { score: number; marks: Set<number> } | undefined {
  const lower = path.toLowerCase();
  const name = lower.lastIndexOf('/') + 1;
  // A run of the letters as they are beats scattered ones; in the name it beats one in a folder.
  const whole = lower.lastIndexOf(letters);
  if (whole !== -1) {
    const marks = new Set(Array.from({ length: letters.length }, (_, index) => whole + index));
    return { score: 1000 + (whole >= name ? 500 : 0) + (isWordStart(path, whole) ? 200 : 0), marks };
  }
  const marks = new Set<number>();
  let score = 0;
  let at = lower.length;
  // From the end, so that the name is taken before the folders.
  for (let index = letters.length - 1; index >= 0; index -= 1) {
    const found = lower.lastIndexOf(letters.charAt(index), at - 1);
    if (found === -1 || at === 0) return undefined;
    score += (found >= name ? 3 : 1) + (isWordStart(path, found) ? 4 : 0) + (found === at - 1 ? 5 : 0);
    marks.add(found);
    at = found;
  }
  return { score, marks };
}

function isWordStart(path: string, index: number): boolean {
  const before = path.charAt(index - 1);
  return index === 0 || /[/._\- ]/.test(before) || (/[a-z0-9]/.test(before) && /[A-Z]/.test(path.charAt(index)));
}
