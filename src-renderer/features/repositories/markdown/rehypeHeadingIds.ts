import type { Element, ElementContent, Root } from 'hast';

/** Gives headings the ids that links in README files expect: their words in lower case with dashes, numbered where they repeat. */
export function rehypeHeadingIds() {
  return (tree: Root): void => {
    const seen = new Map<string, number>();
    visit(tree.children as ElementContent[], (heading) => {
      if (typeof heading.properties.id === 'string') return;
      const slug = headingSlug(textOf(heading));
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      heading.properties.id = count === 0 ? slug : `${slug}-${count}`;
    });
  };
}

/** As GitHub makes them: letters, digits, dashes and underscores stay, spaces become dashes. */
export function headingSlug(text: string): string {
  return text.trim().toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replace(/ /g, '-');
}

function visit(nodes: readonly ElementContent[], act: (heading: Element) => void): void {
  for (const node of nodes) {
    if (node.type !== 'element') continue;
    if (/^h[1-6]$/.test(node.tagName)) act(node);
    visit(node.children, act);
  }
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value;
  return node.type === 'element' ? node.children.map(textOf).join('') : '';
}
