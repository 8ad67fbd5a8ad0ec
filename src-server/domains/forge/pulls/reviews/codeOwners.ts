/** One line of a CODEOWNERS file that says something. */
export interface OwnerRule {
  /** From 1. */
  readonly line: number;
  readonly pattern: string;
  /** As written: `@ada`, `@org/team`, `ada@example.com`. None: what the pattern matches has no owner. */
  readonly owners: readonly string[];
}

/** A line that cannot be understood. It says nothing; the others count. */
export interface OwnersFault {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly message: string;
}

/** Who owns which files, by the rules of one CODEOWNERS file. */
export interface CodeOwners {
  readonly rules: readonly OwnerRule[];
  readonly faults: readonly OwnersFault[];
  /** The rule that decides about a file: the last that matches. Undefined where none does. */
  ruleFor(path: string): OwnerRule | undefined;
}

const MAX_TEXT = 200;

/**
 * Reads a CODEOWNERS file by GitHub's rules ("About code owners", CODEOWNERS syntax): a pattern and owners on each line, `#` begins a
 * comment, the last match wins, patterns are those of gitignore without `!` and `[…]`, and `dir/*` does not reach into the folders of `dir`.
 */
export function parseCodeOwners(text: string): CodeOwners {
  const rules: OwnerRule[] = [];
  const faults: OwnersFault[] = [];
  text.split('\n').forEach((source, index) => {
    const line = index + 1;
    const words = splitWords(source.replace(/\r$/, ''));
    const [pattern, ...owners] = words;
    if (pattern === undefined) return;
    const fault = (column: number, message: string): void => void faults.push({ line, column, text: source.slice(0, MAX_TEXT), message });
    const problem = patternProblem(pattern.text);
    if (problem !== undefined) return fault(pattern.column, problem);
    const wrong = owners.filter((owner) => !isOwner(owner.text));
    for (const owner of wrong) fault(owner.column, `"${owner.text.slice(0, MAX_TEXT)}" is no owner: write @name, @organization/team or an e-mail address`);
    const known = owners.filter((owner) => !wrong.includes(owner)).map((owner) => owner.text);
    // A line all of whose owners are wrong would take ownership away; it says nothing instead.
    if (owners.length > 0 && known.length === 0) return;
    rules.push({ line, pattern: pattern.text, owners: known });
  });
  const find = indexRules(rules);
  return { rules, faults, ruleFor: find };
}

interface Word {
  readonly text: string;
  readonly column: number;
}

/** Splits at white space that no backslash keeps, up to a comment. A pattern's escapes stay for the matcher. */
function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let text = '';
  let column = 0;
  const end = (): void => {
    if (text !== '') words.push({ text, column });
    text = '';
  };
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (character === '#' && text === '') break;
    if (character === ' ' || character === '\t') {
      end();
      continue;
    }
    if (text === '') column = at + 1;
    text += character;
    if (character === '\\' && at + 1 < line.length) text += line[++at] ?? '';
  }
  end();
  return words;
}

