/** The last lines of a text, without splitting all of it, and how many came before. A line end at the very end is not a line. */
export function tailLines(text: string, count: number): { readonly text: string; readonly hidden: number } {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  let start = end;
  for (let found = 0; found < count; found += 1) {
    const newline = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
    if (newline === -1) return { text: text.slice(0, end), hidden: 0 };
    start = newline;
  }
  return { text: text.slice(start + 1, end), hidden: countLines(text, start) };
}

function countLines(text: string, end: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
