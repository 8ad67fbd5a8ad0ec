/** The part of a file's diff that moving a line through it needs. */
export interface AnchorHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly { readonly kind: 'context' | 'add' | 'delete'; readonly oldLine?: number; readonly newLine?: number }[];
}

/**
 * Where a line of the old file is in the new one; undefined when it was changed or removed. `hunks` are those of one file's diff, in
 * order; a file that did not change has none.
 */
export function mapLine(hunks: readonly AnchorHunk[], line: number): number | undefined {
  let shift = 0;
  for (const hunk of hunks) {
    // git counts an empty side from the line before it: `@@ -3,0 +4,2 @@` adds after line 3.
    const start = hunk.oldLines === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    if (line < start) break;
    if (line < start + hunk.oldLines) return hunk.lines.find((each) => each.kind === 'context' && each.oldLine === line)?.newLine;
    shift += hunk.newLines - hunk.oldLines;
  }
  return line + shift;
}
