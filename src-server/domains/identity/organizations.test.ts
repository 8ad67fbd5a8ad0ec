import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { allKinds } from '#shared/kinds/index';
import { systemClock } from '../../app/clock';
import { silentLogger } from '../../app/log';
import { createMembersAuthorizer } from '../../../test/harness/membersAuthorizer';
import { createResources } from '../../resources/createResources';
import { createMemoryStore } from '../../store/memoryStore';
import { bindNamespace, createOrganization } from './organizations';

it('a namespace is bound once, also when a creation and the controller do it at the same time', async () => {
  const store = createMemoryStore();
  await store.start();
  const resources = createResources({
    store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [], authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock: systemClock, uuid: randomUUID, log: silentLogger(),
  });
  await resources.create(Organization, 'acme', { metadata: { name: 'acme' }, spec: { displayName: 'Acme', namespaceName: 'kradle-org-acme', slug: 'acme' } });
  const bindings = await Promise.all([bindNamespace(resources, 'acme'), bindNamespace(resources, 'acme'), bindNamespace(resources, 'acme')]);
  expect(new Set(bindings.map(({ metadata }) => metadata.uid)).size).toBe(1);
  await expect(createOrganization(resources, { slug: 'acme', displayName: 'Again' })).rejects.toMatchObject({ reason: 'AlreadyExists' });
  await store.stop();
});
