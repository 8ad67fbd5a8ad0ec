import { randomUUID } from 'node:crypto';
import { silentLogger } from '../../src-server/app/log';
import { createAuthorizer } from '../../src-server/resources/authorize';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import type { AnyStrategy } from '../../src-server/resources/strategy';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { Store } from '../../src-server/store/store';
import { createFakeClock, type FakeClock } from './fakeClock';
import { Box, Realm, throwAwayRegistry } from './throwAwayKinds';

export interface TestResources {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly resources: ResourceClient;
}

/** The write path over a memory store with throw-away kinds and the given organizations (Realms). */
export async function createTestResources(opts: { orgs?: readonly string[]; strategies?: readonly AnyStrategy[]; store?: Store } = {}): Promise<TestResources> {
  const store = opts.store ?? createMemoryStore();
  await store.start();
  const clock = createFakeClock();
  const resources = createResources({
    store,
    kinds: throwAwayRegistry(),
    organization: Realm,
    strategies: opts.strategies ?? [],
    authorize: createAuthorizer({ runKind: Box }),
    clock,
    uuid: randomUUID,
    log: silentLogger(),
  });
  for (const org of opts.orgs ?? ['acme', 'other']) await resources.create(Realm, org, { metadata: { name: org }, spec: {} });
  return { store, clock, resources };
}
