import { Link } from '@tanstack/react-router';
import { PhaseIcon } from '../../ui/PhaseBadge';
import { useNow } from '../../ui/clock';
import { Time } from '../../ui/Time';
import { runStory, type RunObject } from './runStory';
import { runTitle } from './runTitle';

/** A few runs, for cards on other pages. */
export function RunRows({ org, runs, withAgent = true }: { org: string; runs: readonly RunObject[]; withAgent?: boolean }) {
  const now = useNow(10_000);
  return (
    <ul className="divide-y">
      {runs.map((run) => {
        const story = runStory(run, now);
        return (
          <li key={run.metadata.name} className="relative flex min-w-0 items-center gap-2.5 px-3 py-2 hover:bg-hover">
            <PhaseIcon phase={story.phase} />
            <div className="min-w-0 flex-1">
              <Link to="/o/$org/runs/$run" params={{ org, run: run.metadata.name }} className="block truncate font-medium after:absolute after:inset-0">{runTitle(run)}</Link>
              <p className="truncate text-xs text-subtle">{[run.spec.repository, withAgent ? run.spec.agentStack : undefined, story.detail ?? story.label].filter(Boolean).join(' · ')}</p>
            </div>
            <Time className="shrink-0 text-xs text-subtle" at={run.metadata.creationTimestamp} />
          </li>
        );
      })}
    </ul>
  );
}
