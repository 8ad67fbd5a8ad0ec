import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFieldRequirement, formatLabelSelector, isLabelKey, isLabelValue, matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector, type LabelRequirement } from './selectors';

const matches = (selector: string, labels: Record<string, string> | undefined) => matchesLabels(parseLabelSelector(selector), labels);

describe('label selectors', () => {
  it.each([
    ['', {}, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a!=1', {}, true],
    ['a != 1', { a: '1' }, false],
    ['a in (1, 2),b', { a: '2', b: '' }, true],
    ['a in (1,2),b', { a: '2' }, false],
    ['a notin (1,2)', {}, true],
    ['a notin (1,2)', { a: '1' }, false],
    ['!a', { a: '' }, false],
    ['! a', undefined, true],
    ['kradle.a5c.ai/org=acme', { 'kradle.a5c.ai/org': 'acme' }, true],
    ['a=', { a: '' }, true],
    ['toString', {}, false],
  ])('%s on %j: %s', (selector, labels, expected) => expect(matches(selector, labels)).toBe(expected));

  it.each(['a b', '=1', 'a=b=c', 'a in 1', 'a in (1', 'a=ü', '-a', 'a,,b', 'a>3'])('refuse "%s" and say what would be right', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(/is not a label/);
  });

  it('come back from their text', () => {
    const key = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,10}[a-z0-9])?(\/[A-Za-z]{1,5})?$/).filter(isLabelKey);
    const value = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?$/).filter(isLabelValue);
    const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
      fc.record({ key, operator: fc.constantFrom('in' as const, 'notin' as const), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      fc.record({ key, operator: fc.constantFrom('exists' as const) }),
      fc.record({ key, operator: fc.constantFrom('absent' as const) }),
    );
    fc.assert(fc.property(fc.array(requirement, { maxLength: 4 }), (requirements) => {
      expect(parseLabelSelector(formatLabelSelector(requirements))).toEqual(requirements);
    }));
  });
});

describe('field selectors', () => {
  const object = { metadata: { name: 'x' }, spec: { count: 3, on: true, tags: ['a', 'b'], deep: { text: 'a,b=c' } } };
  it.each([
    ['metadata.name=x,spec.count=3', true],
    ['spec.on==true', true],
    ['spec.count!=3', false],
    ['spec.missing=', true],
    ['spec.missing!=x', true],
    ['spec.tags[]=b', true],
    ['spec.tags[]!=b', false],
    ['spec.tags=a', false],
    ['spec.deep.text=a\\,b\\=c', true],
  ])('%s: %s', (selector, expected) => expect(matchesFields(parseFieldSelector(selector), object)).toBe(expected));

  it.each(['spec', 'a=1,,b=2', '=x', 'a..b=1'])('refuse "%s"', (selector) => expect(() => parseFieldSelector(selector)).toThrow(/is not a field/));

  it('find any value that was written by formatFieldRequirement', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '=', '\\', '!', ' x') }).map((value) => value.trim());
    fc.assert(fc.property(text, text, (value, other) => {
      const selector = `${formatFieldRequirement('spec.a', '=', value)},${formatFieldRequirement('spec.b', '!=', other)}`;
      expect(matchesFields(parseFieldSelector(selector), { spec: { a: value, b: `${other}.` } })).toBe(true);
      expect(matchesFields(parseFieldSelector(selector), { spec: { a: `${value}.`, b: '' } })).toBe(false);
    }));
  });

  it('are read or refused in no time, however many spaces they have', () => {
    const spaces = ' '.repeat(8_000);
    const startedAt = performance.now();
    expect(() => parseFieldSelector(`${spaces}a`)).toThrow(/is not a field/);
    expect(() => parseFieldSelector(`a${spaces}b`)).toThrow(/is not a field/);
    expect(parseFieldSelector(`${spaces}a = b`)).toMatchObject([{ field: 'a', value: 'b' }]);
    expect(() => parseLabelSelector(`a${spaces}b`)).toThrow(/is not a label/);
    // The expression that was here before took minutes.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
