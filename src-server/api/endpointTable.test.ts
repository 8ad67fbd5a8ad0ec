import { expect, test } from 'vitest';
import { EndpointTable } from './endpointTable';

const PATTERNS = [/^\/apis\/(?<group>[^/]+)\/?$/, /^(?<root>\/apis|\/api)\/x$/, /^\/version\/?$/, /^\/\.well-known\/a$/, /^\/livez?$/, /^\/a\/b$|^\/c\/b$/, /^\/apis\/x$/];

test.each([
  ['/apis/x', [0, 1, 6]], ['/api/x', [1]], ['/version', [2]], ['/version/', [2]], ['/.well-known/a', [3]], ['/live', [4]], ['/livez', [4]], ['/c/b', [5]], ['/a/b', [5]],
  ['/', []], ['/apis', []], ['/versions', []], ['/awell-known/a', []],
])('%s is found by the patterns that fit, in their order', (pathname, expected) => {
  const table = new EndpointTable(PATTERNS.map((pattern, index) => ({ pattern, index })));
  expect(table.find(pathname).map(({ endpoint }) => endpoint.index)).toEqual(expected);
});

test('what the groups found is told', () => {
  expect(new EndpointTable([{ pattern: /^\/apis\/(?<group>[^/]+)(?:\/(?<name>.+))?$/ }]).find('/apis/g')).toMatchObject([{ groups: { group: 'g', name: undefined } }]);
});
