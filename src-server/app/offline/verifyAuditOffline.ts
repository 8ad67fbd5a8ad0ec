import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AuditVerification } from '#shared/api/audit';
import { StatusError } from '#shared/api/status';
import { orgOfNamespace } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { auditHeadsFolder } from '../../domains/audit/audit';
import { auditStream, INSTALLATION_LOG, toEntry, type AuditRecord } from '../../domains/audit/auditRecord';
import { createAuditHeads } from '../../domains/audit/auditHeads';
import { verifyAudit, type ChainSource } from '../../domains/audit/verifyAudit';
import { lockDataDir } from '../../store/dataDirLock';
import type { StoredEvent } from '../../store/eventLog';
import { systemClock } from '../clock';
import type { Config } from '../config';
import { dataDirAt } from '../dataDir';
import { openKeyFile } from '../keyRing';
import { silentLogger } from '../log';
import { openStorage } from '../openStorage';

export interface VerifiedLog extends AuditVerification {
  /** Slug of the organization, or `:installation`. */
  readonly log: string;
}

/**
 * Verifies every log of a data folder that no server has: also of a copy that was put aside.
 *
 * @throws Conflict when a server has it; NotFound when there is no data folder.
 */
export async function verifyDataFolder(config: Config): Promise<VerifiedLog[]> {
  const dataDir = dataDirAt(config.dataDir);
  const lock = await lockDataDir(dataDir.root);
  try {
    const log = silentLogger();
    const storage = await openStorage({ config, dataDir, log, observe: () => undefined });
    try {
      const heads = createAuditHeads({ folder: auditHeadsFolder(dataDir.root), keys: openKeyFile(dataDir.secretKeyFile), clock: systemClock, log });
      const organizations = (await storage.store.list({ plural: Organization.names.plural })).items.map(({ metadata }) => metadata.name);
      const verified: VerifiedLog[] = [];
      for (const name of new Set([INSTALLATION_LOG, ...organizations, ...(await heads.list())])) {
        verified.push({ log: name, ...(await verifyAudit({ log: name, heads, source: { read: (range) => storage.eventLog.read(auditStream(name), range) } })) });
      }
      return verified;
    } finally {
      await storage.close();
    }
  } finally {
    await lock.release();
  }
}

/**
 * Verifies an exported file: that its records are as they were written, and none is missing between the first and the last.
 *
 * @throws Invalid for a file with something else in it.
 */
export async function verifyExport(path: string): Promise<VerifiedLog> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })[Symbol.asyncIterator]();
  let log = INSTALLATION_LOG;
  let number = 0;
  let lastSeq = 0;
  // What is verified asks for the pages of a file in the order in which it has them.
  const source: ChainSource = {
    async read({ limit }) {
      const items: StoredEvent[] = [];
      while (items.length < limit) {
        const line = await lines.next();
        if (line.done === true) break;
        number += 1;
        if (line.value.trim() === '') continue;
        const record = readRecord(line.value, `${path}, line ${number}`);
        log = orgOfNamespace(record.metadata.namespace) ?? INSTALLATION_LOG;
        const entry = toEntry(record);
        lastSeq = entry.seq;
        items.push(entry);
      }
      return { items, lastSeq };
    },
  };
  const verification = await verifyAudit({ log: '', source, isPart: true });
  return { log, ...verification };
}

function readRecord(line: string, place: string): AuditRecord {
  try {
    const value = JSON.parse(line) as Partial<AuditRecord>;
    if (typeof value.metadata?.name === 'string' && typeof value.metadata.namespace === 'string' && typeof value.spec === 'object') return value as AuditRecord;
  } catch {
    // Said below, as for every other line that is none.
  }
  throw new StatusError('Invalid', `${place}: this is no record of an audit log; give a file that "kradle audit export" wrote`);
}
