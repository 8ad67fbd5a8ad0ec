import { expect, it } from 'vitest';
import { parseCsv } from './parseCsv';

it('reads quotes, separators and line ends as RFC 4180 has them', () => {
  expect(parseCsv('a,b\r\n"1,5","say ""hi""\nthere"\n', ',', 10)).toEqual({ rows: [['a', 'b'], ['1,5', 'say "hi"\nthere']], more: false });
  expect(parseCsv('a\tb\n\tc', '\t', 10).rows).toEqual([['a', 'b'], ['', 'c']]);
  expect(parseCsv('1\n2\n3\n', ',', 2)).toEqual({ rows: [['1'], ['2']], more: true });
  expect(parseCsv('', ',', 2).rows).toEqual([]);
});
