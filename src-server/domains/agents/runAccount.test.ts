import { expect, it } from 'vitest';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { User } from '#shared/kinds/identity/user';
import { createForgeFixture } from '../../../test/harness/forgeFixture';
import { createAgentsFixture } from '../../../test/harness/agentsFixture';
import type { Actor } from '../../resources/actor';
import { createAuthorStrategies } from './authorStrategies';
import { followRunEvents } from './followRun';
import { followUpRun } from './followUpRun';
import { createRunStrategy } from './runStrategy';
import { runStream, tellRun } from './runEvents';
import { retryRun } from './runVerbs';

const org = 'default';
const person = (name: string): Actor => ({ kind: 'user', name, orgs: [org] });

async function createGround() {
  const { ctx } = await createAgentsFixture();
  const forge = await createForgeFixture({ roles: true, strategies: (each) => [createRunStrategy(each.verbs), ...createAuthorStrategies()] });
  await forge.as(person('ada')).repositories.create({ org, name: 'shop', initialize: true });
  for (const name of ['max', 'mia']) {
    await forge.resources.create(User, org, { metadata: { name }, spec: { organizationRef: org, displayName: name, email: `${name}@example.com`, role: 'maintainer' } });
  }
  await forge.resources.create(AgentAdapter, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, adapterType: 'acp', command: ['coder'] } });
  await forge.resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  return { ...forge, ctx: { ...ctx, resources: forge.resources } };
}

const ended = (resources: Awaited<ReturnType<typeof createGround>>['resources'], name: string) =>
  resources.mutateStatus(AgentDispatchRun, { org, name }, (status) => { status.phase = 'Failed'; });

it('whoever asks for a run again asks beside those who asked before, who may not steer it unless they maintain the repository', async () => {
  await using ground = await createGround();
  const { ctx, resources } = ground;
  const as = (name: string) => resources.as(person(name));
  await as('ada').create(AgentDispatchRun, org, { metadata: { name: 'first' }, spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'manual', sourceRefs: {}, prompt: 'Fix it.' } });
  await ended(resources, 'first');
  await resources.mutate(Repository, { org, name: 'shop' }, ({ spec }) => { spec.visibility = 'internal'; });

  // Bob works here, too, and started none of it.
  await expect(retryRun(ctx, as('bob'), { org, name: 'first' })).rejects.toMatchObject({ reason: 'Forbidden' });
  const second = await retryRun(ctx, as('max'), { org, name: 'first' });
  expect(second.spec).toMatchObject({ requestedBy: { name: 'max' }, requesters: [{ name: 'max' }, { name: 'ada' }], sourceRefs: { actor: 'max' }, attemptNumber: 2 });
  expect(second.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['retry']);

  await ended(resources, second.metadata.name);
  const third = await followUpRun(ctx, as('mia'), { mode: 'fork', input: { org, name: second.metadata.name, message: 'Go on.' } });
  expect(third.spec.requesters?.map(({ name }) => name)).toEqual(['mia', 'max', 'ada']);
  await resources.delete(AgentDispatchRun, { org, name: 'first' });

  await ground.git('.', 'clone', '--quiet', ground.url('shop'), 'shop');
  await ground.commit('shop', { 'b.txt': 'b' });
  const run: Actor = { kind: 'run', name: third.metadata.name, orgs: [org], run: { org, name: third.metadata.name } };
  await ground.git('shop', 'push', '--quiet', ground.url('shop', run), `HEAD:kradle/runs/${third.metadata.name}`);
  const pull = await ground.forge.verbs.createPullRequest(run, { org, repository: 'shop', title: 'Fix', sourceBranch: `kradle/runs/${third.metadata.name}`, dispatchRun: third.metadata.name });
  expect((await resources.get(PullRequest, { org, name: pull.metadata.name })).spec.requesters?.map(({ name }) => name)).toEqual(['mia', 'max', 'ada']);
});

it('a stream of a run ends with the right to see it', async () => {
  await using ground = await createGround();
  const { ctx, resources } = ground;
  await resources.mutate(Repository, { org, name: 'shop' }, ({ spec }) => { spec.visibility = 'internal'; });
  await resources.create(AgentDispatchRun, org, { metadata: { name: 'one' }, spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'manual', sourceRefs: {} } });
  const tell = (id: string) => tellRun(ctx.eventLog, { org, name: 'one' }, { id, at: '2026-01-01T00:00:00Z', type: 'runner.notice', data: { message: id } });
  const abort = new AbortController();
  const events = followRunEvents(ctx.eventLog, resources.as(person('bob')), { org, run: 'one', after: 0, signal: abort.signal });
  await tell('seen');
  expect((await events.next()).value).toMatchObject([{ id: 'seen' }]);
  await resources.mutate(Repository, { org, name: 'shop' }, ({ spec }) => { spec.visibility = 'private'; });
  await tell('hidden');
  await expect(events.next()).rejects.toMatchObject({ reason: 'NotFound' });
  expect((await ctx.eventLog.read(runStream(org, 'one'), { after: 0, limit: 10 })).items).toHaveLength(2);
  abort.abort();
});
