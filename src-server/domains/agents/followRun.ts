import { isStatusError, StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { Endpoint } from '../../http/endpoint';
import { keepAlive, sendSse, startSse } from '../../http/sse';
import type { ResourceClient } from '../../resources/resourceClient';
import type { EventLog, StoredEvent } from '../../store/eventLog';
import type { AgentsContext } from './agentsContext';
import { noteTranscriptRead } from './noteTranscriptRead';
import { phaseEventId, runStream } from './runEvents';
import { isEnded, phaseOf, type Run } from './runState';
import { isSettled } from './settleRun';

/** How long a stream waits for the word of an end that is written already, in ms. */
const TELLING_MS = 10_000;

export interface FollowRunOptions {
  readonly org: string;
  readonly run: string;
  /** Seq of the last event that the follower has; absent means from now. */
  readonly after?: number | undefined;
  readonly signal: AbortSignal;
}

/** Batches of a run's events as they come, without gap or repeat, for who may see the run, and for as long as they may. */
export async function* followRunEvents(eventLog: EventLog, resources: ResourceClient, opts: FollowRunOptions): AsyncGenerator<StoredEvent[]> {
  const ref = { org: opts.org, name: opts.run };
  await resources.get(AgentDispatchRun, ref);
  const stream = runStream(opts.org, opts.run);
  const after = opts.after ?? (await eventLog.read(stream, { limit: 1 })).lastSeq;
  for await (const items of eventLog.follow(stream, { after, signal: opts.signal })) {
    // A stream stays open for hours, in which somebody may leave.
    await resources.get(AgentDispatchRun, ref);
    yield items;
  }
}

/**
 * `GET /api/orgs/:org/agents/runs/:name/events/stream?after=SEQ`: a run's events as Server-Sent Events, `id` being the seq. When the run has
 * ended and everything was sent, `event: end` with its phase, and the stream closes.
 */
export function createRunEventStreamEndpoint(ctx: AgentsContext): Endpoint {
  return {
    methods: ['GET'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/agents\/runs\/(?<name>[^/]+)\/events\/stream$/,
    openapi: { path: '/api/orgs/{org}/agents/runs/{name}/events/stream', summary: 'The events of a run as Server-Sent Events, from the start or after Last-Event-ID', tags: ['Agents'], answers: 'text/event-stream' },
    async handle({ req, res, url, params, actor, signal }) {
      const ref = { org: params.org ?? '', name: params.name ?? '' };
      const resources = ctx.resources.as(actor);
      const run = await resources.get(AgentDispatchRun, ref);
      const after = readPosition(req.headers['last-event-id'] ?? url.searchParams.get('after') ?? '0');
      if (after === 0) await noteTranscriptRead(ctx, actor, run);
      const over = new AbortController();
      const stop = AbortSignal.any([signal, over.signal]);
      startSse(res);
      const stopPings = keepAlive(res);
      let refusal: Error | undefined;
      const ended = untilEnded(resources, ref, stop).catch((error: unknown) => { refusal = error instanceof Error ? error : new Error(String(error)); }).finally(() => over.abort());
      let last = after;
      const send = async (items: readonly StoredEvent[]) => {
        last = items.at(-1)?.seq ?? last;
        await sendSse(res, ...items.map((item) => ({ id: String(item.seq), event: 'run-event', data: item })));
      };
      try {
        for await (const items of followRunEvents(ctx.eventLog, resources, { org: ref.org, run: ref.name, after, signal: stop })) await send(items);
        if (signal.aborted) return;
        if (refusal !== undefined) throw refusal;
        await untilTold(ctx, await resources.get(AgentDispatchRun, ref), { org: ref.org, after: last, signal });
        // What was stored between the last batch and the end.
        for (let page = await readAfter(ctx, ref, last); page.length > 0; page = await readAfter(ctx, ref, last)) await send(page);
        const { status } = await resources.get(AgentDispatchRun, ref);
        await sendSse(res, { event: 'end', data: { phase: status?.phase, reason: status?.reason, lastSeq: last } });
      } catch (error) {
        if (!isStatusError(error)) throw error;
        await sendSse(res, { event: 'error', data: { code: error.code } });
      } finally {
        stopPings();
        over.abort();
        await ended;
        res.end();
      }
    },
  };
}

async function readAfter(ctx: AgentsContext, ref: { org: string; name: string }, after: number): Promise<StoredEvent[]> {
  return (await ctx.eventLog.read(runStream(ref.org, ref.name), { after, limit: 1000 })).items;
}

/** Resolves when the run has ended or is gone, or the signal ends the wait. */
async function untilEnded(resources: ResourceClient, ref: { org: string; name: string }, signal: AbortSignal): Promise<void> {
  const changes = resources.watch(AgentDispatchRun, { ...ref, signal, bookmarkEveryMs: 30_000 });
  let looked = false;
  try {
    for await (const { type, object } of changes) {
      if (type === 'DELETED' || (object !== undefined && isEnded(object))) return;
      // The first bookmark says that the watch is live: what ended before it is seen by a look.
      if (!looked && isEnded(await resources.get(AgentDispatchRun, ref))) return;
      looked = true;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * The end of a run is written first, and told in its stream then: by whoever ended it, or by who follows that up. Waits for that, if it is still
 * to come.
 */
async function untilTold(ctx: AgentsContext, run: Run, { org, after, signal }: { org: string; after: number; signal: AbortSignal }): Promise<void> {
  const stream = runStream(org, run.metadata.name);
  const id = phaseEventId(phaseOf(run));
  if (isSettled(run) || (await ctx.eventLog.find(stream, id)) !== undefined) return;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(TELLING_MS)]);
  for await (const items of ctx.eventLog.follow(stream, { after, signal: patience })) if (items.some((item) => item.id === id)) return;
}

function readPosition(value: string | string[]): number {
  const position = Number(value);
  if (typeof value === 'string' && Number.isSafeInteger(position) && position >= 0) return position;
  throw new StatusError('BadRequest', 'The position must be the seq of an event.', { causes: [{ code: 'FieldValueInvalid', field: 'after', message: 'a whole number from 0 up' }] });
}
