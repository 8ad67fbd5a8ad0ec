import { beforeEach, expect, it } from 'vitest';
import { Job } from '#shared/kinds/ci/job';
import { Pipeline } from '#shared/kinds/ci/pipeline';
import { RunnerPool } from '#shared/kinds/ci/runnerPool';
import { Repository } from '#shared/kinds/forge/repository';
import { createKindResources, refusalOf, type KindResources } from '../../../test/harness/kindResources';
import { ciStrategies } from './ciStrategies';

let kinds: KindResources;
beforeEach(async () => {
  kinds = await createKindResources(ciStrategies());
  await kinds.create(Repository, 'web', {});
});

const pipeline = { repository: 'web', ref: 'refs/heads/main' };

it('a pool has no more warm runners than it may have in all', async () => {
  const pool = await kinds.create(RunnerPool, 'linux', { warmReplicas: 2, maxReplicas: 2 });
  expect(pool.spec).toMatchObject({ image: 'ubuntu:24.04', trustTier: 'untrusted' });
  await expect(kinds.create(RunnerPool, 'wrong', { warmReplicas: 3, maxReplicas: 2 })).rejects.toMatchObject(refusalOf('spec.warmReplicas'));
  await expect(kinds.create(RunnerPool, 'wrong', { warmReplicas: -1, maxReplicas: 0 })).rejects.toMatchObject(refusalOf('spec.warmReplicas', 'spec.maxReplicas'));
});

it('a pipeline has steps that can be run, and begins at one of them', async () => {
  const steps = [{ name: 'build', command: ['make'] }, { name: 'test', needs: ['build'], script: 'make test' }, { name: 'lint', needs: [] }];
  await kinds.create(Pipeline, 'good', { ...pipeline, steps, resumeFrom: 'test' });
  await expect(kinds.create(Pipeline, 'lost', { ...pipeline, steps, resumeFrom: 'deploy' })).rejects.toMatchObject(refusalOf('spec.resumeFrom'));
  await expect(kinds.create(Pipeline, 'wrong', { ...pipeline, steps: [{ name: 'a', command: ['x'], script: 'x' }, { name: 'a', needs: ['b'] }] }))
    .rejects.toMatchObject(refusalOf('spec.steps[0].script', 'spec.steps[1].name', 'spec.steps[1].needs'));
  await expect(kinds.create(Pipeline, 'round', { ...pipeline, steps: [{ name: 'free' }, { name: 'a', needs: ['b'] }, { name: 'b', needs: ['a'] }] })).rejects.toMatchObject(refusalOf('spec.steps'));
  await expect(kinds.create(Pipeline, 'again', { ...pipeline, rerunOf: 'again' })).rejects.toMatchObject(refusalOf('spec.rerunOf'));
});

it('a pull request\'s code is not trusted by itself', async () => {
  expect((await kinds.create(Pipeline, 'main-1', pipeline)).spec.trustTier).toBe('trusted');
  expect((await kinds.create(Pipeline, 'pull-1', { ...pipeline, ref: 'refs/pull/1/head' })).spec.trustTier).toBe('untrusted');
});

it('an untrusted job has no secrets and no access to the cluster', async () => {
  await kinds.create(Pipeline, 'main-1', pipeline);
  const job = { pipeline: 'main-1', step: 'test' };
  await kinds.create(Job, 'trusted', { ...job, trustTier: 'trusted', isolation: { secrets: true, clusterApi: true } });
  await kinds.create(Job, 'apart', { ...job, trustTier: 'untrusted', isolation: {} });
  await expect(kinds.create(Job, 'wrong', { ...job, trustTier: 'untrusted', isolation: { secrets: true, clusterApi: true, cacheWrite: true } }))
    .rejects.toMatchObject(refusalOf('spec.isolation.secrets', 'spec.isolation.clusterApi', 'spec.isolation.cacheWrite'));
  await expect(kinds.create(Job, 'lost', { ...job, pipeline: 'gone' })).rejects.toMatchObject(refusalOf('spec.pipeline'));
});
