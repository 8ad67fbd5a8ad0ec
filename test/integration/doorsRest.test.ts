import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { createTokens } from '../../src-server/api/tokens';
import { openKeyFile } from '../../src-server/app/keyRing';
import { eventually } from '../harness/eventually';
import { startServer, type TestServer } from '../harness/startServer';

interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: KradleObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly total?: number;
}

const API_VERSION = 'kradle.a5c.ai/v1alpha1';
const ROOT = '/api/orgs/default/resources';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function call<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  return callAs<T>(server.token, { method, path, body });
}

async function callAs<T>(token: string, { method, path, body }: { method: string; path: string; body?: unknown }): Promise<{ status: number; body: T }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const profile = (name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: API_VERSION, kind: 'AgentToolProfile', metadata: { name, ...metadata }, spec: { filesystemPolicy: 'read-only', approvalPolicyByTool: {}, ...spec },
});
const user = (name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: API_VERSION, kind: 'User', metadata: { name, ...metadata }, spec: { displayName: name, email: `${name}@example.com`, ...spec },
});
const names = (list: { items: readonly KradleObject[] }) => list.items.map(({ metadata }) => metadata.name);

describe('organizations', () => {
  it('are created with their namespace, once', async () => {
    const created = await call('POST', '/api/orgs', { slug: 'Acme Corp', displayName: 'Acme' });
    expect(created).toMatchObject({
      status: 201,
      body: {
        organization: { apiVersion: API_VERSION, kind: 'Organization', metadata: { name: 'acme-corp', namespace: 'kradle-system' }, spec: { displayName: 'Acme', slug: 'acme-corp' } },
        namespace: 'kradle-org-acme-corp',
        binding: { kind: 'OrgNamespaceBinding', spec: { organizationRef: 'acme-corp', namespace: 'kradle-org-acme-corp' } },
      },
    });
    expect(await call('POST', '/api/orgs', { slug: 'acme-corp' })).toMatchObject({ status: 409, body: { error: { code: 'ALREADY_EXISTS', resource: 'Organization/kradle-system/acme-corp' } } });
    await eventually('the organization', async () => (await call<{ organizations: { slug: string; phase?: string }[] }>('GET', '/api/orgs')).body.organizations.some(({ slug, phase }) => slug === 'acme-corp' && phase === 'Ready'));
  });

  it('go with everything in them, and their name begins anew', async () => {
    await call('POST', '/api/orgs', { slug: 'brief' });
    await call('POST', '/api/orgs/brief/resources', profile('within'));
    expect(await call('DELETE', `${ROOT}/organizations/brief`)).toMatchObject({ status: 200, body: { deleted: true, name: 'brief', kind: 'Organization' } });
    await eventually('the deletion', async () => (await call('GET', '/api/orgs/brief/resources/agenttoolprofiles/within')).status === 404 && (await call('POST', '/api/orgs', { slug: 'brief' })).status === 201);
    expect(await call('GET', '/api/orgs/brief/resources?kind=agenttoolprofiles')).toMatchObject({ status: 200, body: { items: [], total: 0 } });
  });
});

