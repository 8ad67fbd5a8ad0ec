import { AuthorizationV1Api, KubeConfig, VersionApi, ApisApi, CoreApi } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { allKinds } from '#shared/kinds/index';
import { createKubeResources } from '../../src-server/api/kube/kubeResources';
import { kubectls, kubectlSession, newestKubectl, type KubectlSession } from '../harness/kubectl';
import { rawRequest } from '../harness/rawRequest';
import { startServer, type TestServer } from '../harness/startServer';

const served = createKubeResources(createKindRegistry(allKinds));
const GROUP = 'kradle.a5c.ai';
const ALIAS_GROUP = 'krate.a5c.ai';

let server: TestServer;
let session: KubectlSession;

beforeAll(async () => {
  server = await startServer();
  session = await kubectlSession(server);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Columns of kubectl's tables hang on how wide their neighbours are. */
const rows = (table: string) => table.trim().split('\n').map((line) => line.trim().split(/\s+/));

describe.each(kubectls)('$name', (kubectl) => {
  const test = it.skipIf(kubectl.path === undefined);
  const ok = (...args: string[]) => session.ok(kubectl, args);

  test('lists every resource of the present group with its names', async () => {
    const expected = served.inGroup(GROUP).map(({ plural, shortNames, apiVersion, kindName }) => [plural, ...(shortNames.length === 0 ? [] : [shortNames.join(',')]), apiVersion, 'true', kindName]);
    const listed = rows(await ok('api-resources', '--api-group', GROUP, '--no-headers'));
    expect(listed).toEqual(expected);
  });

  test('lists the older names in the older group', async () => {
    const listed = rows(await ok('api-resources', '--api-group', ALIAS_GROUP, '--no-headers')).map(([plural]) => plural);
    expect(listed).toEqual(served.inGroup(ALIAS_GROUP).map(({ plural }) => plural));
    expect(listed).toContain('agentartifacts');
  });

  test('knows the versions', async () => {
    expect((await ok('api-versions')).trim().split('\n')).toEqual(expect.arrayContaining(['kradle.a5c.ai/v1alpha1', 'krate.a5c.ai/v1alpha1', 'authorization.k8s.io/v1', 'v1']));
  });

  test('shows the version of the server', async () => {
    const { serverVersion } = JSON.parse(await ok('version', '--output', 'json')) as { serverVersion: { gitVersion: string; major: string } };
    expect(serverVersion).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.32\.0\+kradle\.\d+\.\d+\.\d+/) });
  });

  test('explains a kind, a field of it, and its metadata', async () => {
    const stack = await ok('explain', 'agentstacks');
    expect(stack).toContain('AgentStack');
    expect(stack).toMatch(/spec\s+<Object>/);
    expect(await ok('explain', 'agentstacks.spec.prompt')).toMatch(/system\s+<string>[\s\S]*task\s+<string>/);
    expect(await ok('explain', 'agentstack.metadata.ownerReferences.uid')).toContain('uid of the owner');
    expect(await ok('explain', 'namespaces.status.phase')).toContain('Active or Terminating');
  });

  test('explains a kind to its depths', async () => {
    const text = await ok('explain', 'agentstacks', '--recursive');
    for (const field of ['metadata', 'ownerReferences', 'spec', 'prompt', 'approvalMode', 'status', 'conditions', 'lastTransitionTime']) expect(text).toMatch(new RegExp(`^\\s+${field}\\s+<`, 'm'));
  });

  test('explains an older name of the older group', async () => {
    expect(await ok('explain', 'agentartifacts', '--api-version', 'krate.a5c.ai/v1alpha1')).toMatch(/KIND:\s+AgentArtifact/);
  });

  test('asks what the administrator may do', async () => {
    expect((await ok('auth', 'can-i', 'create', 'agentstacks')).trim()).toBe('yes');
    expect((await ok('auth', 'can-i', '*', '*', '--all-namespaces')).trim()).toBe('yes');
    expect((await ok('auth', 'can-i', 'patch', 'agentstacks', '--subresource', 'status')).trim()).toBe('yes');
    expect((await ok('auth', 'can-i', 'get', '/version')).trim()).toBe('yes');
    const refused = await session.run(kubectl, ['auth', 'can-i', 'create', 'namespaces']);
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('namespaces takes get, list, watch, not create')]);
    expect((await session.run(kubectl, ['auth', 'can-i', 'list', 'toasters'])).stdout).toContain('This server has no resource "toasters"');
  });

  test('lists what the administrator may do', async () => {
    const listed = rows(await ok('auth', 'can-i', '--list', '--no-headers'));
    expect(listed.map(([resource]) => resource)).toEqual(expect.arrayContaining([`*.${GROUP}`, 'selfsubjectaccessreviews.authorization.k8s.io', 'namespaces']));
  });

  it.skipIf(kubectl.path === undefined || kubectl.minor < 27)('says who the administrator is', async () => {
    const { status } = JSON.parse(await ok('auth', 'whoami', '--output', 'json')) as { status: { userInfo: { username: string; groups: string[] } } };
    expect(status.userInfo).toMatchObject({ username: 'admin', groups: ['system:authenticated', 'kradle:organizations:all'] });
  });

  test('finds the server, and no services beside it', async () => {
    expect(await ok('cluster-info')).toMatch(/control plane.* is running at /);
    expect((await session.run(kubectl, ['get', 'services'])).stderr).toContain('No resources found');
  });

  test('knows from the documents that it may ask for a dry run, and validates what it sends', async () => {
    const stack = (spec: object) => JSON.stringify({ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'AgentStack', metadata: { name: `tried-${kubectl.minor}`, namespace: 'kradle-org-default' }, spec });
    expect(await session.ok(kubectl, ['apply', '--dry-run=server', '--filename', '-'], { input: stack({ baseAgent: 'claude-code' }) })).toContain('created (server dry run)');
    expect((await session.run(kubectl, ['get', 'agentstacks', `tried-${kubectl.minor}`])).stderr).toContain('NotFound');
    const refused = await session.run(kubectl, ['apply', '--dry-run=server', '--filename', '-'], { input: stack({ baseAgent: 'claude-code', promt: {} }) });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('promt')]);
  });

  test('shows health in Kubernetes\' form', async () => {
    expect(await ok('get', '--raw', '/readyz?verbose')).toBe('[+]ping ok\n[+]store ok\nreadyz check passed\n');
    expect(await ok('get', '--raw', '/livez?verbose')).toBe('[+]ping ok\nlivez check passed\n');
  });
});

