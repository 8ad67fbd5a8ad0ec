import { useEffect, type RefObject } from 'react';

const NAME = 'kradle-search';
/** More marks than a window can show. */
const MAX_MARKS = 500;

/**
 * Marks every occurrence of the query in what `ref` shows, by the CSS Custom Highlight API: the page's elements stay as they are.
 * Runs after each render, so that rows which scroll into view are marked too. Does nothing where the browser lacks the API.
 */
export function useSearchHighlight(ref: RefObject<HTMLElement | null>, query: string): void {
  useEffect(() => {
    if (typeof Highlight === 'undefined') return;
    const wanted = query.trim().toLowerCase();
    if (ref.current === null || wanted === '') {
      CSS.highlights.delete(NAME);
      return;
    }
    CSS.highlights.set(NAME, new Highlight(...rangesOf(ref.current, wanted)));
  });
  useEffect(() => () => void (typeof Highlight !== 'undefined' && CSS.highlights.delete(NAME)), []);
}

function rangesOf(root: HTMLElement, wanted: string): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null && ranges.length < MAX_MARKS; node = walker.nextNode()) {
    const text = (node.textContent ?? '').toLowerCase();
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
}
