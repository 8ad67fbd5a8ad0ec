import type { ServerResponse } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { Endpoint, EndpointRequest } from '../http/endpoint';
import { sendSse, startSse } from '../http/sse';
import type { ResourceClient } from '../resources/resourceClient';
import { toStatusError } from './rest';

/** Seeds, 003 section 7.2. */
const HEARTBEAT_MS = 30_000;

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resourceVersion: string;
  readonly object: KradleObject;
}

/**
 * `GET /api/orgs/:org/agents/events/stream`: what happens in an organization, as Server-Sent Events. `connected` first, `heartbeat`
 * every 30 s, `resource-change` for every change with the revision as `id:`, and `run.status.changed` when an object of a kind with
 * run phases changes phase. `Last-Event-ID` resumes; 410 when that history is gone. `?kinds=a,b` narrows it.
 */
export function createEventStreamEndpoint(deps: { registry: KindRegistry; resources: ResourceClient; headRevision: () => Promise<string> }): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/agents\/events\/stream$/,
    async handle(request) {
      const kinds = selectKinds(deps.registry, request.url.searchParams.get('kinds'));
      const after = resumePoint(request);
      const head = await deps.headRevision();
      const org = request.params.org ?? '';
      const client = deps.resources.as(request.actor);
      const { res, signal } = request;
      const stop = new AbortController();
      signal.addEventListener('abort', () => stop.abort(), { once: true });
      const watch = client.watchOrg({ org, kinds, resourceVersion: after ?? head, bookmarkEveryMs: HEARTBEAT_MS, signal: stop.signal })[Symbol.asyncIterator]();
      // The first step is where permission and expiry are refused: before the status line is sent.
      let step = await watch.next();
      startSse(res);
      await sendSse(res, { data: { type: 'connected' } });
      const heartbeat = setInterval(() => void sendSse(res, { data: { type: 'heartbeat' } }), HEARTBEAT_MS);
      try {
        while (step.done !== true) {
          const { type, object, resourceVersion } = step.value;
          if (type !== 'BOOKMARK' && object !== undefined) await sendChange(res, { type, resourceVersion, object });
          step = await watch.next();
        }
      } catch (error) {
        await sendSse(res, { data: { type: 'error', payload: { code: toStatusError(error).code } } });
      } finally {
        clearInterval(heartbeat);
        stop.abort();
        res.end();
      }
    },
  };
}

async function sendChange(res: ServerResponse, { type, resourceVersion, object }: Change): Promise<void> {
  const { kind, metadata } = object;
  const operation = type === 'DELETED' ? 'delete' : 'apply';
  const phase = typeof object.status?.phase === 'string' ? object.status.phase : undefined;
  const payload = { kind, name: metadata.name, operation, phase };
  await sendSse(res, {
    id: resourceVersion,
    data: { type: 'resource-change', kind, name: metadata.name, operation, phase, timestamp: new Date().toISOString(), payload },
  });
}

function selectKinds(registry: KindRegistry, wanted: string | null) {
  const all = registry.all.filter((kind) => kind.placement === 'org');
  if (wanted === null || wanted === '') return all;
  return wanted.split(',').map((name) => {
    const kind = registry.find(name.trim());
    if (kind === undefined) throw new StatusError('BadRequest', `There is no kind "${name.slice(0, 100)}".`, { causes: [{ code: 'FieldValueNotSupported', field: 'kinds', message: 'a comma-separated list of kinds' }] });
    return kind;
  });
}

function resumePoint({ req, url }: EndpointRequest): string | undefined {
  const value = req.headers['last-event-id'] ?? url.searchParams.get('lastEventId') ?? undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^\d{1,30}$/.test(value)) throw new StatusError('BadRequest', 'Last-Event-ID must be an id of this stream.');
  return value;
}
