import { expect, it } from 'vitest';
import { findIssueReferences } from './issueReferences';

const said = (...texts: string[]) => findIssueReferences(texts).map(({ org, repository, number, closes }) => `${closes ? '!' : ''}${org === undefined ? '' : `${org}/`}${repository ?? ''}#${number}`);

it('finds every keyword in its forms, and plain references', () => {
  expect(said('Closes #1, fixes #2 and resolved: #3. See #4')).toEqual(['!#1', '!#2', '!#3', '#4']);
  expect(said('close #1 closed #2 FIX #3 fixed #4 resolve #5 Resolves #6')).toEqual(['!#1', '!#2', '!#3', '!#4', '!#5', '!#6']);
  expect(said('prefixes #1, closes: other#2, fixes acme/other#3')).toEqual(['#1', '!other#2', '!acme/other#3']);
});

it('says each once, and that it is closed when any text says so', () => {
  expect(said('about #1 and #1', 'fixes #1')).toEqual(['!#1']);
});

it('leaves out code, quotations, comments and what only looks like one', () => {
  expect(said('`fixes #1` ``a ` fixes #2`` ok #3')).toEqual(['#3']);
  expect(said('```\nfixes #1\n```\n~~~ts\n#2\n~~~\n> fixes #3\n    fixes #4\n<!-- fixes #5\n#6 -->#7')).toEqual(['#7']);
  expect(said('abc#x http://h/#12 &#39; a##3 #0 #12345678901 x/#4')).toEqual([]);
});

it('is not slowed down by hostile texts', () => {
  const started = performance.now();
  for (const text of ['a'.repeat(262_144), 'fixes '.repeat(50_000), '`'.repeat(262_144), '` `` '.repeat(50_000), '<!--'.repeat(60_000), 'a/'.repeat(131_000), '#'.repeat(262_144), `${'a.'.repeat(130_000)}#1`]) said(text);
  expect(performance.now() - started).toBeLessThan(4000);
  expect(said('#1 '.repeat(1000) + Array.from({ length: 500 }, (_, index) => `#${index + 1}`).join(' '))).toHaveLength(100);
});
