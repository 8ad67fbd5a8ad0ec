import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitBytes, jsonBytes } from './fitBytes';

describe('fitBytes', () => {
  it('leaves alone what fits', () => {
    const value = { text: 'x'.repeat(900) };
    expect(fitBytes(value, { maxBytes: 1000 })).toEqual({ value, wasCut: false });
  });

  it('cuts long texts before short ones, and says how long they were', () => {
    const { value, wasCut } = fitBytes({ name: 'kept', log: 'y'.repeat(50_000) }, { maxBytes: 20_000 });
    expect(wasCut).toBe(true);
    expect(value.name).toBe('kept');
    expect(value.log).toMatch(/^y{16384}… \(50000 characters in all\)$/);
  });

  it('cuts lists when texts are not what is large', () => {
    const { value } = fitBytes({ items: Array.from({ length: 2000 }, (_, index) => ({ index })) }, { maxBytes: 8_000 });
    expect(value.items).toHaveLength(500);
  });

  it('keeps whole what it is told to', () => {
    const nextCursor = 'c'.repeat(300);
    const { value } = fitBytes({ nextCursor, items: ['z'.repeat(5000)] }, { maxBytes: 700, whole: ['nextCursor'] });
    expect(value.nextCursor).toBe(nextCursor);
    expect(jsonBytes(value)).toBeLessThanOrEqual(700);
  });

  it('never changes shapes: an object stays one, a list a list, a number a number', () => {
    const kinds = (value: unknown): unknown => (Array.isArray(value) ? value.slice(0, 5).map(kinds) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, kinds(each)])) : typeof value);
    fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (given) => {
      const value = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
      expect(kinds(fitBytes(value, { maxBytes: 50 }).value)).toEqual(kinds(value));
    }));
  });
});
