import { randomUUID } from 'node:crypto';
import type { AnyKind, KradleObject } from '../../shared/kind/defineKind';
import { createKindRegistry } from '../../shared/kind/registry';
import { AgentDispatchRun } from '../../shared/kinds/agents/agentDispatchRun';
import { Organization } from '../../shared/kinds/identity/organization';
import { User } from '../../shared/kinds/identity/user';
import { allKinds } from '../../shared/kinds/index';
import type { OrgRole } from '../../shared/access/roles';
import { silentLogger } from '../../src-server/app/log';
import { systemClock } from '../../src-server/app/clock';
import { createAccess, type Access } from '../../src-server/domains/identity/access/access';
import type { Actor } from '../../src-server/resources/actor';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { createWriteFeed } from '../../src-server/resources/writeFeed';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { Store } from '../../src-server/store/store';

/** The server's own authorizer over a memory store, without controllers and strategies: nothing but permission decides. */
export interface AccessFixture extends AsyncDisposable {
  readonly store: Store;
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly access: Access;
  /** Makes somebody a member of an organization, and answers them. */
  member(org: string, name: string, role: OrgRole): Promise<Actor>;
  /** Stores an object as the system. */
  put(kind: AnyKind, org: string, name: string, spec: Record<string, unknown>): Promise<KradleObject>;
}

/** `store`: another process's, for a second server on one database. */
export async function createAccessFixture(opts: { orgs?: readonly string[]; store?: Store; kinds?: readonly AnyKind[] } = {}): Promise<AccessFixture> {
  const store = opts.store ?? createMemoryStore();
  if (opts.store === undefined) await store.start();
  const writes = createWriteFeed(store);
  const registry = createKindRegistry(opts.kinds ?? allKinds);
  const log = silentLogger();
  const access = createAccess({ resources: () => resources, writes, registry, runKind: AgentDispatchRun, clock: systemClock, log });
  const resources: ResourceClient = createResources({
    store: writes.store, kinds: registry, organization: Organization, strategies: [], authorizer: access.authorizer, clock: systemClock, uuid: randomUUID, log,
  });
  // eslint-disable-next-line max-params -- a test says it on one line
  const put = (kind: AnyKind, org: string, name: string, spec: Record<string, unknown>): Promise<KradleObject> => resources.create(kind, org, { metadata: { name }, spec });
  for (const org of opts.orgs ?? ['acme', 'other']) {
    if ((await resources.find(Organization, { org, name: org })) === undefined) await put(Organization, org, org, { displayName: org, namespaceName: `kradle-org-${org}` });
  }
  return {
    store,
    resources,
    access,
    put,
    async member(org, name, role) {
      await put(User, org, name, { displayName: name, email: `${name}@example.com`, role });
      return { kind: 'user', name, orgs: [org] };
    },
    async [Symbol.asyncDispose]() {
      for (const each of access.runnables) await each.stop();
      if (opts.store === undefined) await store.stop();
    },
  };
}
