import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Repository } from '#shared/kinds/forge/repository';
import { eventually } from '../harness/eventually';
import { git } from '../harness/git';
import { answerOf, chancesOfTest, killRounds, moment } from '../harness/killMoments';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

type RepositoryObject = ObjectOf<typeof Repository>;

const ROUNDS = killRounds(2);
const ISSUES = 60;
const ORGS = ['default', 'other'] as const;

interface Place {
  readonly org: string;
  readonly name: string;
}

/** Where the repository is, or the id that it can be restored by. */
type Whereabouts = Place | { readonly org: string; readonly deleted: string };

interface Operation {
  readonly what: string;
  readonly ask: (server: TestServer) => Promise<unknown>;
  readonly from: Whereabouts;
  readonly to: (server: TestServer) => Promise<Whereabouts>;
  /** What the server says to whoever asks again when it is through. */
  readonly again: RegExp;
}

const urlOf = ({ org, name }: Place): string => `/api/orgs/${org}/repositories/${name}`;

it(`is killed ${ROUNDS} times in each of a transfer, a deletion and a restoration, and finishes it or has not begun`, { timeout: 60_000 + ROUNDS * 60_000 }, async () => {
  const chances = chancesOfTest();
  await using server = await startServer({ args: ['--log-level', 'warn'] });
  await using work = await tempDir();
  const refs = await seed(server, work.path);
  let place: Place = { org: 'default', name: 'shop' };
  const tookMs = new Map<string, number>();

  for (let round = 0; round <= ROUNDS; round += 1) {
    const steps = ['transfer', 'delete', 'restore'] as const;
    for (const step of steps) {
      const operation = await operationOf(server, { step, place, round });
      const startedAt = performance.now();
      const asked = answerOf(operation.ask(server));
      const at = (): string => `${operation.what}, round ${round}`;
      let answer: string;
      if (round === 0) {
        answer = await asked;
        await settled(server, operation, at());
        tookMs.set(step, performance.now() - startedAt);
      } else {
        await moment(chances.between(0, tookMs.get(step) ?? 0));
        await server.kill9({ withChildren: chances.pick([true, false]) });
        answer = await asked;
        await server.restart();
        // Once more, in the middle of what the next server does of it.
        if (chances.pick([true, false])) {
          await moment(chances.between(0, (tookMs.get(step) ?? 0) / 2));
          await server.kill9();
          await server.restart();
        }
        await atRest(server);
      }
      const began = await isAt(server, await operation.to(server));
      if (answer === 'done') expect(began, `${at()}: it was answered`).toBe(true);
      if (began) await settled(server, operation, at());
      else expect(await isAt(server, operation.from), `${at()}: neither here nor there`).toBe(true);
      const again = await answerOf(operation.ask(server));
      if (began) expect(again, at()).toMatch(operation.again);
      else expect(again, at()).toBe('done');
      const to = await settled(server, operation, at());
      await expectWhole(server, to, { refs, folder: work.path, at: at() });
      if ('name' in to) place = to;
    }
  }
});

async function operationOf(server: TestServer, { step, place, round }: { step: 'transfer' | 'delete' | 'restore'; place: Place; round: number }): Promise<Operation> {
  const { org } = place;
  const deleted = async (): Promise<Whereabouts> => ({ org, deleted: (await server.api<{ items: { id: string }[] }>('GET', `/api/orgs/${org}/deleted-repositories`)).items[0]?.id ?? '' });
  switch (step) {
    case 'transfer': {
      const to = { org: ORGS.find((other) => other !== org) ?? '', name: `shop-${round}` };
      // Whoever asks at the old address is led to the new one, and it is there already.
      return { what: `transfer to ${to.org}`, from: place, to: () => Promise.resolve(to), ask: () => server.api('POST', `${urlOf(place)}/transfer`, { organization: to.org, name: to.name }), again: /^(?:done|40[49]) ?/ };
    }
    case 'delete':
      return { what: `deletion in ${org}`, from: place, to: deleted, ask: () => server.api('DELETE', urlOf(place)), again: /^404/ };
    case 'restore': {
      const from = await deleted();
      return { what: `restoration in ${org}`, from, to: () => Promise.resolve(place), ask: () => server.api('POST', `/api/orgs/${org}/deleted-repositories/${'deleted' in from ? from.deleted : ''}/restore`, {}), again: /^40[49]/ };
    }
  }
}

async function isAt(server: TestServer, where: Whereabouts): Promise<boolean> {
  if ('deleted' in where) {
    const { items } = await server.api<{ items: { id: string }[] }>('GET', `/api/orgs/${where.org}/deleted-repositories`);
    return items.length > 0 && items[0]?.id === where.deleted;
  }
  // Not the redirect that leads elsewhere.
  const found = await server.api<{ items: RepositoryObject[] }>('GET', `/api/orgs/${where.org}/resources?kind=repositories`);
  return found.items.some(({ metadata }) => metadata.name === where.name && metadata.deletionTimestamp === undefined);
}

