import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Box, Shelf } from '../../test/harness/throwAwayKinds';
import { fieldLabel } from './fieldLabel';
import { flattenFormFields, formFields } from './form';
import { defineKind } from './defineKind';
import { organizationRef } from './fields';

describe('form', () => {
  it('derives widgets, labels, help, defaults and constraints', () => {
    expect(formFields(Shelf)).toEqual([
      { path: 'spec.height', key: 'height', label: 'Height', help: 'Boards, from the floor up.', widget: 'number', required: false, immutable: false, advanced: false, default: 3, constraints: { minimum: 1, maximum: 10, integer: true } },
      {
        path: 'spec.material', key: 'material', label: 'Material', help: 'What it is made of.', widget: 'select', required: false, immutable: true, advanced: false, default: 'oak', constraints: {},
        options: [{ value: 'oak', label: 'oak' }, { value: 'pine', label: 'pine' }, { value: 'steel', label: 'steel' }],
      },
      { path: 'spec.note', key: 'note', label: 'Note', help: 'What to know about it.', widget: 'textarea', required: false, immutable: false, advanced: false, constraints: { maxLength: 2000 } },
    ]);
  });

  it('knows references, groups, maps and hints; advanced fields come last', () => {
    const fields = formFields(Box);
    expect(fields.map(({ key, widget, refKind, many, advanced }) => ({ key, widget, refKind, many, advanced }))).toEqual([
      { key: 'shelf', widget: 'ref', refKind: 'Shelf', many: undefined, advanced: false },
      { key: 'weightKg', widget: 'number', refKind: undefined, many: undefined, advanced: false },
      { key: 'friends', widget: 'ref', refKind: 'Box', many: true, advanced: false },
      { key: 'lock', widget: 'group', refKind: undefined, many: undefined, advanced: false },
      { key: 'extra', widget: 'yaml', refKind: undefined, many: undefined, advanced: true },
    ]);
    expect(flattenFormFields(fields).find((field) => field.path === 'spec.lock.code')).toMatchObject({ label: 'Lock code', widget: 'secret', required: true, constraints: { pattern: '^\\d{4}$' } });
  });

  it('describes arrays of objects by one element, and orders by hint', () => {
    const Thing = defineKind({
      names: { kind: 'Thing', plural: 'things', singular: 'thing', title: 'Things' },
      context: 'forge', storage: 'config', placement: 'org', purpose: 'x',
      spec: () => z.object({
        organizationRef,
        parts: z.array(z.object({ name: z.string(), kind: z.enum(['a', 'b']).optional() })).min(1),
        env: z.record(z.string(), z.string()).optional(),
        words: z.array(z.string()).optional(),
        colours: z.array(z.enum(['red', 'blue'])).optional(),
        first: z.boolean().default(false),
      }),
      status: () => z.object({}),
      columns: [],
      form: { first: { order: -1, label: 'Comes first' } },
    });
    const fields = formFields(Thing);
    expect(fields.map(({ label, widget, many }) => [label, widget, many])).toEqual([
      ['Comes first', 'switch', undefined], ['Parts', 'items', undefined], ['Env', 'keyvalue', undefined], ['Words', 'list', undefined], ['Colours', 'select', true],
    ]);
    expect(fields[1]?.fields?.map((field) => [field.path, field.required])).toEqual([['spec.parts[].name', true], ['spec.parts[].kind', false]]);
  });

  it.each([['importFrom', 'Import from'], ['toolProfileRef', 'Tool profile'], ['mcpServerRefs', 'MCP server'], ['costUsd', 'Cost USD'], ['url', 'URL'], ['baseSha', 'Base SHA']])(
    'labels %s "%s"', (key, label) => expect(fieldLabel(key)).toBe(label));
});