describe('an object', () => {
  it('is created, found unchanged, configured, replaced and deleted', async () => {
    const created = await call<{ resource: KradleObject }>('POST', ROOT, profile('one'));
    expect(created).toMatchObject({ status: 201, body: { operation: 'created', created: true, name: 'one', resource: { apiVersion: API_VERSION, metadata: { namespace: 'kradle-org-default', generation: 1, labels: { 'kradle.a5c.ai/org': 'default' } } } } });
    expect(await call('POST', ROOT, profile('one'))).toMatchObject({ status: 200, body: { operation: 'unchanged', created: false } });
    expect(await call('POST', ROOT, { resource: profile('one', { auditLevel: 'full' }) })).toMatchObject({ status: 200, body: { operation: 'configured', resource: { metadata: { generation: 2 }, spec: { filesystemPolicy: 'read-only', auditLevel: 'full' } } } });

    const path = `${ROOT}/AgentToolProfile/one`;
    const current = (await call<KradleObject>('GET', path)).body;
    const replaced = await call<KradleObject>('PUT', path, { ...profile('one'), metadata: { name: 'one', resourceVersion: current.metadata.resourceVersion } });
    expect(replaced).toMatchObject({ status: 200, body: { metadata: { uid: created.body.resource.metadata.uid, generation: 3 } } });
    expect(replaced.body.spec).not.toHaveProperty('auditLevel');
    const stale = await call<ErrorBody>('PUT', path, { ...profile('one', { auditLevel: 'none' }), metadata: { name: 'one', resourceVersion: current.metadata.resourceVersion } });
    expect(stale).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT', resource: 'AgentToolProfile/kradle-org-default/one', message: expect.stringContaining(`you have version ${current.metadata.resourceVersion}`) } } });
    expect(await call('DELETE', `${path}?resourceVersion=${current.metadata.resourceVersion}`)).toMatchObject({ status: 409 });

    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { deleted: true, name: 'one', kind: 'AgentToolProfile', resource: { metadata: { name: 'one' } } } });
    expect(await call('GET', path)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND', resource: 'AgentToolProfile/kradle-org-default/one' } } });
    expect(await call('DELETE', path)).toMatchObject({ status: 404 });
  });

  it('is found by every name of its kind', async () => {
    await call('POST', ROOT, { apiVersion: API_VERSION, kind: 'KradleWorkspacePolicy', metadata: { name: 'policy' }, spec: { retentionPolicy: {} } });
    for (const kind of ['KradleWorkspacePolicy', 'kradleworkspacepolicies', 'kradleworkspacepolicy', 'KRADLEWORKSPACEPOLICIES', 'AgentWorkspacePolicy']) {
      expect(await call('GET', `${ROOT}/${kind}/policy`), kind).toMatchObject({ status: 200, body: { kind: 'KradleWorkspacePolicy' } });
      expect(await call('GET', `${ROOT}?kind=${kind}`), kind).toMatchObject({ status: 200, body: { kind: 'KradleWorkspacePolicyList' } });
    }
  });

  it('is checked by a dry run, which stores nothing', async () => {
    await call('POST', ROOT, profile('kept'));
    expect(await call('POST', `${ROOT}?dryRun=true`, profile('dry'))).toMatchObject({ status: 201, body: { operation: 'created', resource: { spec: { organizationRef: 'default' } } } });
    expect(await call('POST', ROOT, { resource: profile('dry', { filesystemPolicy: 'everything' }), dryRun: true })).toMatchObject({ status: 422 });
    expect(await call('GET', `${ROOT}/agenttoolprofiles/dry`)).toMatchObject({ status: 404 });
    expect(await call('PUT', `${ROOT}/agenttoolprofiles/kept?dryRun=true`, profile('kept', { auditLevel: 'full' }))).toMatchObject({ status: 200, body: { spec: { auditLevel: 'full' } } });
    expect(await call('DELETE', `${ROOT}/agenttoolprofiles/kept?dryRun=true`)).toMatchObject({ status: 200, body: { deleted: false } });
    const kept = await call<KradleObject>('GET', `${ROOT}/agenttoolprofiles/kept`);
    expect(kept).toMatchObject({ status: 200, body: { metadata: { generation: 1 } } });
    expect(kept.body.metadata).not.toHaveProperty('deletionTimestamp');
  });

  it('has no status from people', async () => {
    await call('POST', ROOT, { ...user('una'), status: { phase: 'Disabled', lastSignInAt: '2020-01-01T00:00:00Z' } });
    await eventually('the phase', async () => (await call<KradleObject>('GET', `${ROOT}/users/una`)).body.status?.phase === 'Invited');
    expect((await call<KradleObject>('GET', `${ROOT}/users/una`)).body.status).not.toHaveProperty('lastSignInAt');
  });
});