describe('who is not signed in', () => {
  it.skipIf(newestKubectl.path === undefined)('is told so by kubectl', async () => {
    const { code, stderr } = await session.run(newestKubectl, ['--token', 'wrong', 'get', 'namespaces']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/You must be logged in to the server/)]);
  });

  it.each(['/version', '/api', '/apis', '/api/v1', '/openapi/v2', '/openapi/v3', '/apis/kradle.a5c.ai/v1alpha1/agentstacks', '/apis/nothing/here', '/api/v1/nothing'])('gets a Status at %s', async (path) => {
    const { status, headers, text } = await rawRequest(server.url + path);
    expect([status, headers['www-authenticate'], JSON.parse(text)]).toEqual([401, 'Bearer realm="Kradle"', expect.objectContaining({ kind: 'Status', reason: 'Unauthorized', code: 401 })]);
  });

  it('may ask for health', async () => {
    expect((await rawRequest(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('addresses', () => {
  const read = async (path: string, init?: RequestInit) => {
    const response = await server.fetch(path, init);
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };

  it.each(['/apis/nothing', '/apis/nothing/v1/things', '/api/v1/nothing', '/openapi', '/openapi/v1', '/version/x', '/apis/kradle.a5c.ai/v1alpha1/nothing'])('answers a Status where there is nothing: %s', async (path) => {
    const { status, body } = await read(path);
    expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ kind: 'Status', reason: 'NotFound', code: 404 })]);
  });

  it('answers a Status to another method, with the methods that there are', async () => {
    const response = await server.fetch('/apis', { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('allow'), await response.json()]).toEqual([405, 'GET, HEAD', expect.objectContaining({ kind: 'Status', reason: 'MethodNotAllowed' })]);
  });

  it('answers a Status to a Host that is not ours', async () => {
    const { status, text } = await rawRequest(`${server.url}/apis`, { headers: { Host: 'evil.example' } });
    expect([status, JSON.parse(text)]).toEqual([403, expect.objectContaining({ kind: 'Status', reason: 'Forbidden' })]);
  });

  it('leaves REST its own errors and routes under /api', async () => {
    expect(JSON.parse((await read('/api/nothing')).body)).toEqual({ error: expect.objectContaining({ code: 'NOT_FOUND' }) });
    expect(await read('/api/kinds')).toMatchObject({ status: 200 });
    const { paths } = await server.api<{ paths: Record<string, unknown> }>('GET', '/api/openapi.json');
    expect(Object.keys(paths).filter((path) => /^\/(api\/?$|api\/v1(\/|$)|apis|openapi|version)/.test(path))).toEqual([]);
  });
});

describe('@kubernetes/client-node', () => {
  const config = () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(session.kubeconfig);
    return kubeConfig;
  };

  it('discovers groups, versions and resources', async () => {
    const { groups } = await config().makeApiClient(ApisApi).getAPIVersions();
    expect(groups.map(({ name }) => name).slice(0, 2)).toEqual([GROUP, ALIAS_GROUP]);
    expect((await config().makeApiClient(CoreApi).getAPIVersions()).versions).toEqual(['v1']);
    expect((await config().makeApiClient(VersionApi).getCode()).gitVersion).toContain('+kradle.');
  });

  it('reviews access', async () => {
    const review = await config().makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes: { namespace: 'kradle-org-default', verb: 'watch', group: GROUP, resource: 'repositories' } } },
    });
    expect(review.status?.allowed).toBe(true);
  });
});
