import { useCallback, useEffect, useRef, useState } from 'react';
import type { RunEvent } from '#shared/api/agents';
import type { LiveMessage } from '#shared/api/live';
import { toApiError, type ApiError } from '../api/errors';
import { useLiveTopic } from '../api/live';
import { fetchRpc } from '../api/rpc';
import { appendEvents, EMPTY_EVENT_WINDOW, prependEvents, trimEvents, type EventWindow } from './eventWindow';

export interface RunTranscript {
  readonly window: EventWindow;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: ApiError | undefined;
  readonly isLoadingEarlier: boolean;
  /** Fetches the page before the first event that is here. */
  readonly loadEarlier: () => Promise<void>;
  /** Loads until the event is here (or the first page is reached). */
  readonly loadUntil: (seq: number) => Promise<void>;
  readonly retry: () => void;
  /** The reader follows the end: old events may be let go. */
  readonly setFollowing: (following: boolean) => void;
}

const PAGE_EVENTS = 1500;
const LAST_SEQ = Number.MAX_SAFE_INTEGER;
/** A hidden window gets no animation frames; what arrives is still folded now and then. */
const HIDDEN_FLUSH_MS = 500;

/** A run's events: the last page at first, earlier ones on request, new ones as they happen, folded once a frame. */
export function useRunTranscript(org: string, run: string): RunTranscript {
  const [window, setWindow] = useState<EventWindow>(EMPTY_EVENT_WINDOW);
  const [state, setState] = useState<RunTranscript['state']>('loading');
  const [error, setError] = useState<ApiError>();
  const [isLoadingEarlier, setLoadingEarlier] = useState(false);
  const [round, setRound] = useState(0);
  const following = useRef(true);
  const latest = useRef(window);
  const loading = useRef<Promise<void>>(undefined);

  const change = useCallback((next: (before: EventWindow) => EventWindow) => {
    const before = latest.current;
    latest.current = next(before);
    if (latest.current !== before) setWindow(latest.current);
  }, []);
  const queue = useFrameQueue((events) => {
    change((before) => {
      const after = appendEvents(before, events);
      return following.current ? trimEvents(after) : after;
    });
  });

  useEffect(() => {
    const abort = new AbortController();
    latest.current = EMPTY_EVENT_WINDOW;
    fetchRpc('agents.runEvents', { org, name: run, before: LAST_SEQ, limit: PAGE_EVENTS }, abort.signal).then(
      (page) => {
        change(() => ({ ...appendEvents(EMPTY_EVENT_WINDOW, page.items), hasEarlier: (page.items[0]?.seq ?? 1) > 1 }));
        setState('ready');
        setError(undefined);
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        setError(toApiError(cause));
        setState('failed');
      },
    );
    return () => abort.abort();
  }, [org, run, round, change]);

  const resume = useLiveTopic(state === 'ready' ? { type: 'run-events', org, run } : undefined, {
    cursor: String(window.view.lastSeq),
    onMessage: (message: LiveMessage) => {
      if (message.type === 'run-events') queue(message.items);
      else if (message.type === 'expired') setRound((before) => before + 1);
      else if (message.type === 'error') resume(String(latest.current.view.lastSeq));
    },
  });

  const loadEarlier = useCallback(async () => {
    const first = latest.current.events[0];
    if (!latest.current.hasEarlier || first === undefined) return;
    loading.current ??= (async () => {
      setLoadingEarlier(true);
      try {
        const page = await fetchRpc('agents.runEvents', { org, name: run, before: first.seq, limit: PAGE_EVENTS });
        change((before) => prependEvents(before, page.items, page.items.length > 0 && (page.items[0]?.seq ?? 1) > 1));
        setError(undefined);
      } catch (cause) {
        setError(toApiError(cause));
      } finally {
        loading.current = undefined;
        setLoadingEarlier(false);
      }
    })();
    await loading.current;
  }, [org, run, change]);

  const loadUntil = useCallback(
    async (seq: number) => {
      for (let before = Number.POSITIVE_INFINITY; ; ) {
        const first = latest.current.events[0]?.seq ?? 0;
        if (first <= seq || first >= before || !latest.current.hasEarlier) return;
        before = first;
        await loadEarlier();
      }
    },
    [loadEarlier],
  );
  const retry = useCallback(() => {
    setState('loading');
    setRound((before) => before + 1);
  }, []);
  const setFollowing = useCallback((next: boolean) => {
    following.current = next;
  }, []);
  return { window, state, error, isLoadingEarlier, loadEarlier, loadUntil, retry, setFollowing };
}

/** Gathers events and hands them over once a frame, however many come. */
function useFrameQueue(flush: (events: readonly RunEvent[]) => void): (events: readonly RunEvent[]) => void {
  const gathered = useRef<RunEvent[]>([]);
  const scheduled = useRef<() => void>(undefined);
  const latest = useRef(flush);
  useEffect(() => {
    latest.current = flush;
  });
  useEffect(
    () => () => {
      scheduled.current?.();
      scheduled.current = undefined;
    },
    [],
  );
  return useCallback((events) => {
    for (const event of events) gathered.current.push(event);
    if (scheduled.current !== undefined) return;
    const run = () => {
      scheduled.current = undefined;
      const batch = gathered.current;
      gathered.current = [];
      latest.current(batch);
    };
    if (document.visibilityState === 'hidden') {
      const timer = setTimeout(run, HIDDEN_FLUSH_MS);
      scheduled.current = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(run);
      scheduled.current = () => cancelAnimationFrame(frame);
    }
  }, []);
}
