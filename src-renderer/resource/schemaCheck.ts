import type { JsonSchema } from '#shared/kind/jsonSchema';

/** Something that the schema does not allow. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  /** What is wrong and what would be right. */
  readonly message: string;
  /** The key itself is wrong, not its value. */
  readonly onKey?: boolean;
}

/**
 * Checks a value against the part of JSON Schema that kinds use, so that an editor can say what is wrong while one types. The
 * server checks again, and more.
 */
export function checkSchema(schema: JsonSchema, value: unknown, path: readonly (string | number)[] = []): SchemaIssue[] {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined && !variants.some((variant) => checkSchema(variant, value, path).length === 0)) {
    return [{ path, message: 'fits none of the forms that are allowed here' }];
  }
  if (schema.type !== undefined && !isOneOf(schema.type, value)) {
    return [{ path, message: `must be ${[schema.type].flat().map(typeWords).join(' or ')}, is ${typeWords(typeOf(value))}` }];
  }
  const issues = (schema.allOf ?? []).flatMap((part) => checkSchema(part, value, path));
  const fail = (message: string) => issues.push({ path, message });
  if (schema.const !== undefined && value !== schema.const) fail(`must be ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) fail(`must be one of ${schema.enum.map(String).join(', ')}`);
  if (typeof value === 'string') checkText(schema, value, fail);
  if (typeof value === 'number') checkNumber(schema, value, fail);
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems) fail(`needs at least ${schema.minItems}`);
    if (schema.maxItems !== undefined && value.length > schema.maxItems) fail(`may have at most ${schema.maxItems}`);
    const { items } = schema;
    if (items !== undefined) value.forEach((element, index) => issues.push(...checkSchema(items, element, [...path, index])));
  } else if (typeof value === 'object' && value !== null) issues.push(...checkObject(schema, value as Record<string, unknown>, path));
  return issues;
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, path: readonly (string | number)[]): SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  for (const key of schema.required ?? []) {
    if (value[key] === undefined) issues.push({ path, message: `needs ${key}` });
  }
  for (const [key, child] of Object.entries(value)) {
    const childSchema = schema.properties?.[key] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (childSchema !== undefined) issues.push(...checkSchema(childSchema, child, [...path, key]));
    else if (schema.additionalProperties === false) {
      const known = Object.keys(schema.properties ?? {});
      issues.push({ path: [...path, key], message: `unknown field; ${known.length === 0 ? 'no field is allowed here' : `known are ${known.join(', ')}`}`, onKey: true });
    }
  }
  return issues;
}

function checkText(schema: JsonSchema, value: string, fail: (message: string) => void): void {
  if (schema.minLength !== undefined && value.length < schema.minLength) fail(schema.minLength === 1 ? 'must not be empty' : `needs at least ${schema.minLength} characters`);
  if (schema.maxLength !== undefined && value.length > schema.maxLength) fail(`may have at most ${schema.maxLength} characters`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) fail(`must match ${schema.pattern}`);
}

function checkNumber(schema: JsonSchema, value: number, fail: (message: string) => void): void {
  if (schema.minimum !== undefined && value < schema.minimum) fail(`must be at least ${schema.minimum}`);
  if (schema.maximum !== undefined && value > schema.maximum) fail(`must be at most ${schema.maximum}`);
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) fail(`must be more than ${schema.exclusiveMinimum}`);
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum) fail(`must be less than ${schema.exclusiveMaximum}`);
}

function isOneOf(type: NonNullable<JsonSchema['type']>, value: unknown): boolean {
  const actual = typeOf(value);
  return [type].flat().some((each) => each === actual || (each === 'number' && actual === 'integer'));
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeWords(type: string): string {
  return WORDS[type] ?? type;
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping', array: 'a list', string: 'text', integer: 'a whole number', number: 'a number', boolean: 'true or false', null: 'nothing',
};
