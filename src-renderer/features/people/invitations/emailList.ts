/** Addresses as people paste them: one a line, or separated by commas, semicolons or spaces, with or without names around them. */
export interface EmailList {
  /** Lower case, each once, in the order in which they stand. */
  readonly emails: readonly string[];
  /** What has no address in it. */
  readonly wrong: readonly string[];
}

/** "Ada Lovelace <ada@example.com>, ben@example.com" -> the two addresses. */
export function parseEmailList(text: string): EmailList {
  const emails = new Set<string>();
  const wrong: string[] = [];
  for (const part of text.split(/[\n,;]+/)) {
    const entry = part.trim();
    if (entry === '') continue;
    const [, inBrackets] = /<([^<>]*)>\s*$/.exec(entry) ?? [];
    // Without brackets, several may stand in a line.
    for (const word of inBrackets === undefined ? entry.split(/\s+/) : [inBrackets.trim()]) {
      if (EMAIL.test(word)) emails.add(word.toLowerCase());
      else wrong.push(word);
    }
  }
  return { emails: [...emails], wrong };
}

/** Coarse: the server has the last word. */
const EMAIL = /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/;
