import { setMaxListeners } from 'node:events';
import { tracked } from '@trpc/server';
import type { AuditRecord } from '#shared/api/audit';
import { liveInput, type LiveMessage, type LiveTopic } from '#shared/api/live';
import type { NotificationView } from '#shared/api/notifications';
import type { KindRegistry } from '#shared/kind/registry';
import { requireKind } from '#shared/kind/requireKind';
import type { Actor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';
import { procedure, router, type RequestContext } from '../rpc/trpc';
import { toStatusError } from './rest';
import { Rendezvous } from './rendezvous';

/** An idle topic tells its position this often, so that a reconnect after compaction does not have to list again. */
const BOOKMARK_EVERY_MS = 30_000;
/** Stands in an event id for a topic that has said nothing yet. */
const UNKNOWN = '-';

/** A message and where its topic stands after it. */
export interface TopicMessage {
  readonly message: LiveMessage;
  readonly cursor: string | undefined;
}

export interface LiveDeps {
  readonly registry: KindRegistry;
  /** Batches of a run's events after a position; checks permission as the given client. */
  readonly followRunEvents: (
    resources: ResourceClient,
    opts: { org: string; run: string; after?: number; signal: AbortSignal },
  ) => AsyncIterable<{ seq: number; id: string; at: string; type: string; data: unknown }[]>;
  /** Batches of an organization's audit records behind a sequence; checks permission as the given client. */
  readonly followAudit: (resources: ResourceClient, opts: { org: string; after?: number; signal: AbortSignal }) => AsyncIterable<AuditRecord[]>;
  /** New notifications of a person, from after an id or from now on. */
  readonly followNotifications: (actor: Actor, opts: { after?: number | undefined; signal: AbortSignal }) => AsyncIterable<NotificationView[]>;
}

/**
 * The one stream of a window: every topic's messages, merged. An event id holds each topic's position, in the order of the topics, so a
 * browser that reconnects with `Last-Event-ID` misses nothing and gets nothing twice, from this server process or the next.
 *
 * Nothing is buffered here beyond one message a topic: a slow window slows its own topics, and the store ends a watch that falls
 * too far behind, which the window hears as `expired`.
 */
export function createLiveRouter(deps: LiveDeps) {
  return router({
    stream: procedure.input(liveInput).subscription(async function* ({ input, ctx, signal }) {
      const cursors = resumeFrom(input.lastEventId, input.topics.length);
      const merged = new Rendezvous<{ index: number; item: TopicMessage }>();
      const abort = new AbortController();
      // Every topic listens, and there may be more than the ten after which node suspects a leak.
      setMaxListeners(0, abort.signal);
      const stop = () => abort.abort();
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted === true) stop();
      abort.signal.addEventListener('abort', () => merged.close(), { once: true });
      const pumps = input.topics.map((topic, index) => pump(deps, ctx, { topic, index, cursor: cursors[index], merged, signal: abort.signal }));
      try {
        for await (const { index, item } of merged) {
          cursors[index] = item.cursor;
          yield tracked(cursors.map((cursor) => cursor ?? UNKNOWN).join(','), item.message);
        }
      } finally {
        stop();
        signal?.removeEventListener('abort', stop);
        await Promise.allSettled(pumps);
      }
    }),
  });
}

interface Pump {
  readonly topic: LiveTopic;
  readonly index: number;
  readonly cursor: string | undefined;
  readonly merged: Rendezvous<{ index: number; item: TopicMessage }>;
  readonly signal: AbortSignal;
}

async function pump(deps: LiveDeps, ctx: RequestContext, { topic, index, cursor, merged, signal }: Pump): Promise<void> {
  let last = cursor;
  try {
    for await (const item of openTopic(deps, ctx, { topic, cursor, signal })) {
      last = item.cursor;
      await merged.put({ index, item });
    }
  } catch (error) {
    if (signal.aborted) return;
    const status = toStatusError(error);
    if (status.reason === 'InternalError') ctx.log.error({ err: error, topic: topic.id }, 'live topic failed');
    const message: LiveMessage = status.reason === 'Expired'
      ? { topic: topic.id, type: 'expired' }
      : { topic: topic.id, type: 'error', code: status.code, message: status.message };
    await merged.put({ index, item: { message, cursor: last } });
  }
}

