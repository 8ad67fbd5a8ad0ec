import { useQuery } from '@tanstack/react-query';
import { foldRunEvents } from '#shared/runs/foldRunEvents';
import type { PlanEntryView } from '#shared/runs/runView';
import { fetchRpc } from '../../api/rpc';
import type { EventWindow } from '../../transcript/eventWindow';

/** How far back a plan is looked for: pages of this many events, at most so many of them. */
const PAGE_EVENTS = 5000;
const MAX_PAGES = 4;
const NO_PLAN: readonly PlanEntryView[] = [];

/** The agent's present plan. Where the loaded events do not hold it, it is looked for in the ones before them. */
export function useRunPlan(org: string, run: string, window: EventWindow): readonly PlanEntryView[] {
  const first = window.events[0]?.seq;
  const isNeeded = window.view.plan.length === 0 && window.hasEarlier && first !== undefined;
  const earlier = useQuery({
    // One search a run: what is found stays the plan until a newer one arrives with the events.
    queryKey: ['agents.runEvents', { org, name: run }, 'plan'],
    enabled: isNeeded,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      let before = first ?? 1;
      for (let page = 0; page < MAX_PAGES && before > 1; page += 1) {
        const { items } = await fetchRpc('agents.runEvents', { org, name: run, before, limit: PAGE_EVENTS }, signal);
        const { plan } = foldRunEvents(items);
        if (plan.length > 0) return plan;
        before = items[0]?.seq ?? 1;
      }
      return NO_PLAN;
    },
  });
  return window.view.plan.length > 0 ? window.view.plan : (earlier.data ?? NO_PLAN);
}
