import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Width of an element in px as it changes; undefined before it is laid out. The element may come later than the component. */
export function useElementWidth(element: RefObject<HTMLElement | null>): number | undefined {
  const [width, setWidth] = useState<number>();
  const observed = useRef<{ element: HTMLElement; observer: ResizeObserver }>(undefined);
  // After every render, because a ref tells nobody that it was filled.
  useLayoutEffect(() => {
    const { current } = element;
    if (current === (observed.current?.element ?? null)) return;
    observed.current?.observer.disconnect();
    observed.current = undefined;
    if (current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width));
    observer.observe(current);
    observed.current = { element: current, observer };
  });
  useEffect(
    () => () => {
      observed.current?.observer.disconnect();
      observed.current = undefined;
    },
    [],
  );
  return width;
}