describe('documents of earlier versions', () => {
  const documents = parseAllDocuments(readFileSync(fileURLToPath(new URL('../fixtures/documents/older.yaml', import.meta.url)), 'utf8')).map((document) => document.toJS() as KradleObject);

  it('are accepted, and read back as present ones', async () => {
    const applied = [];
    for (const document of documents) {
      const answer = await call<{ operation: string; resource: KradleObject }>('POST', '/api/orgs/a5c/resources', document);
      expect(answer, `${document.kind} ${JSON.stringify(answer.body)}`).toMatchObject({ status: 201, body: { operation: 'created' } });
      applied.push(answer.body.resource);
    }
    expect(applied.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.namespace])).toEqual([
      [API_VERSION, 'Organization', 'kradle-system'],
      [API_VERSION, 'KradleWorkspacePolicy', 'kradle-org-a5c'],
      [API_VERSION, 'AgentToolProfile', 'kradle-org-a5c'],
      [API_VERSION, 'AgentServiceAccount', 'kradle-org-a5c'],
      [API_VERSION, 'AgentStack', 'kradle-org-a5c'],
    ]);
    expect(applied[0]?.spec).toEqual({ displayName: 'a5c', slug: 'a5c', namespaceName: 'kradle-org-a5c', memoryRepositoryRef: 'org-company-brain', createdBy: { kind: 'user', name: 'admin' } });
    expect(applied[1]?.metadata.labels).toEqual({ 'kradle.a5c.ai/org': 'a5c' });
    for (const [index, document] of documents.entries()) {
      if (index > 0) expect(applied[index]?.spec).toMatchObject(document.spec);
      expect(JSON.stringify(applied[index]?.metadata)).not.toContain('krate');
    }
  });

  it('change nothing when they are applied again, also under the present name', async () => {
    for (const document of documents) {
      expect(await call('POST', '/api/orgs/a5c/resources', document), document.kind).toMatchObject({ status: 200, body: { operation: 'unchanged' } });
    }
    const present = { ...documents[1], apiVersion: API_VERSION, kind: 'KradleWorkspacePolicy', metadata: { name: 'isolated-worktree-default' } };
    expect(await call('POST', '/api/orgs/a5c/resources', present)).toMatchObject({ status: 200, body: { operation: 'unchanged' } });
  });

  it('get the status that is true here, not the one that they came with', async () => {
    const stack = await eventually('the readiness', async () => {
      const { body } = await call<KradleObject>('GET', '/api/orgs/a5c/resources/agentstacks/claude-code-ci-repair');
      return body.status?.phase === undefined ? undefined : body;
    });
    expect(stack.status).toMatchObject({ phase: 'Blocked' });
    expect(JSON.stringify(stack.status)).not.toContain('AdapterManifestLoaded');
  });
});

interface Refusal {
  readonly what: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly code: string;
  /** Fields that the reasons name, in order. */
  readonly fields?: readonly string[];
}

