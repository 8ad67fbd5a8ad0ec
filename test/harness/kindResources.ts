import { randomUUID } from 'node:crypto';
import type { AnyKind, KradleObject } from '../../shared/kind/defineKind';
import { createKindRegistry } from '../../shared/kind/registry';
import { AgentDispatchRun } from '../../shared/kinds/agents/agentDispatchRun';
import { Organization } from '../../shared/kinds/identity/organization';
import { allKinds } from '../../shared/kinds/index';
import { silentLogger } from '../../src-server/app/log';
import { identityStrategies } from '../../src-server/domains/identity/identityStrategies';
import { createMembersAuthorizer } from './membersAuthorizer';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import type { AnyStrategy } from '../../src-server/resources/strategy';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { createFakeClock, type FakeClock } from './fakeClock';

/** Organization that the objects of {@link KindResources} belong to. */
export const ORG = 'acme';

export interface KindResources {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly clock: FakeClock;
  /** Creates an object of {@link ORG} as the person "ada", from a spec as a document has it. */
  create(kind: AnyKind, name: string, spec: Record<string, unknown>): Promise<KradleObject>;
  /** Replaces the object's spec, as the same person. */
  update(kind: AnyKind, name: string, spec: Record<string, unknown>): Promise<KradleObject>;
}

/** The write path over a memory store, with every kind and the given rules beside those of identity. */
export async function createKindResources(strategies: readonly AnyStrategy[] = []): Promise<KindResources> {
  const store = createMemoryStore();
  await store.start();
  const clock = createFakeClock();
  const resources = createResources({
    store, kinds: createKindRegistry(allKinds), organization: Organization, strategies: [...identityStrategies(), ...strategies],
    authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock, uuid: randomUUID, log: silentLogger(),
  });
  await resources.create(Organization, ORG, { metadata: { name: ORG }, spec: {} as never });
  const person = resources.as({ kind: 'user', name: 'ada', orgs: '*' });
  return {
    resources,
    clock,
    create: (kind, name, spec) => person.create(kind, ORG, { metadata: { name }, spec }),
    update: (kind, name, spec) => person.update(kind, ORG, { metadata: { name }, spec }),
  };
}

/** Matches a refusal whose causes name these fields, and these only. */
export function refusalOf(...fields: readonly string[]): object {
  return { reason: 'Invalid', details: { causes: fields.map((field) => ({ field })) } };
}
