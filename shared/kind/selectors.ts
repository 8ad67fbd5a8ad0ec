import { StatusError } from '../api/status';
import { EACH, getAllPaths, getPath, parsePath, type Path } from './paths';

/** One requirement of a label selector; a selector is the conjunction of its requirements. */
export type LabelRequirement =
  | { readonly key: string; readonly operator: 'in' | 'notin'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'exists' }
  | { readonly key: string; readonly operator: 'absent' };

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
  /** {@link field}, parsed. */
  readonly path: Path;
}

/** Longest selector that is read: parsing is quadratic in the worst case. */
const MAX_SELECTOR_LENGTH = 8_192;

const LABEL_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Kubernetes' rule: an optional DNS prefix and `/`, then at most 63 of letters, digits, `-`, `_`, `.`. */
export function isLabelKey(key: string): boolean {
  return LABEL_KEY.test(key);
}

/** Kubernetes' rule: empty, or at most 63 of letters, digits, `-`, `_`, `.`, letter or digit at both ends. */
export function isLabelValue(value: string): boolean {
  return LABEL_VALUE.test(value);
}

/**
 * Parses Kubernetes' label selector syntax: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas.
 * Throws `BadRequest` that names the part which is wrong.
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  checkLength(text);
  return splitOutsideParentheses(text).map(parseLabelRequirement);
}

/** The text that {@link parseLabelSelector} reads back. */
export function formatLabelSelector(requirements: readonly LabelRequirement[]): string {
  return requirements
    .map((requirement) => {
      if (requirement.operator === 'exists') return requirement.key;
      if (requirement.operator === 'absent') return `!${requirement.key}`;
      if (requirement.values.length === 1) return `${requirement.key}${requirement.operator === 'in' ? '=' : '!='}${requirement.values[0] ?? ''}`;
      return `${requirement.key} ${requirement.operator} (${requirement.values.join(',')})`;
    })
    .join(',');
}

/** As in Kubernetes, `!=` and `notin` also match where the label is absent. */
export function matchesLabels(requirements: readonly LabelRequirement[], labels: Readonly<Record<string, string>> | undefined): boolean {
  return requirements.every((requirement) => {
    const value = labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    switch (requirement.operator) {
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case 'in':
        return value !== undefined && requirement.values.includes(value);
      case 'notin':
        return value === undefined || !requirement.values.includes(value);
    }
  });
}

/**
 * Parses a field selector: `status.phase=Running,spec.repository!=demo`. A comma, an equals sign or a backslash in a value is
 * written with a backslash before it. Throws `BadRequest` that names the part which is wrong.
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  checkLength(text);
  return splitUnescaped(text).map((part) => {
    // Spaces are cut off afterwards: an expression that leaves them out takes cubic time over long ones.
    const match = /^([^=!]+)(==|=|!=)((?:[^\\]|\\.)*)$/s.exec(part);
    const [, written = '', operator, value] = match ?? [];
    const field = written.trim();
    if (field === '' || operator === undefined || value === undefined) {
      throw new StatusError('BadRequest', `"${part.trim()}" is not a field requirement; write "status.phase=Running" or "status.phase!=Running"`);
    }
    return { field, operator: operator === '!=' ? '!=' : '=', value: value.trim().replace(/\\(.)/gs, '$1'), path: parsePath(field) };
  });
}

/** One requirement as {@link parseFieldSelector} reads it. */
export function formatFieldRequirement(field: string, operator: '=' | '!=', value: string): string {
  return `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`;
}

/**
 * A field that is absent reads as the empty string, as in Kubernetes. On a path with `[]`, `=` asks for one equal element and
 * `!=` for none. Objects and arrays never match a value.
 */
export function matchesFields(requirements: readonly FieldRequirement[], object: unknown): boolean {
  return requirements.every(({ path, operator, value }) => {
    const equal = path.includes(EACH)
      ? getAllPaths(object, path).some((found) => scalarText(found.value) === value)
      : scalarText(getPath(object, path)) === value;
    return operator === '=' ? equal : !equal;
  });
}

function scalarText(value: unknown): string | undefined {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? undefined : String(value);
}

function checkLength(text: string): void {
  if (text.length > MAX_SELECTOR_LENGTH) throw new StatusError('BadRequest', `The selector has ${text.length} characters; at most ${MAX_SELECTOR_LENGTH} are read`);
}

function parseLabelRequirement(part: string): LabelRequirement {
  const text = part.trim();
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    values.forEach((value) => checkValue(value, text));
    return { key: checkKey(key, text), operator: operator === 'in' ? 'in' : 'notin', values };
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return { key: checkKey(key, text), operator: operator === '!=' ? 'notin' : 'in', values: [checkValue(value, text)] };
  }
  const absent = /^!\s*(\S+)$/.exec(text);
  if (absent) return { key: checkKey(absent[1] ?? '', text), operator: 'absent' };
  if (/^[^\s=!()]+$/.test(text)) return { key: checkKey(text, text), operator: 'exists' };
  throw new StatusError('BadRequest', `"${text}" is not a label requirement; write "key=value", "key!=value", "key in (a,b)", "key notin (a,b)", "key" or "!key"`);
}

function checkKey(key: string, requirement: string): string {
  if (!isLabelKey(key)) {
    throw new StatusError('BadRequest', `"${key}" in "${requirement}" is not a label key; it is at most 63 letters, digits, "-", "_" or ".", with an optional "dns.prefix/" in front`);
  }
  return key;
}

function checkValue(value: string, requirement: string): string {
  if (!isLabelValue(value)) {
    throw new StatusError('BadRequest', `"${value}" in "${requirement}" is not a label value; it is at most 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends`);
  }
  return value;
}

function splitOutsideParentheses(text: string): string[] {
  if (text.trim() === '') return [];
  const parts: string[] = [];
  let [start, isInside] = [0, false];
  // By hand: an expression that looks ahead for the parenthesis takes quadratic time over many commas.
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '(') isInside = true;
    else if (character === ')') isInside = false;
    else if (character === ',' && !isInside) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function splitUnescaped(text: string): string[] {
  if (text.trim() === '') return [];
  const parts = [''];
  for (const [token] of text.matchAll(/\\.|[^\\]|\\$/gs)) {
    if (token === ',') parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts;
}
