import { z } from 'zod';
import { defineKind, type AnyKind } from '../../shared/kind/defineKind';
import { objectName, organizationRef, refTo } from '../../shared/kind/fields';
import { createKindRegistry } from '../../shared/kind/registry';

/** Kinds that exist in tests alone: what works for them works for any kind. */
export const Realm = defineKind({
  names: { kind: 'Realm', plural: 'realms', singular: 'realm', title: 'Realms' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Stands for the organizations',
  spec: () => z.object({ displayName: z.string().min(1).max(200).optional().describe('What people call it.') }),
  status: () => z.object({ phase: z.enum(['Ready', 'Terminating']).optional() }),
  columns: [{ name: 'Age', path: 'metadata.creationTimestamp', type: 'age' }],
});

export const Shelf = defineKind({
  names: { kind: 'Shelf', plural: 'shelves', singular: 'shelf', shortNames: ['sh'], title: 'Shelves' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Holds boxes',
  aliases: ['Rack'],
  spec: () => z.object({
    organizationRef,
    height: z.number().int().min(1).max(10).default(3).describe('Boards, from the floor up.'),
    material: z.enum(['oak', 'pine', 'steel']).default('oak').describe('What it is made of.'),
    note: z.string().max(2000).optional().describe('What to know about it.'),
  }),
  status: () => z.object({ phase: z.enum(['Empty', 'Filled']).optional(), boxes: z.number().int().optional() }),
  columns: [
    { name: 'Material', path: 'spec.material', type: 'string' },
    { name: 'Height', path: 'spec.height', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  immutable: ['spec.material'],
  search: ['spec.note'],
});

export const Box = defineKind({
  names: { kind: 'Box', plural: 'boxes', singular: 'box', title: 'Boxes' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Lies on a shelf',
  spec: () => z.object({
    organizationRef,
    shelf: refTo('Shelf'),
    weightKg: z.number().min(0).optional().describe('What it weighs, in kilograms.'),
    friends: z.array(objectName).optional().describe('Boxes that go with it.'),
    lock: z.object({ code: z.string().regex(/^\d{4}$/, 'must be four digits'), owner: z.string().optional() }).optional().describe('What keeps it shut.'),
    extra: z.record(z.string(), z.unknown()).optional().describe('Whatever else there is to say.'),
  }),
  status: () => z.object({ phase: z.enum(['Closed', 'Open']).optional(), openedTimes: z.number().int().optional() }),
  columns: [
    { name: 'Shelf', path: 'spec.shelf', type: 'ref' },
    { name: 'Weight', path: 'spec.weightKg', type: 'number' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
  ],
  refs: [
    { path: 'spec.shelf', kind: 'Shelf', required: true, owner: true },
    { path: 'spec.friends[]', kind: 'Box' },
  ],
  search: ['spec.shelf'],
  form: { extra: { advanced: true }, 'lock.code': { label: 'Lock code', widget: 'secret' } },
});

export const throwAwayKinds: readonly AnyKind[] = [Realm, Shelf, Box];

export function throwAwayRegistry() {
  return createKindRegistry(throwAwayKinds);
}
