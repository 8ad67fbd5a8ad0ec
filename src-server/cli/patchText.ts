import type { DiffFile, DiffView } from '#shared/api/git';
import type { Style } from './terminal';
import { safeText } from './terminalText';

/** Lines kept around a change. */
const CONTEXT = 3;

/** A diff of the server as a unified patch: what `git apply` reads when there is no colour. */
export function patchText(diff: Pick<DiffView, 'files'>, style: Style): string {
  return diff.files.map((file) => filePatch(file, style)).join('');
}

/**
 * A replaced text, as an agent shows it before it writes: the lines that differ, with a little context. At most `maxLines` lines of
 * change, then how many were left out.
 */
export function changeText(change: { path: string; oldText: string | undefined; newText: string }, style: Style, maxLines: number): string {
  const before = linesOf(change.oldText ?? '');
  const after = linesOf(change.newText);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  const lines = [
    ...before.slice(Math.max(0, start - CONTEXT), start).map((line) => style.dim(`  ${line}`)),
    ...removed.map((line) => style.red(`- ${line}`)),
    ...added.map((line) => style.green(`+ ${line}`)),
    ...before.slice(before.length - end, before.length - end + CONTEXT).map((line) => style.dim(`  ${line}`)),
  ];
  const header = `${style.bold(safeText(change.path))} ${style.green(`+${added.length}`)} ${style.red(`-${removed.length}`)}`;
  const hidden = lines.length - maxLines;
  return [header, ...lines.slice(0, maxLines), ...(hidden > 0 ? [style.dim(`  … ${hidden} more lines`)] : [])].join('\n');
}

/** A line end ends a line; it does not begin one. */
function linesOf(text: string): string[] {
  const lines = safeText(text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function filePatch(file: DiffFile, style: Style): string {
  const oldPath = file.oldPath ?? file.path;
  const header = [
    `diff --git a/${oldPath} b/${file.path}`,
    ...(file.status === 'added' ? [`new file mode ${file.newMode ?? '100644'}`] : []),
    ...(file.status === 'deleted' ? [`deleted file mode ${file.oldMode ?? '100644'}`] : []),
    ...(file.status === 'renamed' ? [`rename from ${oldPath}`, `rename to ${file.path}`] : []),
    ...(file.binary ? [`Binary files a/${oldPath} and b/${file.path} differ`] : []),
    ...(file.hunks.length > 0 ? [`--- ${file.status === 'added' ? '/dev/null' : `a/${oldPath}`}`, `+++ ${file.status === 'deleted' ? '/dev/null' : `b/${file.path}`}`] : []),
  ];
  const lines = header.map((line) => style.bold(safeText(line)));
  for (const hunk of file.hunks) {
    lines.push(style.cyan(safeText(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@${hunk.heading === '' ? '' : ` ${hunk.heading}`}`)));
    for (const line of hunk.lines) {
      lines.push(LINE[line.type](safeText(line.text), style));
      if (line.noNewline === true) lines.push('\\ No newline at end of file');
    }
  }
  if (file.truncated) lines.push(style.dim(`# ${safeText(file.path)}: too large to show whole`));
  return `${lines.join('\n')}\n`;
}

const LINE: Readonly<Record<'context' | 'add' | 'delete', (text: string, style: Style) => string>> = {
  context: (text) => ` ${text}`,
  add: (text, style) => style.green(`+${text}`),
  delete: (text, style) => style.red(`-${text}`),
};
