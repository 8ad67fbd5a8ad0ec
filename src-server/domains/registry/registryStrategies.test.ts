import { beforeEach, expect, it } from 'vitest';
import { ArtifactAccessPolicy } from '#shared/kinds/registry/artifactAccessPolicy';
import { ArtifactDownload } from '#shared/kinds/registry/artifactDownload';
import { ArtifactFeed } from '#shared/kinds/registry/artifactFeed';
import { ArtifactRegistry } from '#shared/kinds/registry/artifactRegistry';
import { ArtifactVersion } from '#shared/kinds/registry/artifactVersion';
import { createKindResources, ORG, refusalOf, type KindResources } from '../../../test/harness/kindResources';
import { registryStrategies } from './registryStrategies';

let kinds: KindResources;
beforeEach(async () => {
  kinds = await createKindResources(registryStrategies());
  await kinds.create(ArtifactRegistry, 'npm', { type: 'npm' });
  await kinds.create(ArtifactFeed, 'main', { registryRef: 'npm' });
});

it('a registry and a feed are called as their objects unless they are given words', async () => {
  expect((await kinds.resources.get(ArtifactRegistry, { org: ORG, name: 'npm' })).spec).toMatchObject({ displayName: 'npm', storageBackend: 'internal' });
  expect((await kinds.resources.get(ArtifactFeed, { org: ORG, name: 'main' })).spec).toMatchObject({ displayName: 'main', visibility: 'private' });
});

it('a registry in a bucket says which, and one of another maker says whose', async () => {
  await expect(kinds.create(ArtifactRegistry, 'a', { type: 'pip', storageBackend: 's3', externalIntegration: { mode: 'mirror' } })).rejects.toMatchObject(refusalOf('spec.storageConfig.bucket', 'spec.externalIntegration.provider'));
  await kinds.create(ArtifactRegistry, 'a', { type: 'pip', storageBackend: 's3', storageConfig: { bucket: 'packages' }, externalIntegration: { provider: 'pypi' } });
});

it('access ends at a time to come', async () => {
  const policy = { feedRef: 'main', subject: 'team-core', permission: 'write' };
  await expect(kinds.create(ArtifactAccessPolicy, 'a', { ...policy, expiresAt: '2001-01-01T00:00:00Z' })).rejects.toMatchObject(refusalOf('spec.expiresAt'));
  await kinds.create(ArtifactAccessPolicy, 'a', { ...policy, expiresAt: '2999-01-01T00:00:00Z' });
  await expect(kinds.create(ArtifactFeed, 'b', { registryRef: 'npm', accessPolicies: [{ subject: 'ada', permission: 'read', expiresAt: '2001-01-01T00:00:00Z' }] })).rejects.toMatchObject(refusalOf('spec.accessPolicies[0].expiresAt'));
  await expect(kinds.create(ArtifactFeed, 'b', { registryRef: 'missing' })).rejects.toMatchObject(refusalOf('spec.registryRef'));
});

it('a version is of its registry\'s type, says who published it when, and never changes', async () => {
  const version = { feedRef: 'main', name: '@a5c/kradle', version: '1.4.0', packageType: 'npm' };
  const published = await kinds.create(ArtifactVersion, 'kradle-1.4.0', version);
  expect(published.spec).toMatchObject({ publishedBy: 'ada', publishedAt: expect.stringMatching(/Z$/) as string });
  await expect(kinds.create(ArtifactVersion, 'x', { ...version, packageType: 'docker' })).rejects.toMatchObject(refusalOf('spec.packageType'));
  await expect(kinds.create(ArtifactVersion, 'x', { ...version, version: '1.4' })).rejects.toMatchObject(refusalOf('spec.version'));
  await expect(kinds.update(ArtifactVersion, 'kradle-1.4.0', { ...published.spec, size: 5 })).rejects.toMatchObject(refusalOf('spec.size'));
  await kinds.create(ArtifactDownload, 'd', { feedRef: 'main', versionRef: 'kradle-1.4.0' });
});

it('what a feed holds goes with it', async () => {
  const policy = await kinds.create(ArtifactAccessPolicy, 'a', { feedRef: 'main', subject: 'ada', permission: 'admin' });
  expect(policy.metadata.ownerReferences).toMatchObject([{ kind: 'ArtifactFeed', name: 'main' }]);
});
