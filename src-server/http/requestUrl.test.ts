import { expect, test } from 'vitest';
import { readRequestUrl } from './requestUrl';

test.each([
  '/', '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-a/agentstacks', '/a/', '/a?x=1&y=a%20b+c&x=2', '/a?', '/a?x=ü"<>\'', '/a?b?c', '/a#b?c', '/a?b#c',
  '/a/./b', '/a/../b', '/..', '/.well-known/a', '/a/%2e%2e/b', '/a/..%2f', '/a//b', '//host/path', '/a\\b', '/a b', '/ü', '/a"<>`{}^|', '/a%41', 'http://other/a?x=1', 'a', '/@~!$&\'()*+,;=:-_.', '/a..b/c.',
])('%s is read as a URL is', (target) => {
  const url = new URL(target, 'http://localhost');
  const { pathname, search, searchParams } = readRequestUrl(target);
  expect(pathname).toBe(url.pathname);
  expect([...searchParams]).toEqual([...url.searchParams]);
  expect([...new URLSearchParams(search)]).toEqual([...url.searchParams]);
});

test('what is no URL is refused', () => {
  expect(() => readRequestUrl('http://')).toThrow(TypeError);
});
