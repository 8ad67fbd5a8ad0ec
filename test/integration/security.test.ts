import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../harness/rawRequest';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import { runProcess } from '../harness/runProcess';
import { tempDir } from '../harness/tempDir';

const COMMIT = 'c'.repeat(40);
const AGENTS = `/api/orgs/${ORG}/agents`;

let fixture: RunFixture;
let working: string;

beforeAll(async () => {
  fixture = await createRunFixture();
  await fixture.repository('shop');
  await fixture.repository('other');
  await fixture.agent('asker', { prompt: [{ permission: { toolCall: { title: 'Look', kind: 'execute' }, options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }, { optionId: 'no', name: 'No', kind: 'reject_once' }] } }] });
  working = await fixture.dispatch('shop', 'asker');
  await fixture.until(working, 'work', (run) => run.status?.phase === 'Running');
});
afterAll(() => fixture[Symbol.asyncDispose]());

async function asRun(method: string, path: string, opts: { body?: unknown; attempt?: number; run?: string } = {}): Promise<{ status: number; text: string }> {
  const response = await fixture.server.fetch(path, {
    method,
    headers: { Authorization: `Bearer ${fixture.token(opts.run ?? working, opts.attempt)}`, 'Content-Type': 'application/json' },
    ...(opts.body === undefined ? {} : { body: JSON.stringify(opts.body) }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a run\'s token', () => {
  it('reads its own run and nothing else', async () => {
    expect((await asRun('GET', `${AGENTS}/runs/${working}`)).status).toBe(200);
    const second = await fixture.dispatch('other', 'asker');
    const refused = [
      `${AGENTS}/runs/${second}`, `${AGENTS}/runs/${second}/events`, `${AGENTS}/runs/${second}/diff`, `${AGENTS}/runs/${second}/artifacts`,
      `${AGENTS}/runs`, `${AGENTS}/approvals`, `${AGENTS}/presets`, `${AGENTS}/events/stream`, `${AGENTS}/runs/${working}/artifacts`, `${AGENTS}/artifacts/any/content`,
      `/api/orgs/${ORG}/resources?kind=agentadapters`, `/api/orgs/${ORG}/resources/users/admin`, `/api/orgs/${ORG}/repositories`, `/api/orgs/${ORG}/repositories/shop/raw/main/README.md`,
      `/api/orgs/${ORG}/repositories/shop/archive/main.zip`, `/api/orgs/nobody/resources?kind=repositories`, '/api/orgs', '/api/info', '/metrics',
      `${AGENTS}/runs/${second}/runner/control?attempt=1&waitMs=0`,
    ];
    for (const path of refused) expect.soft([403, 404], path).toContain((await asRun('GET', path)).status);
  });

  it('decides, dispatches, cancels, retries and creates nothing, and opens no session', async () => {
    const question = await fixture.question(working);
    const refused: [string, string, unknown][] = [
      ['POST', `${AGENTS}/approvals/${question.metadata.name}/decide`, { decision: 'approve', optionId: 'yes' }],
      ['POST', `${AGENTS}/dispatch`, { repository: 'shop', agentStack: 'asker', prompt: 'More' }],
      ['POST', `${AGENTS}/dispatch`, { repository: 'shop', agentStack: 'asker', prompt: 'More', sha: COMMIT }],
      ['POST', `${AGENTS}/runs/${working}/cancel`, {}],
      ['POST', `${AGENTS}/runs/${working}/retry`, {}],
      ['POST', `${AGENTS}/runs/${working}/write-back`, {}],
      ['POST', `${AGENTS}/asker/check`, {}],
      ['POST', '/api/sign-in-links', {}],
      ['POST', `/api/orgs/${ORG}/resources`, { resource: { kind: 'AgentStack', metadata: { name: 'mine' }, spec: { organizationRef: ORG, baseAgent: 'asker', adapter: 'asker' } } }],
      ['DELETE', `/api/orgs/${ORG}/resources/repositories/shop`, undefined],
    ];
    for (const [method, path, body] of refused) expect.soft([403, 404, 409], `${method} ${path}`).toContain((await asRun(method, path, { body })).status);
    expect((await asRun('POST', `${AGENTS}/runs/${working}/write-back`, { body: {} })).status).toBe(403);
    const session = await fetch(`${fixture.server.url}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: fixture.token(working) }) });
    expect(session.status).toBe(401);
    expect((await fixture.question(working)).status?.phase).toBe('Pending');
  });

  it('is good for one attempt: not for the runner\'s addresses, nor for git, of another', async () => {
    expect((await asRun('GET', `${AGENTS}/runs/${working}/runner/control?attempt=1&waitMs=0`)).status).toBe(200);
    expect(await asRun('GET', `${AGENTS}/runs/${working}/runner/control?attempt=1&waitMs=0`, { attempt: 2 })).toMatchObject({ status: 409, text: expect.stringContaining('ATTEMPT_SUPERSEDED') as string });
    expect((await asRun('PUT', `${AGENTS}/runs/${working}/runner/blobs`, { attempt: 2, body: {} })).status).toBe(409);
    const refs = `/git/${ORG}/shop.git/info/refs?service=git-upload-pack`;
    expect((await asRun('GET', refs)).status).toBe(200);
    expect((await asRun('GET', refs, { attempt: 2 })).status).toBe(404);
    expect((await asRun('GET', refs.replace('shop', 'other'))).status).toBe(404);
  });

  it('pushes to no branch but its own', async () => {
    await using folder = await tempDir();
    const env = { PATH: process.env.PATH ?? '', HOME: folder.path, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
    const url = new URL(`/git/${ORG}/shop.git`, fixture.server.url);
    [url.username, url.password] = ['run', fixture.token(working)];
    const git = (...args: string[]) => runProcess('git', args, { env, cwd: folder.path });
    await git('clone', '--quiet', url.href, '.');
    await git('commit', '--quiet', '--allow-empty', '-m', 'Mine');
    for (const ref of ['refs/heads/main', 'refs/heads/kradle/runs/another', 'refs/tags/v1', 'refs/pull/1/head', 'refs/kradle/worktrees/x']) {
      expect.soft((await git('push', 'origin', `HEAD:${ref}`)).code, ref).not.toBe(0);
    }
    expect((await git('push', 'origin', `HEAD:refs/heads/kradle/runs/${working}`)).code).toBe(0);
  });

  it('is good for nothing once the run has ended', async () => {
    const run = await fixture.dispatch('shop', 'asker');
    await fixture.until(run, 'work', ({ status }) => status?.phase === 'Running');
    await fixture.server.api('POST', `${AGENTS}/runs/${run}/cancel`, {});
    await fixture.ended(run);
    expect((await asRun('GET', `/git/${ORG}/shop.git/info/refs?service=git-upload-pack`, { run })).status).toBe(404);
    expect((await asRun('POST', `${AGENTS}/runs/${run}/runner/events`, { run, body: { attempt: 1, events: [] } })).status).toBe(409);
  });

  it('reports commits by their ids, and never something that git would read as an option', async () => {
    const option = '--output=/tmp/kradle-security-test';
    expect((await asRun('POST', `${AGENTS}/runs/${working}/callback`, { body: { phase: 'Succeeded', headSha: option } })).status).toBe(400);
    const patch = { baseSha: COMMIT, headSha: option, files: [], filesTruncated: false };
    const report = { attempt: 1, kind: 'patch', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1, mediaType: 'text/x-diff', fileName: 'a.patch', patch };
    expect((await asRun('POST', `${AGENTS}/runs/${working}/runner/artifacts`, { body: report })).status).toBe(400);
  });
});

describe('a person', () => {
  it('asks for runs in their own name, whatever the request says', async () => {
    const { resource } = await fixture.server.api<{ resource: { spec: { requestedBy: unknown } } }>('POST', `/api/orgs/${ORG}/resources`, {
      dryRun: true,
      resource: { kind: 'AgentDispatchRun', metadata: { name: 'forged' }, spec: { organizationRef: ORG, repository: 'shop', agentStack: 'asker', prompt: 'x', requestedBy: { kind: 'user', name: 'somebody-else' } } },
    });
    expect(resource.spec.requestedBy).toEqual({ kind: 'user', name: 'admin' });
  });
});

describe('the doors', () => {
  it('let no other site embed an answer or hold on to a window', async () => {
    for (const path of ['/', '/healthz', '/api/info']) {
      const { headers } = await fixture.server.fetch(path);
      expect.soft(headers.get('cross-origin-resource-policy'), path).toBe('same-origin');
      expect.soft(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect.soft(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
  });

  it('serve HTML of a repository as text in a sandbox', async () => {
    await fixture.server.api('POST', `/api/orgs/${ORG}/repositories`, { name: 'pages', initialize: true });
    const response = await fixture.server.fetch(`/api/orgs/${ORG}/repositories/pages/raw/main/README.md`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('run no mutation by GET, and no batch without end', async () => {
    expect((await fixture.server.fetch(`/trpc/system.createSignInLink?input=${encodeURIComponent('{}')}`)).status).toBe(405);
    const many = Array.from({ length: 101 }, () => 'system.info').join(',');
    expect((await fixture.server.fetch(`/trpc/${many}?batch=1`)).status).toBe(400);
  });

  it('refuse objects that are nested without end or reach for a prototype', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const headers = { 'Content-Type': 'application/json' };
    for (const context of [deep, '{"__proto__":{"polluted":true}}']) {
      const body = `{"repository":"shop","agentStack":"asker","prompt":"x","context":{"a":${context}}}`;
      const { status } = await fixture.server.fetch(`${AGENTS}/dispatch`, { method: 'POST', headers, body });
      expect.soft(status, context.slice(0, 20)).not.toBe(500);
    }
    expect((await fixture.server.fetch('/healthz')).status).toBe(200);
  });

  it('lead to no file outside of what they serve', async () => {
    const paths = ['/..%2f..%2fadmin-token', '/assets/..%2f..%2fadmin-token', '/%2e%2e/%2e%2e/admin-token', `/git/..%2f..%2fshop/info/refs?service=git-upload-pack`, `/api/orgs/${ORG}/repositories/shop/raw/main/..%2f..%2fconfig`, `/api/orgs/..%2f${ORG}/repositories/shop/raw/main/README.md`];
    for (const path of paths) {
      const { text } = await rawRequest(fixture.server.url + path, { headers: { Authorization: `Bearer ${fixture.server.token}` } });
      expect.soft(text.includes(fixture.server.token) || text.includes('repositoryformatversion'), path).toBe(false);
    }
  });
});