describe('a refusal', () => {
  const refusals: Refusal[] = [
    { what: 'a kind that does not exist', body: { ...profile('x'), kind: 'AgentTolProfile' }, status: 404, code: 'KIND_NOT_FOUND' },
    { what: 'a kind that a cluster keeps', body: { ...profile('x'), apiVersion: 'core.oam.dev/v1beta1', kind: 'Application' }, status: 501, code: 'CLUSTER_MODE_REQUIRED' },
    { what: 'no kind', body: { metadata: { name: 'x' }, spec: {} }, status: 400, code: 'BAD_REQUEST', fields: ['kind'] },
    { what: 'a group that is not ours', body: { ...profile('x'), apiVersion: 'apps/v1' }, status: 400, code: 'BAD_REQUEST', fields: ['apiVersion'] },
    { what: 'no name', body: { kind: 'User', metadata: {}, spec: { displayName: 'X', email: 'x@example.com' } }, status: 422, code: 'INVALID', fields: ['metadata.name'] },
    { what: 'a name that is none', body: profile('Not A Name'), status: 422, code: 'INVALID', fields: ['metadata.name'] },
    { what: 'fields that are missing, all at once', body: { kind: 'AgentToolProfile', metadata: { name: 'x' }, spec: {} }, status: 422, code: 'INVALID', fields: ['spec.filesystemPolicy', 'spec.approvalPolicyByTool'] },
    { what: 'a field that does not exist', body: profile('x', { fileSystemPolicy: 'full' }), status: 422, code: 'INVALID', fields: ['spec.fileSystemPolicy'] },
    { what: 'a value of a wrong type, deep down', body: profile('x', { networkPolicy: { allowHosts: ['a', 1] } }), status: 422, code: 'INVALID', fields: ['spec.networkPolicy.allowHosts[1]'] },
    { what: 'metadata that is none', body: { kind: 'User', metadata: 'x', spec: {} }, status: 400, code: 'BAD_REQUEST', fields: ['metadata'] },
    { what: 'a reference to nothing', body: { kind: 'BranchProtection', metadata: { name: 'x' }, spec: { repository: 'none', refs: ['main'] } }, status: 422, code: 'INVALID', fields: ['spec.repository'] },
    { what: 'another name in the path', method: 'PUT', path: `${ROOT}/users/admin`, body: user('other'), status: 422, code: 'INVALID', fields: ['metadata.name'] },
    { what: 'a field that never changes', method: 'PUT', path: `${ROOT}/organizations/default`, body: { kind: 'Organization', metadata: { name: 'default' }, spec: { displayName: 'D', namespaceName: 'kradle-org-x' } }, status: 422, code: 'INVALID', fields: ['spec.namespaceName'] },
    { what: 'the administrator, deleted', method: 'DELETE', path: `${ROOT}/users/admin`, status: 403, code: 'USER_PROTECTED' },
    { what: 'a list of Secrets', method: 'GET', path: `${ROOT}?kind=Secret`, status: 501, code: 'CLUSTER_MODE_REQUIRED' },
    { what: 'a list of no kind', method: 'GET', path: ROOT, status: 400, code: 'BAD_REQUEST', fields: ['kind'] },
    { what: 'a page of nothing', method: 'GET', path: `${ROOT}?kind=users&limit=0`, status: 400, code: 'BAD_REQUEST', fields: ['limit'] },
    { what: 'a page that is too large', method: 'GET', path: `${ROOT}?kind=users&limit=100000`, status: 400, code: 'BAD_REQUEST', fields: ['limit'] },
    { what: 'a page of words', method: 'GET', path: `${ROOT}?kind=users&limit=many`, status: 400, code: 'BAD_REQUEST', fields: ['limit'] },
    { what: 'a selector that is none', method: 'GET', path: `${ROOT}?kind=users&fieldSelector=what`, status: 400, code: 'BAD_REQUEST' },
    { what: 'a token of no list', method: 'GET', path: `${ROOT}?kind=users&continue=what`, status: 400, code: 'BAD_REQUEST', fields: ['continue'] },
    { what: 'an organization that does not exist', method: 'GET', path: '/api/orgs/nowhere/resources?kind=users', status: 404, code: 'ORG_NOT_FOUND' },
    { what: 'an object in an organization that does not exist', method: 'POST', path: '/api/orgs/nowhere/resources', body: profile('x'), status: 404, code: 'ORG_NOT_FOUND' },
    { what: 'a namespace of another organization', body: profile('x', {}, { namespace: 'kradle-org-acme-corp' }), status: 403, code: 'ORG_NAMESPACE_MISMATCH', fields: ['metadata.namespace'] },
    { what: 'the reference to another organization', body: profile('x', { organizationRef: 'acme-corp' }), status: 403, code: 'CROSS_ORG_REF_DENIED', fields: ['spec.organizationRef'] },
    { what: 'a path that is no encoding', method: 'GET', path: `${ROOT}/users/%E0%A4`, status: 400, code: 'BAD_REQUEST' },
    { what: 'an organization without a slug', method: 'POST', path: '/api/orgs', body: {}, status: 400, code: 'BAD_REQUEST', fields: ['slug'] },
    { what: 'an organization whose slug has no letter', method: 'POST', path: '/api/orgs', body: { slug: '!!' }, status: 422, code: 'INVALID', fields: ['slug'] },
    { what: 'a repository without a name', method: 'POST', path: '/api/orgs/default/repositories', body: {}, status: 400, code: 'BAD_REQUEST', fields: ['name'] },
    { what: 'a repository that is not there', method: 'GET', path: '/api/orgs/default/repositories/none', status: 404, code: 'NOT_FOUND' },
    { what: 'a dispatch without a task', method: 'POST', path: '/api/orgs/default/agents/dispatch', body: { repository: 'none', agentStack: 'none' }, status: 400, code: 'BAD_REQUEST', fields: ['prompt'] },
    { what: 'a run that is not there, cancelled', method: 'POST', path: '/api/orgs/default/agents/runs/none/cancel', body: {}, status: 404, code: 'NOT_FOUND' },
    { what: 'a run that is not there, called back', method: 'POST', path: '/api/orgs/default/agents/runs/none/callback', body: { phase: 'Succeeded' }, status: 403, code: 'RUN_TOKEN_REQUIRED' },
    { what: 'an answer that is none', method: 'POST', path: '/api/orgs/default/agents/approvals/none/decide', body: { decision: 'perhaps' }, status: 400, code: 'BAD_REQUEST', fields: ['decision'] },
    { what: 'a question that is not there, answered', method: 'POST', path: '/api/orgs/default/agents/approvals/none/decide', body: { decision: 'approve' }, status: 404, code: 'NOT_FOUND' },
    { what: 'a pull request of no repository', method: 'POST', path: '/api/orgs/default/pullrequests', body: { repository: 'none', title: 'T', sourceBranch: 'b' }, status: 404, code: 'NOT_FOUND' },
    { what: 'a pull request that is not there, reviewed', method: 'POST', path: '/api/orgs/default/pullrequests/none-1/reviews', body: { state: 'approved' }, status: 404, code: 'NOT_FOUND' },
    { what: 'a merge by no method', method: 'POST', path: '/api/orgs/default/pullrequests/none-1/merge', body: { method: 'force' }, status: 400, code: 'BAD_REQUEST', fields: ['method'] },
    { what: 'a pull request that is not there, merged', method: 'POST', path: '/api/orgs/default/pullrequests/none-1/merge', body: { method: 'squash' }, status: 404, code: 'NOT_FOUND' },
  ];

  it.each(refusals)('of $what is $status $code', async ({ method = 'POST', path = ROOT, body, status, code, fields = [] }) => {
    const response = await server.fetch(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }) });
    const answer = (await response.json()) as ErrorBody;
    expect(answer, JSON.stringify(answer)).toMatchObject({ error: { code, correlationId: response.headers.get('x-correlation-id') } });
    expect(response.status).toBe(status);
    expect(Object.keys(answer)).toEqual(['error']);
    expect(answer.error.message).toMatch(/\w{3}/);
    expect(answer.error.message).not.toMatch(/undefined|\[object|received|Invalid input/);
    expect(answer.error.reasons.map(({ field }) => field)).toEqual(fields);
    for (const reason of answer.error.reasons) expect(reason).toMatchObject({ code: expect.stringMatching(/^[A-Z]\w+$/), message: expect.stringMatching(/\w{3}/) });
  });
});

