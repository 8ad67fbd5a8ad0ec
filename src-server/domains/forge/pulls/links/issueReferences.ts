/** An issue that a text speaks of. */
export interface IssueReference {
  /** As written before the `#`; undefined for an issue of the same repository. */
  readonly org: string | undefined;
  readonly repository: string | undefined;
  readonly number: number;
  /** Said with a word that closes it: close, fix, resolve. */
  readonly closes: boolean;
}

/** Longer texts are looked at so far. */
const MAX_TEXT = 262_144;
const MAX_REFERENCES = 100;

/** A keyword if there is one, then `#12`, `repo#12` or `org/repo#12`. Every part is bounded, so no text makes it slow. */
const REFERENCE = /(?:\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?::[ \t]{0,8}|[ \t]{1,8}))?(?<![\w/#&.-])(?:([A-Za-z0-9][\w.-]{0,99})\/)?([A-Za-z0-9][\w.-]{0,99})?#(\d{1,9})\b/gi;

/**
 * Finds the issues that Markdown texts speak of, each once; one that any of them closes is closed. What stands in code, in a quotation or
 * in a comment of HTML is about other things.
 */
export function findIssueReferences(texts: readonly string[]): IssueReference[] {
  const found = new Map<string, IssueReference>();
  for (const text of texts) {
    for (const match of proseOf(text.slice(0, MAX_TEXT)).matchAll(REFERENCE)) {
      const [, keyword, org, repository, digits = ''] = match;
      const number = Number(digits);
      if (number === 0 || (org !== undefined && repository === undefined)) continue;
      const key = `${org ?? ''}/${repository ?? ''}#${number}`.toLowerCase();
      const closes = keyword !== undefined || found.get(key)?.closes === true;
      if (found.has(key) || found.size < MAX_REFERENCES) found.set(key, { org, repository, number, closes });
    }
  }
  return [...found.values()];
}

/** A text without its code, quotations and comments. Each step goes over it once. */
function proseOf(text: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of withoutComments(text).split('\n')) {
    const marker = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (marker !== undefined && marker.startsWith(fence) && line.trim() === marker) fence = undefined;
      continue;
    }
    if (marker !== undefined) fence = marker;
    else if (!/^ {0,3}>/.test(line) && !/^(?: {4}|\t)/.test(line)) lines.push(withoutCode(line));
  }
  return lines.join('\n');
}

function withoutComments(text: string): string {
  let out = '';
  let at = 0;
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', at)) {
    const end = text.indexOf('-->', start + 4);
    out += text.slice(at, start);
    if (end < 0) return out;
    at = end + 3;
  }
  return out + text.slice(at);
}

/** Spans between equal runs of backticks go; a run without an equal one stays what it is. */
function withoutCode(line: string): string {
  if (!line.includes('`')) return line;
  const runs = [...line.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length }));
  const lastOfLength = new Map(runs.map((run, index) => [run.length, index]));
  let out = '';
  let at = 0;
  for (let index = 0; index < runs.length; index += 1) {
    const open = runs[index];
    if (open === undefined || (lastOfLength.get(open.length) ?? -1) <= index) continue;
    let close = index + 1;
    while (runs[close]?.length !== open.length) close += 1;
    const end = runs[close];
    if (end === undefined) continue;
    out += `${line.slice(at, open.at)} `;
    at = end.at + end.length;
    index = close;
  }
  return out + line.slice(at);
}
