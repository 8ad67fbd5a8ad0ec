import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgRole } from '#shared/access/roles';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Review } from '#shared/kinds/forge/review';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { ada, admin, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import type { Actor } from '../../../resources/actor';
import type { AuditedAct, AuditTrail } from '../../../resources/auditTrail';

const org = 'default';
let fixture: ForgeFixture;

beforeEach(async () => {
  fixture = await createForgeFixture({ roles: true, accounts: ['vera', 'rita', 'max'].map((name) => ({ kind: 'user', name, orgs: [org] })) });
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function member(name: string, role: OrgRole): Promise<Actor> {
  await fixture.resources.create(User, org, { metadata: { name }, spec: { organizationRef: org, displayName: name, email: `${name}@example.com`, role } });
  return { kind: 'user', name, orgs: [org] };
}

/** A repository of ada's, with one commit; `visibility` as everybody meets it. */
async function demo(visibility: 'internal' | 'private' = 'internal'): Promise<void> {
  await fixture.seed('demo');
  await fixture.resources.mutate(Repository, { org, name: 'demo' }, ({ spec }) => { spec.visibility = visibility; });
}

const give = (user: string, permission: 'read' | 'triage' | 'write' | 'maintain' | 'admin') =>
  fixture.resources.create(RepositoryPermission, org, { metadata: { name: `demo-${user}` }, spec: { organizationRef: org, repository: 'demo', subject: { kind: 'User', name: user }, permission } });

const fetchAs = (actor: Actor, repository = 'demo') => fixture.tryGit('.', 'ls-remote', fixture.url(repository, actor));
const pushAs = (actor: Actor, refspec: string) => fixture.tryGit('demo', 'push', fixture.url('demo', actor), refspec);

function traced(actor: Actor): { actor: Actor; acts: AuditedAct[] } {
  const acts: AuditedAct[] = [];
  const trail: AuditTrail = {
    door: 'git', correlationId: 'test',
    note: async (_actor, act) => void (act.part === 'write' || acts.push(act)),
    recordOf: () => undefined,
    ready: () => undefined,
    group: () => ({ ...trail, settle: async () => undefined }),
    completing: () => trail,
  };
  return { actor: { ...actor, trail }, acts };
}

describe('git over HTTP', () => {
  it('lets those fetch who may read, and those push who may write; a refusal says what is missing and who can give it', async () => {
    await demo();
    const vera = await member('vera', 'viewer');
    expect((await fetchAs(vera)).stdout).toContain('refs/heads/main');
    const refused = await pushAs(vera, 'main:work');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('the role "write" or above in repository "demo"; yours is "read"');
    expect(refused.stderr).toContain('ada, who administers demo, can give you the role for it');
    await give('vera', 'write');
    expect((await pushAs(vera, 'main:work')).code).toBe(0);
  });

  it('knows nothing of a hidden repository, in the words for one that is not there', async () => {
    await demo('private');
    for (const actor of [bob, await member('vera', 'viewer')]) {
      const hidden = await fetchAs(actor);
      expect(hidden.code).not.toBe(0);
      const absent = await fetchAs(actor, 'nothing');
      const words = (text: string) => text.split('\n').filter((line) => line.startsWith('remote:')).join('\n');
      expect(words(hidden.stderr)).toContain('There is no repository "demo"');
      expect(words(hidden.stderr)).toBe(words(absent.stderr).replaceAll('nothing', 'demo'));
      expect((await pushAs(actor, 'main:work')).stderr).toContain('There is no repository "demo"');
    }
    await give('bob', 'read');
    expect((await fetchAs(bob)).code).toBe(0);
  });

  it('holds a token to its scopes', async () => {
    await demo();
    const reading: Actor = { ...ada, limits: { scopes: ['repo:read'] } };
    expect((await fetchAs(reading)).code).toBe(0);
    const refused = await pushAs(reading, 'main:work');
    expect(refused.stderr).toContain('scope "write" or "repo:write"');
    expect(refused.stderr).not.toContain('can give you');
    expect((await pushAs({ ...ada, limits: { scopes: ['repo:write'] } }, 'main:work')).code).toBe(0);
    expect((await fetchAs({ ...ada, limits: { scopes: ['packages:read'] } })).code).not.toBe(0);
  });

  it('leaves one record of a push, with what moved and what was refused', async () => {
    await demo();
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, refs: ['main'] } });
    const sha = await fixture.commit('demo', { 'b.txt': 'b' });
    const before = (await fixture.git('demo', 'rev-parse', 'origin/main')).trim();

    const both = traced(ada);
    await fixture.tryGit('demo', 'push', fixture.url('demo', both.actor), 'main:main', 'main:work');
    expect(both.acts).toMatchObject([{
      verb: 'push', kind: 'Repository', org, name: 'demo', outcome: 'allowed', rule: 'push',
      details: { refs: [{ ref: 'refs/heads/work', new: sha }], refused: [{ ref: 'refs/heads/main', old: before, new: sha, reason: expect.stringContaining('needs a pull request') as string }] },
    }]);

    const nothing = traced(ada);
    await fixture.tryGit('demo', 'push', fixture.url('demo', nothing.actor), 'main:main');
    expect(nothing.acts).toMatchObject([{ verb: 'push', outcome: 'denied', reason: expect.stringContaining('needs a pull request') as string }]);

    const forced = traced(ada);
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'work' }, spec: { organizationRef: org, refs: ['work'], requirePullRequest: false } });
    await fixture.tryGit('demo', 'push', '--force', fixture.url('demo', forced.actor), 'main~1:work');
    expect(forced.acts).toMatchObject([{ verb: 'push', outcome: 'denied', reason: expect.stringContaining('force') as string }]);

    const vera = traced(await member('vera', 'viewer'));
    await fixture.tryGit('demo', 'push', fixture.url('demo', vera.actor), 'main:other');
    expect(vera.acts).toMatchObject([{ verb: 'push', outcome: 'denied', rule: 'push' }]);

    const branch = traced(ada);
    await fixture.as(branch.actor).repositories.createBranch({ org, repository: 'demo', name: 'by-verb', from: 'main' });
    await fixture.as(branch.actor).repositories.deleteBranch({ org, repository: 'demo', name: 'by-verb' });
    expect(branch.acts).toMatchObject([
      { verb: 'create-branch', details: { refs: [{ ref: 'refs/heads/by-verb', new: before }] } },
      { verb: 'delete-branch', details: { refs: [{ ref: 'refs/heads/by-verb', old: before }] } },
    ]);
  });
});

