import fc from 'fast-check';
import type { JsonSchema } from '../../shared/kind/jsonSchema';

/**
 * Values that a JSON Schema of the kinds' subset allows; complete ones have every field, and something in every list and map. Throws
 * for a type or format that it does not know, so that none is passed over.
 */
export function arbitraryOf(schema: JsonSchema, opts: { complete?: boolean } = {}): fc.Arbitrary<unknown> {
  const least = opts.complete === true ? 1 : 0;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => arbitraryOf(variant, opts)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type: JsonSchema['type']) => arbitraryOf({ ...schema, type }, opts)));
  switch (schema.type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({ min: lowest(schema, 1), max: highest(schema, 1) });
    case 'number':
      return fc.double({ min: lowest(schema, 0.5), max: highest(schema, 0.5), noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, opts), { minLength: Math.max(least, schema.minItems ?? 0), maxLength: Math.min(schema.maxItems ?? 3, (schema.minItems ?? 0) + 3) });
    case 'object':
      return objectOf(schema, opts);
    case undefined:
      return fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant({ nested: ['value'] }));
    default:
      throw new Error(`no arbitrary for type ${JSON.stringify(schema.type)}`);
  }
}

function stringOf(schema: JsonSchema): fc.Arbitrary<string> {
  const [minLength, maxLength] = [schema.minLength ?? 0, schema.maxLength ?? Number.POSITIVE_INFINITY];
  switch (schema.format) {
    case 'date-time':
      return fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
    case 'email':
      return fc.stringMatching(/^[a-z]{1,10}@[a-z]{1,10}\.com$/);
    case 'uri':
      return fc.webUrl();
    case undefined:
      break;
    default:
      throw new Error(`no arbitrary for format ${schema.format}`);
  }
  if (schema.pattern !== undefined) {
    return matching(schema.pattern).filter((text) => text.length >= minLength && text.length <= maxLength);
  }
  return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 60) });
}

/** Kinds share few patterns, and each takes a while to read. */
const matchingByPattern = new Map<string, fc.Arbitrary<string>>();

function matching(pattern: string): fc.Arbitrary<string> {
  const known = matchingByPattern.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  matchingByPattern.set(pattern, known);
  return known;
}

function objectOf(schema: JsonSchema, opts: { complete?: boolean }): fc.Arbitrary<unknown> {
  if (schema.properties === undefined) {
    const key = schema.propertyNames === undefined ? fc.stringMatching(/^[a-z]{1,8}$/) : stringOf(schema.propertyNames);
    const value = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    return fc.dictionary(key, arbitraryOf(value, opts), { minKeys: opts.complete === true ? 1 : 0, maxKeys: 3, noNullPrototype: true });
  }
  const properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, arbitraryOf(value, opts)]));
  return fc.record(properties, { requiredKeys: opts.complete === true ? Object.keys(properties) : [...(schema.required ?? [])], noNullPrototype: true });
}

function lowest(schema: JsonSchema, step: number): number {
  return schema.minimum ?? (schema.exclusiveMinimum === undefined ? -1_000_000 : schema.exclusiveMinimum + step);
}

function highest(schema: JsonSchema, step: number): number {
  return schema.maximum ?? (schema.exclusiveMaximum === undefined ? 1_000_000 : schema.exclusiveMaximum - step);
}
