import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Box, Shelf } from '../../test/harness/throwAwayKinds';
import { kindCrd } from './crd';
import { defineKind } from './defineKind';
import { organizationRef } from './fields';

function specOf(field: z.ZodType) {
  const kind = defineKind({
    names: { kind: 'Probe', plural: 'probes', singular: 'probe', title: 'Probes' },
    context: 'forge', storage: 'config', placement: 'org', purpose: 'x',
    spec: () => z.object({ organizationRef, field }), status: () => z.object({}), columns: [],
  });
  return kindCrd(kind).spec.versions[0]?.schema.openAPIV3Schema.properties?.spec?.properties?.field;
}

describe('CRD', () => {
  it('carries names, columns and the status subresource', () => {
    const crd = kindCrd(Shelf);
    expect(crd).toMatchObject({
      metadata: { name: 'shelves.kradle.a5c.ai' },
      spec: { scope: 'Namespaced', names: { kind: 'Shelf', listKind: 'ShelfList', plural: 'shelves', shortNames: ['sh'], categories: ['kradle', 'kradle-forge'] } },
    });
    expect(crd.spec.versions[0]).toMatchObject({
      name: 'v1alpha1', subresources: { status: {} },
      additionalPrinterColumns: [
        { name: 'Material', type: 'string', jsonPath: '.spec.material' },
        { name: 'Height', type: 'integer', jsonPath: '.spec.height' },
        { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    });
  });

  it('says in structural form what zod says', () => {
    expect(specOf(z.record(z.string(), z.string()))).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
    expect(specOf(z.record(z.string(), z.unknown()))).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    expect(specOf(z.union([z.string(), z.int()]))).toEqual({ 'x-kubernetes-int-or-string': true });
    expect(specOf(z.string().nullable())).toEqual({ type: 'string', nullable: true });
    expect(specOf(z.literal('x'))).toEqual({ type: 'string', enum: ['x'] });
    expect(specOf(z.number().gt(1).lt(5))).toEqual({ type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true });
    expect(specOf(z.string().regex(/^(?!x)a/))).toEqual({ type: 'string' });
    expect(specOf(z.unknown())).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(kindCrd(Box).spec.versions[0]?.schema.openAPIV3Schema.properties?.spec?.properties?.extra).toMatchObject({ 'x-kubernetes-preserve-unknown-fields': true });
  });

  it('refuses what no CRD can carry, and names the field', () => {
    expect(() => specOf(z.tuple([z.string(), z.number()]))).toThrow(/spec\.field/);
    expect(() => specOf(z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b') })]))).toThrow(/spec\.field: a union is not structural/);
    expect(() => specOf(z.union([z.string(), z.boolean()]))).toThrow(/spec\.field/);
    expect(() => specOf(z.string().meta({ id: 'named' }))).toThrow(/\$ref/);
    expect(() => specOf(z.date())).toThrow();
    expect(() => specOf(z.bigint())).toThrow();
  });
});
