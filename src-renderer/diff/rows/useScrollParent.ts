import { useLayoutEffect, useState, type RefObject } from 'react';

export interface ScrollParent {
  readonly element: HTMLElement;
  /** Distance from the top of the scrolled content to the top of the child, in px. */
  readonly offsetTop: number;
  /** Padding of the scrolling element at its top, in px: what sticks to "top: 0" stops below it. */
  readonly paddingTop: number;
}

/** The ancestor that scrolls `ref`, and where in it `ref` begins; kept up to date when what stands above grows or shrinks. */
export function useScrollParent(ref: RefObject<HTMLElement | null>): ScrollParent | undefined {
  const [parent, setParent] = useState<ScrollParent>();
  useLayoutEffect(() => {
    const child = ref.current;
    const element = child === null ? null : scrollParentOf(child);
    if (child === null || element === null) return undefined;
    const measure = () => {
      const offsetTop = Math.round(child.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop);
      const paddingTop = parseFloat(getComputedStyle(element).paddingTop) || 0;
      setParent((known) => (known?.element === element && known.offsetTop === offsetTop && known.paddingTop === paddingTop ? known : { element, offsetTop, paddingTop }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // Whatever stands above the child is a sibling of it or of one of its ancestors.
    for (let node: HTMLElement | null = child; node !== null && node !== element; node = node.parentElement) {
      for (const sibling of node.parentElement?.children ?? []) if (sibling !== node) observer.observe(sibling);
    }
    return () => observer.disconnect();
  }, [ref]);
  return parent;
}

function scrollParentOf(child: HTMLElement): HTMLElement | null {
  for (let node = child.parentElement; node !== null; node = node.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
  }
  return document.documentElement;
}
