import { describe, expect, it } from 'vitest';
import { allKinds } from '../kinds/index';
import { createKindRegistry } from './registry';

const registry = createKindRegistry(allKinds);

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
