import { clsx } from 'clsx';
import { ChevronRight, CircleCheck, Circle, CircleDot } from 'lucide-react';
import { useState } from 'react';
import type { PlanEntryView } from '#shared/runs/runView';

/** The agent's plan as a checklist; folded, it names the current step. */
export function PlanPanel({ plan, live, startsOpen = true }: { plan: readonly PlanEntryView[]; live: boolean; startsOpen?: boolean }) {
  const [open, setOpen] = useState(startsOpen);
  if (plan.length === 0) return null;
  const done = plan.filter((entry) => entry.status === 'completed').length;
  const current = plan.find((entry) => entry.status === 'in_progress');
  return (
    <section aria-label="Plan" className="rounded-md border bg-surface">
      <button type="button" aria-expanded={open} className="flex w-full items-center gap-2 px-3 py-2 text-left text-xs" onClick={() => setOpen(!open)}>
        <ChevronRight aria-hidden className={clsx('size-3.5 shrink-0 text-subtle transition-transform', open && 'rotate-90')} />
        <h3 className="font-semibold">Plan</h3>
        <span className="text-subtle">{done} of {plan.length} done</span>
        {!open && current !== undefined && <span className="min-w-0 truncate text-muted">{current.content}</span>}
      </button>
      {open && (
        <ol className="flex flex-col gap-1 px-3 pb-2.5">
          {plan.map((entry, index) => <PlanEntry key={index} entry={entry} live={live} />)}
        </ol>
      )}
    </section>
  );
}

function PlanEntry({ entry, live }: { entry: PlanEntryView; live: boolean }) {
  const done = entry.status === 'completed';
  const running = entry.status === 'in_progress';
  const Icon = done ? CircleCheck : running ? CircleDot : Circle;
  return (
    <li className={clsx('flex items-start gap-2 text-xs', done ? 'text-subtle' : running ? 'font-medium' : 'text-muted')}>
      <Icon role="img" aria-label={done ? 'done' : running ? 'in progress' : 'to do'} className={clsx('mt-0.5 size-3.5 shrink-0', done ? 'text-success' : running ? 'text-info' : 'text-subtle', running && live && 'animate-pulse-slow')} />
      <span className={clsx('min-w-0 wrap-anywhere', done && 'line-through decoration-line-strong')}>{entry.content}</span>
      {entry.priority === 'high' && !done && <span className="shrink-0 text-2xs text-warning">high</span>}
    </li>
  );
}
