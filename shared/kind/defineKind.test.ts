import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineKind } from './defineKind';

describe('a declared kind', () => {
  it('makes its schemas when they are asked for, once', () => {
    const made: string[] = [];
    const kind = defineKind({
      names: { kind: 'Probe', plural: 'probes', singular: 'probe', title: 'Probes' },
      context: 'forge', storage: 'config', placement: 'org', purpose: 'x', columns: [],
      spec: () => {
        made.push('spec');
        return z.object({ title: z.string() });
      },
      status: () => {
        made.push('status');
        return z.object({ seen: z.number().optional() });
      },
    });
    expect(made).toEqual([]);
    expect(kind.spec.safeParse({ title: 1 }).success).toBe(false);
    expect(kind.spec).toBe(kind.spec);
    expect(made).toEqual(['spec']);
    expect(kind.object).toBe(kind.object);
    expect(kind.object.shape.spec).toBe(kind.spec);
    expect(made).toEqual(['spec', 'status']);
  });
});
