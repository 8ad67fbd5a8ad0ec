import { memo, type ReactNode } from 'react';
import type { DiffFile } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import { Button } from '../../ui/Button';
import { useDiffActions } from '../diffContext';
import type { DiffRow } from '../model/diffRows';
import { useBlobSize } from '../files/useBlobBytes';

/** Says in words why a file shows no lines, or not all. */
export const DiffNoteRow = memo(function DiffNoteRow({ row, pending, error }: { row: Extract<DiffRow, { type: 'note' }>; pending: boolean; error: string | undefined }) {
  const { loadFile } = useDiffActions();
  const { file, note } = row;
  const changed = file.additions + file.deletions;
  const texts: Readonly<Record<typeof note, ReactNode>> = {
    binary: <BinaryNote file={file} />,
    lfs: 'Stored with Git LFS: only the pointer is shown.',
    mode: `Only the file mode changed, from ${file.oldMode ?? '?'} to ${file.newMode ?? '?'}.`,
    empty: file.status === 'added' || file.status === 'deleted' ? 'The file is empty.' : 'No line changed.',
    renamed: `The file was ${file.status === 'copied' ? 'copied' : 'moved'} without changes.`,
    large: `${changed.toLocaleString('en')} changed lines are not shown at once.`,
    truncated: file.hunks.length === 0 ? `This file's diff is large (${changed.toLocaleString('en')} lines) and was left out.` : 'The rest of this file’s diff was left out, because it is large.',
    whitespace: 'Only white space changed.',
    submodule: 'A submodule now points at another commit.',
  };
  return (
    <div className="flex flex-wrap items-center gap-3 border-x bg-surface px-4 py-3 text-sm text-muted">
      <span>{texts[note]}</span>
      {(note === 'large' || note === 'truncated') && <Button size="sm" pending={pending} onClick={() => loadFile(file)}>Load diff</Button>}
      {error !== undefined && <span role="alert" className="text-danger">{error}</span>}
    </div>
  );
});

/** How large a file without lines was and is. */
function BinaryNote({ file }: { file: DiffFile }) {
  const { blobUrl } = useDiffActions();
  const before = useBlobSize(file.oldSha === undefined ? undefined : blobUrl?.(file.oldSha));
  const after = useBlobSize(file.newSha === undefined ? undefined : blobUrl?.(file.newSha));
  const change = before === undefined || after === undefined ? undefined : after - before;
  return (
    <>
      Binary file
      {file.status === 'deleted' ? <>, deleted{before !== undefined && `: ${formatBytes(before)}`}</> : file.status === 'added' ? <>, added{after !== undefined && `: ${formatBytes(after)}`}</> : (
        before !== undefined && after !== undefined && <>: {formatBytes(before)} → {formatBytes(after)}{change !== undefined && change !== 0 && ` (${change > 0 ? '+' : '−'}${formatBytes(Math.abs(change))})`}</>
      )}
      . Its content is not shown.
    </>
  );
}