describe('what people may do with a pull request', () => {
  it('follows from their role; the generic verbs give no more than the named ones', async () => {
    await demo();
    const people = { vera: await member('vera', 'viewer'), rita: await member('rita', 'reviewer'), bob, max: await member('max', 'maintainer') };
    await fixture.resources.create(Team, org, { metadata: { name: 'core' }, spec: { organizationRef: org, displayName: 'Core', members: ['max'] } });
    const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
    const attempts: Record<string, (actor: Actor) => Promise<unknown>> = {
      comment: (actor) => fixture.as(actor).pulls.addReview({ org, pr, body: 'Hm', comments: [{ path: 'b.txt', line: 1, body: 'Why?' }] }),
      'generic comment': (actor) => fixture.resources.as(actor).create(Review, org, { metadata: { generateName: 'r-' }, spec: { organizationRef: org, pullRequest: pr, body: 'Hm' } }),
      review: (actor) => fixture.as(actor).pulls.addReview({ org, pr, state: 'approved' }),
      'generic review': (actor) => fixture.resources.as(actor).create(Review, org, { metadata: { generateName: 'r-' }, spec: { organizationRef: org, pullRequest: pr, state: 'approved' } }),
      resolve: async (actor) => {
        const [thread] = (await fixture.as(admin).pulls.reviews({ org, pr })).threads;
        return fixture.as(actor).pulls.resolveThread({ org, pr, thread: thread?.id ?? '', resolved: true });
      },
      update: (actor) => fixture.as(actor).pulls.update({ org, pr, title: `By ${actor.name}` }),
      close: (actor) => fixture.as(actor).pulls.update({ org, pr, state: 'closed' }),
      reopen: (actor) => fixture.as(actor).pulls.update({ org, pr, state: 'open' }),
      'generic close': (actor) => fixture.resources.as(actor).mutate(PullRequest, { org, name: pr }, ({ spec }) => { spec.state = 'closed'; }),
      'generic reopen': (actor) => fixture.resources.as(actor).mutate(PullRequest, { org, name: pr }, ({ spec }) => { spec.state = 'open'; }),
      label: (actor) => fixture.resources.as(actor).mutate(PullRequest, { org, name: pr }, ({ spec }) => { spec.labels = [actor.name]; }),
      assign: (actor) => fixture.resources.as(actor).patch(PullRequest, { org, name: pr }, { type: 'merge', patch: { spec: { assignees: [actor.name] } } }),
      'label by the verb': (actor) => fixture.as(actor).pulls.update({ org, pr, labels: [actor.name, 'x', 'x'] }),
      'assign by the verb': (actor) => fixture.as(actor).pulls.update({ org, pr, assignees: [actor.name, 'bob'] }),
      'label and retitle by the verb': (actor) => fixture.as(actor).pulls.update({ org, pr, title: `By ${actor.name}`, labels: [actor.name] }),
      'request-review': (actor) => fixture.as(actor).pulls.requestReview({ org, pr, reviewers: ['team/core'] }),
      'label and retitle': (actor) => fixture.resources.as(actor).mutate(PullRequest, { org, name: pr }, ({ spec }) => { Object.assign(spec, { labels: ['x', actor.name], title: `By ${actor.name} again` }); }),
      'label the object': (actor) => fixture.resources.as(actor).patch(PullRequest, { org, name: pr }, { type: 'merge', patch: { metadata: { labels: { by: actor.name } } } }),
      'create-branch': (actor) => fixture.as(actor).repositories.createBranch({ org, repository: 'demo', name: `${actor.name}-branch`, from: 'main' }),
      'write a status': (actor) => fixture.resources.as(actor).mutateStatus(PullRequest, { org, name: pr }, (status) => { status.approvals = 9; }),
      archive: (actor) => fixture.resources.as(actor).mutate(Repository, { org, name: 'demo' }, ({ spec }) => { spec.archived = true; }),
      unarchive: (actor) => fixture.resources.as(actor).mutate(Repository, { org, name: 'demo' }, ({ spec }) => { spec.archived = false; }),
      merge: (actor) => fixture.as(actor).pulls.merge({ org, pr }),
      'delete repository': (actor) => fixture.as(actor).repositories.delete({ org, repository: 'demo' }),
    };
    await fixture.as(bob).pulls.addReview({ org, pr, comments: [{ path: 'b.txt', line: 1, body: 'First' }] });
    const matrix: Record<string, string> = {};
    for (const [what, attempt] of Object.entries(attempts)) {
      const allowed: string[] = [];
      for (const [name, actor] of Object.entries(people)) {
        const error: unknown = await attempt(actor).then(() => undefined, (thrown: unknown) => thrown);
        const { reason } = ((error as { cause?: unknown } | undefined)?.cause ?? error ?? {}) as { reason?: string };
        // A conflict: they were let through, and somebody before them has done it already.
        if (error === undefined || reason === 'Conflict') allowed.push(name);
        else expect(reason, `${name}: ${what}: ${String(error)}`).toBe('Forbidden');
      }
      matrix[what] = allowed.join(' ');
    }
    expect(matrix).toEqual({
      comment: 'rita bob max', 'generic comment': 'rita bob max', review: 'rita bob max', 'generic review': 'rita bob max', resolve: 'rita bob max',
      update: 'bob max', close: 'bob max', reopen: 'bob max', 'generic close': 'bob max', 'generic reopen': 'bob max',
      label: 'rita bob max', assign: 'rita bob max', 'label by the verb': 'rita bob max', 'assign by the verb': 'rita bob max', 'label and retitle by the verb': 'bob max', 'request-review': 'rita bob max', 'label and retitle': 'bob max', 'label the object': 'bob max', 'create-branch': 'bob max',
      'write a status': '', archive: 'max', unarchive: 'max', merge: 'bob max', 'delete repository': '',
    });
  });

  it('lets those with the role "triage" label and assign by every write, and change nothing else with it', async () => {
    await demo('private');
    await give('bob', 'triage');
    const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
    const ref = { org, name: pr };
    const mine = fixture.resources.as(bob);
    const read = async () => (await fixture.resources.get(PullRequest, ref)).spec;
    const document = async (spec: Partial<Awaited<ReturnType<typeof read>>>) => ({ metadata: { name: pr }, spec: { ...(await read()), ...spec } });

    await mine.update(PullRequest, org, await document({ labels: ['one'] }));
    await mine.apply(PullRequest, org, await document({ assignees: ['ada'] }));
    await mine.patch(PullRequest, ref, { type: 'json', operations: [{ op: 'add', path: '/spec/labels/-', value: 'two' }] });
    await mine.patch(PullRequest, ref, { type: 'merge', patch: { spec: { milestone: 'v1' } } });
    await mine.patch(PullRequest, ref, { type: 'apply', object: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'PullRequest', metadata: { name: pr }, spec: { reviewers: ['bob'] } }, force: true }, { fieldManager: 'bob' });
    const { operation } = await mine.apply(PullRequest, org, await document({}));
    expect(operation).toBe('unchanged');
    await fixture.as(bob).pulls.update({ org, pr, labels: ['one', 'two', 'two'] });
    const before = await read();
    expect(before).toMatchObject({ labels: ['one', 'two'], assignees: ['ada'], milestone: 'v1', reviewers: ['bob'] });

    const more = { title: 'Mine', labels: ['three'] };
    for (const refused of [
      mine.update(PullRequest, org, await document(more)), mine.apply(PullRequest, org, await document(more)), mine.patch(PullRequest, ref, { type: 'merge', patch: { spec: more } }),
      mine.patch(PullRequest, ref, { type: 'json', operations: [{ op: 'replace', path: '/spec/draft', value: true }] }),
      mine.patch(PullRequest, ref, { type: 'merge', patch: { metadata: { annotations: { a: 'b' } } } }), mine.delete(PullRequest, ref),
    ]) await expect(refused).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(fixture.as(bob).pulls.update({ org, pr, title: 'Mine' })).rejects.toMatchObject({ cause: { reason: 'Forbidden' } });
    expect(await read()).toEqual(before);
    // The right to write repositories' content is in the token, or it is not.
    const reading: Actor = { ...bob, limits: { scopes: ['read'] } };
    await expect(fixture.resources.as(reading).patch(PullRequest, ref, { type: 'merge', patch: { spec: { labels: [] } } })).rejects.toMatchObject({ reason: 'Forbidden' });
    expect(await mine.may('update', PullRequest, ref)).toMatchObject({ allowed: false });
    expect(await mine.may('label', PullRequest, ref)).toMatchObject({ allowed: true, rule: 'review' });
  });

  it('is in their own name, and written by the verb', async () => {
    await demo();
    const max = await member('max', 'maintainer');
    const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
    const review = await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
    expect(review.spec.author).toEqual({ kind: 'user', name: 'bob' });
    const { pullRequest } = await fixture.as(max).pulls.merge({ org, pr });
    expect(pullRequest.status?.merge?.mergedBy).toEqual({ kind: 'user', name: 'max' });
    const stored = await fixture.resources.get(PullRequest, { org, name: pr });
    expect(stored.metadata.managedFields?.filter(({ subresource }) => subresource === 'status').map(({ manager }) => manager)).toContain('merge');
  });

  it('needs the run of an import to be allowed, whichever verb asks for it', async () => {
    const rita = await member('rita', 'reviewer');
    for (const refused of [
      fixture.as(rita).repositories.create({ org, name: 'copy', importFrom: fixture.folder }),
      fixture.resources.as(rita).create(Repository, org, { metadata: { name: 'copy' }, spec: { organizationRef: org, importFrom: { url: fixture.folder } } }),
    ]) {
      const error: unknown = await refused.catch((thrown: unknown) => thrown);
      expect((error as { cause?: unknown }).cause ?? error).toMatchObject({ reason: 'Forbidden' });
    }
  });
});

