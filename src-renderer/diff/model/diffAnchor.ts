export type DiffSide = 'old' | 'new';

/** A place in a diff: a file, a line of it, or a range of lines on one side. */
export interface DiffAnchor {
  readonly path: string;
  readonly side?: DiffSide;
  /** First line, from 1. */
  readonly start?: number;
  /** Last line; equals `start` for one line. */
  readonly end?: number;
}

/** The URL fragment of a place, without "#": `diff-src%2Fa.ts-R12-R20`; L counts lines of the old side, R of the new. */
export function formatDiffAnchor(anchor: DiffAnchor): string {
  // The dash of a name such as "a-R12" is escaped, so that the line numbers stay unmistakable.
  const path = encodeURIComponent(anchor.path).replace(/-(?=[LR]\d)/g, '%2D');
  if (anchor.start === undefined) return `diff-${path}`;
  const letter = anchor.side === 'old' ? 'L' : 'R';
  const end = anchor.end ?? anchor.start;
  return `diff-${path}-${letter}${anchor.start}${end === anchor.start ? '' : `-${letter}${end}`}`;
}

/** Reads {@link formatDiffAnchor}'s form, with or without "#". Undefined for any other fragment. */
export function parseDiffAnchor(fragment: string): DiffAnchor | undefined {
  const match = /^#?diff-(.+?)(?:-([LR])(\d{1,9})(?:-\2(\d{1,9}))?)?$/.exec(fragment);
  if (match === null) return undefined;
  const [, encoded = '', letter, first, last] = match;
  const path = decode(encoded);
  if (path === undefined) return undefined;
  if (letter === undefined || first === undefined) return { path };
  const [from, to] = [Number(first), Number(last ?? first)];
  return { path, side: letter === 'L' ? 'old' : 'new', start: Math.min(from, to), end: Math.max(from, to) };
}

/** Whether a line lies in the anchor's range. */
export function anchorCovers(anchor: DiffAnchor | undefined, at: { path: string; side: DiffSide; line: number | undefined }): boolean {
  if (anchor?.start === undefined || at.line === undefined) return false;
  return anchor.path === at.path && anchor.side === at.side && at.line >= anchor.start && at.line <= (anchor.end ?? anchor.start);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
