/** Inputs and outputs of the audit log's verbs. */
import { z } from 'zod';
import type { ObjectOf } from '../kind/defineKind';
import { objectName, timestamp } from '../kind/objectMeta';
import type { AuditEvent } from '../kinds/audit/auditEvent';
import { orgParam } from './paging';

/** A record of the log, as every door serves it. */
export type AuditRecord = ObjectOf<typeof AuditEvent>;

/** Which records a question or an export is about. Times are those at which a record was made. Source: seeds, 003 section 13.2. */
export const auditFilter = z.object({
  action: z.string().min(1).max(100).optional().describe('The verb: create, delete, merge, push.'),
  actor: z.string().min(1).max(253).optional().describe('Name of who did it.'),
  kind: z.string().min(1).max(253).optional().describe('Kind of what it was done to.'),
  name: z.string().min(1).max(253).optional().describe('Name of what it was done to.'),
  outcome: z.enum(['allowed', 'denied', 'requires-approval']).optional().describe('What was decided about it.'),
  correlationId: z.string().min(1).max(200).optional().describe('Id of the request.'),
  since: timestamp.optional().describe('Records from this time on, RFC 3339.'),
  until: timestamp.optional().describe('Records before this time, RFC 3339.'),
});
export type AuditFilter = z.output<typeof auditFilter>;

const auditPaging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Records in a page.'),
  offset: z.coerce.number().int().min(0).max(10_000).default(0).describe('Records to skip; to go far, follow `continue`.'),
  continue: z.string().max(100).optional().describe('Token of the previous page.'),
};

export const auditQuery = orgParam.extend({ ...auditFilter.shape, ...auditPaging });
export type AuditQuery = z.output<typeof auditQuery>;

/** The installation's own log, of what belongs to no organization; or an organization's, where one is named. */
export const installationAuditQuery = z.object({ org: objectName.optional().describe('Organization slug; without it, what belongs to no organization.'), ...auditFilter.shape, ...auditPaging });

export const auditVerification = z.object({
  ok: z.boolean().describe('Nothing was changed, taken out or put in.'),
  records: z.number().int().describe('Records that were looked at.'),
  first: z.number().int().optional().describe('Sequence of the first record.'),
  last: z.number().int().optional().describe('Sequence of the last record.'),
  head: z.string().optional().describe('Digest of the last record: with it, everything before it is fixed.'),
  cut: z.object({ through: z.number().int(), at: z.string() }).optional().describe('Records up to this one were deleted by the retention setting.'),
  anchor: z.object({ sequence: z.number().int(), at: z.string() }).optional().describe('The signed head, kept outside the database, that the log was compared with.'),
  broken: z.object({ sequence: z.number().int(), problem: z.string() }).optional().describe('The first record that is not as it was written, and how that shows.'),
});
export type AuditVerification = z.output<typeof auditVerification>;
