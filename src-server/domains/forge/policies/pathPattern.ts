/** A pattern of paths, made once for many of them. */
export interface PathPattern {
  readonly text: string;
  matches(path: string): boolean;
}

/**
 * Reads a pattern as gitignore(5) has them: without a slash it means a name at any depth (`*.exe`, `node_modules`), with one a path from
 * the root (`/dist`, `config/*.env`); `*` and `?` stay within one segment, `**` crosses them, and what is in a folder that matches,
 * matches. A slash at the end means a folder. The cost of a match is bounded by both lengths, whatever the pattern.
 */
export function pathPattern(text: string): PathPattern {
  const isFolder = text.endsWith('/');
  const body = text.replace(/\/+$/, '');
  const anchored = body.includes('/');
  const tokens = (body.replace(/^\/+/, '').match(/\*\*\/|\*\*|[\s\S]/g) ?? []) as readonly string[];
  // Most paths end differently: that much is cheap to see.
  const ending = /[^*?/]*$/.exec(body)?.[0] ?? '';
  return {
    text,
    matches(path) {
      if (ending !== '' && !path.includes(ending)) return false;
      const parts = path.split('/');
      const last = isFolder ? parts.length - 1 : parts.length;
      for (let count = 1; count <= last; count += 1) {
        if (matchesTokens(tokens, anchored ? parts.slice(0, count).join('/') : (parts[count - 1] ?? ''))) return true;
      }
      return false;
    },
  };
}

/** What is wrong with a pattern, in words; undefined for one that can match. */
export function pathPatternProblem(text: string): string | undefined {
  if (text.trim() !== text) return 'remove the spaces around the pattern';
  if (text.replace(/^\/+|\/+$/g, '') === '') return 'write a path or a name, such as *.exe, /dist or secrets/**';
  if (text.startsWith('!')) return 'exceptions have a list of their own, exceptPaths';
  if (text.includes('***')) return 'write "*" for one path segment or "**" for any number of them';
  if (text.split('/').some((part) => part === '..' || part === '.')) return 'a path in a repository has no "." or ".." in it';
  return undefined;
}

function matchesTokens(tokens: readonly string[], text: string): boolean {
  // reachable[i]: the tokens so far match the first i characters.
  let reachable = new Uint8Array(text.length + 1);
  reachable[0] = 1;
  for (const token of tokens) reachable = advance(reachable, token, text);
  return reachable[text.length] === 1;
}

function advance(reachable: Uint8Array, token: string, text: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reachable.length);
  const crosses = token.startsWith('**');
  const repeats = crosses || token === '*';
  // What a repeating token has begun and may go on with.
  let running = false;
  for (let index = 0; index < reachable.length; index += 1) {
    const before = text[index - 1];
    if (index > 0 && !crosses && before === '/') running = false;
    if (repeats) {
      if (reachable[index] === 1) {
        running = true;
        // `**/` is no folder at all, or any number of them.
        next[index] = 1;
      } else if (running && (token !== '**/' || before === '/')) next[index] = 1;
    } else if (index > 0 && reachable[index - 1] === 1 && (token === '?' ? before !== '/' : before === token)) next[index] = 1;
  }
  return next;
}
