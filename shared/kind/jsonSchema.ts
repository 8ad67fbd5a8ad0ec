import { z } from 'zod';
import { API_VERSION, objectMeta, objectMetaInput, ORG_LABEL } from './objectMeta';
import type { AnyKind } from './defineKind';

/** The part of JSON Schema 2020-12 that kinds use. Everything is inlined: there is no `$ref`. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null' | readonly string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
}

/** What may be sent for an object of this kind: what editors, the CLI and MCP check against. Closed, as the server refuses unknown fields. */
export function kindJsonSchema(kind: AnyKind): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://kradle.a5c.ai/schemas/v1alpha1/${kind.names.singular}.json`,
    title: kind.names.kind,
    description: kind.purpose,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', const: API_VERSION },
      kind: { type: 'string', const: kind.names.kind },
      metadata: { ...METADATA_INPUT, description: `Name, labels and owners. The server sets the label ${ORG_LABEL}.` },
      spec: specJsonSchema(kind),
      status: { type: 'object', description: 'Written by the server; ignored here.', additionalProperties: {} },
    },
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    additionalProperties: false,
  };
}

/** JSON Schema of `spec` as a client may send it: fields with defaults are optional, unknown fields are refused. */
export function specJsonSchema(kind: AnyKind): JsonSchema {
  return memoize(kind, 'spec', () => ({ ...toJsonSchema(kind.spec), description: kind.purpose }));
}

/** JSON Schema of `status`. */
export function statusJsonSchema(kind: AnyKind): JsonSchema {
  return memoize(kind, 'status', () => toJsonSchema(kind.object.shape.status.unwrap()));
}

/** JSON Schema of the metadata that a client may send. */
export function metadataJsonSchema(): JsonSchema {
  return METADATA_INPUT;
}

/**
 * The schema of a field, by its dotted path from the object's root (`spec.sources[].kind`, `metadata.name`); undefined when the
 * kind has no such field. A path into a map or a free-form object answers the schema of its values.
 */
export function fieldSchema(kind: AnyKind, path: string): JsonSchema | undefined {
  const [root, ...rest] = path.replaceAll('[]', '.[]').split('.');
  let schema = root === 'spec' ? specJsonSchema(kind) : root === 'status' ? statusJsonSchema(kind) : root === 'metadata' ? STORED_METADATA : undefined;
  for (const segment of rest) {
    if (schema === undefined) return undefined;
    schema = segment === '[]' ? schema.items : childSchema(schema, segment);
  }
  return schema;
}

/** Schema of a key of an object schema, whichever way the object was declared. */
export function childSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  const own = schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  if (own !== undefined) return own;
  for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) {
    const found = childSchema(variant, key);
    if (found !== undefined) return found;
  }
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

const METADATA_INPUT = toJsonSchema(objectMetaInput);
const STORED_METADATA = toJsonSchema(objectMeta);

const cache = new WeakMap<AnyKind, Map<string, JsonSchema>>();

function memoize(kind: AnyKind, part: string, build: () => JsonSchema): JsonSchema {
  const parts = cache.get(kind) ?? new Map<string, JsonSchema>();
  cache.set(kind, parts);
  const schema = parts.get(part) ?? build();
  parts.set(part, schema);
  return schema;
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  // `io: 'input'`: in output mode every default becomes required. `cycles: 'throw'`: a recursive schema would need a `$ref`.
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', reused: 'inline', cycles: 'throw' }) as JsonSchema & { $defs?: object };
  if (json.$defs !== undefined) throw new Error(`the schemas ${Object.keys(json.$defs).join(', ')} have an id, which makes a $ref of them; describe them without one`);
  return tidy(json);
}

/** Closes objects, and drops what only repeats the type: the bounds of a safe integer, the pattern behind a format. */
function tidy(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...schema };
  if (schema.format !== undefined) delete result.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete result.minimum;
  if (schema.propertyNames !== undefined && Object.keys(schema.propertyNames).every((key) => key === 'type')) delete result.propertyNames;
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, tidy(value)]));
    result.additionalProperties = typeof schema.additionalProperties === 'object' ? tidy(schema.additionalProperties) : false;
  } else if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = tidy(schema.additionalProperties);
  }
  if (schema.items !== undefined) result.items = tidy(schema.items);
  if (schema.anyOf !== undefined) {
    const variants = schema.anyOf.map(tidy);
    const types = variants.flatMap((variant) => (typeof variant.type === 'string' && Object.keys(variant).length === 1 ? [variant.type] : []));
    if (types.length === variants.length) {
      delete result.anyOf;
      result.type = types;
    } else {
      result.anyOf = variants;
    }
  }
  if (schema.oneOf !== undefined) result.oneOf = schema.oneOf.map(tidy);
  if (schema.allOf !== undefined) result.allOf = schema.allOf.map(tidy);
  return result;
}
