import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditVerification } from '#shared/api/audit';
import type { StoredEvent } from '../../store/eventLog';
import { brokenLink, headOf, type ChainHead } from '../../store/chain';
import type { AuditHeads, SignedHead } from './auditHeads';
import { readCut, type Cut } from './auditCut';

/** Records read at a time. */
const PAGE = 500;

/** What a log is read from: the server's, a database file, an export. */
export interface ChainSource {
  read(range: { after: number; limit: number }): Promise<{ readonly items: readonly StoredEvent[]; readonly lastSeq: number }>;
}

export interface VerifyOptions {
  readonly log: string;
  readonly source: ChainSource;
  /** Heads that were kept elsewhere; without them, what is missing at the end cannot be found out. */
  readonly heads?: Pick<AuditHeads, 'read' | 'check'>;
  /** The source is a part of a log: it may begin anywhere, and what is in front of it is not asked for. */
  readonly isPart?: boolean;
  readonly signal?: AbortSignal;
}

/** Walks a chain from its first record to its last, and says where it is not as it was written. */
export async function verifyAudit(opts: VerifyOptions): Promise<AuditVerification> {
  const { log, source, heads, signal } = opts;
  const kept = (await heads?.read(log)) ?? [];
  const wanted = new Map(kept.map((head) => [head.sequence, head]));
  const seen = new Map<number, string | undefined>();
  let first: StoredEvent | undefined;
  let head: ChainHead | undefined;
  let cut: Cut | undefined;
  let records = 0;
  let lastSeq: number;
  const answer = (broken?: AuditVerification['broken']): AuditVerification => ({
    ok: broken === undefined,
    records,
    ...(first === undefined ? {} : { first: first.seq }),
    ...(head === undefined ? {} : { last: head.sequence, ...(head.digest === undefined ? {} : { head: head.digest }) }),
    ...(cut === undefined ? {} : { cut: { through: cut.checkpoint.sequence, at: cut.at } }),
    ...(kept.length === 0 ? {} : { anchor: anchorOf(kept) }),
    ...(broken === undefined ? {} : { broken }),
  });

  for (;;) {
    signal?.throwIfAborted();
    const page = await source.read({ after: head?.sequence ?? 0, limit: PAGE });
    lastSeq = page.lastSeq;
    for (const entry of page.items) {
      const problem = brokenLink(entry, head);
      if (problem !== undefined) return answer({ sequence: head === undefined || entry.seq === head.sequence + 1 ? entry.seq : head.sequence + 1, problem });
      first ??= entry;
      head = headOf(entry);
      records += 1;
      cut = readCut(entry) ?? cut;
      if (wanted.has(entry.seq)) seen.set(entry.seq, head.digest);
    }
    if (page.items.length < PAGE) break;
    await nextTurn();
  }
  const last = head?.sequence ?? 0;
  if (opts.isPart !== true) {
    const beginning = brokenBeginning(first, cut, (checkpoint) => heads?.check(log, checkpoint) ?? 'good');
    if (beginning !== undefined) return answer(beginning);
    if (lastSeq !== last) return answer({ sequence: last + 1, problem: `the records from ${last + 1} to ${lastSeq} are missing` });
  }
  for (const each of kept) {
    const problem = brokenHead(each, { last, first: first?.seq ?? 1, digest: seen.get(each.sequence), trust: heads?.check(log, each) ?? 'good' });
    if (problem !== undefined) return answer(problem);
  }
  return answer();
}

function anchorOf(kept: readonly SignedHead[]): { sequence: number; at: string } | undefined {
  const newest = kept.at(-1);
  return newest === undefined ? undefined : { sequence: newest.sequence, at: newest.at };
}

/** A log begins with record 1, or behind what the retention setting cut off, as a later record says. */
function brokenBeginning(first: StoredEvent | undefined, cut: Cut | undefined, trust: (checkpoint: SignedHead) => ReturnType<AuditHeads['check']>): AuditVerification['broken'] {
  if (first === undefined) return undefined;
  const { previousDigest } = (first.data as { spec: { previousDigest?: string } }).spec;
  if (first.seq === 1) return previousDigest === undefined ? undefined : { sequence: 1, problem: 'it says that there was a record before it' };
  if (cut === undefined || cut.checkpoint.sequence < first.seq - 1) return { sequence: 1, problem: `the records from 1 to ${first.seq - 1} are missing, and no record says that the retention setting deleted them` };
  const { checkpoint } = cut;
  if (trust(checkpoint) !== 'good') return { sequence: 1, problem: `the records from 1 to ${first.seq - 1} are missing, and the record that says that the retention setting deleted them is not signed by this installation` };
  // A cut that was interrupted has left records in front of its end; those are linked to what follows.
  if (checkpoint.sequence === first.seq - 1 && checkpoint.digest !== previousDigest) return { sequence: first.seq, problem: 'the record before it is another than the one at which the log was cut' };
  return undefined;
}

function brokenHead(head: SignedHead, found: { last: number; first: number; digest: string | undefined; trust: ReturnType<AuditHeads['check']> }): AuditVerification['broken'] {
  const { sequence, at } = head;
  if (found.trust === 'forged') return { sequence, problem: `the signed head of ${at}, kept outside the database, has been changed` };
  if (found.trust === 'unknown-key') return { sequence, problem: `the signed head of ${at} was signed with a key that is no longer in secret.key` };
  if (sequence > found.last) return { sequence: found.last + 1, problem: `the records from ${found.last + 1} to ${sequence} are missing: record ${sequence} was signed at ${at}` };
  if (sequence >= found.first && found.digest !== head.digest) return { sequence, problem: `it is another than the one that was signed at ${at}` };
  return undefined;
}