describe('another organization', () => {
  it('shows nothing of itself to who does not belong to it: not that it exists, not what is in it', async () => {
    await call('POST', '/api/orgs', { slug: 'secretive' });
    await call('POST', '/api/orgs/secretive/resources', profile('hidden-name'));
    const tokens = createTokens({ keys: openKeyFile(`${server.dataDir}/secret.key`), adminToken: server.token, now: () => Date.now() });
    const outsider = tokens.signRunToken({ org: 'default', run: 'some-run', attempt: '1' });
    const asked = async (method: string, path: string, body?: unknown) => {
      const { status, body: answer } = await callAs<ErrorBody>(outsider, { method, path, body });
      return JSON.stringify({ status, error: { ...answer.error, correlationId: '' } });
    };
    for (const [method, rest, body] of [
      ['GET', '/resources?kind=agenttoolprofiles'], ['GET', '/resources/agenttoolprofiles/hidden-name'], ['DELETE', '/resources/agenttoolprofiles/hidden-name'],
      ['PUT', '/resources/agenttoolprofiles/hidden-name', profile('hidden-name')], ['POST', '/resources', profile('hidden-name')],
      ['GET', '/repositories'], ['GET', '/agents/runs'], ['GET', '/agents/approvals'], ['GET', '/pullrequests'], ['GET', '/agents/events/stream'],
    ] as const) {
      const there = await asked(method, `/api/orgs/secretive${rest}`, body);
      const nowhere = await asked(method, `/api/orgs/nowhere${rest}`, body);
      expect(there, `${method} ${rest}`).toBe(nowhere.replaceAll('nowhere', 'secretive'));
      expect(there).toContain('"status":404');
    }
    expect(await asked('GET', `${ROOT}/organizations/secretive`)).toBe((await asked('GET', `${ROOT}/organizations/nowhere`)).replaceAll('nowhere', 'secretive'));
    expect(JSON.stringify(await callAs(outsider, { method: 'GET', path: '/api/orgs' }))).not.toContain('secretive');
  });
});

