import { useLayoutEffect, useState, type RefObject } from 'react';
import type { CodeColumns } from '../model/rowHeight';

/** Widths in px: of a line number, of the sign before the code, of the space behind it, and of the frame. */
const NUMBER = 44;
const SIGN = 24;
const BEHIND = 12;
const FRAME = 2;
/** Narrower windows show one number in a line (`max-sm`). */
const TWO_NUMBERS_MIN = 640;

/** Characters of code that fit into a line of the list; undefined until it is there. It follows the width of the window. */
export function useCodeColumns(list: RefObject<HTMLElement | null>): CodeColumns | undefined {
  const [columns, setColumns] = useState<CodeColumns>();
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = () => {
      const width = element.clientWidth - FRAME;
      const character = widthOfCharacter(element);
      const numbers = window.innerWidth < TWO_NUMBERS_MIN ? NUMBER : 2 * NUMBER;
      const fit = (space: number) => Math.max(1, Math.floor((space - SIGN - BEHIND) / character));
      const next = { unified: fit(width - numbers), split: fit(width / 2 - NUMBER - 1) };
      setColumns((before) => (before?.unified === next.unified && before.split === next.split ? before : next));
    };
    measure();
    let known = element.clientWidth;
    // The list grows in height while its rows become known, which is of no account here.
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === known) return;
      known = element.clientWidth;
      measure();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  return columns;
}

/** Width of a character of code, in px. */
function widthOfCharacter(within: HTMLElement): number {
  const probe = document.createElement('span');
  probe.className = 'invisible absolute font-mono text-xs';
  probe.textContent = '0'.repeat(100);
  within.append(probe);
  const { width } = probe.getBoundingClientRect();
  probe.remove();
  return width > 0 ? width / 100 : 7.2;
}
