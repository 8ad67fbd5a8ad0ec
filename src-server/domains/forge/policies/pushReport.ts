import { shortRefName } from '../git/refs/refName';
import { pathBytes } from '../git/objects/pathText';
import { describeRule, type Violation } from './violation';

/** Columns of a terminal, less git's own `remote: `. */
const WIDTH = 92;
/** Violations that are told one by one. */
const MAX_TOLD = 20;

export interface PushReport {
  readonly org: string;
  readonly repository: string;
  readonly violations: readonly Violation[];
  /** The push names these references. */
  readonly refs: readonly string[];
  /** `git push --atomic`: one that is refused refuses all. */
  readonly atomic: boolean;
  /** Why findings were pushed all the same. */
  readonly overrideReason?: string | undefined;
}

/** What the person who pushes reads: plain ASCII, at most 100 columns with git's own `remote: `, what first and then why, what and where. */
export function formatPushReport(report: PushReport): string {
  const refused = report.violations.filter(({ outcome }) => outcome === 'refused');
  const rest = report.violations.filter(({ outcome }) => outcome !== 'refused');
  const lines: string[] = [];
  if (refused.length > 0) lines.push(...headline(report, refused), '', ...detail(refused, report.org));
  const bypassed = rest.filter(({ outcome }) => outcome === 'bypassed');
  const warned = rest.filter(({ outcome }) => outcome === 'warned');
  const reason = report.overrideReason === undefined ? '' : ` (reason: ${report.overrideReason})`;
  if (bypassed.length > 0) lines.push(...wrap(`You may break these rules, so they do not hold you up; it is recorded${reason}:`, ''), '', ...told(bypassed, report.org));
  if (warned.length > 0) lines.push(...wrap(refused.length > 0 ? 'Beside that:' : 'Pushed, but look at this:', ''), '', ...told(warned, report.org));
  return lines.map((line) => `${line}\n`).join('');
}

/** What became of which references; of one, what git's own report says too. */
function headline({ refs, repository, atomic }: PushReport, refused: readonly Violation[]): string[] {
  const names = [...new Set(refused.map(({ ref }) => shortRefName(ref)))];
  const [only] = refused;
  const left = refs.length - names.length;
  const others = left <= 0 ? '' : atomic ? ` With --atomic, the other ${left} stayed as ${left === 1 ? 'it was' : 'they were'}, too.` : ` The other ${left === 1 ? 'one was' : `${left} were`} not refused here.`;
  const what = names.length === 1 && only !== undefined
    ? `${names[0] ?? ''} refused: ${only.message}${refused.length > 1 ? `, and ${refused.length - 1} more` : ''}`
    : `${names.length} references of ${repository} refused: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`;
  return wrap(`${what}.${others}`, '');
}

/** A built-in rule that refuses alone has been told by the headline, but for what can be done. */
function detail(refused: readonly Violation[], org: string): string[] {
  const [only] = refused;
  if (refused.length > 1 || only?.rule.kind !== 'built-in') return told(refused, org);
  return only.advice === undefined ? [] : [...wrap(`now:  ${only.advice}`, '  ', '        '), ''];
}

function told(violations: readonly Violation[], org: string): string[] {
  const lines: string[] = [];
  let ref = '';
  for (const violation of violations.slice(0, MAX_TOLD)) {
    if (violation.ref !== ref) lines.push(`  ${ascii(shortRefName(violation.ref))}`);
    ref = violation.ref;
    lines.push(...tell(violation, org));
  }
  if (violations.length > MAX_TOLD) lines.push(`  and ${violations.length - MAX_TOLD} more`, '');
  return lines;
}

function tell({ sha, path, line, message, rule, advice }: Violation, org: string): string[] {
  const place = [sha?.slice(0, 10), path === undefined ? undefined : `${quotePath(path)}${line === undefined ? '' : `:${line}`}`].filter((part) => part !== undefined).join('  ');
  return [
    ...(place === '' ? [] : [`    ${place}`]),
    ...wrap(message, '    '),
    ...wrap(`rule: ${describeRule(rule, org)}${rule.source === 'organization' ? ', of the whole organization' : ''}`, '    '),
    ...(advice === undefined ? [] : wrap(`now:  ${advice}`, '    ', '          ')),
    '',
  ];
}

/** Breaks a text at spaces. A word that is longer than a line stays whole: it may be a command or an address. */
function wrap(text: string, indent: string, hanging = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of ascii(text).split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = hanging;
    }
    line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Other characters and control sequences do not belong on somebody else's terminal. */
function ascii(text: string): string {
  return text
    .replace(/[“”„]/g, '"').replace(/[‘’]/g, '\'').replace(/…/g, '...').replace(/[–—]/g, '-')
    .replace(/[^\x20-\x7e]+/g, (odd) => (/^[\s]+$/.test(odd) ? ' ' : '?'.repeat([...odd].length)));
}

/** As git writes a path that is not plain (core.quotePath): so that it can be found, and cannot be mistaken. */
function quotePath(path: string): string {
  const bytes = pathBytes(path);
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c)) return path;
  const known: Readonly<Record<number, string>> = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x22: '\\"', 0x5c: '\\\\' };
  return `"${[...bytes].map((byte) => known[byte] ?? (byte < 0x20 || byte >= 0x7f ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte))).join('')}"`;
}
