import type { z } from 'zod';
import type { StatusCause } from '../api/status';
import { closest } from './closest';
import { formatPath, getPath } from './paths';

/** Longest excerpt of a wrong value that a message repeats. */
const SHOWN_VALUE_LENGTH = 60;

/**
 * zod's issues with a value as causes: the field, what is wrong with it and what would be right. `root` is put in front of each path;
 * without one the paths start at the value itself.
 */
export function issueCauses(issues: readonly z.core.$ZodIssue[], value: unknown, root = ''): StatusCause[] {
  return issues.map((issue) => {
    const field = formatPath([...(root === '' ? [] : root.split('.')), ...issue.path]);
    const given = issue.path.length === 0 ? value : getPath(value, issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key)));
    return { ...describeIssue(issue, field || 'the input', given), field };
  });
}

function describeIssue(issue: z.core.$ZodIssue, field: string, given: unknown): { code: string; message: string } {
  if (given === undefined) return { code: 'FieldValueRequired', message: `${field} is required${expectation(issue)}` };
  switch (issue.code) {
    case 'invalid_type':
      return { code: 'FieldValueTypeInvalid', message: `${field} must be ${withArticle(issue.expected)}, not ${typeName(given)}` };
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof given === 'string' ? closest(given, values) : undefined;
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      return { code: 'FieldValueNotSupported', message: `${field} is ${shown(given)}; it must be ${oneOf(values)}${hint}` };
    }
    case 'too_small':
    case 'too_big':
      return describeSize(issue, field);
    case 'not_multiple_of':
      return { code: 'FieldValueInvalid', message: `${field} must be a multiple of ${issue.divisor}` };
    case 'invalid_format':
      return { code: 'FieldValueInvalid', message: `${field} is ${shown(given)}; it ${formatRule(issue)}` };
    case 'invalid_key':
      return { code: 'FieldValueInvalid', message: `${field} is not an allowed key: ${issue.issues.map((inner) => inner.message).join('; ')}` };
    case 'unrecognized_keys':
      return { code: 'UnknownField', message: `${field} has unknown fields: ${issue.keys.join(', ')}` };
    case 'invalid_union':
      return { code: 'FieldValueInvalid', message: `${field} matches none of its allowed forms` };
    default:
      return { code: 'FieldValueInvalid', message: `${field} is invalid: ${issue.message}` };
  }
}

function describeSize(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, field: string): { code: string; message: string } {
  const small = issue.code === 'too_small';
  const limit = Number(small ? issue.minimum : issue.maximum);
  const bound = issue.inclusive === false ? (small ? 'more than' : 'less than') : small ? 'at least' : 'at most';
  switch (issue.origin) {
    case 'string':
      if (small && limit === 1) return { code: 'FieldValueRequired', message: `${field} must not be empty` };
      return { code: small ? 'FieldValueInvalid' : 'FieldValueTooLong', message: `${field} must have ${bound} ${limit} characters` };
    case 'array':
    case 'set':
      return { code: small ? 'FieldValueInvalid' : 'FieldValueTooMany', message: `${field} must have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}` };
    default:
      return { code: 'FieldValueInvalid', message: `${field} must be ${bound} ${limit}` };
  }
}

/** A kind's own words for a format ("must be a commit id …") are kept; zod's generic ones are replaced. */
function formatRule(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  if (issue.format === 'datetime') return 'must be a time such as 2026-05-10T10:00:00Z';
  if (issue.format === 'regex' && issue.pattern !== undefined) return `must match ${issue.pattern}`;
  return `must be a valid ${issue.format}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `: ${oneOf(issue.values.map(String))}`;
  return issue.code === 'invalid_type' ? `: ${withArticle(issue.expected)}` : '';
}

function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return quoted.length === 1 ? (quoted[0] ?? '') : `one of ${quoted.join(', ')}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object', null: 'null',
};

function withArticle(type: string): string {
  return TYPE_WORDS[type] ?? `a ${type}`;
}

function typeName(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  return withArticle(value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_VALUE_LENGTH ? `${text.slice(0, SHOWN_VALUE_LENGTH)}…` : text;
}
