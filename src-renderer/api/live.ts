import { useCallback, useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import type { LiveMessage } from '#shared/api/live';
import { client } from './client';
import { LiveHub, topicKey, type LiveState, type LiveSubscription, type LiveTopicSpec, type LiveTransport } from './liveHub';

/**
 * Hears of a topic while the component is mounted. `cursor` is where to start, the `resourceVersion` of the list or the seq that the
 * component holds; absent means from now. Events may come twice: ignore what is not newer.
 *
 * After `expired` or `error` the topic waits: fetch again, then call the answered `resume` with the new cursor.
 */
export function useLiveTopic(spec: LiveTopicSpec | undefined, opts: { cursor?: string | undefined; onMessage: (message: LiveMessage) => void }): (cursor?: string) => void {
  const onMessage = useEffectEvent(opts.onMessage);
  const startCursor = useEffectEvent(() => opts.cursor);
  const subscription = useRef<LiveSubscription>(undefined);
  const key = spec === undefined ? undefined : topicKey(spec);
  useEffect(() => {
    if (key === undefined) return;
    const opened = hub.subscribe(Object.fromEntries(JSON.parse(key) as [string, unknown][]) as LiveTopicSpec, { cursor: startCursor(), onMessage });
    subscription.current = opened;
    return () => opened.close();
  }, [key]);
  return useCallback((cursor) => subscription.current?.resume(cursor), []);
}

/** Whether what is on the screen is live. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(hub.subscribeState, hub.state);
}

/** The hub of this window; hooks use it, and so do things that outlive a component. */
export const hub: LiveHub = new LiveHub(openStream(), (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
});

function openStream(): LiveTransport {
  return (topics, observer) => {
    const stream = client.subscription('live.stream', { topics }, {
      onData: (event) => {
        const { id, data } = event as { id: string; data: LiveMessage };
        observer.onMessage(id, data);
      },
      onConnectionStateChange: (state) => {
        if (state.state === 'pending') observer.onOpen();
        else if (state.state === 'connecting' && state.error !== null) observer.onRetry();
      },
      onError: () => observer.onEnd(),
      onComplete: () => observer.onEnd(),
    });
    return () => stream.unsubscribe();
  };
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => hub.retryNow());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') hub.retryNow();
  });
}
