import { ArrowDownToLine, ArrowUpToLine, UnfoldVertical } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { EXPAND_STEP } from '../model/diffGap';
import { useDiffActions } from '../diffContext';
import type { DiffRow } from '../model/diffRows';

/** The fold between two hunks: what it hides, and how to open it. */
export const DiffGapRow = memo(function DiffGapRow({ row }: { row: Extract<DiffRow, { type: 'gap' }> }) {
  const { openGap, canExpand } = useDiffActions();
  const { file, gap, hidden } = row;
  const count = hidden[1] === undefined ? undefined : hidden[1] - hidden[0] + 1;
  const isShort = count !== undefined && count <= EXPAND_STEP;
  const { hunk } = gap;
  return (
    <div className="flex min-h-7 items-center gap-0.5 border-x bg-accent-soft/50 px-1 font-mono text-2xs text-muted select-none">
      {canExpand && count !== 0 && (
        <>
          {isShort ? (
            <ExpandButton label={`Show ${count} unchanged lines`} onClick={() => openGap(file, gap, 'all')}><UnfoldVertical /></ExpandButton>
          ) : (
            <>
              {gap.newStart > 1 && <ExpandButton label={`Show ${EXPAND_STEP} more lines below`} onClick={() => openGap(file, gap, 'top')}><ArrowDownToLine /></ExpandButton>}
              {hunk !== undefined && <ExpandButton label={`Show ${EXPAND_STEP} more lines above`} onClick={() => openGap(file, gap, 'bottom')}><ArrowUpToLine /></ExpandButton>}
              <ExpandButton label={count === undefined ? 'Show the rest of the file' : `Show all ${count} unchanged lines`} onClick={() => openGap(file, gap, 'all')}><UnfoldVertical /></ExpandButton>
            </>
          )}
        </>
      )}
      <span className="min-w-0 truncate px-1.5">
        {hunk === undefined ? 'End of the last change' : `@@ −${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`}
        {hunk !== undefined && hunk.heading !== '' && <span className="ml-2 text-fg">{hunk.heading}</span>}
      </span>
    </div>
  );
});

function ExpandButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" title={label} aria-label={label} className="flex size-6 items-center justify-center rounded-sm text-muted hover:bg-accent-soft hover:text-accent [&_svg]:size-3.5" onClick={onClick}>
      {children}
    </button>
  );
}
