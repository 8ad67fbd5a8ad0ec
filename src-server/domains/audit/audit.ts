import { join } from 'node:path';
import type { Clock } from '../../app/clock';
import type { KeyRing } from '../../app/keyRing';
import type { Logger } from '../../app/log';
import type { Endpoint } from '../../http/endpoint';
import type { AuditTrails } from '../../resources/auditTrail';
import type { RecordSource } from '../../resources/recordSource';
import type { ResourceClient } from '../../resources/resourceClient';
import type { AnyStrategy } from '../../resources/strategy';
import type { Runnable } from '../../runtime/controller';
import type { EventLog } from '../../store/eventLog';
import { Organization } from '#shared/kinds/identity/organization';
import { recordOfSystem } from './actRecord';
import { headOf } from '../../store/chain';
import { INSTALLATION_LOG, type AuditRecord } from './auditRecord';
import { createAuditEndpoints, followAudit } from './auditEndpoints';
import { createAuditHeads } from './auditHeads';
import { createAuditLog, type AuditLog } from './auditLog';
import { createAuditRecordSource } from './auditRecordSource';
import { createAuditRetention } from './auditRetention';
import { createAuditRouter } from './auditRouter';
import { auditStrategies } from './auditStrategies';
import { createAuditTrails } from './requestTrail';

export interface AuditOptions {
  readonly eventLog: EventLog;
  readonly keys: KeyRing;
  /** Folder for the signed heads. */
  readonly headsFolder: string;
  /** Days that records are kept; undefined is for ever. */
  readonly retentionDays: number | undefined;
  /** Acts for the system; asked for once it is there. */
  readonly resources: () => ResourceClient;
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly log: Logger;
}

/** The audit log, put together. */
export interface Audit {
  readonly log: AuditLog;
  readonly trails: AuditTrails;
  readonly records: RecordSource;
  readonly strategies: readonly AnyStrategy[];
  readonly router: ReturnType<typeof createAuditRouter>;
  readonly endpoints: readonly Endpoint[];
  readonly runnables: readonly Runnable[];
  /** Deletes the log of an organization that is deleted; the installation's own log keeps how it ended. */
  dropOrganization(org: string): Promise<void>;
  /** Records of an organization as they come, for who may read them. */
  readonly follow: (resources: ResourceClient, opts: { org: string; after?: number | undefined; signal: AbortSignal }) => AsyncIterable<AuditRecord[]>;
}

export function createAudit(opts: AuditOptions): Audit {
  const { eventLog, clock, uuid } = opts;
  const logger = opts.log.child({ part: 'audit' });
  const organizations = async (): Promise<string[]> => (await opts.resources().list(Organization, { org: '*' })).items.map(({ metadata }) => metadata.name);
  const log = createAuditLog({ eventLog, heads: createAuditHeads({ folder: opts.headsFolder, keys: opts.keys, clock, log: logger }), clock, log: logger });
  return {
    log,
    trails: createAuditTrails({ log, clock, uuid }),
    records: createAuditRecordSource({ log, organizations }),
    strategies: auditStrategies(),
    router: createAuditRouter(log),
    endpoints: createAuditEndpoints({ log, resources: opts.resources }),
    runnables: [createAuditRetention({ log, days: opts.retentionDays, organizations, clock, logger }), { name: 'audit-log', start: () => Promise.resolve(), stop: () => log.close() }],
    async dropOrganization(org) {
      const [last] = (await log.read(org, { before: Number.MAX_SAFE_INTEGER, limit: 1 })).items;
      if (last === undefined) return;
      const { sequence, digest } = headOf(last);
      await log.append(INSTALLATION_LOG, recordOfSystem(INSTALLATION_LOG, { verb: 'drop', details: { organization: org, records: sequence, head: digest } }));
      await log.drop(org);
    },
    follow: (resources, scope) => followAudit(log, resources, scope),
  };
}

/** Where the signed heads of a data folder are. */
export function auditHeadsFolder(dataDirRoot: string): string {
  return join(dataDirRoot, 'audit-heads');
}
