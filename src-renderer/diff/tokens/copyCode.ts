import type { ClipboardEvent } from 'react';

/**
 * Puts the selected code onto the clipboard as it is in the file: without signs and line numbers, and of two columns only the one in which
 * the selection began. Anything that is not code is left to the browser.
 */
export function copyCode(event: ClipboardEvent<HTMLElement>): void {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const side = elementOf(selection.anchorNode)?.closest('[data-diff-side]')?.getAttribute('data-diff-side');
  const selector = side === null || side === undefined ? '[data-code]' : `[data-diff-side="${side}"] [data-code]`;
  const lines = [...event.currentTarget.querySelectorAll(selector)].filter((code) => range.intersectsNode(code));
  if (lines.length === 0 || elementOf(selection.anchorNode)?.closest('[data-code], [data-diff-line]') === null) return;
  event.clipboardData.setData('text/plain', lines.map((code) => textWithin(code, range)).join('\n'));
  event.preventDefault();
}

function textWithin(code: Element, selected: Range): string {
  const part = document.createRange();
  part.selectNodeContents(code);
  if (selected.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(selected.startContainer, selected.startOffset);
  if (selected.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(selected.endContainer, selected.endOffset);
  // An empty line is drawn as a line break, so that it has its height.
  return part.toString().replace(/\n$/, '');
}

function elementOf(node: Node | null): Element | null {
  return node instanceof Element ? node : (node?.parentElement ?? null);
}
