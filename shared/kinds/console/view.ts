import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { selectorTerms } from './selectorTerms';

/** Older documents write a label selector, or the name of a Selector, as a text. */
function upgradeSelector(selector: unknown): unknown {
  if (typeof selector !== 'string') return selector;
  return /[=!,()\s]/.test(selector) ? { labelSelector: selector } : { selectorRef: selector };
}

export const View = defineKind({
  names: { kind: 'View', plural: 'views', singular: 'view', title: 'Saved views' },
  context: 'console',
  storage: 'config',
  placement: 'org',
  purpose: 'List or dashboard that people come back to: which objects, in which columns and order',
  upgrade: (spec) => ({ ...spec, ...(spec.selector === undefined ? {} : { selector: upgradeSelector(spec.selector) }) }),
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What it is for.'),
    kind: z.string().min(1).max(253).optional().describe('The kind that it lists; absent means every kind that the selector picks from.'),
    selector: z.object({
      selectorRef: refTo('Selector').optional().describe('A Selector to begin with; the terms beside it narrow further.'),
      ...selectorTerms,
    }).describe('Which objects it shows; an empty one shows all.'),
    layout: z.enum(['list', 'board', 'dashboard']).default('list').describe('How they are shown.'),
    columns: z.array(z.object({
      path: z.string().min(1).max(500).describe('Field: spec.title, status.phase.'),
      name: z.string().max(100).optional().describe('Header; absent takes the kind\'s.'),
    })).max(50).optional().describe('Columns, in order; absent means the kind\'s own.'),
    sort: z.array(z.object({
      path: z.string().min(1).max(500).describe('Field to sort by.'),
      order: z.enum(['ascending', 'descending']).default('ascending'),
    })).max(10).optional().describe('Order of the objects.'),
    groupBy: z.string().max(500).optional().describe('Field whose values make groups: the columns of a board.'),
    owner: refTo('User').optional().describe('Whose view it is; absent means the organization\'s.'),
    shared: z.boolean().default(true).describe('Whether others see it.'),
    pinned: z.boolean().default(false).describe('Shown in the navigation.'),
  }),
  status: () => z.object({
    phase: z.enum(['Ready', 'Invalid']).optional(),
    matched: z.number().int().optional().describe('Objects that it showed last.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Kind', path: 'spec.kind', type: 'string' },
    { name: 'Layout', path: 'spec.layout', type: 'string' },
    { name: 'Owner', path: 'spec.owner', type: 'ref' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.selector.selectorRef', kind: 'Selector' },
    { path: 'spec.owner', kind: 'User' },
  ],
  search: ['spec.displayName', 'spec.description', 'spec.kind'],
  form: { columns: { advanced: true }, sort: { advanced: true }, groupBy: { advanced: true } },
});
