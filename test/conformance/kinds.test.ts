import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { kindCrd, type StructuralSchema } from '../../shared/kind/crd';
import type { AnyKind } from '../../shared/kind/defineKind';
import { kindMarkdown } from '../../shared/kind/docs';
import { flattenFormFields, formFields } from '../../shared/kind/form';
import { fieldSchema, kindJsonSchema, specJsonSchema, statusJsonSchema } from '../../shared/kind/jsonSchema';
import { minimalObject } from '../../shared/kind/minimalObject';
import { createKindRegistry } from '../../shared/kind/registry';
import { tableColumns } from '../../shared/kind/table';
import { allKinds, kinds } from '../../shared/kinds/index';
import { arbitraryOf } from '../harness/arbitraryOf';
import { throwAwayKinds } from '../harness/throwAwayKinds';

const registry = createKindRegistry(allKinds);

it('registers every kind under its plural, and every name once', () => {
  for (const [plural, kind] of Object.entries(kinds)) expect(kind.names.plural).toBe(plural);
  for (const kind of allKinds) {
    expect(kind.names.plural).toMatch(/^[a-z]+$/);
    expect(kind.names.singular).toBe(kind.names.kind.toLowerCase());
    for (const reference of kind.refs ?? []) expect(registry.find(reference.kind)?.names.kind, `${kind.names.kind} ${reference.path}`).toBe(reference.kind);
  }
});

// Throw-away kinds go the same way: nothing here or in what is tested knows a kind by name.
describe.each([...allKinds, ...throwAwayKinds].map((kind) => ({ name: kind.names.kind, kind })))('$name', ({ kind }) => {
  it('names its organization when it lives in one', () => {
    if (kind.placement === 'org') expect(specJsonSchema(kind).required).toContain('organizationRef');
  });

  it('points only at fields that it has', () => {
    const hints = Object.keys(kind.form ?? {}).map((path) => `spec.${path}`);
    const paths = [...kind.columns.map(({ path }) => path), ...(kind.refs ?? []).map(({ path }) => path), ...(kind.immutable ?? []), ...(kind.search ?? []), ...hints];
    expect(paths.filter((path) => fieldSchema(kind, path) === undefined)).toEqual([]);
    expect(tableColumns(kind, { wide: true })).toHaveLength(kind.columns.length + 1);
  });

  it('says what each field of its spec is for', () => {
    const fields = Object.entries(specJsonSchema(kind).properties ?? {});
    expect(fields.filter(([, field]) => (field.description ?? '') === '').map(([key]) => `spec.${key}`)).toEqual([]);
  });

  it('shows each column once, as what it is', () => {
    expect(new Set(kind.columns.map(({ name }) => name)).size).toBe(kind.columns.length);
    expect(new Set(kind.columns.map(({ path }) => path)).size).toBe(kind.columns.length);
    const wrong = kind.columns.filter(({ path, type }) => {
      const field = fieldSchema(kind, path) ?? {};
      return !COLUMN_OF[type]?.some((fits) => fits === field.type || fits === field.format || field.items?.type === fits);
    });
    expect(wrong).toEqual([]);
  });

  it('takes a spec of the present shape as it is', () => {
    const { upgrade } = kind;
    if (upgrade === undefined) return;
    fc.assert(fc.property(arbitraryOf(specJsonSchema(kind)), (spec) => {
      const given = JSON.parse(JSON.stringify(kind.spec.parse(spec))) as Record<string, unknown>;
      expect(upgrade(structuredClone(given), 'name')).toEqual(given);
    }), { numRuns: 25 });
    // What it does not understand is for validation to name.
    const nonsense = Object.fromEntries(Object.keys(specJsonSchema(kind).properties ?? {}).map((key) => [key, 7]));
    for (const spec of [{}, nonsense]) expect(() => upgrade(spec, 'name')).not.toThrow();
  });

  it('has an input schema that takes what the kind takes', () => {
    const validate = z.fromJSONSchema(specJsonSchema(kind) as Parameters<typeof z.fromJSONSchema>[0]);
    expect(JSON.stringify(kindJsonSchema(kind))).not.toContain('$ref');
    fc.assert(fc.property(arbitraryOf(specJsonSchema(kind)), arbitraryOf(statusJsonSchema(kind)), (spec, status) => {
      const stored = kind.spec.parse(spec);
      const object = { apiVersion: kind.apiVersion, kind: kind.names.kind, metadata: METADATA, spec: stored, status };
      const read = kind.object.parse(JSON.parse(JSON.stringify(object)));
      // What is stored comes back as it was: no transform, and defaults only once.
      expect(read.spec).toEqual(JSON.parse(JSON.stringify(stored)));
      expect(read.status).toEqual(JSON.parse(JSON.stringify(status)));
      expect(validate.safeParse(JSON.parse(JSON.stringify(stored))).error?.issues).toBeUndefined();
    }), { numRuns: 10 });
  });

  it('has a structural CRD', () => {
    const crd = kindCrd(kind);
    for (const version of crd.spec.versions) checkStructural(version.schema.openAPIV3Schema, kind.names.kind);
    expect(JSON.parse(JSON.stringify(crd))).toEqual(crd);
  });

  it('asks in its form for everything that must be said', () => {
    const fields = flattenFormFields(formFields(kind));
    const asked = new Set(fields.map(({ path }) => path));
    expect(requiredPaths(kind).filter((path) => !asked.has(path) && path !== 'spec.organizationRef')).toEqual([]);
    for (const field of fields) {
      if (field.widget === 'select') expect(field.options?.length, field.path).toBeGreaterThan(0);
      if (field.widget === 'ref') expect(field.refKind, field.path).toBeDefined();
      if (field.required) expect(field.advanced, field.path).toBe(false);
    }
  });

  it('has a page that tells of every field, with an example that the kind takes', () => {
    const page = kindMarkdown(kind, { kinds: allKinds, yaml: stringify });
    expect(kind.spec.safeParse(minimalObject(kind).spec).error?.issues).toBeUndefined();
    for (const key of Object.keys(specJsonSchema(kind).properties ?? {})) expect(page).toContain(`\`spec.${key}\``);
  });
});

