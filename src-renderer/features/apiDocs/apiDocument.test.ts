import { describe, expect, it } from 'vitest';
import { addressOf, curlOf, readSections, searchSections, type ApiDocument } from './apiDocument';

const document: ApiDocument = {
  info: { title: 'Kradle', version: '1' },
  tags: [{ name: 'Agents', description: 'Agents and runs.' }],
  paths: {
    '/api/orgs/{org}/agents/dispatch': {
      post: { operationId: 'agents-dispatch', summary: 'Dispatch a task', tags: ['Agents'], parameters: [{ in: 'path', name: 'org', required: true }, { $ref: '#/components/parameters/Key' } as never], responses: { 201: { description: 'Created.' }, 404: { $ref: '#/components/responses/NotFound' } } },
    },
    '/api/agents/runs': { post: { operationId: 'agents-dispatch-unprefixed', tags: ['Agents'], deprecated: true, responses: {}, 'x-kradle-same-as': 'POST /api/orgs/{org}/agents/dispatch' } },
    '/api/info': { get: { operationId: 'system-info', summary: 'This server', tags: ['System'], responses: {} } },
  },
  components: { parameters: { Key: { in: 'header', name: 'Idempotency-Key', description: 'Once.' } }, responses: { NotFound: { description: 'It is not there.' } } },
};

describe('the API document', () => {
  it('is read into sections, with references resolved and other addresses told with the operation', () => {
    const sections = readSections(document);
    expect(sections.map(({ name }) => name)).toEqual(['Agents', 'System']);
    expect(sections[0]).toMatchObject({
      description: 'Agents and runs.',
      operations: [{ id: 'agents-dispatch', alsoAt: ['POST /api/agents/runs'], parameters: [{ name: 'org' }, { name: 'Idempotency-Key', description: 'Once.' }], responses: [{ status: '201' }, { status: '404', description: 'It is not there.' }] }],
    });
  });

  it('is searched by every word, also in other addresses', () => {
    const found = (text: string) => searchSections(readSections(document), text).flatMap(({ operations }) => operations.map(({ id }) => id));
    expect(found('task dispatch')).toEqual(['agents-dispatch']);
    expect(found('/api/agents/runs')).toEqual(['agents-dispatch']);
    expect(found('get')).toEqual(['system-info']);
    expect(found('  ')).toHaveLength(2);
    expect(found('nothing')).toEqual([]);
  });

  it('gives the address and the command of a request', () => {
    const operation = { method: 'POST', path: '/api/orgs/{org}/things/{name}', parameters: [{ in: 'query' as const, name: 'q' }, { in: 'query' as const, name: 'limit' }] };
    expect(addressOf(operation, { org: 'a b', q: 'x&y' })).toBe('/api/orgs/a%20b/things/{name}?q=x%26y');
    expect(curlOf(operation, { url: 'http://h/api', body: '{"a":"it\'s"}', headers: { 'If-Match': '"1"' } })).toBe(
      `curl -X POST 'http://h/api' \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H 'If-Match: "1"' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"a":"it'\\''s"}'`,
    );
  });
});
