import { fieldLabel } from './fieldLabel';
import { specJsonSchema, type JsonSchema } from './jsonSchema';
import type { AnyKind, FormHint } from './defineKind';

/** `group` holds fields; `items` is an array of objects, whose `fields` describe one element. */
export type FormWidget = NonNullable<FormHint['widget']> | 'group' | 'items';

export interface FormOption {
  readonly value: string;
  readonly label: string;
}

/** What a form says before it asks the server; the server checks all of it again. */
export interface FormConstraints {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly integer?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** One field of a form over a kind's `spec`. */
export interface FormField {
  /** Dotted path from the object's root; inside an element of `items` with `[]`: `spec.comments[].body`. */
  readonly path: string;
  /** Last step of the path. */
  readonly key: string;
  readonly label: string;
  readonly help?: string;
  readonly widget: FormWidget;
  readonly required: boolean;
  /** May be set on creation only. */
  readonly immutable: boolean;
  /** Shown under "Advanced". A required field never is. */
  readonly advanced: boolean;
  readonly default?: unknown;
  readonly placeholder?: string;
  /** Of a `select`. */
  readonly options?: readonly FormOption[];
  /** Of a `ref`: the kind whose objects may be chosen. */
  readonly refKind?: string;
  /** A `select` or `ref` whose value is an array. */
  readonly many?: boolean;
  readonly constraints: FormConstraints;
  /** Of a `group`, or of one element of `items`. */
  readonly fields?: readonly FormField[];
}

/** Filled in by admission from where the object is created, so no form asks for it. */
const SERVER_FILLED: ReadonlySet<string> = new Set(['spec.organizationRef']);

/** Text longer than this gets a text area. */
const SINGLE_LINE_MAX = 500;

/**
 * The fields of a generic form for this kind, from its schema, references and form hints. In the order of the hints, then of the
 * declaration; advanced fields last.
 */
export function formFields(kind: AnyKind): FormField[] {
  return objectFields(kind, specJsonSchema(kind), 'spec');
}

/** Every field and the fields within it, parents first. */
export function flattenFormFields(fields: readonly FormField[]): FormField[] {
  return fields.flatMap((field) => [field, ...flattenFormFields(field.fields ?? [])]);
}

function objectFields(kind: AnyKind, schema: JsonSchema, parent: string): FormField[] {
  const fields = Object.entries(schema.properties ?? {})
    .filter(([key]) => !SERVER_FILLED.has(`${parent}.${key}`))
    .map(([key, child], index) => {
      const field = toField(kind, child, { path: `${parent}.${key}`, key, required: schema.required?.includes(key) === true });
      return { field, order: hintFor(kind, field.path).order ?? index };
    });
  return fields.sort((a, b) => Number(a.field.advanced) - Number(b.field.advanced) || a.order - b.order).map(({ field }) => field);
}

function toField(kind: AnyKind, schema: JsonSchema, opts: { path: string; key: string; required: boolean }): FormField {
  const { path, key, required } = opts;
  const hint = hintFor(kind, path);
  const refKind = kind.refs?.find((reference) => reference.path === path || reference.path === `${path}[]`)?.kind;
  const widget = hint.widget ?? derivedWidget(schema, refKind !== undefined);
  const choices = schema.enum ?? schema.items?.enum;
  return {
    path,
    key,
    label: hint.label ?? fieldLabel(key),
    ...optional('help', hint.help ?? schema.description),
    widget,
    required,
    immutable: kind.immutable?.some((frozen) => path === frozen || path.startsWith(`${frozen}.`)) === true,
    advanced: hint.advanced === true && !required,
    ...optional('default', schema.default),
    ...optional('placeholder', hint.placeholder),
    ...optional('options', widget === 'select' && choices !== undefined ? choices.map((value) => ({ value: String(value), label: String(value) })) : undefined),
    ...optional('refKind', refKind),
    ...optional('many', (widget === 'select' || widget === 'ref') && schema.type === 'array' ? true : undefined),
    constraints: constraintsOf(schema),
    ...optional('fields', nestedFields(kind, schema, { path, widget })),
  };
}

function nestedFields(kind: AnyKind, schema: JsonSchema, opts: { path: string; widget: FormWidget }): FormField[] | undefined {
  if (opts.widget === 'group') return objectFields(kind, schema, opts.path);
  if (opts.widget === 'items' && schema.items !== undefined) return objectFields(kind, schema.items, `${opts.path}[]`);
  return undefined;
}

function derivedWidget(schema: JsonSchema, isRef: boolean): FormWidget {
  if (isRef && (schema.type === 'string' || schema.items?.type === 'string')) return 'ref';
  if (schema.enum !== undefined) return 'select';
  switch (schema.type) {
    case 'boolean':
      return 'switch';
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return (schema.maxLength ?? 0) > SINGLE_LINE_MAX ? 'textarea' : 'text';
    case 'array':
      return arrayWidget(schema.items ?? {});
    case 'object':
      if (schema.properties !== undefined) return 'group';
      return typeof schema.additionalProperties === 'object' && schema.additionalProperties.type === 'string' ? 'keyvalue' : 'yaml';
    default:
      return 'yaml';
  }
}

function arrayWidget(items: JsonSchema): FormWidget {
  if (items.enum !== undefined) return 'select';
  if (items.type === 'string') return 'list';
  return items.type === 'object' && items.properties !== undefined ? 'items' : 'yaml';
}

/** Hints are keyed by the path under `spec`. */
function hintFor(kind: AnyKind, path: string): FormHint {
  return kind.form?.[path.slice('spec.'.length)] ?? {};
}

function constraintsOf(schema: JsonSchema): FormConstraints {
  return {
    ...optional('minLength', schema.minLength),
    ...optional('maxLength', schema.maxLength),
    ...optional('pattern', schema.pattern),
    ...optional('minimum', schema.minimum),
    ...optional('maximum', schema.maximum),
    ...optional('integer', schema.type === 'integer' ? true : undefined),
    ...optional('minItems', schema.minItems),
    ...optional('maxItems', schema.maxItems),
  };
}

function optional<TKey extends string, TValue>(key: TKey, value: TValue | undefined): { [K in TKey]?: TValue } {
  return (value === undefined ? {} : { [key]: value }) as { [K in TKey]?: TValue };
}
