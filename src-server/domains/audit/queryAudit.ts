import { setImmediate as nextTurn } from 'node:timers/promises';
import { StatusError } from '#shared/api/status';
import type { AuditFilter } from '#shared/api/audit';
import type { StoredEvent } from '../../store/eventLog';
import { toRecord, type AuditRecord } from './auditRecord';
import type { AuditLog } from './auditLog';

/** Records read at a time: more would hold the event loop. */
const PAGE = 500;
/** Records that one question looks at, at most. A rare find then takes several pages, each of which says where the next goes on. */
const MAX_SCANNED = 20_000;

export interface AuditPage {
  readonly items: AuditRecord[];
  /** There may be more. */
  readonly continue?: string;
}

type AuditQuestion = AuditFilter & { readonly limit: number; readonly offset?: number; readonly continue?: string; readonly signal?: AbortSignal };

/** The records that a question is about, the newest first. */
export async function queryAudit(log: AuditLog, name: string, question: AuditQuestion): Promise<AuditPage> {
  const { limit, signal } = question;
  const bounds = await boundsOf(log, name, question);
  let before = question.continue === undefined ? bounds.before : Math.min(bounds.before, readToken(question.continue));
  let skip = question.continue === undefined ? (question.offset ?? 0) : 0;
  const isMeant = testOf(question);
  const items: AuditRecord[] = [];
  for (let scanned = 0; scanned < MAX_SCANNED && signal?.aborted !== true; scanned += PAGE) {
    const page = (await log.read(name, { before, limit: PAGE })).items.reverse();
    for (const entry of page) {
      if (entry.seq <= bounds.after) return { items };
      before = entry.seq;
      if (!isMeant(entry)) continue;
      if (skip > 0) skip -= 1;
      else items.push(toRecord(name, entry));
      if (items.length >= limit) return before - 1 > bounds.after ? { items, continue: writeToken(before) } : { items };
    }
    if (page.length < PAGE) return { items };
    await nextTurn();
  }
  // What is still to be skipped would be skipped once more by the next page: a page that skips all does not end before it has.
  if (skip > 0) throw new StatusError('BadRequest', 'offset is further away than one question looks; narrow it by since and until, or follow continue', { causes: [{ code: 'FieldValueInvalid', field: 'offset', message: 'too far for this filter' }] });
  return { items, continue: writeToken(before) };
}

/** The records that a filter is about, page by page, the oldest first. */
export async function* scanAudit(log: AuditLog, name: string, filter: AuditFilter): AsyncGenerator<AuditRecord[]> {
  const { after: start, before } = await boundsOf(log, name, filter);
  const isMeant = testOf(filter);
  let after = start;
  for (;;) {
    const page = (await log.read(name, { after, before, limit: PAGE })).items;
    const items = page.filter(isMeant).map((entry) => toRecord(name, entry));
    if (items.length > 0) yield items;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
    await nextTurn();
  }
}

/** The part of the log that the times name: behind `after` and in front of `before`. */
async function boundsOf(log: AuditLog, name: string, { since, until }: Pick<AuditFilter, 'since' | 'until'>): Promise<{ after: number; before: number }> {
  const lastBefore = (time: string): Promise<number> => log.lastAt(name, Date.parse(time) * 1000 - 1);
  return {
    after: since === undefined ? 0 : await lastBefore(since),
    before: until === undefined ? Number.MAX_SAFE_INTEGER : (await lastBefore(until)) + 1,
  };
}

function testOf(filter: AuditFilter): (entry: StoredEvent) => boolean {
  const { action, actor, kind, name, outcome, correlationId } = filter;
  return (entry) => {
    const { spec } = entry.data as Pick<AuditRecord, 'spec'>;
    return (
      (action === undefined || spec.action === action) &&
      (actor === undefined || spec.actor.name === actor) &&
      (kind === undefined || spec.target?.kind === kind) &&
      (name === undefined || spec.target?.name === name) &&
      (outcome === undefined || spec.decision?.outcome === outcome) &&
      (correlationId === undefined || spec.correlationId === correlationId)
    );
  };
}

const TOKEN = /^before-(\d{1,15})$/;

function writeToken(before: number): string {
  return Buffer.from(`before-${before}`).toString('base64url');
}

function readToken(token: string): number {
  const found = TOKEN.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (found !== undefined) return Number(found);
  const message = 'The continue token does not belong to the audit log; start again without it';
  throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
}
