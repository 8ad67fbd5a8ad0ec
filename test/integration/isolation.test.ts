import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPerson } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';

/**
 * What somebody learns who may not see an organization. Every question is asked twice: about an organization that is there, with
 * things of that name in it, and about one that is not. The answers must be the same but for the name. What does show is that something
 * happens somewhere: resourceVersions rise for every write of the installation, whoever wrote it.
 */
const THEIRS = 'zebra';
const NOBODYS = 'quaga';
const GROUP = '/apis/kradle.a5c.ai/v1alpha1';
/** How long a stream may take to begin. */
const STREAM_MS = 3_000;

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

let server: TestServer;
let cookie: string;
/** Administrator's uid of one of their objects, and their fingerprints in the store. */
let theirUid: string;

beforeAll(async () => {
  server = await startServer();
  await server.api('POST', '/api/orgs', { slug: THEIRS, displayName: THEIRS });
  await server.api('POST', `/api/orgs/${THEIRS}/repositories`, { name: `${THEIRS}-one` });
  for (const resource of [
    { kind: 'AgentContextLabel', spec: { displayName: THEIRS, promptFragment: THEIRS, allowedSources: [] } },
    { kind: 'AgentToolProfile', spec: { filesystemPolicy: 'full', approvalPolicyByTool: {} } },
    { kind: 'AgentStack', spec: { displayName: THEIRS, prompt: { system: THEIRS, task: THEIRS } } },
    { kind: 'Issue', spec: { repositories: [`${THEIRS}-one`], title: THEIRS } },
  ]) {
    const answer = await server.api<{ resource: { metadata: { uid: string } } }>('POST', `/api/orgs/${THEIRS}/resources`, { ...resource, metadata: { name: `${THEIRS}-one`, labels: { [THEIRS]: THEIRS } } });
    theirUid = answer.resource.metadata.uid;
  }
  await server.api('POST', '/api/orgs/default/resources', { kind: 'AgentContextLabel', metadata: { name: 'own' }, spec: { displayName: 'Own', promptFragment: 'x', allowedSources: [] } });
  cookie = (await newPerson(server, 'mallory', { role: 'maintainer' })).browser.cookies(server.url);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A request of Mallory's, who is of the organization `default` and no administrator. */
async function ask({ method, path, body, type = 'application/json' }: Question): Promise<{ status: number; text: string; warning: string | null }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), STREAM_MS);
  const response = await fetch(server.url + path, {
    method, redirect: 'manual', signal: abort.signal,
    headers: { Cookie: cookie, Origin: server.url, ...(body === undefined ? {} : { 'Content-Type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  let text = '';
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  } catch {
    // A stream, cut off: what it said until then counts.
  }
  clearTimeout(timer);
  return { status: response.status, text, warning: response.headers.get('warning') };
}

/** Without what differs from one answer to the next in any case. */
function comparable<T extends { text: string }>(answer: T): T {
  return { ...answer, text: answer.text.replace(/"correlationId":"[^"]*"|"resourceVersion":"\d+"|"(uid|id)":"[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+Z|"revision":"?\d+"?/g, '…') };
}

const about = (name: string, question: Question): Question => JSON.parse(JSON.stringify(question).replaceAll('{them}', name)) as Question;
const renamed = (text: string): string => text.replaceAll(THEIRS, NOBODYS);

async function expectNothingLearned(question: Question): Promise<void> {
  const nobodys = comparable(await ask(about(NOBODYS, question)));
  const theirs = comparable(await ask(about(THEIRS, question)));
  const label = `${question.method} ${question.path} ${JSON.stringify(question.body ?? '')}`;
  expect.soft({ label, ...theirs, text: renamed(theirs.text), warning: theirs.warning && renamed(theirs.warning) }).toEqual({ label, ...nobodys });
  expect.soft(theirs.status, label).toBeGreaterThanOrEqual(200);
  expect.soft(theirs.status, label).not.toBe(500);
}

describe('who may not see an organization', () => {
  it('is signed in, and sees their own', async () => {
    expect((await ask({ method: 'GET', path: '/api/orgs/default/resources/agentcontextlabels/own' })).status).toBe(200);
    expect((await ask({ method: 'GET', path: `${GROUP}/namespaces/kradle-org-default/agentcontextlabels/own` })).status).toBe(200);
  });

  it('learns nothing by any route of REST that has an organization in it', async () => {
    const { paths } = await server.api<{ paths: Record<string, Record<string, unknown>> }>('GET', '/api/openapi.json');
    const questions = Object.entries(paths).filter(([path]) => path.includes('{org}')).flatMap(([path, methods]) => Object.keys(methods).map((method): Question => {
      const filled = path.replace('{org}', '{them}').replace('{kind}', 'agentcontextlabels').replace(/\{(?!them\})\w+\}/g, '{them}-one');
      return { method: method.toUpperCase(), path: filled, ...(method === 'get' || method === 'delete' ? {} : { body: { kind: 'AgentContextLabel', metadata: { name: '{them}-one' }, spec: {}, slug: '{them}' } }) };
    }));
    expect(questions.length).toBeGreaterThan(30);
    for (const question of questions) await expectNothingLearned(question);
  });

  it.each<[string, Question]>([
    ['the snapshot', { method: 'GET', path: '/api/controller?org={them}' }],
    ['the stream of changes', { method: 'GET', path: '/api/orgs/{them}/agents/events/stream' }],
    ['lists of REST', { method: 'GET', path: '/api/orgs/{them}/resources?kind=agentcontextlabels' }],
    ['searches', { method: 'GET', path: '/api/orgs/default/resources?kind=agentcontextlabels&q={them}' }],
    ['git', { method: 'GET', path: '/git/{them}/{them}-one.git/info/refs?service=git-upload-pack' }],
    ['raw files', { method: 'GET', path: '/api/orgs/{them}/repositories/{them}-one/raw/main/README.md' }],
    ['making the organization again', { method: 'POST', path: '/api/orgs', body: { slug: '{them}', displayName: 'x' } }],
    ['placing an object there', { method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'AgentContextLabel', metadata: { name: 'placed', namespace: 'kradle-org-{them}' }, spec: { displayName: 'x', promptFragment: 'x', allowedSources: [] } } }],
    ['naming it in an object', { method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'AgentContextLabel', metadata: { name: 'named' }, spec: { organizationRef: '{them}', displayName: 'x', promptFragment: 'x', allowedSources: [] } } }],
    ['a reference by name', { method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'Review', metadata: { name: 'by-name' }, spec: { pullRequest: '{them}-one', state: 'commented' } } }],
    ['a reference by REST\'s own verb', { method: 'POST', path: '/api/orgs/default/repositories/{them}-one/pulls', body: { title: 'x', head: 'a', base: 'main' } }],
    ['an apply to their organization by REST', { method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'Organization', metadata: { name: '{them}' }, spec: { displayName: 'x' } } }],
    ['an apply to their binding by REST', { method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'OrgNamespaceBinding', metadata: { name: '{them}' }, spec: {} } }],
    ['an apply to their binding', { method: 'PATCH', type: 'application/apply-patch+yaml', path: `${GROUP}/namespaces/kradle-system/orgnamespacebindings/{them}?fieldManager=m`, body: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'OrgNamespaceBinding', metadata: { name: '{them}' }, spec: {} } }],
    ['deleting their organization by REST', { method: 'DELETE', path: '/api/orgs/default/resources/organizations/{them}' }],
    ['changing their organization by REST', { method: 'PUT', path: '/api/orgs/default/resources/organizations/{them}', body: { metadata: { name: '{them}', resourceVersion: '1' }, spec: { displayName: 'x' } } }],
    ['deleting their organization', { method: 'DELETE', path: `${GROUP}/namespaces/kradle-system/organizations/{them}` }],
    ['updating their organization', { method: 'PUT', path: `${GROUP}/namespaces/kradle-system/organizations/{them}`, body: { metadata: { name: '{them}', resourceVersion: '1' }, spec: { displayName: 'x' } } }],
    ['patching their organization', { method: 'PATCH', type: 'application/merge-patch+json', path: `${GROUP}/namespaces/kradle-system/organizations/{them}`, body: { spec: { displayName: 'y' } } }],
    ['patching the status of their organization', { method: 'PATCH', type: 'application/merge-patch+json', path: `${GROUP}/namespaces/kradle-system/organizations/{them}/status`, body: { status: { phase: 'Ready' } } }],
    ['deleting their namespace', { method: 'DELETE', path: '/api/v1/namespaces/kradle-org-{them}' }],
    ['what uses a thing', { method: 'GET', path: '/api/orgs/{them}/resources/repositories/{them}-one/used-by' }],
    ['tRPC', { method: 'POST', path: '/trpc/resources.applyResource', body: { org: '{them}', resource: { kind: 'AgentContextLabel', metadata: { name: '{them}-one' }, spec: { displayName: 'x', promptFragment: 'x', allowedSources: [] } } } }],
    ['lists of tRPC', { method: 'GET', path: `/trpc/resources.list?input=${encodeURIComponent('{"org":"')}{them}${encodeURIComponent('","kind":"agentcontextlabels"}')}` }],
    ['a namespace', { method: 'GET', path: '/api/v1/namespaces/kradle-org-{them}' }],
    ['a namespace in its older spelling', { method: 'GET', path: '/api/v1/namespaces/krate-org-{them}' }],
    ['a selector of namespaces', { method: 'GET', path: '/api/v1/namespaces?fieldSelector=metadata.name%3Dkradle-org-{them}' }],
    ['core objects', { method: 'GET', path: '/api/v1/namespaces/kradle-org-{them}/events' }],
    ['a list', { method: 'GET', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels` }],
    ['a watch', { method: 'GET', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels?watch=1&timeoutSeconds=1` }],
    ['an object', { method: 'GET', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels/{them}-one` }],
    ['an object looked for in the platform\'s namespace', { method: 'GET', path: `${GROUP}/namespaces/kradle-system/agentcontextlabels/{them}-one` }],
    ['a selector over all namespaces', { method: 'GET', path: `${GROUP}/agentcontextlabels?fieldSelector=metadata.name%3D{them}-one` }],
    ['a watch over all namespaces', { method: 'GET', path: `${GROUP}/agentcontextlabels?fieldSelector=metadata.name%3D{them}-one&watch=1&timeoutSeconds=1` }],
    ['a platform object', { method: 'GET', path: `${GROUP}/namespaces/kradle-system/organizations/{them}` }],
    ['their binding', { method: 'GET', path: `${GROUP}/namespaces/kradle-system/orgnamespacebindings/{them}` }],
    ['creation', { method: 'POST', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels`, body: { metadata: { name: '{them}-one' }, spec: { displayName: 'x', promptFragment: 'x', allowedSources: [] } } }],
    ['creation of an organization', { method: 'POST', path: `${GROUP}/namespaces/kradle-system/organizations`, body: { metadata: { name: '{them}' }, spec: { displayName: 'x' } } }],
    ['an update', { method: 'PUT', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels/{them}-one`, body: { metadata: { name: '{them}-one', resourceVersion: '1' }, spec: { displayName: 'x', promptFragment: 'x', allowedSources: [] } } }],
    ['a server-side apply, and its conflicts', { method: 'PATCH', type: 'application/apply-patch+yaml', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels/{them}-one?fieldManager=m`, body: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name: '{them}-one' }, spec: { displayName: 'y' } } }],
    ['an apply to their organization', { method: 'PATCH', type: 'application/apply-patch+yaml', path: `${GROUP}/namespaces/kradle-system/organizations/{them}?fieldManager=m`, body: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Organization', metadata: { name: '{them}' }, spec: { displayName: 'y' } } }],
    ['a patch', { method: 'PATCH', type: 'application/merge-patch+json', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels/{them}-one`, body: { spec: { displayName: 'y' } } }],
    ['a deletion', { method: 'DELETE', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels/{them}-one` }],
    ['a deletion of everything', { method: 'DELETE', path: `${GROUP}/namespaces/kradle-org-{them}/agentcontextlabels` }],
    ['a document in the platform\'s namespace that names it', { method: 'POST', path: `${GROUP}/namespaces/kradle-system/agentcontextlabels`, body: { metadata: { name: 'x' }, spec: { organizationRef: '{them}', displayName: 'x', promptFragment: 'x', allowedSources: [] } } }],
    ['can-i', { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: { spec: { resourceAttributes: { namespace: 'kradle-org-{them}', verb: 'get', group: 'kradle.a5c.ai', resource: 'agentcontextlabels', name: '{them}-one' } } } }],
    ['can-i --list', { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', body: { spec: { namespace: 'kradle-org-{them}' } } }],
  ])('learns nothing by %s', async (_how, question) => {
    await expectNothingLearned(question);
  });

  it('learns nothing from an owner whose uid is theirs', async () => {
    const owned = (uid: string) => ({ method: 'POST', path: '/api/orgs/default/resources', body: { kind: 'AgentContextLabel', metadata: { name: 'owned', ownerReferences: [{ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', name: 'gone', uid }] }, spec: { displayName: 'x', promptFragment: 'x', allowedSources: [] } } });
    const [theirs, nobodys] = [await ask(owned(theirUid)), await ask(owned('00000000-0000-4000-8000-000000000000'))];
    expect(comparable({ ...theirs, text: theirs.text.replaceAll(theirUid, 'uid') })).toEqual(comparable({ ...nobodys, text: nobodys.text.replaceAll('00000000-0000-4000-8000-000000000000', 'uid') }));
  });

  it('meets their name in no list, snapshot, stream or document', async () => {
    const { resources } = await server.api<{ resources: { name: string; namespaced: boolean }[] }>('GET', GROUP);
    const names = resources.map(({ name }) => name).filter((name) => !name.includes('/'));
    expect(names.length).toBeGreaterThan(40);
    const paths = [
      ...names.flatMap((name) => [`${GROUP}/${name}`, `${GROUP}/namespaces/kradle-system/${name}`]),
      `${GROUP}/organizations?watch=1&timeoutSeconds=1`, `${GROUP}/agentcontextlabels?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      '/api/v1/namespaces', '/api/v1/namespaces?watch=1&timeoutSeconds=1', '/api/v1/events', '/api/v1/secrets', '/api/v1/configmaps', '/openapi/v2', '/metrics', '/api/orgs', '/api/info', '/api/controller?org=default',
      '/api/orgs/default/agents/events/stream', '/api/openapi.json',
    ];
    for (const path of paths) {
      const { status, text } = await ask({ method: 'GET', path });
      expect.soft([path, status, text.includes(THEIRS) ? text.slice(Math.max(0, text.indexOf(THEIRS) - 200), text.indexOf(THEIRS) + 50) : '']).toEqual([path, status, '']);
    }
  });
});
