import { FilePen } from 'lucide-react';
import { useDeferredValue, useMemo, type ReactNode } from 'react';
import type { PlanEntryView, RunItem } from '#shared/runs/runView';
import { PlanPanel } from '../../transcript/PlanPanel';
import { relativePath } from '../../transcript/toolSummary';

export interface RunAsideProps {
  items: readonly RunItem[];
  plan: readonly PlanEntryView[];
  folder: string | undefined;
  live: boolean;
  fileLink: (at: { path: string; children: ReactNode }) => ReactNode;
}

/** Beside the transcript, where there is room: the plan, and the files that the agent says it changed. */
export function RunAside({ items, plan, folder, live, fileLink }: RunAsideProps) {
  const settled = useDeferredValue(items);
  const files = useMemo(() => editedFiles(settled, folder), [settled, folder]);
  if (plan.length === 0 && files.length === 0) return null;
  return (
    <aside aria-label="Plan and files" className="flex w-76 shrink-0 flex-col gap-3 overflow-auto border-l p-3 max-xl:hidden">
      <PlanPanel plan={plan} live={live} />
      {files.length > 0 && (
        <section aria-label="Edited files" className="rounded-md border bg-surface px-3 py-2">
          <h3 className="text-xs font-semibold">Edited files</h3>
          <ul className="mt-1 flex flex-col gap-1">
            {files.map((path) => (
              <li key={path} className="flex min-w-0 items-center gap-1.5 font-mono text-2xs text-muted">
                <FilePen aria-hidden className="size-3.5 shrink-0 text-warning" />
                <span className="min-w-0 truncate" title={path}>{fileLink({ path, children: path })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

function editedFiles(items: readonly RunItem[], folder: string | undefined): string[] {
  const paths = new Set<string>();
  for (const item of items) {
    if (item.type !== 'tool' || item.status === 'failed') continue;
    for (const content of item.content) if (content.type === 'diff') paths.add(relativePath(content.path, folder));
  }
  return [...paths].sort();
}
