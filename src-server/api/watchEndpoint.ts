import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { requireKind } from '#shared/kind/requireKind';
import type { Endpoint, EndpointRequest } from '../http/endpoint';
import type { RequestUrl } from '../http/requestUrl';
import { sendSse, startSse, type SseMessage } from '../http/sse';
import type { ResourceClient, TypedEvent } from '../resources/resourceClient';
import { withoutManagedFields } from '../resources/withoutManagedFields';
import { toStatusError } from './rest';

const BOOKMARK_MS = 30_000;
const PAGE = 500;

export interface WatchEndpointDeps {
  readonly registry: KindRegistry;
  readonly resources: ResourceClient;
}

/**
 * `GET /api/watch/orgs/ORG[/KIND[/NAME]]`: objects as they change, as Server-Sent Events (seeds: 001-api-contract-spec, "Watch/SSE
 * contracts"). Each is an `event: kradle` whose data says the path, what happened (ADDED, MODIFIED, DELETED, BOOKMARK) and the object.
 * What is there comes first, as ADDED; with `Last-Event-ID` or `?resourceVersion=` only what changed since. 410 when that is gone.
 * `?event=krate` names the events as older clients wait for them.
 */
export function createWatchEndpoint(deps: WatchEndpointDeps): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/api\/watch\/orgs\/(?<org>[^/]+)(?:\/(?<kind>[^/]+)(?:\/(?<name>[^/]+))?)?\/?$/,
    openapi: {
      path: '/api/watch/orgs/{org}/{kind}',
      summary: 'Objects of a kind as they change, as Server-Sent Events; with /NAME behind it of one object, without the kind of all',
      tags: ['Events'],
      query: {
        labelSelector: 'Only objects with these labels.',
        fieldSelector: 'Only objects with these fields.',
        resourceVersion: 'Only what changed after it, for clients that cannot send Last-Event-ID.',
        event: 'Name of the events: kradle, or krate for older clients.',
      },
      answers: 'text/event-stream',
    },
    async handle(request) {
      const { params, url, res, signal } = request;
      const org = params.org ?? '';
      const event = eventName(url.searchParams.get('event'));
      const source = openSource(deps, request);
      const stop = new AbortController();
      signal.addEventListener('abort', () => stop.abort(), { once: true });
      const message = ({ type, resourceVersion, object }: TypedEvent<KradleObject>): SseMessage => ({
        ...(resourceVersion === '' ? {} : { id: resourceVersion }),
        event,
        data: { path: pathOf(deps.registry, org, object) ?? url.pathname, type, ...(resourceVersion === '' ? {} : { resourceVersion }), ...(object === undefined ? {} : { object }) },
      });
      try {
        let from = resumePoint(request);
        // The first page is where permission is refused: before the status line is sent.
        const first = from === undefined ? await source.list() : undefined;
        for (let page = first; page !== undefined; page = page.continue === undefined ? undefined : await source.list(page.continue)) {
          if (!res.headersSent) startSse(res);
          // No id: a client that is cut off here has not seen everything, and starts again.
          for (const object of page.items) await sendSse(res, message({ type: 'ADDED', resourceVersion: '', object }));
          from = page.resourceVersion;
          if (signal.aborted) return;
        }
        const changes = source.watch(from ?? '', stop.signal)[Symbol.asyncIterator]();
        let step = await changes.next();
        if (!res.headersSent) startSse(res);
        for (; step.done !== true; step = await changes.next()) await sendSse(res, message(step.value));
      } catch (error) {
        if (!res.headersSent) throw error;
        const { code, message: text } = toStatusError(error);
        await sendSse(res, { event, data: { path: url.pathname, type: 'ERROR', error: { code, message: text, correlationId: request.correlationId } } });
      } finally {
        stop.abort();
        if (res.headersSent) res.end();
      }
    },
  };
}

interface Page {
  readonly items: readonly KradleObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

interface Source {
  list(token?: string): Promise<Page>;
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<TypedEvent<KradleObject>>;
}

/** What the address names: an object, a kind's objects, or all of the organization. */
function openSource({ registry, resources: all }: WatchEndpointDeps, { actor, params, url, signal: gone }: EndpointRequest): Source {
  const resources = withoutManagedFields(all.as(actor));
  const { org = '', kind: kindName, name } = params;
  const bookmarkEveryMs = BOOKMARK_MS;
  const paging = (token: string | undefined) => ({ limit: PAGE, signal: gone, ...(token === undefined ? {} : { continue: token }) });
  if (kindName === undefined) {
    const kinds = registry.all.filter(({ placement }) => placement === 'org');
    return {
      list: async (token) => toPage(await resources.listOrg({ org, kinds, ...paging(token) })),
      watch: (resourceVersion, signal) => resources.watchOrg({ org, kinds, resourceVersion, bookmarkEveryMs, signal }),
    };
  }
  const kind = requireKind(registry, kindName);
  const selectors = { ...selector(url, 'labelSelector'), ...selector(url, 'fieldSelector') };
  return {
    async list(token) {
      const fields = name === undefined ? selectors.fieldSelector : [selectors.fieldSelector, `metadata.name=${name}`].filter(Boolean).join(',');
      return toPage((await resources.list(kind, { org, ...selectors, ...(fields === undefined ? {} : { fieldSelector: fields }), ...paging(token) })));
    },
    watch: (resourceVersion, signal) =>
      resources.watch(kind, { org, ...selectors, ...(name === undefined ? {} : { name }), resourceVersion, bookmarkEveryMs, signal }),
  };
}

function toPage({ items, metadata }: { items: readonly KradleObject[]; metadata: { resourceVersion: string; continue?: string } }): Page {
  return { items, ...metadata };
}

function selector<const T extends string>(url: RequestUrl, name: T): { readonly [K in T]?: string } {
  const value = url.searchParams.get(name);
  return (value === null || value === '' ? {} : { [name]: value }) as { readonly [K in T]?: string };
}

function pathOf(registry: KindRegistry, org: string, object: KradleObject | undefined): string | undefined {
  if (object === undefined) return undefined;
  const kind: AnyKind | undefined = registry.find(object.kind);
  return `/api/orgs/${org}/resources/${kind?.names.plural ?? object.kind}/${object.metadata.name}`;
}

function eventName(asked: string | null): string {
  if (asked === null || asked === 'kradle' || asked === 'krate') return asked ?? 'kradle';
  throw new StatusError('BadRequest', 'event is kradle or krate.', { causes: [{ code: 'FieldValueNotSupported', field: 'event', message: 'kradle or krate' }] });
}

function resumePoint({ req, url }: EndpointRequest): string | undefined {
  const value = req.headers['last-event-id'] ?? url.searchParams.get('resourceVersion') ?? undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^\d{1,30}$/.test(value)) throw new StatusError('BadRequest', 'Last-Event-ID must be an id of this stream.');
  return value;
}