describe('the content of a repository', () => {
  it('is for those who may read it, by every way to it', async () => {
    await demo('private');
    const pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
    const asked = (actor: Actor) => {
      const { repositories, pulls } = fixture.as(actor);
      const at = { org, repository: 'demo' };
      return [
        repositories.get(at), repositories.tree(at), repositories.blob({ ...at, path: 'a.txt' }), repositories.blame({ ...at, path: 'a.txt' }), repositories.commits(at), repositories.branches(at),
        repositories.compare({ ...at, base: 'main', head: 'feature' }), repositories.search({ ...at, q: 'line' }), repositories.files(at), repositories.stats(at),
        pulls.get({ org, pr }), pulls.diff({ org, pr }), pulls.commits({ org, pr }), pulls.reviews({ org, pr }), pulls.timeline({ org, pr }),
      ];
    };
    for (const result of await Promise.allSettled(asked(bob))) expect(result).toMatchObject({ status: 'rejected', reason: { cause: { reason: 'NotFound' } } });
    expect((await fixture.as(bob).pulls.list({ org })).counts).toEqual({ open: 0, merged: 0, closed: 0 });
    const origin = new URL(fixture.url('demo')).origin;
    for (const tail of ['raw/main/a.txt', 'archive/main.zip']) {
      const read = async (user: string) => (await fetch(`${origin}/api/orgs/default/repositories/demo/${tail}`, { headers: { authorization: `Basic ${Buffer.from(`${user}:token`).toString('base64')}` } })).status;
      fixture.url('demo', bob);
      expect([await read('user.bob'), await read('user.ada')]).toEqual([404, 200]);
    }
    await give('bob', 'read');
    for (const result of await Promise.allSettled(asked(bob))) expect(result.status).toBe('fulfilled');
  });
});

