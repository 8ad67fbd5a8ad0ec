import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { Endpoint, EndpointRequest } from '../http/endpoint';
import { sendSse, startSse, type SseMessage } from '../http/sse';
import type { ResourceClient } from '../resources/resourceClient';
import { toStatusError } from './rest';

/** Seeds, 003 section 7.2. */
const HEARTBEAT_MS = 30_000;

/** Runs whose phase a stream remembers. */
const MAX_REMEMBERED_RUNS = 10_000;

export interface EventStreamDeps {
  readonly registry: KindRegistry;
  /** The kind whose phases are told as `run.status.changed`. */
  readonly runKind: AnyKind;
  readonly resources: ResourceClient;
  readonly headRevision: () => Promise<string>;
}

/**
 * `GET /api/orgs/:org/agents/events/stream`: what happens in an organization, as Server-Sent Events. `connected` first, `heartbeat`
 * every 30 s, `resource-change` for every change, and `run.status.changed` when a run's phase is another than this stream told last.
 * Each `id:` is a revision, and `connected` and `heartbeat` have one too, so that `Last-Event-ID` resumes without a gap even after a
 * stream on which nothing happened; 410 when that history is gone. `?kinds=a,b` narrows it.
 */
export function createEventStreamEndpoint(deps: EventStreamDeps): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/agents\/events\/stream$/,
    openapi: {
      path: '/api/orgs/{org}/agents/events/stream',
      summary: 'What happens in an organization, as Server-Sent Events; Last-Event-ID resumes',
      tags: ['Events'],
      query: { kinds: 'Only changes of these kinds, comma-separated.', lastEventId: 'Resumes after this id, for clients that cannot send Last-Event-ID.' },
      answers: 'text/event-stream',
    },
    async handle(request) {
      const kinds = selectKinds(deps.registry, request.url.searchParams.get('kinds'));
      let position = resumePoint(request) ?? (await deps.headRevision());
      const org = request.params.org ?? '';
      const { res, signal } = request;
      const stop = new AbortController();
      signal.addEventListener('abort', () => stop.abort(), { once: true });
      const watch = deps.resources.as(request.actor).watchOrg({ org, kinds, resourceVersion: position, bookmarkEveryMs: HEARTBEAT_MS, signal: stop.signal })[Symbol.asyncIterator]();
      // The first step is where permission and expiry are refused: before the status line is sent.
      let step = await watch.next();
      startSse(res);
      await sendSse(res, { id: position, data: { type: 'connected' } });
      const heartbeat = setInterval(() => void sendSse(res, { id: position, data: { type: 'heartbeat' } }), HEARTBEAT_MS);
      const describe = createDescriber(deps.runKind);
      try {
        while (step.done !== true) {
          const { type, object, resourceVersion } = step.value;
          position = resourceVersion;
          if (type !== 'BOOKMARK' && object !== undefined) await sendSse(res, ...describe({ type, resourceVersion, object }));
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

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resourceVersion: string;
  readonly object: KradleObject;
}

/** A change as messages. The one with the id comes last: a client that got it got the others too. */
function createDescriber(runKind: AnyKind): (change: Change) => SseMessage[] {
  const phases = new Map<string, string>();
  return ({ type, resourceVersion, object }) => {
    const { kind, metadata } = object;
    const operation = type === 'DELETED' ? 'delete' : 'apply';
    const phase = typeof object.status?.phase === 'string' ? object.status.phase : undefined;
    const payload = { kind, name: metadata.name, operation, phase };
    const messages: SseMessage[] = [];
    if (kind === runKind.names.kind && type !== 'DELETED' && phase !== undefined && phases.get(metadata.name) !== phase) {
      // Forgetting costs no more than a phase that is told twice.
      if (phases.size >= MAX_REMEMBERED_RUNS) phases.clear();
      phases.set(metadata.name, phase);
      messages.push({ data: { type: 'run.status.changed', payload: { runName: metadata.name, phase } } });
    }
    messages.push({ id: resourceVersion, data: { type: 'resource-change', ...payload, timestamp: new Date().toISOString(), payload } });
    return messages;
  };
}

function selectKinds(registry: KindRegistry, wanted: string | null) {
  const all = registry.all.filter((kind) => kind.placement === 'org' && kind.appendOnly !== true);
  if (wanted === null || wanted === '') return all;
  return wanted.split(',').map((name) => {
    const kind = registry.find(name.trim());
    if (kind?.appendOnly === true) {
      throw new StatusError('BadRequest', `Records of kind ${kind.names.kind} are in a log of their own, which has a stream of its own.`, { causes: [{ code: 'FieldValueNotSupported', field: 'kinds', message: 'a comma-separated list of kinds whose objects change' }] });
    }
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
