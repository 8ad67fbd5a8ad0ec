import type { RunView } from '#shared/runs/runView';
import { Elapsed } from '../../ui/Time';
import type { RunStory } from './runStory';

/** What the agent does at this moment, under its transcript. */
export function RunActivity({ view, story }: { view: RunView; story: RunStory }) {
  const now = activityOf(view, story);
  return (
    <div role="status" className="flex items-center gap-2 border-t bg-surface px-3 py-1.5 text-xs text-muted sm:px-5">
      <span aria-hidden className={`size-2 shrink-0 rounded-full ${story.needsYou ? 'bg-warning' : 'animate-pulse-slow bg-info'}`} />
      <span className="min-w-0 truncate">{now.text}</span>
      {now.since !== undefined && <span aria-hidden className="text-subtle"><Elapsed from={now.since} /></span>}
    </div>
  );
}

function activityOf(view: RunView, story: RunStory): { text: string; since?: string } {
  if (story.needsYou) return { text: story.detail ?? story.label };
  const tool = view.items.findLast((item) => item.type === 'tool');
  if (tool?.type === 'tool' && tool.status === 'in_progress') return { text: tool.title, since: tool.at };
  const last = view.items.at(-1);
  if (last?.type === 'message' && last.role === 'assistant') return { text: 'Writing', since: last.at };
  if (last?.type === 'message' && last.role === 'thought') return { text: 'Thinking', since: last.at };
  return last === undefined ? { text: story.detail ?? story.label } : { text: 'Working', since: last.at };
}
