import { expect, test } from 'vitest';
import { EndpointTable } from './endpointTable';

const PATTERNS = [/^\/apis\/(?<group>[^/]+)\/?$/, /^(?<root>\/apis|\/api)\/x$/, /^\/version\/?$/, /^\/\.well-known\/a$/, /^\/livez?$/, /^\/a\/b$|^\/c\/b$/, /^\/apis\/x$/];

test.each([
  ['/apis/x', [0, 1, 6]], ['/api/x', [1]], ['/version', [2]], ['/version/', [2]], ['/.well-known/a', [3]], ['/live', [4]], ['/livez', [4]], ['/c/b', [5]], ['/a/b', [5]],
  ['/', []], ['/apis', []], ['/versions', []], ['/awell-known/a', []],
])('%s is found by the patterns that fit, in their order', (pathname, expected) => {
  const table = new EndpointTable(PATTERNS.map((pattern, index) => ({ pattern, index, methods: ['PUT'] })));
  expect(table.find('GET', pathname).map(({ endpoint }) => endpoint.index)).toEqual(expected);
});

test('what the groups found is told, decoded; a group that found nothing is absent', () => {
  const table = new EndpointTable([{ pattern: /^\/apis\/(?<group>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<rest>.+))?$/, methods: ['GET'] }]);
  expect(table.find('GET', '/apis/g').map(({ params }) => params)).toEqual([{ group: 'g' }]);
  expect(table.find('GET', '/apis/a%20b/c%2Fd').map(({ params }) => params)).toEqual([{ group: 'a b', name: 'c/d' }]);
});

test('the search ends with the first that takes the method', () => {
  const table = new EndpointTable([['GET'], ['PUT', 'POST'], ['POST', 'GET']].map((methods) => ({ pattern: /^\/a$/, methods })));
  const found = (method: string) => table.find(method, '/a').map(({ endpoint }) => endpoint.methods.join(' '));
  expect(found('GET')).toEqual(['GET']);
  expect(found('POST')).toEqual(['GET', 'PUT POST']);
  expect(found('PATCH')).toEqual(['GET', 'PUT POST', 'POST GET']);
});
