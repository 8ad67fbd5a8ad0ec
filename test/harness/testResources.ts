import { randomUUID } from 'node:crypto';
import { silentLogger } from '../../src-server/app/log';
import { createMembersAuthorizer } from './membersAuthorizer';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import type { AnyStrategy } from '../../src-server/resources/strategy';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { Store } from '../../src-server/store/store';
import { createFakeClock, type FakeClock } from './fakeClock';
import type { AnyKind } from '../../shared/kind/defineKind';
import { createKindRegistry } from '../../shared/kind/registry';
import { Box, Realm, throwAwayKinds } from './throwAwayKinds';

export interface TestResources {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly resources: ResourceClient;
}

export interface TestResourcesOptions {
  readonly orgs?: readonly string[];
  readonly strategies?: readonly AnyStrategy[];
  readonly store?: Store;
  /** Beside the throw-away ones. */
  readonly kinds?: readonly AnyKind[];
  readonly maxObjectsPerKind?: number;
}

/** The write path over a memory store with throw-away kinds and the given organizations (Realms). */
export async function createTestResources(opts: TestResourcesOptions = {}): Promise<TestResources> {
  const store = opts.store ?? createMemoryStore();
  await store.start();
  const clock = createFakeClock();
  const resources = createResources({
    store,
    kinds: createKindRegistry([...throwAwayKinds, ...(opts.kinds ?? [])]),
    organization: Realm,
    strategies: opts.strategies ?? [],
    authorizer: createMembersAuthorizer({ runKind: Box }),
    clock,
    uuid: randomUUID,
    log: silentLogger(),
    ...(opts.maxObjectsPerKind === undefined ? {} : { maxObjectsPerKind: opts.maxObjectsPerKind }),
  });
  for (const org of opts.orgs ?? ['acme', 'other']) await resources.create(Realm, org, { metadata: { name: org }, spec: {} });
  return { store, clock, resources };
}
