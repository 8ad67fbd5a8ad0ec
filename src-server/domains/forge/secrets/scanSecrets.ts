import { createHash } from 'node:crypto';
import { isPlaceholder, shannonEntropy } from './placeholder';
import { SECRET_RULES, type SecretRule, type SecretSeverity } from './secretRules';

/** A secret in a text. What it is stays here: only a digest of it leaves, for telling old ones from new. */
export interface SecretFinding {
  readonly rule: string;
  readonly title: string;
  readonly severity: SecretSeverity;
  /** From 1. */
  readonly line: number;
  readonly digest: string;
}

/** Characters that are looked at in one go, before others get their turn. */
const WINDOW = 256 * 1024;
/** Neighbouring windows have this much in common: a line that is cut in one is whole in the other. */
const OVERLAP = 8 * 1024;
/** What stands before a keyword in a match, and behind one. */
const BEFORE = 400;
const BEHIND = 6 * 1024;
const MAX_FINDINGS = 200;
/** A line with one of these says that it knows. */
const ALLOWED = /kradle:allow-secret|gitleaks:allow|pragma: allowlist secret/i;

/**
 * Finds secrets in a text of any length. Time grows with the length alone: one expression looks for the rules' keywords, and a rule's
 * pattern sees each place at most twice.
 */
export async function scanSecrets(content: Buffer, opts: { disabledRules?: readonly string[]; signal?: AbortSignal | undefined } = {}): Promise<SecretFinding[]> {
  const text = decodeText(content);
  if (text === undefined) return [];
  const disabled = new Set(opts.disabledRules ?? []);
  const found = new Map<string, SecretFinding>();
  const lines = new LineCounter(text);
  for (let start = 0; start < text.length && found.size < MAX_FINDINGS; start += WINDOW - OVERLAP) {
    for (const { offset, rule, severity, secret } of scanWindow(text, { start, end: Math.min(text.length, start + WINDOW) })) {
      if (disabled.has(rule.id) || found.size >= MAX_FINDINGS) continue;
      found.set(`${offset} ${rule.id}`, { rule: rule.id, title: rule.title, severity, line: lines.lineAt(offset), digest: createHash('sha256').update(secret).digest('base64') });
    }
    if (text.length > WINDOW) await new Promise((resolve) => setImmediate(resolve));
    opts.signal?.throwIfAborted();
  }
  return [...found.values()].sort((left, right) => left.line - right.line);
}

/** Is this a text at all? git asks the same: a NUL among the first 8,000 bytes says no. */
export function decodeText(content: Buffer): string | undefined {
  if (content[0] === 0xff && content[1] === 0xfe) return content.toString('utf16le');
  // Secrets are ASCII, so a character for each byte is enough, and costs nothing.
  return content.subarray(0, 8000).includes(0) ? undefined : content.toString('latin1');
}

const RULES_OF = new Map<string, SecretRule[]>();
for (const rule of SECRET_RULES) for (const keyword of rule.keywords) RULES_OF.set(keyword.toLowerCase(), [...(RULES_OF.get(keyword.toLowerCase()) ?? []), rule]);
/** The longest first: of two that begin alike the alternation takes the first. */
const KEYWORDS = [...RULES_OF.keys()].sort((left, right) => right.length - left.length);
/** Every rule whose keyword a longer one contains is tried with it. */
const TRIED_WITH = new Map(KEYWORDS.map((keyword) => [keyword, [...new Set(KEYWORDS.filter((other) => keyword.includes(other)).flatMap((other) => RULES_OF.get(other) ?? []))]]));
const ANY_KEYWORD = new RegExp(KEYWORDS.map((keyword) => keyword.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gi');

interface Hit {
  readonly offset: number;
  readonly rule: SecretRule;
  readonly severity: SecretSeverity;
  readonly secret: string;
}

function* scanWindow(text: string, { start, end }: { start: number; end: number }): Generator<Hit> {
  const window = start === 0 && end === text.length ? text : text.slice(start, end);
  /** As far as each rule has looked already. */
  const lookedTo = new Map<SecretRule, number>();
  ANY_KEYWORD.lastIndex = 0;
  for (let at = ANY_KEYWORD.exec(window); at !== null; at = ANY_KEYWORD.exec(window)) {
    const next = ANY_KEYWORD.lastIndex;
    for (const rule of TRIED_WITH.get(at[0].toLowerCase()) ?? []) {
      if (at.index < (lookedTo.get(rule) ?? 0)) continue;
      const from = lineStart(window, at.index);
      const to = lineEnd(window, at.index);
      lookedTo.set(rule, to);
      for (const hit of matchesOf(rule, window, { from, to })) yield { ...hit, offset: hit.offset + start };
    }
    ANY_KEYWORD.lastIndex = next;
  }
}

function* matchesOf(rule: SecretRule, text: string, { from, to }: { from: number; to: number }): Generator<Hit> {
  const part = text.slice(from, to);
  rule.pattern.lastIndex = 0;
  for (const match of [...part.matchAll(rule.pattern)]) {
    const secret = match[1] ?? match[0];
    const offset = from + match.index;
    const severity = judge(rule, { match: match, secret, after: text.slice(offset + match[0].length, offset + match[0].length + 600) });
    if (severity !== undefined && !ALLOWED.test(wholeLine(text, offset))) yield { offset, rule, severity, secret };
  }
}

function judge(rule: SecretRule, found: { match: RegExpExecArray; secret: string; after: string }): SecretSeverity | undefined {
  const { secret } = found;
  if (rule.minEntropy !== undefined && (isPlaceholder(secret) || shannonEntropy(secret) < rule.minEntropy)) return undefined;
  return rule.check === undefined ? rule.severity : rule.check(found);
}

function lineStart(text: string, at: number): number {
  return Math.max(text.lastIndexOf('\n', at - 1) + 1, at - BEFORE, 0);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return Math.min(end < 0 ? text.length : end, at + BEHIND);
}

/** The line of a match and the one above it, as far as anybody would write a comment. */
function wholeLine(text: string, at: number): string {
  const start = lineStart(text, at);
  const above = start > 0 && text[start - 1] === '\n' ? lineStart(text, start - 1) : start;
  return text.slice(above, Math.min(lineEnd(text, at), at + 1024));
}

/** Offsets come nearly in order, so lines are counted on from where the last one was. */
class LineCounter {
  #offset = 0;
  #line = 1;

  constructor(readonly text: string) {}

  lineAt(offset: number): number {
    if (offset < this.#offset) {
      this.#offset = 0;
      this.#line = 1;
    }
    for (let next = this.text.indexOf('\n', this.#offset); next >= 0 && next < offset; next = this.text.indexOf('\n', next + 1)) {
      this.#line += 1;
      this.#offset = next + 1;
    }
    return this.#line;
  }
}
