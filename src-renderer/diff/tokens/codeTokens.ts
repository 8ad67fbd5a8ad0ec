/** A piece of a line of code in one colour. */
export interface CodeToken {
  readonly text: string;
  /** Class names of highlight.js (`hljs-keyword`); empty for plain text. */
  readonly className: string;
}

/**
 * The HTML that highlight.js makes, as lines of tokens: spans that reach over a line end are closed and opened again, so that
 * each line stands alone.
 */
export function tokenLines(html: string): CodeToken[][] {
  const lines: CodeToken[][] = [[]];
  const open: string[] = [];
  for (const match of html.matchAll(/<span class="([^"]*)">|<\/span>|([^<]+)/g)) {
    const [whole, className, text] = match;
    if (className !== undefined) open.push(className);
    else if (text === undefined) open.pop();
    else {
      const style = open.join(' ');
      unescape(whole).split('\n').forEach((part, index) => {
        if (index > 0) lines.push([]);
        if (part !== '') lines.at(-1)?.push({ text: part, className: style });
      });
    }
  }
  return lines;
}

export interface MarkedToken extends CodeToken {
  readonly marked: boolean;
}

/** Splits tokens at the ranges' edges and says which pieces lie within one. Ranges are ascending and do not overlap. */
export function markTokens(tokens: readonly CodeToken[], ranges: readonly { readonly start: number; readonly end: number }[]): MarkedToken[] {
  const marked: MarkedToken[] = [];
  let at = 0;
  for (const token of tokens) {
    const end = at + token.text.length;
    let from = at;
    for (const range of ranges) {
      if (range.end <= from || range.start >= end) continue;
      const [start, stop] = [Math.max(range.start, from), Math.min(range.end, end)];
      if (start > from) marked.push({ ...token, text: token.text.slice(from - at, start - at), marked: false });
      marked.push({ ...token, text: token.text.slice(start - at, stop - at), marked: true });
      from = stop;
    }
    if (from < end) marked.push({ ...token, text: token.text.slice(from - at), marked: false });
    at = end;
  }
  return marked;
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

function unescape(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}
