import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { git } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

let server: TestServer;
let folder: Awaited<ReturnType<typeof tempDir>>;

beforeAll(async () => {
  [server, folder] = await Promise.all([startServer(), tempDir('kradle-forks-')]);
  await server.api('POST', '/api/orgs/default/repositories', { name: 'shop', defaultBranch: 'main', initialize: true });
  await server.api('POST', '/api/orgs/default/repositories/shop/fork', { name: 'mine' });
  const work = join(folder.path, 'mine');
  await git(['clone', '--quiet', server.gitUrl('mine'), work], { cwd: folder.path });
  for (const branch of ['rest', 'line', 'kube']) {
    await git(['checkout', '--quiet', '-B', branch, 'origin/main'], { cwd: work });
    await writeFile(join(work, `${branch}.txt`), `${branch}\n`);
    await git(['add', '.'], { cwd: work });
    await git(['commit', '--quiet', '-m', `By ${branch}`], { cwd: work });
    await git(['push', '--quiet', 'origin', branch], { cwd: work });
  }
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

interface Pull {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly sourceRepository?: string; readonly maintainerCanModify?: boolean };
  readonly status?: { readonly mergeable?: string };
}

it('is compared and opened by REST', async () => {
  const compare = await server.api('GET', '/api/orgs/default/repositories/shop/compare?base=main&head=rest&headRepository=mine');
  expect(compare).toMatchObject({ ahead: 1, mergeable: 'Mergeable', diff: { files: [{ path: 'rest.txt' }] } });
  const pull = await server.api<Pull>('POST', '/api/orgs/default/pullrequests', { repository: 'shop', sourceRepository: 'mine', sourceBranch: 'rest', title: 'By REST' });
  expect(pull).toMatchObject({ spec: { sourceRepository: 'mine', maintainerCanModify: true }, status: { mergeable: 'Mergeable' } });
  const { items } = await server.api<{ items: Pull[] }>('GET', '/api/orgs/default/pullrequests?sourceRepository=mine');
  expect(items.map(({ metadata }) => metadata.name)).toEqual([pull.metadata.name]);
  const refused = await server.fetch('/api/orgs/default/pullrequests', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ repository: 'shop', sourceRepository: 'other/mine', sourceBranch: 'rest', title: 'Across' }),
  });
  // References stay within the organization.
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('sourceRepository');
});

it('is opened and read on the command line', async () => {
  const created = await server.cli(['pr', 'create', '--repo', 'shop', '--head', 'mine:line', '--no-maintainer-edits', '--title', 'By hand']);
  expect(created.code, created.stderr).toBe(0);
  const shown = await server.cli(['pr', 'view', created.stdout.trim()]);
  expect(shown.stdout).toContain('mine:line into main');
  expect((await server.api<Pull>('GET', `/api/orgs/default/pullrequests/${created.stdout.trim()}`)).spec.maintainerCanModify).toBe(false);
});

it('is an object as any other to kubectl', async () => {
  const path = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/pullrequests';
  const document = { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'PullRequest', metadata: {}, spec: { repository: 'shop', sourceRepository: 'mine', sourceBranch: 'kube', title: 'By kubectl' } };
  const send = (body: unknown) => server.fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const response = await send({ ...document, metadata: { name: 'shop-3' } });
  expect(response.status, await response.clone().text()).toBe(201);
  await expect.poll(async () => (await server.api<Pull>('GET', '/api/orgs/default/pullrequests/shop-3')).status?.mergeable).toBe('Mergeable');
  const alien = await send({ ...document, metadata: { name: 'shop-4' }, spec: { ...document.spec, sourceRepository: 'nothing' } });
  expect(await alien.json()).toMatchObject({ code: 422, details: { causes: [{ field: 'spec.sourceRepository' }] } });
});
