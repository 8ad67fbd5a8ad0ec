import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { auditFilter, type AuditFilter } from '#shared/api/audit';
import { StatusError } from '#shared/api/status';
import { issueCauses } from '#shared/kind/issueCauses';
import type { Endpoint, EndpointRequest } from '../../http/endpoint';
import { keepAlive, sendSse, startSse } from '../../http/sse';
import type { ResourceClient } from '../../resources/resourceClient';
import { toRecord, type AuditRecord } from './auditRecord';
import type { AuditLog } from './auditLog';
import { readableLog } from './auditRouter';
import { scanAudit } from './queryAudit';

interface AuditEndpointDeps {
  readonly log: AuditLog;
  readonly resources: () => ResourceClient;
}

/** The routes of the log whose answers are not one JSON document. */
export function createAuditEndpoints(deps: AuditEndpointDeps): Endpoint[] {
  return [exportEndpoint(deps, ORGANIZATION), exportEndpoint(deps, INSTALLATION), streamEndpoint(deps, ORGANIZATION), streamEndpoint(deps, INSTALLATION)];
}

/** Records behind a place in an organization's log (default: from now on), in batches as they come, for who may read it. */
export async function* followAudit(log: AuditLog, resources: ResourceClient, opts: { org: string; after?: number | undefined; signal: AbortSignal }): AsyncGenerator<AuditRecord[]> {
  const name = await readableLog(resources, opts.org);
  const after = opts.after ?? (await log.read(name, { limit: 1 })).lastSeq;
  for await (const entries of log.follow(name, { after, signal: opts.signal })) yield entries.map((entry) => toRecord(name, entry));
}

/** Where a log is served. */
interface Place {
  readonly pattern: string;
  readonly path: string;
  readonly of: string;
}

const ORGANIZATION: Place = { pattern: '/api/orgs/(?<org>[^/]+)/audit', path: '/api/orgs/{org}/audit', of: 'an organization\'s log' };
const INSTALLATION: Place = { pattern: '/api/audit', path: '/api/audit', of: 'the installation\'s own log' };

function exportEndpoint({ log, resources }: AuditEndpointDeps, { pattern, path, of }: Place): Endpoint {
  return {
    methods: ['GET'],
    pattern: new RegExp(`^${pattern}/export$`),
    openapi: {
      path: `${path}/export`,
      summary: `${capital(of)} as JSON Lines, a record a line, the oldest first`,
      tags: ['Audit'],
      query: Object.fromEntries(Object.entries(auditFilter.shape).map(([key, schema]) => [key, schema.description ?? key])),
      answers: 'application/jsonl',
    },
    async handle({ res, url, params, actor }) {
      const filter = readFilter(url);
      const name = await readableLog(resources().as(actor), params.org, 'export-audit');
      res.setHeader('Content-Type', 'application/jsonl; charset=utf-8').setHeader('Cache-Control', 'no-store');
      res.setHeader('Content-Disposition', `attachment; filename="audit-${params.org ?? 'installation'}.jsonl"`);
      for await (const records of scanAudit(log, name, filter)) {
        if (res.destroyed) return;
        await send(res, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      }
      res.end();
    },
  };
}

/** Each `id:` is the sequence of a record, so that `Last-Event-ID` resumes without a gap. */
function streamEndpoint({ log, resources }: AuditEndpointDeps, { pattern, path, of }: Place): Endpoint {
  return {
    methods: ['GET'],
    pattern: new RegExp(`^${pattern}/stream$`),
    openapi: {
      path: `${path}/stream`,
      summary: `${capital(of)} as it grows, as Server-Sent Events; Last-Event-ID resumes`,
      tags: ['Audit'],
      query: { after: 'Records behind this sequence, for clients that cannot send Last-Event-ID; from now on when left out.' },
      answers: 'text/event-stream',
    },
    async handle(request) {
      const { res, params, actor, signal } = request;
      const name = await readableLog(resources().as(actor), params.org);
      const after = readPosition(request) ?? (await log.read(name, { limit: 1 })).lastSeq;
      startSse(res);
      const stopPings = keepAlive(res);
      try {
        for await (const entries of log.follow(name, { after, signal })) {
          await sendSse(res, ...entries.map((entry) => ({ id: String(entry.seq), event: 'audit', data: toRecord(name, entry) })));
        }
      } finally {
        stopPings();
        res.end();
      }
    },
  };
}

/** Waits while the client is slower than the log is read. */
async function send(res: ServerResponse, text: string): Promise<void> {
  if (res.write(text) || res.destroyed) return;
  await Promise.race([once(res, 'drain'), once(res, 'close')]);
}

function readFilter(url: Pick<URL, 'searchParams'>): AuditFilter {
  const given = Object.fromEntries(url.searchParams);
  const parsed = auditFilter.strict().safeParse(given);
  if (parsed.success) return parsed.data;
  const causes = issueCauses(parsed.error.issues, given);
  throw new StatusError('BadRequest', `The request is not valid: ${causes.map(({ message }) => message).join('; ')}`, { causes });
}

function readPosition({ req, url }: EndpointRequest): number | undefined {
  const value = req.headers['last-event-id'] ?? url.searchParams.get('after') ?? undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw new StatusError('BadRequest', 'after and Last-Event-ID are the sequence of a record', { causes: [{ code: 'FieldValueInvalid', field: 'after', message: 'must be a whole number, 0 or more' }] });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
