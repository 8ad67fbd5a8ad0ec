import { isStatusError } from '#shared/api/status';
import type { Clock } from '../../../app/clock';
import type { EndpointRequest } from '../../../http/endpoint';
import { toStatusError } from '../../rest';
import { PAGE_SIZE } from './answerList';
import { errorLine, type ChangeType, type EventEncoder } from './eventEncoder';
import type { FlushRounds } from './flushRounds';
import type { KubeObject, ObjectSource } from './kubeObject';
import type { WatchParameters } from './listParameters';
import { atVersion, requireNotOlder } from './staleness';
import { WatchStream } from './watchStream';

/** As kube-apiserver: about once a minute, and shortly before a watch ends, so that it resumes from there. */
const BOOKMARK_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;

export interface WatchAnswerOptions {
  readonly source: ObjectSource;
  readonly encoder: EventEncoder;
  readonly parameters: WatchParameters;
  readonly rounds: FlushRounds;
  readonly clock: Clock;
  /** The server is about to stop: watches end as if their time were up. */
  readonly stopping: AbortSignal;
}

/**
 * Answers a watch until its time is up, the client goes or the server stops. What is wrong with the request is thrown before the
 * answer begins; what goes wrong later is the last event, of type ERROR.
 */
export async function answerWatch(request: EndpointRequest, opts: WatchAnswerOptions): Promise<void> {
  const { parameters } = opts;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const ends = [request.signal, opts.stopping];
  for (const signal of ends) signal.addEventListener('abort', end, { once: true });
  if (ends.some((signal) => signal.aborted)) end();
  const cancelTimeout = opts.clock.after(parameters.timeoutMs, end);
  const stream = new WatchStream(request.res, opts.rounds);
  try {
    await follow(stream, opts, stop.signal);
  } catch (error) {
    if (!request.res.headersSent) throw error;
    // A server that stops is no news of the objects: the client comes back and resumes.
    if (!isStatusError(error, 'ServiceUnavailable')) stream.push(failure(request, error));
  } finally {
    cancelTimeout();
    for (const signal of ends) signal.removeEventListener('abort', end);
    if (request.res.headersSent) await stream.end();
  }
}

async function follow(stream: WatchStream, { source, encoder, parameters }: WatchAnswerOptions, signal: AbortSignal): Promise<void> {
  let hasTold = false;
  const encode = (type: ChangeType, object: KubeObject): Buffer => {
    if (hasTold) return encoder.change(type, object);
    hasTold = true;
    return encoder.first(type, object);
  };

  let from = parameters.resourceVersion;
  if (parameters.initialEvents) {
    let page = await source.page({ limit: PAGE_SIZE });
    from = page.metadata.resourceVersion;
    requireNotOlder(parameters.notOlderThan, from);
    stream.open();
    for (;;) {
      for (const object of page.items) stream.push(encode('ADDED', object));
      await stream.room();
      if (signal.aborted) return;
      if (page.metadata.continue === undefined) break;
      page = await source.page({ limit: PAGE_SIZE, continue: page.metadata.continue });
    }
    if (parameters.markInitialEventsEnd) stream.push(encoder.bookmark(from, { initialEventsEnd: true }));
  }

  const bookmarkEveryMs = bookmarkIntervalMs(parameters.timeoutMs);
  const events = source.watch({ resourceVersion: from, bookmarkEveryMs, signal })[Symbol.asyncIterator]();
  try {
    // The first step is where permission and expiry are refused; it is a bookmark when there is nothing else to tell.
    let step = await atVersion(from, () => events.next());
    if (!parameters.initialEvents) stream.open();
    for (let isOpening = true; step.done !== true; step = await events.next()) {
      const { type, resourceVersion, object } = step.value;
      let hasRoom = true;
      if (type !== 'BOOKMARK' && object !== undefined) hasRoom = stream.push(encode(type, object));
      // The first bookmark only says that the watch is open.
      else if (isOpening) isOpening = false;
      else if (parameters.bookmarks) hasRoom = stream.push(encoder.bookmark(resourceVersion));
      if (!hasRoom) await stream.room();
    }
  } finally {
    await events.return?.();
  }
}

/** The last event of a watch that failed. */
function failure(request: EndpointRequest, error: unknown): Buffer {
  const status = toStatusError(error);
  if (status.reason === 'InternalError') request.log.error({ err: error }, 'watch failed');
  return errorLine(status, request.url.pathname);
}

/** Close to a minute, and such that the last one comes shortly before the timeout. */
function bookmarkIntervalMs(timeoutMs: number): number {
  if (timeoutMs <= 2 * LAST_BOOKMARK_MS) return (timeoutMs * 2) / 3;
  const spanMs = timeoutMs - LAST_BOOKMARK_MS;
  return spanMs / Math.ceil(spanMs / BOOKMARK_MS);
}
