import { clsx } from 'clsx';

const BLOCKS = 5;

/** Lines added and deleted: `+12 −3`, and with `bar` their proportion in five blocks. Nothing where no line changed: a picture, a mode. */
export function ChangeCount({ additions, deletions, bar = false, className }: { additions: number; deletions: number; bar?: boolean; className?: string }) {
  if (additions === 0 && deletions === 0) return null;
  return (
    <span className={clsx('inline-flex shrink-0 items-center gap-1.5 font-mono text-xs', className)}>
      <span className="sr-only">{`${additions} lines added, ${deletions} deleted`}</span>
      <span aria-hidden className="text-success">+{additions.toLocaleString('en')}</span>
      <span aria-hidden className="text-danger">−{deletions.toLocaleString('en')}</span>
      {bar && (
        <span aria-hidden className="flex gap-px max-sm:hidden">
          {blocks(additions, deletions).map((tone, index) => (
            <span key={index} className={clsx('size-2 rounded-[1px]', tone)} />
          ))}
        </span>
      )}
    </span>
  );
}

/** A side that changed at all gets at least one block. */
function blocks(additions: number, deletions: number): string[] {
  const total = additions + deletions;
  const shown = Math.min(BLOCKS, total);
  let green = Math.round((additions / total) * shown);
  if (additions > 0) green = Math.max(1, green);
  if (deletions > 0 && shown > 1) green = Math.min(shown - 1, green);
  return Array.from({ length: BLOCKS }, (_, index) => (index < green ? 'bg-success' : index < shown ? 'bg-danger' : 'bg-line'));
}
