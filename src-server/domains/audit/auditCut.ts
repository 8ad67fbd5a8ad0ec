import { z } from 'zod';
import type { StoredEvent } from '../../store/eventLog';
import { signedHead, type SignedHead } from './auditHeads';

/** Type and verb of the record that says up to where a log was cut. */
export const CUT_TYPE = 'AuditEventCut';
export const CUT_VERB = 'cut';

const cutDetails = z.object({
  /** The last record that is gone, signed: what the first that is left was written after. */
  checkpoint: signedHead,
  olderThanDays: z.number().int(),
});
export type CutDetails = z.output<typeof cutDetails>;

/** Up to where a log was cut, and when (RFC 3339). */
export interface Cut {
  readonly checkpoint: SignedHead;
  readonly at: string;
}

/** The cut that a record tells of. Whether the server wrote it is for the checkpoint's signature to say. */
export function readCut(entry: StoredEvent): Cut | undefined {
  if (entry.type !== CUT_TYPE) return undefined;
  const parsed = cutDetails.safeParse((entry.data as { spec: { details?: unknown } }).spec.details);
  return parsed.success ? { checkpoint: parsed.data.checkpoint, at: entry.at } : undefined;
}
