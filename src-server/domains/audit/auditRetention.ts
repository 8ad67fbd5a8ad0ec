import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { Runnable } from '../../runtime/controller';
import { recordOfSystem } from './actRecord';
import { INSTALLATION_LOG } from './auditRecord';
import { CUT_TYPE, CUT_VERB, type CutDetails } from './auditCut';
import type { AuditLog } from './auditLog';

const DAY_MS = 86_400_000;
/** How often logs are looked at. */
const EVERY_MS = 6 * 3_600_000;
/** Records that are looked at to see whether there is anything to delete but records of earlier cuts. */
const PAGE = 500;

export interface AuditRetentionOptions {
  readonly log: AuditLog;
  /** Days that records are kept; undefined is for ever. */
  readonly days: number | undefined;
  readonly organizations: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletes records that are older than the setting says. */
export interface AuditRetention extends Runnable {
  /** Cuts every log now. */
  sweep(): Promise<void>;
}

/**
 * Before records are deleted, a record says so: it holds the digest of the last one that goes, signed, so that what stays can be verified
 * from there on. Two servers that cut the same log at once do no harm.
 */
export function createAuditRetention({ log, days, organizations, clock, logger }: AuditRetentionOptions): AuditRetention {
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function cut(name: string, olderThanDays: number): Promise<void> {
    const through = await log.lastAt(name, (clock.now() - olderThanDays * DAY_MS) * 1000);
    const old = (await log.read(name, { before: through + 1, limit: PAGE })).items;
    const last = old.at(-1);
    // Otherwise the record of each cut would be the reason for the next.
    if (last === undefined || !old.some(({ type }) => type !== CUT_TYPE)) return;
    const { digest } = (last.data as { spec: { digest: string } }).spec;
    const details: CutDetails = { checkpoint: log.heads.sign(name, { sequence: last.seq, digest }), olderThanDays };
    await log.append(name, recordOfSystem(name, { verb: CUT_VERB, details }));
    await log.cut(name, last.seq);
    logger.info({ log: name, through: last.seq, olderThanDays }, 'deleted audit records that were older than the retention setting says');
  }

  async function sweep(): Promise<void> {
    if (days === undefined) return;
    for (const name of [INSTALLATION_LOG, ...(await organizations())]) if (!stopped) await cut(name, days);
  }

  function schedule(delayMs: number): void {
    cancel = clock.after(delayMs, () => {
      running = sweep().catch((error: unknown) => {
        logger.error({ err: error }, 'old audit records could not be deleted; tried again later');
      }).finally(() => {
        if (!stopped) schedule(EVERY_MS);
      });
    });
  }

  return {
    name: 'audit-retention',
    sweep,
    async start() {
      if (days !== undefined) schedule(0);
    },
    async stop() {
      stopped = true;
      cancel?.();
      await running;
    },
  };
}
