import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrganizationDeletionView } from '../../shared/api/organizations';
import { eventually } from '../harness/eventually';
import { newPerson, type Person } from '../harness/person';
import { ask as question, createRunFixture, isAlive, type RunFixture } from '../harness/runFixture';
import type { TestServer } from '../harness/startServer';

const ORG = 'doomed';

let fixture: RunFixture;
let server: TestServer;
beforeEach(async () => {
  fixture = await createRunFixture({ org: ORG });
  ({ server } = fixture);
  await fixture.repository('shop');
});
afterEach(() => fixture[Symbol.asyncDispose]());

const deletion = () => server.api<OrganizationDeletionView>('GET', `/api/orgs/${ORG}/deletion`);
const statusOf = async (path: string, init?: RequestInit) => (await server.fetch(path, init)).status;
const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;
const asPerson = (who: Person, path: string, json?: unknown) => who.browser.request(server.url + path, json === undefined ? {} : { json });
const recordOf = async (run: string, file: 'runner' | 'agent') => JSON.parse(await readFile(join(server.dataDir, 'runs', ORG, run, `${file}.json`), 'utf8')) as { pid: number };
/** A run whose agent works until it is stopped. */
async function workingRun(): Promise<string> {
  await fixture.agent('worker', { prompt: [{ write: { path: 'a.txt', text: 'x\n' } }, question('go on')] });
  const run = await fixture.dispatch('shop', 'worker');
  await fixture.question(run);
  return run;
}

describe('suspending an organization', () => {
  it('ends the runs that work, lets none start, and takes no writes until its owner resumes it', async () => {
    const olga = await newPerson(server, 'olga', { org: ORG, role: 'owner' });
    const ada = await newPerson(server, 'ada', { org: ORG, role: 'admin' });
    const run = await workingRun();
    expect((await asPerson(ada, `/api/orgs/${ORG}/suspend`, {})).status).toBe(403);
    const suspended = await asPerson(olga, `/api/orgs/${ORG}/suspend`, { reason: 'under review' });
    expect([suspended.status, await suspended.json()]).toMatchObject([200, { organization: { spec: { suspended: true, suspendedReason: 'under review' } } }]);
    expect((await fixture.ended(run)).status).toMatchObject({ phase: 'Cancelled', reason: 'CancelledByUser', message: expect.stringContaining('the organization was suspended') as string });
    await eventually('its phase', async () => (await server.api<{ organization: { status?: { phase?: string } } }>('GET', `/api/orgs/${ORG}`)).organization.status?.phase === 'Suspended');
    const refused = await asPerson(olga, `/api/orgs/${ORG}/agents/dispatch`, { repository: 'shop', agentStack: 'worker', prompt: 'x' });
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'ORG_SUSPENDED']);
    expect((await asPerson(olga, `/api/orgs/${ORG}/repositories/shop`)).status).toBe(200);
    // An administrator of the installation may still write; what they start waits.
    const waiting = await fixture.dispatch('shop', 'worker');
    await fixture.until(waiting, 'to wait', ({ status }) => status?.reason === 'OrganizationSuspended');
    expect((await asPerson(olga, `/api/orgs/${ORG}/resume`, {})).status).toBe(200);
    await fixture.question(waiting);
    expect((await asPerson(olga, `/api/orgs/${ORG}/agents/runs/${waiting}/cancel`, {})).ok).toBe(true);
    await fixture.ended(waiting);
  });
});

describe('deleting an organization', () => {
  it('wants its name from an owner, and says how far it is', async () => {
    const olga = await newPerson(server, 'olga', { org: ORG, role: 'owner' });
    const ada = await newPerson(server, 'ada', { org: ORG, role: 'admin' });
    const remove = (who: Person, confirm: string) => who.browser.request(`${server.url}/api/orgs/${ORG}`, { method: 'DELETE', json: { confirm } });
    expect((await remove(ada, ORG)).status).toBe(403);
    const unconfirmed = await remove(olga, 'Doomed');
    expect([unconfirmed.status, await codeOf(unconfirmed)]).toEqual([422, 'CONFIRMATION_REQUIRED']);
    expect(await codeOf(await server.fetch(`/api/orgs/default`, { method: 'DELETE', headers: { 'Content-Type': 'application/json' }, body: '{"confirm":"default"}' }))).toBe('ORG_PROTECTED');
    const accepted = await remove(olga, ORG);
    expect([accepted.status, await accepted.json()]).toMatchObject([202, { org: ORG, phase: 'Deleting', requestedBy: 'olga' }]);
    await eventually('the end', async () => (await asPerson(olga, `/api/orgs/${ORG}/deletion`).then((response) => response.json() as Promise<OrganizationDeletionView>)).phase === 'Deleted');
    expect((await asPerson(ada, `/api/orgs/${ORG}/deletion`)).status).toBe(404);
  });

  it('that is killed again and again leaves nothing: no object, no process, no repository, no worktree, and the name is free', async () => {
    const run = await workingRun();
    const { pid } = await recordOf(run, 'runner');
    for (let number = 1; number <= 150; number += 1) {
      await server.api('POST', `/api/orgs/${ORG}/resources`, { kind: 'Issue', metadata: { name: `shop-${number}` }, spec: { repositories: ['shop'], title: `Issue ${number}` } });
    }
    await server.api('POST', `/api/orgs/${ORG}/invites`, { emails: ['grace@example.com'] });
    const folders = ['repositories', 'workspaces', 'workspaces/.repositories', 'runs'].map((root) => join(server.dataDir, root, ORG));
    expect(folders.filter((path) => existsSync(path))).toEqual(folders);

    await server.api('DELETE', `/api/orgs/${ORG}`, { confirm: ORG });
    for (let time = 1; time <= 3; time += 1) {
      await server.kill9();
      await server.restart();
    }
    await eventually('the end', async () => (await deletion()).phase === 'Deleted');
    expect(await deletion()).toMatchObject({ objectsLeft: [], repositoryBytesLeft: 0, requestedBy: 'admin' });
    expect(await statusOf(`/api/orgs/${ORG}`)).toBe(404);
    expect(await isAlive(pid)).toBe(false);
    expect(folders.filter((path) => existsSync(path))).toEqual([]);
    expect(await statusOf(`/git/${ORG}/shop.git/info/refs?service=git-upload-pack`)).toBe(404);

    await server.api('POST', '/api/orgs', { slug: ORG });
    expect(await server.api('GET', `/api/orgs/${ORG}/resources?kind=issues`)).toMatchObject({ items: [] });
    expect(await server.api('GET', `/api/orgs/${ORG}/resources?kind=invites`)).toMatchObject({ items: [] });
    expect((await server.api<{ items: { metadata: { name: string } }[] }>('GET', `/api/orgs/${ORG}/resources?kind=users`)).items.map(({ metadata }) => metadata.name)).toEqual(['admin']);
    await fixture.repository('shop');
    expect(await readdir(join(server.dataDir, 'repositories', ORG))).toEqual(['shop.git']);
    const events = await server.fetch(`/api/orgs/${ORG}/agents/runs/${run}/events`);
    expect(events.status).toBe(404);
  });
});
