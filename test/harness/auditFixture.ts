import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createKindRegistry } from '../../shared/kind/registry';
import { AgentDispatchRun } from '../../shared/kinds/agents/agentDispatchRun';
import { Organization } from '../../shared/kinds/identity/organization';
import { allKinds } from '../../shared/kinds/index';
import { keyRingOf } from '../../src-server/app/keyRing';
import { silentLogger } from '../../src-server/app/log';
import { createAudit, type Audit } from '../../src-server/domains/audit/audit';
import type { AuditRecord, RecordDraft } from '../../src-server/domains/audit/auditRecord';
import { createAuditHeads } from '../../src-server/domains/audit/auditHeads';
import { createAuditLog, type AuditLog } from '../../src-server/domains/audit/auditLog';
import { identityStrategies } from '../../src-server/domains/identity/identityStrategies';
import type { Actor } from '../../src-server/resources/actor';
import type { Door } from '../../src-server/resources/auditTrail';
import { createResources } from '../../src-server/resources/createResources';
import { withRecords } from '../../src-server/resources/recordSource';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import type { EventLog } from '../../src-server/store/eventLog';
import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { createFakeClock, type FakeClock } from './fakeClock';
import { createMembersAuthorizer } from './membersAuthorizer';
import { tempDir } from './tempDir';

/** Keys that every fixture signs with. */
export const AUDIT_KEYS = keyRingOf([Buffer.alloc(32, 7)]);

export interface AuditFixture {
  readonly audit: Audit;
  readonly eventLog: EventLog;
  readonly clock: FakeClock;
  /** Where the signed heads are. */
  readonly folder: string;
  /** Acts for the system; the organizations `acme` and `other` are there. */
  readonly resources: ResourceClient;
  /** As a person, through a door. */
  as(actor?: Partial<Actor>, door?: Door): ResourceClient;
  /** A log's records, the oldest first. */
  records(log?: string): Promise<AuditRecord['spec'][]>;
}

export interface AuditFixtureOptions {
  /** For records that belong to no write of an object; those of writes are in the memory store's. */
  readonly eventLog?: EventLog;
  readonly folder?: string;
  readonly retentionDays?: number;
}

/** The audit log over a memory store, or over the event log that is given. */
export async function createAuditFixture(opts: AuditFixtureOptions = {}): Promise<AuditFixture> {
  const memoryLog = createMemoryEventLog();
  const store = createMemoryStore({ eventLog: memoryLog });
  await store.start();
  const clock = createFakeClock();
  const folder = opts.folder ?? (await folderOfTest());
  const eventLog = opts.eventLog ?? memoryLog;
  const audit = createAudit({ eventLog, keys: AUDIT_KEYS, headsFolder: folder, retentionDays: opts.retentionDays, resources: () => resources, clock, uuid: randomUUID, log: silentLogger() });
  const resources: ResourceClient = createResources({
    store: withRecords(store, [audit.records]), kinds: createKindRegistry(allKinds), organization: Organization, strategies: [...identityStrategies(), ...audit.strategies],
    authorizer: createMembersAuthorizer({ runKind: AgentDispatchRun }), clock, uuid: randomUUID, log: silentLogger(),
  });
  for (const name of ['acme', 'other']) await resources.create(Organization, name, { metadata: { name }, spec: {} as never });
  return {
    audit, eventLog, clock, folder, resources,
    as(given = {}, door = 'rest') {
      const actor: Actor = { kind: 'user', name: 'ada', orgs: ['acme'], ...given };
      return resources.as({ ...actor, trail: audit.trails.begin({ door, correlationId: `of-${door}`, sourceAddress: '192.0.2.7', actor }) });
    },
    async records(log = 'acme') {
      return (await audit.log.read(log, { limit: 1000 })).items.map(({ data }) => (data as AuditRecord).spec);
    },
  };
}

/** A log that nothing is kept of, over the event log of the memory store: for servers whose tests are about something else. */
export function createMemoryAuditLog(eventLog: EventLog): AuditLog {
  const clock = createFakeClock();
  const log = silentLogger();
  // No timer of that clock ever falls due, so no head is written.
  return createAuditLog({ eventLog, heads: createAuditHeads({ folder: '', keys: AUDIT_KEYS, clock, log }), clock, log });
}

/** A record of something that the test makes up. */
export function draftOf(type: string, more: Partial<RecordDraft> = {}): RecordDraft {
  return { name: randomUUID(), uid: randomUUID(), spec: { organizationRef: 'acme', type, actor: { kind: 'User', name: 'ada' } }, ...more };
}

async function folderOfTest(): Promise<string> {
  const folder = await tempDir('kradle-audit-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}