describe('a list', () => {
  const count = 25;
  const team = (name: string, spec: object = {}, metadata: object = {}) => ({ kind: 'Team', metadata: { name, ...metadata }, spec: { displayName: name, ...spec } });
  beforeAll(async () => {
    await call('POST', '/api/orgs', { slug: 'lists' });
    for (let index = 0; index < count; index += 1) {
      const name = `p-${String(index).padStart(2, '0')}`;
      await call('POST', '/api/orgs/lists/resources', team(name, { displayName: index % 2 === 0 ? `Even ${count - index}` : `Odd ${index}` }, { labels: { parity: index % 2 === 0 ? 'even' : 'odd' } }));
    }
  });
  const list = async (query: string) => (await call<List>('GET', `/api/orgs/lists/resources?kind=teams${query}`)).body;

  it('has the shape of a Kubernetes list', async () => {
    const { apiVersion, kind, items, metadata, total } = await list('');
    expect({ apiVersion, kind, total, items: items.length }).toEqual({ apiVersion: API_VERSION, kind: 'TeamList', total: count, items: count });
    expect(metadata.resourceVersion).toMatch(/^\d+$/);
    expect(metadata.continue).toBeUndefined();
  });

  it('comes in pages of one revision, although objects come and go meanwhile', async () => {
    const first = await list('&limit=10');
    expect(first).toMatchObject({ total: count, metadata: { remainingItemCount: 15 } });
    await call('POST', '/api/orgs/lists/resources', team('p-09-late'));
    await call('DELETE', '/api/orgs/lists/resources/teams/p-20');
    const second = await list(`&limit=10&continue=${encodeURIComponent(first.metadata.continue ?? '')}`);
    const third = await list(`&limit=10&continue=${encodeURIComponent(second.metadata.continue ?? '')}`);
    expect([...names(first), ...names(second), ...names(third)]).toEqual(Array.from({ length: count }, (_, index) => `p-${String(index).padStart(2, '0')}`));
    expect(new Set([first, second, third].map(({ metadata }) => metadata.resourceVersion)).size).toBe(1);
    expect(second).toMatchObject({ metadata: { remainingItemCount: 5 } });
    expect(second).not.toHaveProperty('total');
    expect(third.metadata.continue).toBeUndefined();
    await call('DELETE', '/api/orgs/lists/resources/teams/p-09-late');
    await call('POST', '/api/orgs/lists/resources', team('p-20', { displayName: 'Even 5' }, { labels: { parity: 'even' } }));
  });

  it('is narrowed by labels, fields and words', async () => {
    expect(names(await list('&labelSelector=parity%3Dodd'))).toHaveLength(12);
    expect(names(await list('&labelSelector=parity%20notin%20(odd)'))).toHaveLength(13);
    expect(names(await list('&fieldSelector=metadata.name%3Dp-07'))).toEqual(['p-07']);
    expect(names(await list('&fieldSelector=spec.displayName%21%3DOdd%201&labelSelector=parity%3Dodd'))).toHaveLength(11);
    expect(names(await list('&q=odd%2023'))).toEqual(['p-23']);
    expect(await list('&q=nobody')).toMatchObject({ items: [], total: 0 });
    const narrowed = await list('&labelSelector=parity%3Dodd&limit=5');
    expect(names(narrowed)).toEqual(['p-01', 'p-03', 'p-05', 'p-07', 'p-09']);
    // How many more match, nobody has counted: better no figure than a wrong one.
    expect(narrowed).not.toHaveProperty('total');
    expect(await list('&labelSelector=parity%3Dodd&limit=5&sort=-metadata.name')).toMatchObject({ total: 12, metadata: { remainingItemCount: 7 } });
    const other = await call<ErrorBody>('GET', `/api/orgs/lists/resources?kind=teams&sort=-metadata.name&limit=5&continue=${encodeURIComponent(narrowed.metadata.continue ?? '')}`);
    expect(other).toMatchObject({ status: 400, body: { error: { reasons: [{ field: 'continue' }] } } });
  });

  it('is sorted by any field, both ways, over pages', async () => {
    expect(names(await list('&sort=-metadata.name&limit=3'))).toEqual(['p-24', 'p-23', 'p-22']);
    const first = await list('&sort=spec.displayName&limit=20');
    const second = await list(`&sort=spec.displayName&limit=20&continue=${encodeURIComponent(first.metadata.continue ?? '')}`);
    const shown = [...first.items, ...second.items].map(({ spec }) => String(spec.displayName));
    expect(shown).toHaveLength(count);
    expect(shown[0]).toBe('Even 1');
    expect(shown.findIndex((name) => name.startsWith('Odd'))).toBe(13);
  });
});

