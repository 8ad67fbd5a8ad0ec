import type { RunEvent } from '#shared/api/agents';
import { applyRunEvents, EMPTY_RUN_VIEW, foldRunEvents } from '#shared/runs/foldRunEvents';
import type { RunView } from '#shared/runs/runView';

/** The part of a run's events that a window holds, and the view folded from it. */
export interface EventWindow {
  readonly events: readonly RunEvent[];
  readonly view: RunView;
  /** The server has events before the first one here. */
  readonly hasEarlier: boolean;
}

export const EMPTY_EVENT_WINDOW: EventWindow = { events: [], view: EMPTY_RUN_VIEW, hasEarlier: false };

/** Events that a window keeps at most; a reader who follows for hours must not fill the memory. */
const MAX_EVENTS = 120_000;
/** What is left after trimming: far enough below the maximum that trimming stays rare. */
const KEPT_EVENTS = 60_000;

/** Adds newer events. Ones that are here already are skipped, so a resend after a reconnect is harmless. */
export function appendEvents(window: EventWindow, events: readonly RunEvent[]): EventWindow {
  const last = window.events.at(-1)?.seq ?? 0;
  const fresh = events.filter((event) => event.seq > last);
  return fresh.length === 0 ? window : { ...window, events: [...window.events, ...fresh], view: applyRunEvents(window.view, fresh) };
}

/** Puts a page of earlier events in front. What was begun there and went on here (a message, a tool call) becomes one item again. */
export function prependEvents(window: EventWindow, events: readonly RunEvent[], hasEarlier: boolean): EventWindow {
  const first = window.events[0]?.seq ?? Number.POSITIVE_INFINITY;
  const joined = [...events.filter((event) => event.seq < first), ...window.events];
  return { events: joined, view: foldRunEvents(joined), hasEarlier };
}

/** Lets go of the oldest events once there are too many; they come back by page. Call it only while the reader is at the end. */
export function trimEvents(window: EventWindow): EventWindow {
  if (window.events.length <= MAX_EVENTS) return window;
  const events = window.events.slice(-KEPT_EVENTS);
  return { events, view: foldRunEvents(events), hasEarlier: true };
}
