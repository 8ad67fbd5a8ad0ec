import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectByHttp } from '../harness/mcpClient';
import { newPerson } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';

/**
 * A private repository in an organization, and those who were given no role in it: by every door its name is met nowhere, and an answer
 * about it is the answer about one that is not there. Then the same people are given a role, and see it.
 */
const HIDDEN = 'vault';
const NOTHING = 'abyss';
const GROUP = '/apis/kradle.a5c.ai/v1alpha1';
const CORE = `${GROUP}/namespaces/kradle-org-default`;
/** How long a stream is listened to, in ms. */
const STREAM_MS = 1_000;
const ROLES = ['viewer', 'reviewer', 'developer'] as const;

let server: TestServer;
const tokens = new Map<string, string>();

beforeAll(async () => {
  server = await startServer();
  await server.api('POST', '/api/orgs/default/repositories', { name: HIDDEN, visibility: 'private' });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'web', visibility: 'internal' });
  const put = (resource: unknown) => server.api('POST', '/api/orgs/default/resources', resource);
  await put({ kind: 'Issue', metadata: { name: `${HIDDEN}-issue` }, spec: { repositories: [HIDDEN], title: HIDDEN } });
  await put({ kind: 'BranchProtection', metadata: { name: `${HIDDEN}-main` }, spec: { repository: HIDDEN, refs: ['main'] } });
  await put({ kind: 'Pipeline', metadata: { name: `${HIDDEN}-ci` }, spec: { repository: HIDDEN, steps: [] } }).catch(() => undefined);
  for (const role of [...ROLES, 'maintainer']) tokens.set(role, (await (await newPerson(server, `p-${role}`, { role })).token()).token);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Question {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

async function ask(role: string, { method = 'GET', path, body, type = 'application/json' }: Question): Promise<{ status: number; text: string }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), STREAM_MS);
  let [status, text] = [0, ''];
  try {
    const response = await fetch(server.url + path, {
      method, redirect: 'manual', signal: abort.signal,
      headers: { Authorization: `Bearer ${tokens.get(role) ?? ''}`, ...(body === undefined ? {} : { 'Content-Type': type }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    ({ status } = response);
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  } catch (error) {
    // A stream, cut off: what it said until then counts.
    if (!abort.signal.aborted) throw error;
  }
  clearTimeout(timer);
  return { status, text };
}

const comparable = ({ status, text }: { status: number; text: string }) => ({ status, text: text.replace(/"correlationId":"[^"]*"|"resourceVersion":"\d+"|"(uid|id)":"[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…') });
const about = (name: string, question: Question): Question => JSON.parse(JSON.stringify(question).replaceAll('{it}', name)) as Question;

describe.each(ROLES)('a %s without a role in a private repository', (role) => {
  it('meets its name in no list, watch, count, search, snapshot or stream', async () => {
    const { resources } = await server.api<{ resources: { name: string }[] }>('GET', GROUP);
    const names = resources.map(({ name }) => name).filter((name) => !name.includes('/'));
    const questions = [
      ...names.flatMap((name) => [`${GROUP}/${name}`, `${CORE}/${name}`, `/api/orgs/default/resources?kind=${name}`]),
      `${CORE}/repositories?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, `${CORE}/issues?watch=1&resourceVersion=1&timeoutSeconds=1`,
      '/api/orgs/default/repositories', '/api/orgs/default/pullrequests', '/api/controller?org=default', '/api/orgs/default/snapshot', `/api/orgs/default/search?q=${HIDDEN}`,
      '/api/orgs/default/agents/events/stream', '/api/v1/events', '/api/orgs/default/home',
    ];
    for (const path of questions) {
      const { status, text } = await ask(role, { path });
      // What was asked for may be repeated.
      const said = text.replaceAll(`q=${HIDDEN}`, '');
      expect.soft([path, status, said.includes(HIDDEN) ? said.slice(Math.max(0, said.indexOf(HIDDEN) - 200), said.indexOf(HIDDEN) + 50) : '']).toEqual([path, status, '']);
      expect.soft([path, status < 500]).toEqual([path, true]);
    }
  });

  it.each<[string, Question]>([
    ['REST', { path: '/api/orgs/default/resources/repositories/{it}' }],
    ['its own route', { path: '/api/orgs/default/repositories/{it}' }],
    ['its files', { path: '/api/orgs/default/repositories/{it}/tree' }],
    ['a raw file', { path: '/api/orgs/default/repositories/{it}/raw/main/README.md' }],
    ['an archive', { path: '/api/orgs/default/repositories/{it}/archive/main.zip' }],
    ['what uses it', { path: '/api/orgs/default/resources/repositories/{it}/used-by' }],
    ['Kubernetes', { path: `${CORE}/repositories/{it}` }],
    ['a selector', { path: `${CORE}/repositories?fieldSelector=metadata.name%3D{it}` }],
    ['a selector of what names it', { path: `${CORE}/issues?fieldSelector=metadata.name%3D{it}-issue` }],
    ['what names it', { path: `${CORE}/issues/{it}-issue` }],
    ['its protection', { path: `${CORE}/branchprotections/{it}-main` }],
    ['a change', { method: 'PATCH', type: 'application/merge-patch+json', path: `${CORE}/repositories/{it}`, body: { spec: { description: 'x' } } }],
    ['a deletion', { method: 'DELETE', path: `${CORE}/repositories/{it}` }],
    ['a status', { method: 'PATCH', type: 'application/merge-patch+json', path: `${CORE}/repositories/{it}/status`, body: { status: { phase: 'Ready' } } }],
    ['an issue about it', { method: 'POST', path: `${CORE}/issues`, body: { metadata: { name: 'leak' }, spec: { title: 'x', repositories: ['{it}'] } } }],
    ['a pull request to it', { method: 'POST', path: '/api/orgs/default/pullrequests', body: { repository: '{it}', title: 'x', sourceBranch: 'a', targetBranch: 'main' } }],
    ['a run in it', { method: 'POST', path: '/api/orgs/default/agents/dispatch', body: { repository: '{it}', agentStack: 'none', prompt: 'x' } }],
    ['a permission in it', { method: 'POST', path: `${CORE}/repositorypermissions`, body: { metadata: { name: 'leak' }, spec: { repository: '{it}', subject: { kind: 'User', name: `p-${role}` }, permission: 'admin' } } }],
    ['git', { path: '/git/default/{it}.git/info/refs?service=git-upload-pack' }],
    ['a push', { path: '/git/default/{it}.git/info/refs?service=git-receive-pack' }],
    ['can-i', { method: 'POST', path: '/api/orgs/default/access/check', body: { checks: [{ verb: 'get', kind: 'repo', name: '{it}' }, { verb: 'push', kind: 'repo', name: '{it}' }] } }],
    ['can-i of Kubernetes', { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: { spec: { resourceAttributes: { namespace: 'kradle-org-default', verb: 'get', group: 'kradle.a5c.ai', resource: 'repositories', name: '{it}' } } } }],
  ])('cannot tell it from one that is not there by %s', async (_how, question) => {
    const nothing = comparable(await ask(role, about(NOTHING, question)));
    const hidden = comparable(await ask(role, about(HIDDEN, question)));
    expect({ ...hidden, text: hidden.text.replaceAll(HIDDEN, NOTHING) }).toEqual(nothing);
    expect(hidden.status).toBeLessThan(500);
  });

  it('nor by MCP', async () => {
    await using mcp = await connectByHttp(server, { token: tokens.get(role) ?? '' });
    const { tools } = await mcp.client.listTools();
    const reads = tools.filter(({ annotations }) => annotations?.readOnlyHint === true);
    expect(reads.length).toBeGreaterThan(0);
    for (const { name, inputSchema } of reads) {
      const has = (field: string) => Object.hasOwn((inputSchema.properties ?? {}), field);
      const args = { ...(has('org') ? { org: 'default' } : {}), ...(has('kind') ? { kind: 'Repository' } : {}), ...(has('name') ? { name: HIDDEN } : {}), ...(has('repository') ? { repository: HIDDEN } : {}) };
      const said = (text: string) => JSON.stringify(text).replaceAll(NOTHING, HIDDEN).replace(/kradle-[0-9a-f]{16}/g, '…').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|resourceVersion[^,]*,/g, '…');
      const call = async (with_: Record<string, unknown>) => said(JSON.stringify(await mcp.client.callTool({ name, arguments: with_ }).catch(String)));
      const instead = JSON.parse(JSON.stringify(args).replaceAll(HIDDEN, NOTHING)) as Record<string, unknown>;
      expect.soft([name, await call(args)]).toEqual([name, await call(instead)]);
    }
  });
});

it('who is given a role sees it, and says why not what goes beyond it', async () => {
  await server.api('POST', '/api/orgs/default/resources', { kind: 'RepositoryPermission', metadata: { name: 'vault-viewer' }, spec: { repository: HIDDEN, subject: { kind: 'User', name: 'p-viewer' }, permission: 'read' } });
  expect((await ask('viewer', { path: `/api/orgs/default/resources/repositories/${HIDDEN}` })).status).toBe(200);
  expect((await ask('viewer', { path: `${CORE}/issues/${HIDDEN}-issue` })).status).toBe(200);
  const env = { KRADLE_TOKEN: tokens.get('viewer') ?? '', KRADLE_SERVER: server.url };
  const why = await server.cli(['auth', 'can-i', 'push', 'repo', HIDDEN, '--explain'], { env });
  expect(why.code).toBe(1);
  expect(why.stdout).toMatch(/^no\n.*"write".*"vault".*yours is "read".*rule push/s);
  const may = await server.cli(['auth', 'can-i', 'get', 'repo', HIDDEN, '--explain'], { env });
  expect([may.code, may.stdout]).toEqual([0, 'yes\nrule read-repository: see a repository and what belongs to it\n']);
  expect((await server.cli(['auth', 'whoami'], { env })).stdout).toContain('role in default: viewer');
});

it('Kubernetes\' reviews answer as the verbs do', async () => {
  const review = async (role: string, attributes: Record<string, string>) => {
    const { text } = await ask(role, { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: { spec: { resourceAttributes: { namespace: 'kradle-org-default', group: 'kradle.a5c.ai', ...attributes } } } });
    return (JSON.parse(text) as { status: { allowed: boolean } }).status.allowed;
  };
  const asked: [string, string, string][] = ['viewer', 'reviewer', 'developer', 'maintainer'].flatMap((role) => ([[role, 'create', 'agentcontextlabels'], [role, 'create', 'users'], [role, 'list', 'agentcontextlabels'], [role, 'list', 'auditevents'], [role, 'patch', 'teams']] as [string, string, string][]));
  for (const [role, verb, resource] of asked) {
    const said = await review(role, { verb, resource });
    if (verb === 'patch') continue;
    const { status } = await ask(role, verb === 'list' ? { path: `${CORE}/${resource}` } : { method: 'POST', path: `${CORE}/${resource}?dryRun=All`, body: { metadata: { name: 'x' }, spec: {} } });
    expect([role, verb, resource, said]).toEqual([role, verb, resource, status !== 403]);
  }
});
