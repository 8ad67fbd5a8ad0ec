import { useEffect, useEffectEvent, useMemo, useRef, type RefObject } from 'react';

/** How near the end counts as the end, in px. */
const END_THRESHOLD = 40;
/** A scroll this soon after a wheel, a key, a touch or a press on the bar is the reader's, in ms; any other is the page's. */
const INTENT_MS = 400;

export interface FollowEnd {
  readonly onScroll: () => void;
  /** Goes to the end and stays there. */
  readonly toEnd: () => void;
  /** Stops following: the page goes somewhere else. */
  readonly leave: () => void;
  /** For the scrolling element: what tells the reader's scrolling from the page's. */
  readonly intent: { readonly onWheel: () => void; readonly onKeyDown: () => void; readonly onTouchMove: () => void; readonly onPointerDown: () => void };
}

/**
 * Keeps an element scrolled to its end while its content or its own height changes, until the reader scrolls away from there. Coming
 * back to the end follows again.
 */
export function useFollowEnd(ref: RefObject<HTMLElement | null>, opts: { onChange: (following: boolean) => void }): FollowEnd {
  const following = useRef(true);
  const intentAt = useRef(-Infinity);
  const changed = useEffectEvent(opts.onChange);
  const latest = useRef(opts.onChange);
  useEffect(() => {
    latest.current = opts.onChange;
  });
  useEffect(() => {
    const element = ref.current;
    const content = element?.firstElementChild;
    if (element === null || content === null || content === undefined) return;
    const observer = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(content);
    changed(following.current);
    return () => observer.disconnect();
  }, [ref]);
  return useMemo(() => {
    const set = (next: boolean) => {
      if (following.current === next) return;
      following.current = next;
      latest.current(next);
    };
    const intend = () => {
      intentAt.current = performance.now();
    };
    return {
      onScroll: () => {
        const element = ref.current;
        if (element === null) return;
        if (element.scrollHeight - element.scrollTop - element.clientHeight <= END_THRESHOLD) set(true);
        else if (performance.now() - intentAt.current < INTENT_MS) set(false);
      },
      toEnd: () => {
        set(true);
        const element = ref.current;
        if (element !== null) element.scrollTop = element.scrollHeight;
      },
      leave: () => set(false),
      intent: { onWheel: intend, onKeyDown: intend, onTouchMove: intend, onPointerDown: intend },
    };
  }, [ref]);
}
