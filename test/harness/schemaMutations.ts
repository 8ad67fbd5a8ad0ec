import type { JsonSchema } from '../../shared/kind/jsonSchema';
import { isPlainObject, setPath, type Path } from '../../shared/kind/paths';

/** One way to make a valid value invalid. */
export interface Mutation {
  /** Place of the wrong value. */
  readonly path: Path;
  /** The keyword of the schema that it breaks. */
  readonly keyword: 'required' | 'type' | 'enum' | 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' | 'multipleOf' | 'minLength' | 'maxLength' | 'pattern' | 'format' | 'minItems' | 'maxItems';
  /** What to put there; undefined takes the field away. */
  readonly value: unknown;
}

/** Characters of JSON; beyond it a request would be about size, not about shape. */
const MAX_SIZE = 200_000;
/** One of them matches no pattern that a kind has. */
const ODD_TEXTS = ['!', '\n', ' ', '-', 'é', 'A b', '{}', '\u000b'];

/** Every way in which `value`, which the schema takes, can be made one that it refuses by breaking one keyword of one field. */
export function mutationsOf(schema: JsonSchema, value: unknown, path: Path): Mutation[] {
  return [...own(schema, value, path), ...within(schema, value, path)];
}

/**
 * Mutations in as few rounds as there can be such that none is at, above or below another of its round: all of a round may be made to
 * one value, and each is still to be found by its place.
 */
export function packMutations(mutations: readonly Mutation[]): Mutation[][] {
  const rounds: Mutation[][] = [];
  for (const mutation of mutations) {
    const round = rounds.find((members) => !members.some((member) => overlap(member.path, mutation.path)));
    if (round === undefined) rounds.push([mutation]);
    else round.push(mutation);
  }
  return rounds;
}

/** `value` with all of the mutations made to it. */
export function mutate(value: unknown, mutations: readonly Mutation[]): unknown {
  return mutations.reduce((changed, { path, value: wrong }) => setPath(changed, path, wrong), value);
}

function own(schema: JsonSchema, value: unknown, path: Path): Mutation[] {
  const breaking = (keyword: Mutation['keyword'], wrong: unknown): Mutation => ({ path, keyword, value: wrong });
  const types = [schema.type ?? []].flat();
  const mutations: Mutation[] = [];
  const wrongType = types.length === 0 ? undefined : valueOfOtherType(types);
  // The root is what a request is about: without it there is none.
  if (wrongType !== undefined && path.length > 1) mutations.push(breaking('type', wrongType));
  if (types.includes('integer') && !types.includes('number')) mutations.push(breaking('type', (schema.minimum ?? 0) + 0.5));
  if (schema.enum !== undefined) mutations.push(breaking('enum', 'none-of-them'));
  if (types.includes('integer') || types.includes('number')) mutations.push(...boundsOf(schema, breaking));
  if (types.includes('string')) mutations.push(...textsOf(schema, breaking));
  if (types.includes('array') && Array.isArray(value)) {
    const [first] = value as unknown[];
    if (schema.minItems !== undefined && schema.minItems > 0) mutations.push(breaking('minItems', value.slice(0, schema.minItems - 1)));
    if (schema.maxItems !== undefined && first !== undefined && JSON.stringify(first).length * schema.maxItems < MAX_SIZE) {
      mutations.push(breaking('maxItems', Array.from({ length: schema.maxItems + 1 }, () => first)));
    }
  }
  return mutations;
}

function boundsOf(schema: JsonSchema, breaking: (keyword: Mutation['keyword'], wrong: unknown) => Mutation): Mutation[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return [
    ...(minimum === undefined ? [] : [breaking('minimum', minimum - 1)]),
    ...(maximum === undefined ? [] : [breaking('maximum', maximum + 1)]),
    ...(exclusiveMinimum === undefined ? [] : [breaking('exclusiveMinimum', exclusiveMinimum)]),
    ...(exclusiveMaximum === undefined ? [] : [breaking('exclusiveMaximum', exclusiveMaximum)]),
    ...(multipleOf === undefined ? [] : [breaking('multipleOf', (minimum ?? 0) + multipleOf / 2)]),
  ];
}

function textsOf(schema: JsonSchema, breaking: (keyword: Mutation['keyword'], wrong: unknown) => Mutation): Mutation[] {
  const { minLength, maxLength, pattern, format } = schema;
  const odd = pattern === undefined ? undefined : ODD_TEXTS.find((text) => !new RegExp(pattern).test(text));
  return [
    ...(minLength === undefined || minLength === 0 ? [] : [breaking('minLength', 'a'.repeat(minLength - 1))]),
    ...(maxLength === undefined || maxLength >= MAX_SIZE ? [] : [breaking('maxLength', 'a'.repeat(maxLength + 1))]),
    ...(odd === undefined ? [] : [breaking('pattern', odd)]),
    ...(format === undefined ? [] : [breaking('format', 'no such format')]),
  ];
}

function within(schema: JsonSchema, value: unknown, path: Path): Mutation[] {
  if (Array.isArray(value)) return value.length === 0 || schema.items === undefined ? [] : mutationsOf(schema.items, value[0], [...path, 0]);
  if (!isPlainObject(value)) return [];
  const { properties, required, additionalProperties } = schema;
  const missing = (required ?? []).map((key): Mutation => ({ path: [...path, key], keyword: 'required', value: undefined }));
  const children = Object.entries(value).flatMap(([key, child]) => {
    const childSchema = properties?.[key] ?? (properties === undefined && typeof additionalProperties === 'object' ? additionalProperties : undefined);
    return childSchema === undefined ? [] : mutationsOf(childSchema, child, [...path, key]);
  });
  return [...missing, ...children];
}

function valueOfOtherType(types: readonly string[]): unknown {
  if (!types.includes('string')) return 'text';
  return types.includes('integer') || types.includes('number') ? true : 7;
}

function overlap(a: Path, b: Path): boolean {
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((segment, index) => segment === b[index]);
}
