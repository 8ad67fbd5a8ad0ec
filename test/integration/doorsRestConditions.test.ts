import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody } from '#shared/api/status';
import { eventually } from '../harness/eventually';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { readSse } from '../harness/sseClient';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const ROOT = '/api/orgs/default/resources';
const profile = (name: string, spec: object = {}) => ({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentToolProfile', metadata: { name }, spec: { filesystemPolicy: 'read-only', approvalPolicyByTool: {}, ...spec } });

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { KRADLE_RATE_LIMIT_PER_ADDRESS: '0' } });
});
afterAll(() => server[Symbol.asyncDispose]());

async function send(method: string, path: string, opts: { body?: unknown; headers?: Record<string, string> } = {}) {
  const response = await server.fetch(path, { method, headers: { ...(opts.body === undefined ? {} : { 'Content-Type': 'application/json' }), ...opts.headers }, ...(opts.body === undefined ? {} : { body: JSON.stringify(opts.body) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as ErrorBody & Record<string, never> };
}

describe('conditions', () => {
  it('of an object: its version is its tag, for reading, changing and deleting', async () => {
    await send('POST', ROOT, { body: profile('tagged') });
    const one = `${ROOT}/agenttoolprofiles/tagged`;
    // Its controller's first word makes another version of it.
    const first = await eventually('its status', async () => {
      const read = await send('GET', one);
      return 'status' in read.body ? read : undefined;
    });
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"\d+"$/);
    const unchanged = await send('GET', one, { headers: { 'If-None-Match': tag } });
    expect([unchanged.status, unchanged.body, unchanged.headers.get('etag')]).toEqual([304, undefined, tag]);

    const patched = await send('PATCH', one, { body: { spec: { filesystemPolicy: 'full' } }, headers: { 'If-Match': tag } });
    expect(patched).toMatchObject({ status: 200, body: { spec: { filesystemPolicy: 'full', approvalPolicyByTool: {} } } });
    const newTag = patched.headers.get('etag') ?? '';
    expect(newTag).not.toBe(tag);
    for (const [method, body] of [['PATCH', { spec: {} }], ['PUT', profile('tagged')], ['DELETE', {}]] as const) {
      expect(await send(method, one, { body, headers: { 'If-Match': tag } }), method).toMatchObject({ status: 412, body: { error: { code: 'PRECONDITION_FAILED' } } });
    }
    expect(await send('PATCH', one, { body: { metadata: { resourceVersion: tag.slice(1, -1) } } })).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
    expect(await send('GET', one, { headers: { 'If-None-Match': tag } })).toMatchObject({ status: 200 });
    expect(await send('DELETE', one, { headers: { 'If-Match': newTag } })).toMatchObject({ status: 200 });
  });

  it('of a repository and an agent, which have addresses of their own', async () => {
    await send('POST', '/api/orgs/default/repositories', { body: { name: 'tagged' } });
    expect(await send('DELETE', '/api/orgs/default/repositories/tagged', { headers: { 'If-Match': '"1"' } })).toMatchObject({ status: 412 });
    expect(await send('POST', '/api/agents/stacks', { body: { metadata: { name: 'typed' }, spec: { baseAgent: 'x', adapter: 'default' } } })).toMatchObject({ status: 201, body: { kind: 'AgentStack' } });
    expect(await send('PATCH', '/api/agents/stacks/typed', { body: { spec: { displayName: 'Typed' } } })).toMatchObject({ status: 200, body: { spec: { displayName: 'Typed', baseAgent: 'x' } } });
    expect(await send('GET', '/api/agents/stacks?fields=metadata.name,spec.displayName')).toMatchObject({ body: { items: [{ metadata: { name: 'typed' }, spec: { displayName: 'Typed' } }] } });
    expect(await send('DELETE', '/api/agents/stacks/typed', { headers: { 'If-Match': '"1"' } })).toMatchObject({ status: 412 });
    expect(await send('DELETE', '/api/agents/stacks/typed')).toMatchObject({ status: 200, body: { deleted: true } });
  });
});

describe('a key of idempotency', () => {
  it('holds over a restart, for a dispatch and for what it makes', async () => {
    await send('POST', '/api/orgs/default/repositories', { body: { name: 'once', initialize: true } });
    await eventually('the first commit', async () => (await server.api<{ status?: { defaultBranchHead?: string } }>('GET', '/api/orgs/default/repositories/once')).status?.defaultBranchHead);
    await send('POST', '/api/orgs/default/agents', { body: { name: 'idle', command: ['true'], adapterType: 'command' } });
    const dispatch = (prompt: string) => send('POST', '/api/orgs/default/agents/dispatch', { body: { repository: 'once', agentStack: 'idle', prompt }, headers: { 'Idempotency-Key': 'dispatch-1' } });
    const [first, second] = await Promise.all([dispatch('Do it'), dispatch('Do it')]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.runName).toBe(first.body.runName);
    expect([first, second].filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(1);
    await server.restart();
    const third = await dispatch('Do it');
    expect([third.body.runName, third.headers.get('idempotency-replayed')]).toEqual([first.body.runName, 'true']);
    expect(await dispatch('Do something else')).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_KEY_REUSED' } } });
    expect((await server.api<{ items: unknown[] }>('GET', '/api/orgs/default/agents/runs?repository=once')).items).toHaveLength(1);
    expect(await send('GET', `${ROOT}?kind=idempotencyrecords`)).toMatchObject({ status: 404 });
  });
});

describe('lists', () => {
  it('say where they go on', async () => {
    for (let index = 0; index < 5; index += 1) await send('POST', ROOT, { body: profile(`page-${index}`) });
    const seen: string[] = [];
    let next: string | undefined = `${server.url}${ROOT}?kind=agenttoolprofiles&q=page-&limit=2&fields=metadata.name`;
    while (next !== undefined) {
      const url: URL = new URL(next);
      const { headers, body } = await send('GET', url.pathname + url.search);
      seen.push(...(body as unknown as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name));
      next = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
  });
});

describe('addresses without an organization', () => {
  it('want one as soon as there are several, and hide those that one may not see', async () => {
    expect(await send('GET', '/api/repositories')).toMatchObject({ status: 200 });
    await send('POST', '/api/orgs', { body: { slug: 'second' } });
    expect(await send('GET', '/api/repositories')).toMatchObject({ status: 400, body: { error: { code: 'ORG_REQUIRED', reasons: [{ field: 'org' }] } } });
    expect(await send('GET', '/api/repositories?org=second')).toMatchObject({ status: 200, body: { items: [] } });
    expect(await send('GET', '/api/repositories?org=none')).toMatchObject({ status: 404, body: { error: { code: 'ORG_NOT_FOUND' } } });
    expect(await send('POST', '/api/controller/resources', { body: { ...profile('by-namespace'), metadata: { name: 'by-namespace', namespace: 'kradle-org-second' } } })).toMatchObject({ status: 201, body: { resource: { metadata: { namespace: 'kradle-org-second' } } } });
    expect(await send('POST', `/api/orgs/default/resources`, { body: { ...profile('astray'), metadata: { name: 'astray', namespace: 'kradle-org-second' } } })).toMatchObject({ status: 403, body: { error: { code: 'ORG_NAMESPACE_MISMATCH' } } });
    expect(await send('GET', '/api/controller/resources/agenttoolprofiles/by-namespace?org=second')).toMatchObject({ status: 200 });
  });
});

describe('a watch', () => {
  const policyOf = (object: unknown) => (object as { spec: { filesystemPolicy?: string } }).spec.filesystemPolicy;
  const open = async (path: string, headers: Record<string, string> = {}) => {
    const abort = new AbortController();
    const response = await server.fetch(path, { signal: abort.signal, headers });
    return { response, stream: readSse(response, abort) };
  };

  it('shows what is there, then what changes, and goes on after its last id', async () => {
    await send('POST', ROOT, { body: profile('watched') });
    const { stream } = await open('/api/watch/orgs/default/AgentToolProfile/watched');
    const there = await stream.next();
    expect([there.event, JSON.parse(there.data)]).toEqual(['kradle', expect.objectContaining({ type: 'ADDED', path: '/api/orgs/default/resources/agenttoolprofiles/watched', object: expect.objectContaining({ kind: 'AgentToolProfile' }) })]);
    await send('PATCH', `${ROOT}/agenttoolprofiles/watched`, { body: { spec: { filesystemPolicy: 'full' } } });
    // The status that a controller writes is a change, too, and may come before ours.
    const [changed] = (await stream.until(({ type, object }) => type === 'MODIFIED' && policyOf(object) === 'full')).slice(-1);
    stream.close();
    await send('DELETE', `${ROOT}/agenttoolprofiles/watched`);
    const again = await open('/api/watch/orgs/default/agenttoolprofiles?event=krate', { 'Last-Event-ID': changed?.id ?? '' });
    const next = await again.stream.next();
    expect(next.event).toBe('krate');
    const first = JSON.parse(next.data) as { type: string; object: unknown };
    expect(policyOf(first.object)).toBe('full');
    if (first.type !== 'DELETED') await again.stream.until(({ type }) => type === 'DELETED');
    again.stream.close();
  });

  it('of what one may not see, or of no kind, is refused before it begins', async () => {
    expect((await open('/api/watch/orgs/none/agenttoolprofiles')).response.status).toBe(404);
    expect((await open('/api/watch/orgs/default/nothings')).response.status).toBe(404);
    expect((await open('/api/watch/orgs/default/agenttoolprofiles', { 'Last-Event-ID': 'x' })).response.status).toBe(400);
    const { response, stream } = await open('/api/watch/orgs/default');
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    stream.close();
  });
});

/** Pushes one more commit to a branch. */
async function pushBranch(repository: string, branch: string): Promise<void> {
  await using folder = await tempDir('kradle-push-');
  const git = (...args: string[]) => runProcess('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-C', folder.path, ...args], { env: cleanEnvironment(folder.path) });
  await git('clone', '--quiet', server.gitUrl(repository), '.');
  await git('checkout', '--quiet', '-B', branch);
  await git('pull', '--quiet', 'origin', branch);
  await git('commit', '--quiet', '--allow-empty', '-m', 'One more');
  expect(await git('push', '--quiet', 'origin', branch)).toMatchObject({ code: 0 });
}

describe('a check', () => {
  it('counts for the commit that it was of, and for no other', async () => {
    await pushBranch('once', 'feature');
    const pulls = '/api/orgs/default/pullrequests';
    const created = await send('POST', pulls, { body: { repository: 'once', title: 'Feature', sourceBranch: 'feature' } });
    const name = (created.body as unknown as { metadata?: { name: string } }).metadata?.name;
    expect([created.status, name]).toEqual([201, expect.any(String)]);
    expect(await send('POST', `${pulls}/${name}/checks/complete`, { body: { name: 'build', state: 'Failed', url: 'https://ci.example/1' } })).toMatchObject({ status: 200, body: { status: { checks: [{ name: 'build', state: 'Failed' }] } } });
    expect(await send('POST', `${pulls}/${name}/checks/complete`, { body: { name: 'build', state: 'Succeeded', sha: '1'.repeat(40) } })).toMatchObject({ status: 409, body: { error: { code: 'HEAD_MOVED' } } });
    expect(await send('POST', `${pulls}/${name}/checks/complete`, { body: { name: 'build', state: 'Succeeded', url: 'javascript:alert(1)' } })).toMatchObject({ status: 400 });
    await pushBranch('once', 'feature');
    expect((await send('GET', `${pulls}/${name}`)).body).toMatchObject({ status: { checks: [] } });
  });
});

describe('the limit of requests', () => {
  it('is told, and ends in 429 with the time to wait', async () => {
    await using limited = await startServer({ env: { KRADLE_RATE_LIMIT_PER_ACTOR: '5', KRADLE_RATE_LIMIT_PER_ADDRESS: '8' } });
    const ask = () => limited.fetch('/api/orgs');
    const answers: Response[] = [];
    for (let index = 0; index < 7; index += 1) answers.push(await ask());
    expect(answers.map(({ status }) => status).slice(0, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(['limit', 'remaining'].map((name) => answers[0]?.headers.get(`ratelimit-${name}`))).toEqual(['5', '4']);
    const [refused] = answers.slice(5);
    expect([refused?.headers.get('retry-after'), refused?.headers.get('ratelimit-remaining')]).toEqual([expect.stringMatching(/^\d+$/), '0']);
    expect(await refused?.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    // Who is not signed in is bounded by where they come from.
    const guesses = await Promise.all(Array.from({ length: 6 }, () => limited.fetch('/api/orgs', { headers: { Authorization: 'Bearer guess' } })));
    expect(guesses.map(({ status }) => status)).toContain(429);
  });
});