function patternProblem(pattern: string): string | undefined {
  if (pattern.startsWith('!')) return 'a pattern cannot take something back with "!": write a later line without owners';
  if (/(?:^|[^\\])\[/.test(pattern)) return 'ranges of characters ("[…]") are not supported: write a line for each';
  if (pattern.includes('***')) return '"***" is no pattern: "*" stays in a folder, "**" crosses folders';
  if (/\\$/.test(pattern) && !/\\\\$/.test(pattern)) return 'a backslash at the end escapes nothing';
  return pattern === '/' ? '"/" matches nothing: write "*" for every file' : undefined;
}

function isOwner(text: string): boolean {
  return /^@[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)?$/.test(text) || /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(text);
}

type Segment =
  | { readonly kind: 'any' }
  /** `literal`: it has no wildcard. `ending`: it is `*` and this, which begins with a dot. */
  | { readonly kind: 'glob'; readonly tokens: readonly Token[]; readonly literal: string | undefined; readonly ending: string | undefined };
/** A character, `?` or `*`. */
type Token = { readonly kind: 'one' | 'some' } | { readonly kind: 'is'; readonly character: string };

interface CompiledRule {
  readonly order: number;
  readonly rule: OwnerRule;
  readonly segments: readonly Segment[];
  /** The pattern names a folder or file by itself, so everything below is meant, too. */
  readonly below: boolean;
}

/**
 * Finds the deciding rule without trying every rule on every file: rules are looked up by what they must have in the path, so that
 * thousands of rules and ten thousand files are no matter.
 */
function indexRules(rules: readonly OwnerRule[]): (path: string) => OwnerRule | undefined {
  const byStart = new Map<string, CompiledRule[]>();
  const byAny = new Map<string, CompiledRule[]>();
  const byEnding = new Map<string, CompiledRule[]>();
  const others: CompiledRule[] = [];
  const add = (map: Map<string, CompiledRule[]>, key: string, rule: CompiledRule): void => void map.set(key, [...(map.get(key) ?? []), rule]);
  // Last first, so that the first match of each list is the deciding one.
  rules.map(compile).toReversed().forEach((rule) => {
    const [first, second] = rule.segments;
    const start = literalStart(rule.segments);
    if (start !== undefined) add(byStart, start, rule);
    else if (first?.kind === 'any' && second?.kind === 'glob' && second.literal !== undefined) add(byAny, second.literal, rule);
    else if (first?.kind === 'any' && second?.kind === 'glob' && second.ending !== undefined) add(byEnding, second.ending, rule);
    else others.push(rule);
  });
  return (path) => {
    const parts = path.split('/');
    let best: CompiledRule | undefined;
    const consider = (candidates: readonly CompiledRule[] | undefined): void => {
      for (const candidate of candidates ?? []) {
        if (best !== undefined && candidate.order < best.order) return;
        if (matches(candidate, parts)) {
          best = candidate;
          return;
        }
      }
    };
    for (let slash = path.indexOf('/'); ; slash = path.indexOf('/', slash + 1)) {
      consider(byStart.get(slash < 0 ? path : path.slice(0, slash)));
      if (slash < 0) break;
    }
    for (const part of new Set(parts)) {
      consider(byAny.get(part));
      for (let dot = part.indexOf('.'); dot >= 0; dot = part.indexOf('.', dot + 1)) consider(byEnding.get(part.slice(dot)));
    }
    consider(others);
    return best?.rule;
  };
}

/** The path that everything a pattern matches begins with; undefined for one that may begin anywhere. */
function literalStart(segments: readonly Segment[]): string | undefined {
  const end = segments.findIndex((segment) => segment.kind === 'any' || segment.literal === undefined);
  const literals = segments.slice(0, end < 0 ? segments.length : end).map((segment) => (segment.kind === 'glob' ? segment.literal : ''));
  return literals.length === 0 ? undefined : literals.join('/');
}

function compile(rule: OwnerRule, order: number): CompiledRule {
  const { pattern } = rule;
  const isFolder = pattern.endsWith('/');
  const written = pattern.replace(/^\//, '').replace(/\/$/, '').split('/');
  // Without a slash before its end a pattern is meant at any depth.
  const floats = !pattern.startsWith('/') && written.length === 1 && written[0] !== '**';
  const segments: Segment[] = [...(floats ? ['**'] : []), ...written].map((part) => (part === '**' ? { kind: 'any' } : globOf(part)));
  const last = written.at(-1);
  if (isFolder && last !== '**') segments.push({ kind: 'any' });
  return { order, rule, segments, below: !isFolder && last !== '*' && last !== '**' };
}

function globOf(part: string): Segment {
  const tokens: Token[] = [];
  for (let at = 0; at < part.length; at += 1) {
    const character = part[at] ?? '';
    if (character === '\\' && at + 1 < part.length) tokens.push({ kind: 'is', character: part[++at] ?? '' });
    else tokens.push(character === '*' ? { kind: 'some' } : character === '?' ? { kind: 'one' } : { kind: 'is', character });
  }
  const ending = tokens[0]?.kind === 'some' ? literalOf(tokens.slice(1)) : undefined;
  return { kind: 'glob', tokens, literal: literalOf(tokens), ending: ending?.startsWith('.') === true ? ending : undefined };
}

/** The text that the tokens are; undefined with a wildcard among them. */
function literalOf(tokens: readonly Token[]): string | undefined {
  return tokens.every(({ kind }) => kind === 'is') ? tokens.map((token) => (token.kind === 'is' ? token.character : '')).join('') : undefined;
}

/** Its cost is bounded by both lengths, whatever the pattern. */
function matches({ segments, below }: CompiledRule, parts: readonly string[]): boolean {
  // reachable[i]: the segments so far match the first i parts.
  let reachable = [true, ...new Array<boolean>(parts.length).fill(false)];
  segments.forEach((segment, index) => {
    const next = new Array<boolean>(parts.length + 1).fill(false);
    const isLast = index === segments.length - 1;
    for (let at = 0; at <= parts.length; at += 1) {
      if (segment.kind === 'any') {
        // At the end it stands for what is inside a folder: one part at least.
        next[at] = isLast ? at > 0 && (reachable[at - 1] === true || (at > 1 && next[at - 1] === true)) : reachable[at] === true || (at > 0 && next[at - 1] === true);
      } else next[at] = at > 0 && reachable[at - 1] === true && matchesGlob(segment, parts[at - 1] ?? '');
    }
    reachable = next;
  });
  return below ? reachable.some((is, at) => is && at > 0) : reachable[parts.length] === true;
}

/** `*` and `?` within one name: on a mismatch the last `*` takes one more character. */
function matchesGlob({ tokens, literal }: Extract<Segment, { kind: 'glob' }>, name: string): boolean {
  if (literal !== undefined) return literal === name;
  let [token, at, star, mark] = [0, 0, -1, 0];
  while (at < name.length) {
    const current = tokens[token];
    if (current?.kind === 'some') {
      star = token;
      mark = at;
      token += 1;
    } else if (current !== undefined && (current.kind === 'one' || (current.kind === 'is' && current.character === name[at]))) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      mark += 1;
      at = mark;
    } else return false;
  }
  while (tokens[token]?.kind === 'some') token += 1;
  return token === tokens.length;
}
