/** A part of a comment: words, or lines that should stand where the comment is. */
export type CommentPart = { readonly type: 'text'; readonly text: string } | { readonly type: 'suggestion'; readonly lines: readonly string[] };

const OPENING = /^ {0,3}(`{3,}|~{3,})\s*suggestion\b[^`]*$/;

/** Splits a comment at its ```suggestion fences (CommonMark, "Fenced code blocks"). An empty fence suggests to remove the lines. */
export function commentParts(body: string): CommentPart[] {
  const parts: CommentPart[] = [];
  let text: string[] = [];
  const flush = () => {
    if (text.join('\n').trim() !== '') parts.push({ type: 'text', text: text.join('\n') });
    text = [];
  };
  const lines = body.split(/\r?\n/);
  // A suggestion that is quoted within another fence is an example, not one.
  let quoting: string | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const fence = quoting === undefined ? OPENING.exec(line)?.[1] : undefined;
    if (fence === undefined) {
      quoting = quoting === undefined ? /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] : closes(line, quoting) ? undefined : quoting;
      text.push(line);
      continue;
    }
    flush();
    const end = lines.findIndex((each, at) => at > index && closes(each, fence));
    const last = end === -1 ? lines.length : end;
    parts.push({ type: 'suggestion', lines: lines.slice(index + 1, last) });
    index = last;
  }
  flush();
  return parts;
}

export function hasSuggestion(body: string): boolean {
  return commentParts(body).some((part) => part.type === 'suggestion');
}

/** Lines as a suggestion fence: longer than any fence among them. */
export function suggestionFence(code: string): string {
  const longest = [...code.matchAll(/^\s*(`{3,})/gm)].reduce((length, match) => Math.max(length, match[1]?.length ?? 0), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}suggestion\n${code}\n${fence}\n`;
}

function closes(line: string, fence: string): boolean {
  const mark = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return mark !== undefined && mark.startsWith(fence);
}
