import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { createFakeClock } from '../../../test/harness/fakeClock';
import { silentLogger } from '../../app/log';
import { createMembersAuthorizer } from '../../../test/harness/membersAuthorizer';
import { createResources } from '../../resources/createResources';
import type { ResourceClient } from '../../resources/resourceClient';
import { createMemoryStore } from '../../store/memoryStore';
import type { ForgePort } from './forgePort';
import { createRunStrategy } from './runStrategy';

const org = 'default';
const HEAD = 'abcdef12'.repeat(5);

/** A forge whose one repository, `shop`, has one commit, on `main`. */
async function world(): Promise<ResourceClient> {
  const store = createMemoryStore();
  await store.start();
  const forge: Pick<ForgePort, 'resolveRef'> = { resolveRef: async (_org, _repository, ref) => (ref === 'refs/heads/main' || HEAD.startsWith(ref) ? HEAD : undefined) };
  const resources = createResources({
    store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [createRunStrategy(forge)], authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }),
    clock: createFakeClock(), uuid: randomUUID, log: silentLogger(),
  });
  await resources.create(Organization, org, { metadata: { name: org }, spec: { displayName: 'Default', namespaceName: 'kradle-org-default' } });
  await resources.create(Repository, org, { metadata: { name: 'shop' }, spec: { organizationRef: org }, status: { phase: 'Ready', defaultBranchHead: HEAD } });
  await resources.create(AgentAdapter, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, adapterType: 'acp', command: ['coder'] } });
  await resources.create(AgentStack, org, { metadata: { name: 'coder' }, spec: { organizationRef: org, baseAgent: 'coder', adapter: 'coder' } });
  return resources;
}

const document = (spec: Record<string, unknown>) => ({ metadata: { name: 'one' }, spec: { organizationRef: org, repository: 'shop', agentStack: 'coder', taskKind: 'repair', sourceRefs: {}, ...spec } });

async function refusal(promise: Promise<unknown>): Promise<(string | undefined)[]> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isStatusError(error, 'Invalid')) throw new Error(`expected a refusal, got ${String(error)}`);
  return (error.details.causes ?? []).map(({ field }) => field);
}

describe('a run that says its task', () => {
  it('starts from one commit, whose full id it keeps', async () => {
    const resources = await world();
    const { spec } = await resources.create(AgentDispatchRun, org, document({ prompt: 'Fix it.\nPlease.', sha: HEAD.slice(0, 10) }));
    expect(spec).toMatchObject({ sha: HEAD, title: 'Fix it.', branch: 'main', ref: 'refs/heads/main' });
    // The document again, as it was written.
    const again = await resources.apply(AgentDispatchRun, org, document({ prompt: 'Fix it.\nPlease.', sha: HEAD.slice(0, 10) }));
    expect(again.operation).toBe('unchanged');
    expect(await refusal(resources.apply(AgentDispatchRun, org, document({ sha: 'fedcba98' })))).toEqual(['spec.sha']);
  });

  it('is refused when it could not start, with every reason', async () => {
    const resources = await world();
    expect(await refusal(resources.create(AgentDispatchRun, org, document({ prompt: 'Fix it.', repository: 'nowhere' })))).toEqual(['spec.repository']);
    expect(await refusal(resources.create(AgentDispatchRun, org, document({ prompt: ' ' })))).toEqual(['spec.prompt']);
    expect(await refusal(resources.create(AgentDispatchRun, org, document({ prompt: 'Fix it.', ref: 'refs/heads/gone' })))).toEqual(['spec.ref']);
    expect(await refusal(resources.create(AgentDispatchRun, org, document({ prompt: 'Fix it.', sha: '0123456789' })))).toEqual(['spec.sha']);
    await resources.mutate(AgentStack, { org, name: 'coder' }, ({ spec }) => {
      spec.skillRefs = ['nowhere'];
    });
    expect(await refusal(resources.create(AgentDispatchRun, org, document({ prompt: 'Fix it.', repository: 'nowhere' })))).toEqual(['spec.repository', 'spec.agentStack']);
  });
});

describe('a run that says none', () => {
  it('is stored as it is written, though nothing that it names is there', async () => {
    const resources = await world();
    const { spec } = await resources.create(AgentDispatchRun, org, document({ repository: 'nowhere', sha: '0123456789' }));
    expect(spec).toMatchObject({ repository: 'nowhere', sha: '0123456789' });
    expect(await refusal(resources.create(AgentDispatchRun, org, { ...document({ agentStack: 'nobody' }), metadata: { name: 'two' } }))).toEqual(['spec.agentStack']);
  });
});
