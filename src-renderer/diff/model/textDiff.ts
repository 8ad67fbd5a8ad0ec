import { structuredPatch } from 'diff';
import type { DiffFile, DiffLine } from '#shared/api/git';

/** Time that comparing two texts may take before the whole text counts as replaced, in ms. */
const TIMEOUT_MS = 200;

/**
 * The change between two texts as a file of a diff; what an agent's tool call carries (ACP content of type `diff`). `before` is
 * null or absent for a new file.
 */
export function textDiff(path: string, before: string | null | undefined, after: string): DiffFile {
  const patch = structuredPatch(path, path, before ?? '', after, undefined, undefined, { context: 3, timeout: TIMEOUT_MS });
  const hunks = (patch?.hunks ?? [replaced(before ?? '', after)]).map((hunk) => ({
    oldStart: hunk.oldStart,
    oldLines: hunk.oldLines,
    newStart: hunk.newStart,
    newLines: hunk.newLines,
    heading: '',
    lines: numbered(hunk),
  }));
  const count = (type: DiffLine['type']) => hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.type === type).length, 0);
  return {
    path,
    status: before === null || before === undefined ? 'added' : 'modified',
    binary: false,
    additions: count('add'),
    deletions: count('delete'),
    hunks,
    truncated: false,
  };
}

interface PatchHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function numbered(hunk: PatchHunk): DiffLine[] {
  const lines: DiffLine[] = [];
  let [oldLine, newLine] = [hunk.oldStart, hunk.newStart];
  for (const raw of hunk.lines) {
    const text = raw.slice(1);
    if (raw.startsWith('\\')) {
      const last = lines.at(-1);
      if (last !== undefined) lines[lines.length - 1] = { ...last, noNewline: true };
    } else if (raw.startsWith('-')) {
      lines.push({ type: 'delete', text, oldLine: oldLine++ });
    } else if (raw.startsWith('+')) {
      lines.push({ type: 'add', text, newLine: newLine++ });
    } else {
      lines.push({ type: 'context', text, oldLine: oldLine++, newLine: newLine++ });
    }
  }
  return lines;
}

function replaced(before: string, after: string): PatchHunk {
  const [oldLines, newLines] = [before.split('\n'), after.split('\n')];
  return {
    oldStart: 1,
    oldLines: oldLines.length,
    newStart: 1,
    newLines: newLines.length,
    lines: [...oldLines.map((line) => `-${line}`), ...newLines.map((line) => `+${line}`)],
  };
}
