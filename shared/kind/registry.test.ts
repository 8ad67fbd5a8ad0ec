import { describe, expect, it } from 'vitest';
import { foreignKinds } from '../kinds/foreignKinds';
import { allKinds } from '../kinds/index';
import { createKindRegistry } from './registry';
import { requireKind } from './requireKind';

const registry = createKindRegistry(allKinds, foreignKinds);

describe('kind registry', () => {
  it.each(['AgentDispatchRun', 'agentdispatchruns', 'agentdispatchrun', 'run', 'runs', 'RUNS'])('finds a run as %s', (name) => {
    expect(registry.find(name)?.names.kind).toBe('AgentDispatchRun');
  });

  it('finds a kind by its older name', () => {
    expect(registry.find('AgentArtifact')?.names.kind).toBe('KradleArtifact');
  });

  it('knows nothing by another name', () => {
    expect(registry.find('pod')).toBeUndefined();
  });

  it('refuses two kinds of one name', () => {
    const [first] = allKinds;
    expect(() => createKindRegistry([...allKinds, ...(first === undefined ? [] : [first])])).toThrow(/both answer to/);
  });
});

describe('foreign kinds', () => {
  it('are the 11 of KubeVela, the 10 of Kyverno, and two of the core', () => {
    const count = (storage: RegExp): number => foreignKinds.filter((kind) => storage.test(kind.storage)).length;
    expect([count(/^kubevela$/), count(/^kyverno/), count(/^core$/), foreignKinds.length]).toEqual([11, 10, 2, 23]);
    expect(new Set(foreignKinds.map((kind) => kind.kind)).size).toBe(foreignKinds.length);
    for (const { kind, scope, namespace } of foreignKinds) expect(scope === 'Cluster' && namespace !== undefined, kind).toBe(false);
  });

  it.each(['KubeVelaApplication', 'Application', 'applications', 'APPLICATIONS', 'applications.core.oam.dev'])('finds an application as %s', (name) => {
    expect(registry.findForeign(name).map((kind) => kind.kind)).toEqual(['KubeVelaApplication']);
  });

  it('tells those of one name by their group', () => {
    expect(registry.findForeign('policies').map((kind) => kind.kind)).toEqual(['KubeVelaPolicy', 'KyvernoPolicy']);
    expect(registry.findForeign('policies.kyverno.io').map((kind) => kind.kind)).toEqual(['KyvernoPolicy']);
  });

  it('stand in no way of a kind of ours', () => {
    for (const name of foreignKinds.flatMap((kind) => [kind.kind, kind.plural])) expect(registry.find(name), name).toBeUndefined();
  });
});

describe('requireKind', () => {
  it('answers the kind', () => {
    expect(requireKind(registry, 'repos').names.kind).toBe('Repository');
  });

  it('says of a foreign kind that a cluster has it', () => {
    expect(() => requireKind(registry, 'Application')).toThrow(expect.objectContaining({ reason: 'NotImplemented', code: 'CLUSTER_MODE_REQUIRED', message: expect.stringContaining('Application of core.oam.dev belongs to cluster mode') as string }));
    expect(() => requireKind(registry, 'policy')).toThrow('Policy of core.oam.dev or Policy of kyverno.io');
    expect(() => requireKind(registry, 'Secret')).toThrow("Secret of Kubernetes' core");
  });

  it('suggests the nearest name for no kind at all', () => {
    expect(() => requireKind(registry, 'Repositry')).toThrow(expect.objectContaining({ reason: 'NotFound', code: 'KIND_NOT_FOUND', message: 'There is no kind "Repositry". Did you mean Repository?' }));
  });
});
