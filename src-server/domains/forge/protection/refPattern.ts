import { isRefName } from '../git/refs/refName';

/**
 * Does a pattern of a BranchProtection match this full reference name? A pattern is a branch (`main`), a full reference name
 * (`refs/heads/main`, `refs/tags/v1`), or a glob over either: `*` and `?` stay within one path segment, `**` crosses them
 * (`release/*`, `release/**`, `**`).
 */
export function matchesRef(pattern: string, ref: string): boolean {
  const tokens = fullPattern(pattern).match(/\*\*|[\s\S]/g) ?? [];
  // reachable[i]: the tokens so far match the first i characters. Its cost is bounded by both lengths, whatever the pattern.
  let reachable = [true, ...new Array<boolean>(ref.length).fill(false)];
  for (const token of tokens) reachable = advance(reachable, token, ref);
  return reachable[ref.length] === true;
}

/** What is wrong with a pattern, in words; undefined for one that {@link matchesRef} understands. */
export function refPatternProblem(pattern: string): string | undefined {
  if (pattern.trim() !== pattern) return 'remove the spaces around the pattern';
  if (pattern.startsWith('refs/') && !/^refs\/(heads|tags)\/./.test(pattern)) return 'a full pattern starts with refs/heads/ or refs/tags/';
  if (pattern.includes('***')) return 'write "*" for one path segment or "**" for any number of them';
  // With its wildcards filled in, a pattern has to be a name that git could have.
  const sample = fullPattern(pattern).replaceAll('**', 'x').replaceAll('*', 'x').replaceAll('?', 'x');
  return isRefName(sample) ? undefined : 'write a branch name or a pattern such as main, release/*, ** or refs/heads/main';
}

function fullPattern(pattern: string): string {
  return pattern.startsWith('refs/') ? pattern : `refs/heads/${pattern}`;
}

function advance(reachable: readonly boolean[], token: string, ref: string): boolean[] {
  const next = new Array<boolean>(reachable.length).fill(false);
  const repeats = token === '*' || token === '**';
  for (let index = 0; index < reachable.length; index += 1) {
    if (repeats && reachable[index] === true) next[index] = true;
    if (index === 0) continue;
    const takes = token === '**' || (token === '*' || token === '?' ? ref[index - 1] !== '/' : ref[index - 1] === token);
    const from = repeats ? next[index - 1] : reachable[index - 1];
    if (takes && from === true) next[index] = true;
  }
  return next;
}
