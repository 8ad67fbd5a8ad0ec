import type { Blockquote, Root } from 'mdast';

const KINDS = new Set(['note', 'tip', 'important', 'warning', 'caution']);

/** `> [!NOTE]` becomes a box with its word as the heading. */
export function remarkAlerts() {
  return (tree: Root): void => {
    for (const node of tree.children) if (node.type === 'blockquote') markAlert(node);
  };
}

function markAlert(quote: Blockquote): void {
  const [first] = quote.children;
  if (first?.type !== 'paragraph') return;
  const [text] = first.children;
  if (text?.type !== 'text') return;
  const match = /^\[!(\w+)\][ \t]*(?:\n|$)/.exec(text.value);
  const kind = match?.[1]?.toLowerCase() ?? '';
  if (match === null || !KINDS.has(kind)) return;
  text.value = text.value.slice(match[0].length);
  if (text.value === '') first.children.shift();
  if (first.children[0]?.type === 'break') first.children.shift();
  if (first.children.length === 0) quote.children.shift();
  quote.data = { hName: 'div', hProperties: { className: [`k-alert-${kind}`] } };
}