/** Types and formats that a column of a type can show; a list is shown by its elements. */
const COLUMN_OF: Readonly<Record<string, readonly string[]>> = {
  string: ['string', 'integer', 'object'], phase: ['string'], ref: ['string'], boolean: ['boolean'],
  integer: ['integer'], bytes: ['integer'], number: ['number', 'integer'], usd: ['number'], age: ['date-time'], date: ['date-time'],
};

const METADATA = { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' };

/** Required fields, and those required inside a required object. */
function requiredPaths(kind: AnyKind): string[] {
  const collect = (schema: ReturnType<typeof specJsonSchema>, path: string): string[] =>
    (schema.required ?? []).flatMap((key) => {
      const child = schema.properties?.[key];
      return child === undefined ? [] : [`${path}.${key}`, ...collect(child, `${path}.${key}`)];
    });
  return collect(specJsonSchema(kind), 'spec');
}

/** Source: Kubernetes, "Specifying a structural schema". */
function checkStructural(schema: StructuralSchema, path: string): void {
  const free = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-int-or-string'] === true;
  expect(schema.type !== undefined || free, `${path} has a type`).toBe(true);
  expect(schema.properties !== undefined && schema.additionalProperties !== undefined, `${path} has properties or additionalProperties, not both`).toBe(false);
  for (const keyword of ['$ref', 'oneOf', 'anyOf', 'allOf', 'not', 'const', 'definitions', 'uniqueItems', 'prefixItems']) expect(schema, path).not.toHaveProperty([keyword]);
  for (const key of schema.required ?? []) expect(schema.properties, `${path}.${key} is declared`).toHaveProperty([key]);
  if (schema.type === 'array') expect(schema.items, `${path} has items`).toBeDefined();
  if (schema.items !== undefined) checkStructural(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) checkStructural(schema.additionalProperties, `${path}.*`);
  for (const [key, child] of Object.entries(schema.properties ?? {})) checkStructural(child, `${path}.${key}`);
}
