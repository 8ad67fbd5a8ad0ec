import { randomUUID } from 'node:crypto';
import { createKindRegistry } from '../../shared/kind/registry';
import { AgentDispatchRun } from '../../shared/kinds/agents/agentDispatchRun';
import { AgentServiceAccount } from '../../shared/kinds/identity/agentServiceAccount';
import { Organization } from '../../shared/kinds/identity/organization';
import { User } from '../../shared/kinds/identity/user';
import { allKinds } from '../../shared/kinds/index';
import { internalKinds } from '../../src-server/app/internalKinds';
import { silentLogger } from '../../src-server/app/log';
import { AccessToken } from '../../src-server/domains/identity/accounts/accessToken';
import { Account } from '../../src-server/domains/identity/accounts/account';
import type { Accounts } from '../../src-server/domains/identity/accounts/accounts';
import { bootstrapAccounts } from '../../src-server/domains/identity/accounts/bootstrapAccounts';
import { createAccounts } from '../../src-server/domains/identity/accounts/createAccounts';
import { createPasswords } from '../../src-server/domains/identity/accounts/passwords';
import { Session } from '../../src-server/domains/identity/accounts/session';
import { identityStrategies } from '../../src-server/domains/identity/identityStrategies';
import { bootstrapIdentity } from '../../src-server/domains/identity/organizations';
import { createResources } from '../../src-server/resources/createResources';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { createWriteFeed } from '../../src-server/resources/writeFeed';
import { createObjectChanges, type ObjectChanges } from '../../src-server/runtime/objectChanges';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { Store } from '../../src-server/store/store';
import { createFakeClock, type FakeClock } from './fakeClock';
import { createMembersAuthorizer } from './membersAuthorizer';

export interface IdentityFixture extends AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly changes: ObjectChanges;
  readonly accounts: Accounts;
}

export interface IdentityFixtureOptions {
  readonly administrator?: string;
  /** Another server's store: this one is a second server on it. */
  readonly store?: Store;
  readonly clock?: FakeClock;
  /** Runs before accounts are made of what is there. */
  readonly before?: (resources: ResourceClient) => Promise<void>;
}

/** Accounts over a memory store, with the rules of identity and members who may do everything in their organizations. */
export async function createIdentityFixture(opts: IdentityFixtureOptions = {}): Promise<IdentityFixture> {
  const store = opts.store ?? createMemoryStore();
  if (opts.store === undefined) await store.start();
  const clock = opts.clock ?? createFakeClock();
  const log = silentLogger();
  const writes = createWriteFeed(store);
  const resources = createResources({
    store: writes.store, kinds: createKindRegistry([...allKinds, ...internalKinds]), organization: Organization, strategies: identityStrategies(),
    authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock, uuid: randomUUID, log,
  });
  await bootstrapIdentity(resources, { displayName: 'Una', email: 'una@example.com' });
  await opts.before?.(resources);
  await bootstrapAccounts(resources, () => clock.now());
  const changes = createObjectChanges({ kinds: [Account, User, Session, AccessToken, AgentServiceAccount], writes, resources, clock, log });
  const accounts = createAccounts({ resources, changes, passwords: createPasswords(), clock, ...(opts.administrator === undefined ? {} : { administrator: opts.administrator }) });
  await changes.start();
  return {
    store, clock, resources, changes, accounts,
    async [Symbol.asyncDispose]() {
      await changes.stop();
      if (opts.store === undefined) await store.stop();
    },
  };
}
