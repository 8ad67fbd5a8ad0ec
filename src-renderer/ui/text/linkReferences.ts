import type { MarkdownScope, TextReference } from './markdownScope';

/** A node of mdast, as far as this looks at it. */
interface MarkdownNode {
  type: string;
  value?: string;
  url?: string;
  children?: MarkdownNode[];
}

/** At the start of a word; not within an address, a path or an e-mail. */
const REFERENCE = /(?<![\w/@#&.-])(?:@(?<person>[a-zA-Z0-9](?:[-a-zA-Z0-9._]*[a-zA-Z0-9])?)|#(?<number>\d{1,9}))(?![\w@/])/g;
const UNTOUCHED = new Set(['link', 'linkReference', 'code', 'inlineCode', 'definition', 'html', 'image']);

/** A remark plugin: makes links of `@person` and `#number` where `linkOf` knows an address for them. */
export function linkReferences(linkOf: NonNullable<MarkdownScope['linkOf']>) {
  return () => (tree: MarkdownNode): void => visit(tree, linkOf);
}

/** Text with the references in it, each with its place. */
export function findReferences(text: string): { readonly at: number; readonly text: string; readonly reference: TextReference }[] {
  return [...text.matchAll(REFERENCE)].map((match) => {
    const { person, number } = match.groups ?? {};
    return { at: match.index, text: match[0], reference: person === undefined ? { type: 'number', name: number ?? '' } : { type: 'person', name: person } };
  });
}

function visit(node: MarkdownNode, linkOf: NonNullable<MarkdownScope['linkOf']>): void {
  if (node.children === undefined || UNTOUCHED.has(node.type)) return;
  node.children = node.children.flatMap((child) => {
    if (child.type !== 'text' || child.value === undefined) {
      visit(child, linkOf);
      return [child];
    }
    return linked(child.value, linkOf);
  });
}

function linked(text: string, linkOf: NonNullable<MarkdownScope['linkOf']>): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let from = 0;
  for (const found of findReferences(text)) {
    const url = linkOf(found.reference);
    if (url === undefined) continue;
    if (found.at > from) nodes.push({ type: 'text', value: text.slice(from, found.at) });
    nodes.push({ type: 'link', url, children: [{ type: 'text', value: found.text }] });
    from = found.at + found.text.length;
  }
  if (from < text.length) nodes.push({ type: 'text', value: text.slice(from) });
  return nodes;
}
