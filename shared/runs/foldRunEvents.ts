import type { RunEvent } from '../api/agents';
import { applyRunEvent as apply } from './applyRunEvent';
import { RunViewDraft } from './runViewDraft';
import { DEFAULT_RUN_VIEW_LIMITS, type RunView, type RunViewLimits } from './runView';

export const EMPTY_RUN_VIEW: RunView = Object.freeze({
  lastSeq: 0,
  eventCount: 0,
  items: [],
  plan: [],
  usage: {},
  commands: [],
  openPermissions: [],
  toolIndex: new Map(),
  permissionIndex: new Map(),
});

/**
 * Folds events into the view, in the order of their `seq`, and answers a new view. What no event touched keeps its identity, so
 * memoised components of untouched items do not render. An event at or below `view.lastSeq` is skipped: a resend is harmless.
 *
 * Cost: each event is O(1); each call copies the list of items once, so hand over what has gathered (once a frame), not one by one.
 */
export function applyRunEvents(view: RunView, events: readonly RunEvent[], limits: RunViewLimits = DEFAULT_RUN_VIEW_LIMITS): RunView {
  const draft = new RunViewDraft(view, limits);
  for (const event of events) if (draft.accept(event)) apply(draft, event);
  return draft.finish();
}

/** {@link applyRunEvents} for one event. */
export function applyRunEvent(view: RunView, event: RunEvent): RunView {
  return applyRunEvents(view, [event]);
}

/** The view of a whole list of events. */
export function foldRunEvents(events: readonly RunEvent[], limits?: RunViewLimits): RunView {
  return applyRunEvents(EMPTY_RUN_VIEW, events, limits);
}