/** Nothing is on its way any more, whichever way it went. */
async function atRest(server: TestServer): Promise<void> {
  await eventually('rest', async () => {
    const all = await Promise.all(ORGS.map(async (org) => {
      const { items } = await server.api<{ items: RepositoryObject[] }>('GET', `/api/orgs/${org}/resources?kind=repositories`);
      const { items: deleted } = await server.api<{ items: { phase: string }[] }>('GET', `/api/orgs/${org}/deleted-repositories`);
      return [...items.map(({ metadata, status }) => (metadata.deletionTimestamp === undefined && status?.moving === undefined ? status?.phase : 'going')), ...deleted.map(({ phase }) => phase)];
    }));
    const phases = all.flat();
    return phases.length === 1 && ['Ready', 'Deleted'].includes(phases[0] ?? '');
  });
}

/** Waits until it is through, and answers where the repository is then. */
async function settled(server: TestServer, { to }: Operation, at: string): Promise<Whereabouts> {
  await atRest(server);
  const where = await to(server);
  expect(await isAt(server, where), `${at}: ${JSON.stringify(where)}`).toBe(true);
  return where;
}

async function expectWhole(server: TestServer, where: Whereabouts, { refs, folder, at }: { refs: string; folder: string; at: string }): Promise<void> {
  const folders = (await Promise.all(ORGS.map(async (org) => (await readdir(join(server.dataDir, 'repositories', org)).catch(() => [])).map((name) => `${org}/${name}`)))).flat();
  const all = async (org: string, kind: string) => (await server.api<{ items: { metadata: { name: string }; spec: Record<string, unknown> }[] }>('GET', `/api/orgs/${org}/resources?kind=${kind}&limit=1000`)).items;
  const counts = async (org: string) => Object.fromEntries(await Promise.all(['issues', 'pullrequests', 'reviews', 'branchprotections'].map(async (kind) => [kind, (await all(org, kind)).length] as const)));
  const elsewhere = ORGS.find((other) => other !== where.org) ?? '';
  expect(await counts(elsewhere), at).toEqual({ issues: 0, pullrequests: 0, reviews: 0, branchprotections: 0 });
  if ('deleted' in where) {
    expect(folders, at).toEqual([`${where.org}/Deleted-${where.deleted}.git`]);
    // Issues are the organization's.
    expect(await counts(where.org), at).toEqual({ issues: ISSUES, pullrequests: 0, reviews: 0, branchprotections: 0 });
    return;
  }
  expect(folders, at).toEqual([`${where.org}/${where.name}.git`]);
  expect(await counts(where.org), at).toEqual({ issues: ISSUES, pullrequests: 1, reviews: 1, branchprotections: 1 });
  const pull = `${where.name}-1`;
  expect((await all(where.org, 'pullrequests')).map(({ metadata }) => metadata.name), at).toEqual([pull]);
  expect((await all(where.org, 'reviews')).map(({ spec }) => spec.pullRequest), at).toEqual([pull]);
  expect((await all(where.org, 'branchprotections')).map(({ spec }) => spec.repository), at).toEqual([where.name]);
  expect(await server.api('GET', `/api/orgs/${where.org}/pullrequests/${pull}`), at).toMatchObject({ status: { phase: 'Open', mergeable: 'Mergeable' } });
  expect(await git(['ls-remote', server.gitUrl(where.name, where.org), 'refs/heads/*'], { cwd: folder }), at).toBe(refs);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: join(server.dataDir, 'repositories', where.org, `${where.name}.git`) }), at).toBe('');
}

/** A repository with what can belong to one, and another organization. Answers its branches, as `git ls-remote` tells them. */
async function seed(server: TestServer, folder: string): Promise<string> {
  await server.api('POST', '/api/orgs', { slug: 'other', displayName: 'Other' });
  await server.api('POST', '/api/orgs/default/repositories', { name: 'shop' });
  const clone = join(folder, 'clone');
  await git(['init', '--quiet', '--initial-branch=main', clone], { cwd: folder });
  for (const branch of ['main', 'topic']) {
    await git(['checkout', '--quiet', '-B', branch], { cwd: clone });
    await writeFile(join(clone, `${branch}.txt`), branch);
    await git(['add', '.'], { cwd: clone });
    await git(['commit', '--quiet', '-m', branch], { cwd: clone });
  }
  await git(['push', '--quiet', server.gitUrl('shop'), 'main', 'topic'], { cwd: clone });
  await server.api('POST', '/api/orgs/default/pullrequests', { repository: 'shop', title: 'A topic', sourceBranch: 'topic', targetBranch: 'main' });
  await server.api('POST', '/api/orgs/default/pullrequests/shop-1/reviews', { state: 'commented', body: 'Seen.' });
  await server.api('POST', '/api/orgs/default/resources', { kind: 'BranchProtection', metadata: { name: 'rule' }, spec: { repository: 'shop', refs: ['release/*'] } });
  const issues = Array.from({ length: ISSUES }, (_, index) => ({ kind: 'Issue', metadata: { name: `issue-${index}` }, spec: { title: `Issue ${index}`, repositories: ['shop'] } }));
  await server.api('POST', '/api/orgs/default/snapshot', { resources: issues });
  return git(['ls-remote', server.gitUrl('shop'), 'refs/heads/*'], { cwd: folder });
}