function openTopic(deps: LiveDeps, ctx: RequestContext, opts: { topic: LiveTopic; cursor: string | undefined; signal: AbortSignal }): AsyncIterable<TopicMessage> {
  const { topic, cursor, signal } = opts;
  if (topic.type === 'resources') return resourceTopic(deps, ctx, { topic, resourceVersion: cursor ?? topic.resourceVersion, signal });
  const after = cursor === undefined ? topic.after : Number(cursor);
  switch (topic.type) {
    case 'run-events':
      return runEventsTopic(deps, ctx, { topic, after, signal });
    case 'audit':
      return auditTopic(deps, ctx, { topic, after, signal });
    case 'notifications':
      return notificationsTopic(deps, ctx, { topic, after, signal });
  }
}

async function* notificationsTopic(
  deps: LiveDeps, ctx: RequestContext, opts: { topic: Extract<LiveTopic, { type: 'notifications' }>; after: number | undefined; signal: AbortSignal },
): AsyncGenerator<TopicMessage> {
  const { topic, after, signal } = opts;
  for await (const items of deps.followNotifications(ctx.actor, { after, signal })) {
    yield { cursor: String(items.at(-1)?.id ?? after ?? 0), message: { topic: topic.id, type: 'notifications', items } };
  }
}

async function* auditTopic(
  deps: LiveDeps, ctx: RequestContext, opts: { topic: Extract<LiveTopic, { type: 'audit' }>; after: number | undefined; signal: AbortSignal },
): AsyncGenerator<TopicMessage> {
  const { topic, after, signal } = opts;
  for await (const items of deps.followAudit(ctx.resources, { org: topic.org, after, signal })) {
    yield { cursor: String(items.at(-1)?.spec.sequence ?? after ?? 0), message: { topic: topic.id, type: 'audit', items } };
  }
}

async function* resourceTopic(
  deps: LiveDeps, ctx: RequestContext, opts: { topic: Extract<LiveTopic, { type: 'resources' }>; resourceVersion: string | undefined; signal: AbortSignal },
): AsyncGenerator<TopicMessage> {
  const { topic } = opts;
  const kind = requireKind(deps.registry, topic.kind);
  const { org, name, labelSelector, fieldSelector } = topic;
  const events = ctx.resources.watch(kind, {
    org, name, labelSelector, fieldSelector, resourceVersion: opts.resourceVersion, bookmarkEveryMs: BOOKMARK_EVERY_MS, signal: opts.signal,
  });
  for await (const event of events) {
    const cursor = event.resourceVersion;
    if (event.type === 'BOOKMARK') yield { cursor, message: { topic: topic.id, type: 'ready' } };
    else if (event.object !== undefined) {
      const object = event.object as unknown as Record<string, unknown>;
      yield { cursor, message: { topic: topic.id, type: 'resource', event: event.type, resourceVersion: cursor, object } };
    }
  }
}

async function* runEventsTopic(
  deps: LiveDeps, ctx: RequestContext, opts: { topic: Extract<LiveTopic, { type: 'run-events' }>; after: number | undefined; signal: AbortSignal },
): AsyncGenerator<TopicMessage> {
  const { topic, after, signal } = opts;
  for await (const items of deps.followRunEvents(ctx.resources, { org: topic.org, run: topic.run, after, signal })) {
    yield { cursor: String(items.at(-1)?.seq ?? after ?? 0), message: { topic: topic.id, type: 'run-events', items } };
  }
}

/** Positions from an event id of this stream. One that does not fit the topics (the window changed them) is of no use: start over. */
function resumeFrom(lastEventId: string | undefined, topicCount: number): (string | undefined)[] {
  const parts = lastEventId?.split(',') ?? [];
  const usable = parts.length === topicCount && parts.every((part) => /^(\d+|-)$/.test(part));
  return Array.from({ length: topicCount }, (_, index) => (usable && parts[index] !== UNKNOWN ? parts[index] : undefined));
}
