import { goPattern } from './goPattern';
import { API_GROUP, API_VERSION_NAME } from './objectMeta';
import { specJsonSchema, statusJsonSchema, type JsonSchema } from './jsonSchema';
import type { AnyKind, Column, ColumnType } from './defineKind';

/** A structural OpenAPI v3 schema, as `apiextensions.k8s.io/v1` takes it. */
export interface StructuralSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  nullable?: boolean;
  properties?: Record<string, StructuralSchema>;
  required?: readonly string[];
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-int-or-string'?: true;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly priority?: number;
  readonly description?: string;
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced';
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly {
      readonly name: string;
      readonly served: true;
      readonly storage: true;
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
      readonly subresources: { readonly status: Record<string, never> };
      readonly additionalPrinterColumns: readonly PrinterColumn[];
    }[];
  };
}

/**
 * The CustomResourceDefinition of a kind: an API server that has it takes and refuses what admission takes and refuses, but for
 * `CRD_LIMITS` (`crdLimits.ts`). Throws when the kind's schema holds something that no structural schema can say, with
 * the path of the field: a programming error that the conformance test over all kinds finds.
 */
export function kindCrd(kind: AnyKind): CustomResourceDefinition {
  const { names } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${names.plural}.${API_GROUP}`,
      labels: { 'app.kubernetes.io/part-of': 'kradle' },
      annotations: { [`${API_GROUP}/context`]: kind.context, [`${API_GROUP}/storage`]: kind.storage },
    },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        kind: names.kind,
        listKind: `${names.kind}List`,
        plural: names.plural,
        singular: names.singular,
        ...(names.shortNames === undefined ? {} : { shortNames: names.shortNames }),
        categories: kindCategories(kind),
      },
      versions: [{
        name: API_VERSION_NAME,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: objectSchema(kind) },
        subresources: { status: {} },
        additionalPrinterColumns: kind.columns.map(printerColumn),
      }],
    },
  };
}

/** `kubectl get kradle` asks for every kind, `kubectl get kradle-forge` for those of one context. */
export function kindCategories(kind: AnyKind): readonly string[] {
  return ['kradle', `kradle-${kind.context}`];
}

function objectSchema(kind: AnyKind): StructuralSchema {
  return {
    type: 'object',
    description: kind.purpose,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(specJsonSchema(kind), 'spec'),
      status: structural(statusJsonSchema(kind), 'status'),
    },
    required: ['spec'],
  };
}

/** What a printer column can say of a column. */
export const PRINTER_TYPES: Readonly<Record<ColumnType, PrinterColumn['type']>> = {
  string: 'string', integer: 'integer', number: 'number', boolean: 'boolean', date: 'date', age: 'date', phase: 'string', ref: 'string', usd: 'number', bytes: 'integer',
};

function printerColumn(column: Column): PrinterColumn {
  return {
    name: column.name,
    type: PRINTER_TYPES[column.type],
    jsonPath: `.${column.path.replaceAll('[]', '[*]')}`,
    ...(column.priority ? { priority: column.priority } : {}),
    ...(column.description === undefined ? {} : { description: column.description }),
  };
}

/** Keywords that mean the same in both dialects. */
const SHARED_KEYWORDS = ['description', 'default', 'enum', 'format', 'minLength', 'maxLength', 'minimum', 'maximum', 'multipleOf', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const;

function structural(schema: JsonSchema, path: string): StructuralSchema {
  if (schema.anyOf ?? schema.oneOf ?? schema.allOf) throw new Error(`${path}: a union is not structural; model it as optional fields of which one is set`);
  if ('prefixItems' in schema) throw new Error(`${path}: an array needs one schema for all of its items; a tuple has none`);
  const result: StructuralSchema = {};
  for (const keyword of SHARED_KEYWORDS) if (schema[keyword] !== undefined) Object.assign(result, { [keyword]: schema[keyword] });
  Object.assign(result, bounds(schema));
  if (schema.const !== undefined) result.enum = [schema.const];
  const pattern = schema.pattern === undefined ? undefined : goPattern(schema.pattern);
  if (pattern !== undefined) result.pattern = pattern;
  Object.assign(result, typeOf(schema, path));
  if (schema.items !== undefined) result.items = structural(schema.items, `${path}[]`);
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, structural(value, `${path}.${key}`)]));
    // A CRD may not have both `properties` and `additionalProperties`.
    if (typeof schema.additionalProperties === 'object') result['x-kubernetes-preserve-unknown-fields'] = true;
    if (schema.required !== undefined && schema.required.length > 0) result.required = schema.required;
  } else if (typeof schema.additionalProperties === 'object') {
    if (isAnything(schema.additionalProperties)) result['x-kubernetes-preserve-unknown-fields'] = true;
    else result.additionalProperties = structural(schema.additionalProperties, `${path}.*`);
  }
  return result;
}

function typeOf(schema: JsonSchema, path: string): Pick<StructuralSchema, 'type' | 'nullable' | 'x-kubernetes-int-or-string' | 'x-kubernetes-preserve-unknown-fields'> {
  const all = schema.type === undefined ? [] : typeof schema.type === 'string' ? [schema.type] : [...schema.type];
  const types = all.filter((type) => type !== 'null');
  const nullable = types.length < all.length ? { nullable: true } : {};
  const [type, second] = types;
  if (type === undefined) {
    const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
    if (values.length > 0 && values.every((value) => typeof value === 'string')) return { type: 'string', ...nullable };
    return { 'x-kubernetes-preserve-unknown-fields': true, ...nullable };
  }
  if (second === undefined) return { type: type as StructuralSchema['type'], ...nullable };
  if (types.length === 2 && types.includes('string') && types.includes('integer')) return { 'x-kubernetes-int-or-string': true, ...nullable };
  throw new Error(`${path}: a value of ${types.join(' or ')} is not structural`);
}

/** OpenAPI 3.0 says with a boolean what JSON Schema says with a second number. */
function bounds(schema: JsonSchema): StructuralSchema {
  return {
    ...(schema.exclusiveMinimum === undefined ? {} : { minimum: schema.exclusiveMinimum, exclusiveMinimum: true }),
    ...(schema.exclusiveMaximum === undefined ? {} : { maximum: schema.exclusiveMaximum, exclusiveMaximum: true }),
  };
}

function isAnything(schema: JsonSchema): boolean {
  return Object.keys(schema).every((key) => key === 'description');
}
