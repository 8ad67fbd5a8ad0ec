import { Validator } from '@seriousme/openapi-schema-validator';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appProcedures } from '../harness/appProcedures';
import { eventually } from '../harness/eventually';
import { startServer, type TestServer } from '../harness/startServer';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly $ref?: string; readonly content?: Record<string, { readonly schema?: object }> }>;
}

interface SharedResponse {
  readonly content: Record<string, { readonly schema: object }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly responses: Record<string, SharedResponse>; readonly securitySchemes: Record<string, { readonly name?: string }> };
}

let server: TestServer;
let document: Document;
let ajv: Ajv2020;
beforeAll(async () => {
  server = await startServer();
  document = await server.api<Document>('GET', '/api/openapi.json');
  ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Calls a documented operation and answers what it answered, after it was checked against the document. */
async function call<T = unknown>(method: string, template: string, opts: { params?: Record<string, string>; query?: string; body?: unknown; status?: number } = {}): Promise<T> {
  const operation = document.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${template} is not documented`);
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent({ org: 'default', ...opts.params }[name] ?? ''));
  if (opts.body !== undefined) expectValid(operation.requestBody?.content['application/json']?.schema, opts.body, `the body of ${method} ${path}`);
  const response = await server.fetch(path + (opts.query ?? ''), { method, ...(opts.body === undefined ? {} : { body: JSON.stringify(opts.body), headers: { 'Content-Type': 'application/json' } }) });
  const answer: unknown = await response.json();
  expect(response.status, `${method} ${path}: ${JSON.stringify(answer)}`).toBe(opts.status ?? 200);
  const documented = operation.responses[String(response.status)] ?? (response.ok ? undefined : operation.responses.default);
  const resolved = documented?.$ref === undefined ? documented : document.components.responses[documented.$ref.split('/').at(-1) ?? ''];
  expectValid(resolved?.content?.['application/json']?.schema, answer, `the answer ${response.status} of ${method} ${path}`);
  return answer as T;
}

function expectValid(schema: object | undefined, value: unknown, what: string): void {
  expect(schema, `${what} has a schema`).toBeDefined();
  // References start at the document, so the schema is compiled as a part of it.
  const validate = ajv.compile({ ...schema, components: document.components });
  expect(validate(value) ? [] : validate.errors, what).toEqual([]);
}

describe('/api/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
  });

  it('passes a linter: ids, summaries, tags, described parameters, examples that fit their schemas', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      rules: {
        'operation-4xx-response': 'error', 'operation-operationId': 'error', 'operation-operationId-unique': 'error', 'operation-summary': 'error', 'parameter-description': 'error', 'path-parameters-defined': 'error',
        'no-invalid-media-type-examples': 'error', 'no-invalid-parameter-examples': 'error', 'no-invalid-schema-examples': 'error', 'operation-tag-defined': 'error', 'tag-description': 'error', 'no-unused-components': 'error',
        // `/agents/{name}/check` beside `/agents/runs/{name}`: the one with fewer parameters in front wins, and an agent called "runs" is refused by nobody.
        'no-ambiguous-paths': 'off',
      },
    });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message, location: [at] }) => `${ruleId}: ${message} ${at?.pointer ?? ''}`)).toEqual([]);
  });

  it('has an example of everything that goes in and comes out as JSON', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { requestBody, responses }] of Object.entries(operations)) {
        const media = [requestBody, ...Object.values(responses)].flatMap((each) => each?.content?.['application/json'] ?? []);
        for (const each of media) expect(each, `${method} ${path}`).toHaveProperty('example');
      }
    }
  });

  it('has every address without an organization, as deprecated, and says what it is the same as', () => {
    for (const path of ['/api/repositories', '/api/agents/runs', '/api/agents/stacks', '/api/controller/resources', '/api/agents/permissions/review']) {
      expect(Object.keys(document.paths)).toContain(path);
      for (const operation of Object.values(document.paths[path] ?? {})) {
        expect(operation, path).toMatchObject({ deprecated: true, 'x-kradle-same-as': expect.stringContaining('/api/orgs/{org}/') });
        expect(operation.parameters, path).toContainEqual({ $ref: '#/components/parameters/Org' });
      }
    }
  });

  it('has every address of every procedure, and says each in words', async () => {
    const { routes } = await appProcedures();
    expect(routes.length).toBeGreaterThan(200);
    for (const { procedurePath, method, path } of routes) {
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect(operation, `${method} ${path} (${procedurePath})`).toBeDefined();
      expect(operation?.summary, procedurePath).toMatch(/\w/);
      expect(operation?.tags, procedurePath).toHaveLength(1);
    }
  });

  it.each([
    'get /api/orgs', 'post /api/orgs', 'get /api/orgs/{org}/resources', 'post /api/orgs/{org}/resources', 'get /api/orgs/{org}/resources/{kind}/{name}', 'delete /api/orgs/{org}/resources/{kind}/{name}',
    'get /api/orgs/{org}/repositories', 'post /api/orgs/{org}/repositories', 'post /api/orgs/{org}/agents/dispatch', 'post /api/orgs/{org}/agents/runs/{name}/cancel',
    'post /api/orgs/{org}/agents/runs/{name}/callback', 'post /api/orgs/{org}/agents/approvals/{name}/decide', 'get /api/orgs/{org}/pullrequests', 'post /api/orgs/{org}/pullrequests',
    'post /api/orgs/{org}/pullrequests/{pr}/reviews', 'post /api/orgs/{org}/pullrequests/{pr}/merge', 'get /api/orgs/{org}/agents/events/stream',
  ])('has %s, with each part of its path', (route) => {
    const [method = '', path = ''] = route.split(' ');
    const operation = document.paths[path]?.[method];
    const inPath = operation?.parameters?.filter((each) => each.in === 'path').map(({ name }) => name) ?? [];
    expect(inPath.sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    expect(Object.keys(operation?.responses ?? {})).toContain('default');
    if (method === 'post') expect(operation?.requestBody).toBeDefined();
  });

  it('says which codes mean success, and what may be asked beside the body', () => {
    const codes = (method: string, path: string) => Object.keys(document.paths[path]?.[method]?.responses ?? {});
    const reads = ['400', '401', '403', '404', '429', '503', 'default'];
    const writes = ['400', '401', '403', '404', '409', '422', '429', '503', 'default'];
    expect(codes('post', '/api/orgs/{org}/resources')).toEqual(['200', '201', ...writes]);
    expect(codes('post', '/api/orgs/{org}/agents/dispatch')).toEqual(['201', ...writes]);
    expect(codes('post', '/api/orgs/{org}/agents/runs/{name}/cancel')).toEqual(['202', ...writes]);
    expect(codes('put', '/api/orgs/{org}/resources/{kind}/{name}')).toContain('412');
    expect(codes('get', '/api/orgs')).toEqual(['200', '304', ...reads]);
    expect(codes('get', '/api/orgs/{org}/inference/services')).toEqual(['401', '404', '429', '501', 'default']);
    for (const [method, path] of [['post', '/api/orgs/{org}/resources'], ['put', '/api/orgs/{org}/resources/{kind}/{name}'], ['delete', '/api/orgs/{org}/resources/{kind}/{name}']] as const) {
      expect(document.paths[path]?.[method]?.parameters).toContainEqual(expect.objectContaining({ in: 'query', name: 'dryRun' }));
    }
  });

  it('names the cookie that sign-in sets', async () => {
    const signedIn = await server.fetch('/api/session', { method: 'POST', body: JSON.stringify({ token: server.token }), headers: { 'Content-Type': 'application/json' } });
    expect(signedIn.headers.get('set-cookie')).toMatch(new RegExp(`^${document.components.securitySchemes.session?.name}=`));
  });
});

describe('what the server answers is what the document says', () => {
  const profile = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentToolProfile', metadata: { name: 'p' }, spec: { filesystemPolicy: 'full', approvalPolicyByTool: {} } };
  const one = { kind: 'agenttoolprofiles', name: 'p' };

  it('of the server, its kinds and organizations', async () => {
    await call('GET', '/api/info');
    await call('GET', '/api/kinds');
    await call('GET', '/api/kinds', { query: '?view=summary' });
    await call('GET', '/api/kinds/{kind}', { params: { kind: 'stack' } });
    await call('GET', '/api/kinds/{kind}', { params: { kind: 'nothing' }, status: 404 });
    await call('POST', '/api/orgs', { body: { slug: 'acme' }, status: 201 });
    await call('POST', '/api/orgs', { body: { slug: 'acme' }, status: 409 });
    await call('GET', '/api/orgs');
    await call('POST', '/api/sign-in-links', { body: {}, status: 201 });
  });

  it('of objects', async () => {
    const all = '/api/orgs/{org}/resources';
    const single = `${all}/{kind}/{name}`;
    await call('POST', all, { body: profile, status: 201 });
    await call('POST', all, { body: profile });
    await call('POST', all, { body: { ...profile, spec: { filesystemPolicy: 'wide open' } }, status: 422 });
    await call('GET', all, { query: '?kind=agenttoolprofiles&limit=1' });
    await call('GET', all, { query: '?kind=nothing', status: 404 });
    await call('GET', single, { params: one });
    await call('GET', `${single}/used-by`, { params: one });
    await call('GET', `${single}/used-by`, { params: one, query: '?continue=x', status: 400 });
    await call('GET', '/api/orgs/{org}/search', { query: '?q=worktree' });
    await call('GET', '/api/orgs/{org}/search', { query: '?q=x', status: 400 });
    await call('PUT', single, { params: one, body: profile });
    await call('DELETE', single, { params: one });
    await call('DELETE', single, { params: one, status: 404 });
  });

  it('of repositories and pull requests', async () => {
    const all = '/api/orgs/{org}/repositories';
    const params = { repository: 'demo' };
    await call('POST', all, { body: { name: 'demo', initialize: true }, status: 201 });
    await eventually('the first commit', async () => (await call<{ status?: { defaultBranchHead?: string } }>('GET', `${all}/{repository}`, { params })).status?.defaultBranchHead);
    await call('GET', all);
    await call('POST', `${all}/{repository}/branches`, { params, body: { name: 'feature', from: 'main' }, status: 201 });
    const { items } = await call<{ items: { sha: string }[] }>('GET', `${all}/{repository}/commits`, { params });
    for (const [path, query, more] of [['branches', ''], ['tags', ''], ['tree', ''], ['blob', '?path=README.md'], ['commits/{sha}', '', { sha: items[0]?.sha ?? '' }], ['compare', '?base=main&head=feature']] as const) {
      await call('GET', `${all}/{repository}/${path}`, { params: { ...params, ...more }, query });
    }
    await call('GET', '/api/orgs/{org}/pullrequests');
    await call('GET', '/api/orgs/{org}/pullrequests/{pr}', { params: { pr: 'demo-9' }, status: 404 });
  });

  it('of agents and runs', async () => {
    const agents = '/api/orgs/{org}/agents';
    await call('GET', `${agents}/presets`);
    await call('POST', agents, { body: { name: 'worker', command: ['true'], adapterType: 'command' }, status: 201 });
    const { runName } = await call<{ runName: string }>('POST', `${agents}/dispatch`, { body: { repository: 'demo', agentStack: 'worker', prompt: 'Do nothing.' }, status: 201 });
    await call('GET', `${agents}/runs`);
    for (const path of ['', '/events', '/artifacts']) await call('GET', `${agents}/runs/{name}${path}`, { params: { name: runName } });
    await call('GET', `${agents}/approvals`);
    await call('POST', `${agents}/runs/{name}/cancel`, { params: { name: runName }, body: {}, status: 202 });
    await call('POST', `${agents}/approvals/{name}/decide`, { params: { name: 'none' }, body: { decision: 'approve' }, status: 404 });
  });
});
