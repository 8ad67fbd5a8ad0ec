import { expect, it } from 'vitest';
import { formatPushReport } from './pushReport';
import type { Violation } from './violation';

const builtIn = (more: Partial<Violation> = {}): Violation => ({
  ref: 'refs/heads/main', rule: { kind: 'built-in', name: 'archived', source: 'built-in' }, outcome: 'refused', message: 'demo is archived: it can be read, not changed', ...more,
});
const format = (violations: readonly Violation[], refs = ['refs/heads/main']) => formatPushReport({ org: 'acme', repository: 'demo', violations, refs, atomic: false }).split('\n');

it('says once why a built-in rule refuses, and what can be done', () => {
  expect(format([builtIn()])).toEqual(['main refused: demo is archived: it can be read, not changed.', '', '']);
  expect(format([builtIn({ advice: 'git push origin HEAD:other' })])).toEqual(['main refused: demo is archived: it can be read, not changed.', '', '  now:  git push origin HEAD:other', '', '']);
});

it('tells of each reference where there are several, and of warnings beside it', () => {
  const two = format([builtIn(), builtIn({ ref: 'refs/heads/other' })], ['refs/heads/main', 'refs/heads/other']);
  expect(two[0]).toBe('2 references of demo refused: main, other.');
  expect(two.filter((line) => line.includes('is archived'))).toHaveLength(2);
  const warned: Violation = { ref: 'refs/heads/other', rule: { kind: 'RefPolicy', name: 'house-rules', source: 'organization' }, outcome: 'warned', message: 'look at this', path: 'a.txt' };
  expect(format([builtIn(), warned], ['refs/heads/main', 'refs/heads/other'])).toEqual([
    'main refused: demo is archived: it can be read, not changed. The other one was not refused', 'here.', '', 'Beside that:', '', '  other', '    a.txt', '    look at this',
    '    rule: RefPolicy acme/house-rules, of the whole organization', '', '',
  ]);
});
