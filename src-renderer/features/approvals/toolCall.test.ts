import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toolCallFacts } from './toolCall';

describe('toolCallFacts', () => {
  it('reads what ACP promises', () => {
    const facts = toolCallFacts({
      toolCallId: 't1',
      title: 'Edit calc.js',
      kind: 'edit',
      rawInput: { path: 'calc.js' },
      locations: [{ path: '/w/calc.js', line: 3 }],
      content: [{ type: 'diff', path: '/w/calc.js', oldText: 'a', newText: 'b' }, { type: 'content', content: { type: 'text', text: 'Fixes the sum' } }, { type: 'terminal', terminalId: 'x' }],
    });
    expect(facts).toEqual({
      title: 'Edit calc.js',
      kind: 'edit',
      rawInput: { path: 'calc.js' },
      diffs: [{ type: 'diff', path: '/w/calc.js', oldText: 'a', newText: 'b' }],
      texts: ['Fixes the sum'],
      paths: ['/w/calc.js'],
    });
  });

  it('takes a new file for one', () => {
    expect(toolCallFacts({ content: [{ type: 'diff', path: 'n', oldText: null, newText: 'x' }] }).diffs).toEqual([{ type: 'diff', path: 'n', newText: 'x' }]);
  });

  it('survives anything an agent may send', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('title', 'kind', 'content', 'locations', 'rawInput'), fc.jsonValue()), (value) => {
      expect(() => toolCallFacts(value)).not.toThrow();
    }));
    expect(toolCallFacts(undefined).kind).toBe('other');
    expect(toolCallFacts({ title: 7, content: 'x' })).toMatchObject({ title: undefined, diffs: [] });
  });
});