describe('whoever creates a repository', () => {
  const adminsOf = async (repository: string) => (await fixture.resources.list(RepositoryPermission, { org, fieldSelector: `spec.repository=${repository}` })).items.map(({ spec }) => `${spec.subject.name} ${spec.permission}${spec.revoked ? ' revoked' : ''}`);

  it('administers it, unless they administer the organization anyway', async () => {
    await fixture.as(bob).repositories.create({ org, name: 'bobs', initialize: true });
    expect(await adminsOf('bobs')).toEqual(['bob admin']);
    expect((await fixture.as(bob).repositories.get({ org, repository: 'bobs' })).spec.createdBy).toEqual({ kind: 'user', name: 'bob' });
    // By the generic verbs as well, whatever the document says.
    const manager = await fixture.startControllers();
    await fixture.resources.as(ada).create(Repository, org, { metadata: { name: 'adas' }, spec: { organizationRef: org, createdBy: { kind: 'user', name: 'bob' } } });
    await manager.drain();
    expect(await adminsOf('adas')).toEqual(['ada admin']);

    const olga = await member('olga', 'owner');
    for (const [index, actor] of [admin, olga].entries()) {
      await fixture.as(actor).repositories.create({ org, name: `theirs-${index}` });
      expect(await adminsOf(`theirs-${index}`)).toEqual([]);
    }
    await manager.drain();
    // Taken back, it stays so.
    const [mine] = (await fixture.resources.list(RepositoryPermission, { org, fieldSelector: 'spec.repository=bobs' })).items;
    await fixture.resources.delete(RepositoryPermission, { org, name: mine?.metadata.name ?? '' });
    await fixture.resources.mutate(Repository, { org, name: 'bobs' }, ({ spec }) => { spec.description = 'Changed'; });
    await manager.drain();
    expect(await adminsOf('bobs')).toEqual([]);
  });

  it('leaves it to the system: who comes under the same name later has nothing of it', async () => {
    await fixture.as(bob).repositories.create({ org, name: 'bobs', initialize: true });
    let manager = await fixture.startControllers();
    await manager.drain();
    await fixture.resources.delete(User, { org, name: 'bob' });
    await manager.drain();
    expect(await adminsOf('bobs')).toEqual(['bob admin revoked']);
    expect((await fixture.resources.get(Repository, { org, name: 'bobs' })).spec.createdBy).toEqual({ kind: 'system', name: 'kradle' });
    await member('bob', 'developer');
    await manager.drain();
    expect((await fetchAs(bob, 'bobs')).code).not.toBe(0);

    // Gone and come again before anybody looked.
    await fixture.as(ada).repositories.create({ org, name: 'adas', initialize: true });
    await manager.drain();
    await manager.stop();
    await fixture.resources.delete(User, { org, name: 'ada' });
    await member('ada', 'developer');
    manager = await fixture.startControllers();
    await manager.drain();
    expect(await adminsOf('adas')).toEqual(['ada admin revoked']);
  });

  it('decides anew who may use a repository that has the name of a deleted one', async () => {
    await demo('private');
    await give('bob', 'write');
    await fixture.resources.create(Team, org, { metadata: { name: 'core' }, spec: { organizationRef: org, displayName: 'Core', members: ['bob'], repositoryGrants: [{ repository: 'demo', permission: 'write' }] } });
    const manager = await fixture.startControllers();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await manager.drain();
    await fixture.as(ada).repositories.create({ org, name: 'demo', initialize: true });
    expect((await fetchAs(bob)).code).not.toBe(0);
    expect(await adminsOf('demo')).toEqual(['ada admin']);
  });
});