describe('answers', () => {
  /** What travels: fetch takes the encoding off its answers, but says it. */
  const encodingOf = async (path: string, accept = 'gzip') => {
    const response = await server.fetch(path, { headers: { 'Accept-Encoding': accept } });
    const text = await response.text();
    return { encoding: response.headers.get('content-encoding'), vary: response.headers.get('vary'), length: text.length };
  };

  it.each([['/api/kinds'], ['/trpc/resources.kinds?input=%7B%7D'], ['/openapi/v2'], ['/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/users'], ['/o/default']])('at %s are compressed for who takes it', async (path) => {
    const compressed = await encodingOf(path);
    const plain = await encodingOf(path, 'identity');
    expect(plain.encoding).toBeNull();
    expect(plain.length).toBe(compressed.length);
    expect(compressed.encoding).toBe(plain.length < 1024 ? null : 'gzip');
    expect([compressed.vary, plain.vary]).toEqual([expect.stringContaining('Accept-Encoding'), expect.stringContaining('Accept-Encoding')]);
  });

  it('that go on as things happen are not compressed', async () => {
    for (const path of ['/api/orgs/default/agents/events/stream', '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/agentstacks?watch=true']) {
      const abort = new AbortController();
      const response = await server.fetch(path, { headers: { 'Accept-Encoding': 'gzip' }, signal: abort.signal });
      expect([path, response.status, response.headers.get('content-encoding')]).toEqual([path, 200, null]);
      abort.abort();
    }
  });

  it('say beside themselves what the client should know; kradle apply says it to people', async () => {
    const misplaced = profile('misplaced', {}, { namespace: 'krate-system' });
    const response = await server.fetch(ROOT, { method: 'POST', body: JSON.stringify(misplaced), headers: { 'Content-Type': 'application/json' } });
    expect([response.status, response.headers.get('warning')]).toEqual([201, expect.stringMatching(/^299 - "metadata\.namespace \\"krate-system\\" .*kradle-org-default/)]);
    expect((await server.fetch(`${ROOT}/agenttoolprofiles/misplaced`)).headers.get('warning')).toBeNull();
    const applied = await server.cli(['apply', '-f', '-'], { input: JSON.stringify(misplaced) });
    expect(applied).toMatchObject({ code: 0, stdout: 'agenttoolprofile/misplaced unchanged\n', stderr: expect.stringMatching(/^Warning: metadata\.namespace "krate-system" .*\n$/) });
  });
});
