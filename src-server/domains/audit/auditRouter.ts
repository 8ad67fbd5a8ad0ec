import { z } from 'zod';
import { auditQuery, auditVerification, installationAuditQuery, type AuditQuery, type AuditVerification } from '#shared/api/audit';
import { orgParam } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { Organization } from '#shared/kinds/identity/organization';
import type { ResourceClient } from '../../resources/resourceClient';
import { objectSchema } from '../../rpc/objectSchema';
import { procedure, router } from '../../rpc/trpc';
import { INSTALLATION_LOG, type AuditRecord } from './auditRecord';
import type { AuditLog } from './auditLog';
import { queryAudit, type AuditPage } from './queryAudit';
import { verifyAudit } from './verifyAudit';

const page = z.object({ items: z.array(objectSchema<AuditRecord>()), continue: z.string().optional().describe('There may be more: the token of the next page.') });

/** Reading and checking the log, from every door that has procedures. */
export function createAuditRouter(log: AuditLog) {
  const find = (name: string, { offset, limit, continue: token, ...filter }: Omit<AuditQuery, 'org'>, signal: AbortSignal): Promise<AuditPage> =>
    queryAudit(log, name, { ...filter, limit, offset, signal, ...(token === undefined ? {} : { continue: token }) });
  const verify = (name: string, signal: AbortSignal): Promise<AuditVerification> =>
    verifyAudit({ log: name, source: { read: (range) => log.read(name, range) }, heads: log.heads, signal });

  return router({
    query: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/audit', tags: ['Audit'], summary: 'Who did what in an organization, the newest first' } })
      .input(auditQuery)
      .output(page)
      .query(async ({ input: { org, ...question }, ctx }) => find(await readableLog(ctx.resources, org), question, ctx.signal)),

    queryInstallation: procedure
      .meta({ openapi: { method: 'GET', path: '/api/audit', tags: ['Audit'], summary: 'Sign-ins, accounts and what else belongs to no organization, the newest first; or an organization\'s log' } })
      .input(installationAuditQuery)
      .output(page)
      .query(async ({ input: { org, ...question }, ctx }) => find(await readableLog(ctx.resources, org), question, ctx.signal)),

    verify: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/audit/verify', tags: ['Audit'], summary: 'Whether the log of an organization is as it was written' } })
      .input(orgParam)
      .output(auditVerification)
      .query(async ({ input, ctx }) => verify(await readableLog(ctx.resources, input.org), ctx.signal)),

    verifyInstallation: procedure
      .meta({ openapi: { method: 'GET', path: '/api/audit/verify', tags: ['Audit'], summary: 'Whether the installation\'s own log is as it was written' } })
      .input(z.object({}))
      .output(auditVerification)
      .query(async ({ ctx }) => verify(await readableLog(ctx.resources, undefined), ctx.signal)),
  });
}

/**
 * The log of an organization, or the installation's own, for who may read it; that they did is recorded.
 *
 * @throws NotFound (ORG_NOT_FOUND), Forbidden.
 */
export async function readableLog(resources: ResourceClient, org: string | undefined, verb: 'read-audit' | 'export-audit' = 'read-audit'): Promise<string> {
  if (org !== undefined) {
    await resources.get(Organization, { org, name: org });
    await resources.require(verb, AuditEvent, { org });
    return org;
  }
  if (resources.actor.orgs !== '*') throw new StatusError('Forbidden', 'Only administrators of the installation read its own log; name an organization to read that one\'s');
  await resources.require(verb, AuditEvent, { org: '*' });
  return INSTALLATION_LOG;
}