describe('the work of a run', () => {
  const run: Actor = { kind: 'run', name: 'fix-1', orgs: [org], run: { org, name: 'fix-1' } };

  async function dispatched(name: string, spec: object = {}): Promise<void> {
    await fixture.resources.create(AgentDispatchRun, org, {
      metadata: { name },
      spec: { organizationRef: org, repository: 'demo', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, requestedBy: { kind: 'user', name: 'ada' }, ...spec } as never,
      status: { phase: 'Running' },
    });
  }

  beforeEach(async () => {
    await demo();
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'main' }, spec: { organizationRef: org, refs: ['main'], requiredApprovals: 1 } });
    await fixture.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
    await dispatched('fix-1');
    await fixture.commit('demo', { 'fixed.txt': 'yes\n' });
  });

  const blockers = async (pr: string) => (await fixture.as(admin).pulls.get({ org, pr })).status?.blockers?.map(({ message }) => message).join(' ') ?? '';
  const openPull = () => fixture.forge.verbs.createPullRequest(run, { org, repository: 'demo', title: 'Fix', sourceBranch: 'kradle/runs/fix-1', dispatchRun: 'fix-1', approvedBy: { kind: 'user', name: 'ada' } });

  it('reaches only the branch of the run, in its own repository', async () => {
    expect((await pushAs(run, 'main:refs/heads/kradle/runs/fix-1')).code).toBe(0);
    for (const ref of ['refs/heads/main', 'refs/heads/kradle/runs/fix-2', 'refs/heads/other', 'refs/tags/v1']) {
      const refused = await pushAs(run, `main:${ref}`);
      expect(refused.stderr, ref).toContain('a run may push only to its own branch kradle/runs/fix-1');
    }
    await fixture.as(ada).repositories.create({ org, name: 'elsewhere', initialize: true });
    expect((await fetchAs(run, 'elsewhere')).stderr).toContain('There is no repository "elsewhere"');
  });

  it('is not reviewed by who asked for it, nor by agents, and says so', async () => {
    await pushAs(run, 'main:refs/heads/kradle/runs/fix-1');
    const { metadata: { name: pr }, spec } = await openPull();
    expect(spec).toMatchObject({ author: { kind: 'agent', name: 'fix-1' }, dispatchRun: 'fix-1', requesters: [{ kind: 'user', name: 'ada' }] });
    expect((await fixture.as(ada).pulls.timeline({ org, pr })).items.map(({ type, actor }) => `${type} ${actor?.name ?? ''}`)).toEqual(['opened fix-1', 'released ada']);

    await fixture.as(ada).pulls.addReview({ org, pr, state: 'approved' });
    expect(await blockers(pr)).toContain('ada started the run; somebody else must review.');
    const robot: Actor = { kind: 'service-account', name: 'robot', orgs: [org] };
    await fixture.resources.create(Review, org, { metadata: { name: 'by-robot' }, spec: { organizationRef: org, pullRequest: pr, state: 'approved', author: { kind: 'agent', name: robot.name } } });
    await fixture.resources.create(Review, org, { metadata: { name: 'by-run' }, spec: { organizationRef: org, pullRequest: pr, state: 'approved', author: { kind: 'agent', name: 'fix-2' } } });
    expect(await blockers(pr)).toContain('Those of agents do not count: robot, fix-2.');
    // Not even the administrator merges what nobody else has looked at.
    await expect(fixture.as(admin).pulls.merge({ org, pr })).rejects.toMatchObject({ cause: { code: 'MERGE_BLOCKED' } });

    await fixture.as(bob).pulls.addReview({ org, pr, state: 'approved' });
    expect(await blockers(pr)).toBe('');
    await fixture.as(admin).pulls.merge({ org, pr });
  });

  it('is reviewed by them where branch protection says so', async () => {
    await pushAs(run, 'main:refs/heads/kradle/runs/fix-1');
    const { metadata: { name: pr } } = await openPull();
    await fixture.as(ada).pulls.addReview({ org, pr, state: 'approved' });
    await fixture.resources.mutate(BranchProtection, { org, name: 'main' }, ({ spec }) => { spec.countRequesterApprovals = true; });
    expect(await blockers(pr)).toBe('');
    // Of two rules the stricter one counts.
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'all' }, spec: { organizationRef: org, refs: ['**'], requirePullRequest: false, requiredApprovals: 1 } });
    expect(await blockers(pr)).toContain('somebody else must review');
    await fixture.resources.delete(BranchProtection, { org, name: 'all' });
    await fixture.resources.mutate(BranchProtection, { org, name: 'main' }, ({ spec }) => Object.assign(spec, { countRequesterApprovals: false, countAgentApprovals: true }));
    await fixture.resources.create(Review, org, { metadata: { name: 'by-robot' }, spec: { organizationRef: org, pullRequest: pr, state: 'approved', author: { kind: 'agent', name: 'robot' } } });
    expect(await blockers(pr)).toBe('');
  });

  it('stays theirs when somebody opens the pull request by hand, and when the run is gone', async () => {
    await pushAs(run, 'main:refs/heads/kradle/runs/fix-1');
    const { metadata: { name: pr }, spec } = await fixture.as(bob).pulls.create({ org, repository: 'demo', title: 'By hand', sourceBranch: 'kradle/runs/fix-1' });
    expect(spec).toMatchObject({ author: { kind: 'user', name: 'bob' }, dispatchRun: 'fix-1', requesters: [{ kind: 'user', name: 'ada' }] });
    await fixture.resources.delete(AgentDispatchRun, { org, name: 'fix-1' });
    for (const actor of [ada, bob]) await fixture.as(actor).pulls.addReview({ org, pr, state: 'approved' });
    expect(await blockers(pr)).toContain('It needs 1 approval and has 0');
  });

  it('is found out for a pull request from before this was kept', async () => {
    await pushAs(run, 'main:refs/heads/kradle/runs/fix-1');
    const { metadata: { name: pr } } = await openPull();
    await fixture.resources.mutate(PullRequest, { org, name: pr }, ({ spec }) => { delete spec.requesters; });
    await fixture.as(ada).pulls.addReview({ org, pr, state: 'approved' });
    expect(await blockers(pr)).toContain('ada started the run');
  });
});
