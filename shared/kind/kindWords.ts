/** One of what a kind's title names many of: "Trigger rules" -> "Trigger rule", "Memory queries" -> "Memory query", "Audit log" stays. */
export function singularTitle(title: string): string {
  if (/[^aeiou]ies$/.test(title)) return `${title.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(title)) return title.slice(0, -2);
  return /[^s]s$/.test(title) ? title.slice(0, -1) : title;
}

/** Words as they stand within a sentence: "Trigger rule" -> "trigger rule"; "SSH key" stays. */
export function inSentence(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

/** Words with the article that they are spoken with: "an approval", "a user", "an SSH key". */
export function withArticle(words: string): string {
  const [first = ''] = words.split(/[\s-]/);
  // An abbreviation is spelled: its first letter's name decides, "an MCP server" but "a CI job". "User" begins with a "y".
  const isVowel = /^[A-Z]{2,}$/.test(first) ? /^[AEFHILMNORSX]/.test(first) : /^[aeiou]/i.test(first) && !/^(?:uni|use|eu)/i.test(first);
  return `${isVowel ? 'an' : 'a'} ${words}`;
}
