import { expect, it } from 'vitest';
import { formatCompareSpec, parseCompareSpec } from './compareSpec';

it('reads two and three dots, and names alone', () => {
  expect(parseCompareSpec('main...feature/x', 'main')).toEqual({ base: 'main', head: 'feature/x', direct: false });
  expect(parseCompareSpec('v1.0..v1.1', 'main')).toEqual({ base: 'v1.0', head: 'v1.1', direct: true });
  expect(parseCompareSpec('topic', 'trunk')).toEqual({ base: 'trunk', head: 'topic', direct: false });
  expect(parseCompareSpec('..topic', 'trunk')).toEqual({ base: 'trunk', head: 'topic', direct: true });
  for (const spec of ['a...b', 'a..b']) expect(formatCompareSpec(parseCompareSpec(spec, 'm'))).toBe(spec);
});
