import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSearch, stringifySearch, textSearch } from './urlState';

it('reads back what it wrote', () => {
  const value = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), (search) => {
    expect(parseSearch(stringifySearch(search))).toEqual({ ...search });
  }));
});

it('keeps addresses readable and leaves out what is empty', () => {
  expect(stringifySearch({ q: 'a b', file: 'src/a.ts', sort: '-name', none: '', gone: undefined })).toBe('?q=a+b&file=src/a.ts&sort=-name');
  expect(stringifySearch({ none: '' })).toBe('');
});

it('drops parameters that a page does not know', () => {
  expect(textSearch('q', 'sort')({ q: 'x', sort: '', other: 'y', nested: {} })).toEqual({ q: 'x' });
});
