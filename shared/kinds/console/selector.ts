import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';
import { selectorTerms } from './selectorTerms';

export const Selector = defineKind({
  names: { kind: 'Selector', plural: 'selectors', singular: 'selector', title: 'Selectors' },
  context: 'console',
  storage: 'config',
  placement: 'org',
  purpose: 'Named choice of objects by labels, fields or text, for views and workflows to share',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What it picks, and what for.'),
    kinds: z.array(z.string().min(1).max(253)).max(100).optional().describe('Kinds that it picks from; absent means whichever it is used on.'),
    ...selectorTerms,
  }),
  status: () => z.object({
    phase: z.enum(['Ready', 'Invalid']).optional(),
    matched: z.number().int().optional().describe('Objects that it picked last.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Kinds', path: 'spec.kinds', type: 'string' },
    { name: 'Labels', path: 'spec.labelSelector', type: 'string' },
    { name: 'Fields', path: 'spec.fieldSelector', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.description', 'spec.kinds'],
});
