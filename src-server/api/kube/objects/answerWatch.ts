import { isStatusError } from '#shared/api/status';
import type { Clock } from '../../../app/clock';
import type { EndpointRequest } from '../../../http/endpoint';
import type { TypedEvent } from '../../../resources/resourceClient';
import { toStatusError } from '../../rest';
import { PAGE_SIZE } from './answerList';
import { errorLine, type ChangeType, type EventEncoder } from './eventEncoder';
import type { FlushRounds } from './flushRounds';
import type { KubeObject, ObjectSource } from './kubeObject';
import type { WatchParameters } from './listParameters';
import { atVersion, requireNotOlder } from './staleness';
import type { HubMember, WatchHub, WatchHubs } from './watchHub';
import { WatchStream } from './watchStream';

/** As kube-apiserver: about once a minute, and shortly before a watch ends, so that it resumes from there. */
const BOOKMARK_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;

export interface WatchAnswerOptions {
  readonly source: ObjectSource;
  readonly encoder: EventEncoder;
  readonly parameters: WatchParameters;
  readonly rounds: FlushRounds;
  readonly hubs: WatchHubs;
  readonly clock: Clock;
  /** The server is about to stop: watches end as if their time were up. */
  readonly stopping: AbortSignal;
}

/**
 * Answers a watch until its time is up, the client goes or the server stops. What is wrong with the request is thrown before the
 * answer begins; what goes wrong later is the last event, of type ERROR.
 */
export async function answerWatch(request: EndpointRequest, opts: WatchAnswerOptions): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const ends = [request.signal, opts.stopping];
  for (const signal of ends) signal.addEventListener('abort', end, { once: true });
  if (ends.some((signal) => signal.aborted)) end();
  const cancelTimeout = opts.clock.after(opts.parameters.timeoutMs, end);
  const stream = new WatchStream(request.res, opts.rounds);
  try {
    await new Watch(stream, opts, stop.signal).run();
  } catch (error) {
    if (!request.res.headersSent) throw error;
    // A server that stops is no news of the objects: the client comes back and resumes.
    if (!isStatusError(error, 'ServiceUnavailable')) stream.push(failure(request, error));
  } finally {
    cancelTimeout();
    for (const signal of ends) signal.removeEventListener('abort', end);
    if (request.res.headersSent) stream.end();
  }
}

/** One client's watch: what there is, if it wants that, then what happened since, by itself, then what happens, from a hub. */
class Watch {
  readonly #stream: WatchStream;
  readonly #opts: WatchAnswerOptions;
  readonly #signal: AbortSignal;
  readonly #bookmarkEveryMs: number;
  /** The client has been told everything up to this revision. */
  #position: string | undefined;
  #isOpen = false;
  #hasTold = false;

  constructor(stream: WatchStream, opts: WatchAnswerOptions, signal: AbortSignal) {
    this.#stream = stream;
    this.#opts = opts;
    this.#signal = signal;
    this.#bookmarkEveryMs = bookmarkIntervalMs(opts.parameters.timeoutMs);
    this.#position = opts.parameters.resourceVersion;
  }

  async run(): Promise<void> {
    if (this.#opts.parameters.initialEvents) await this.#tellWhatThereIs();
    while (!this.#signal.aborted) {
      const joined = await this.#catchUp();
      if (joined === undefined) return;
      await this.#followHub(joined);
      await this.#stream.room();
    }
  }

  async #tellWhatThereIs(): Promise<void> {
    const { source, encoder, parameters } = this.#opts;
    let page = await source.page({ limit: PAGE_SIZE });
    const { resourceVersion } = page.metadata;
    requireNotOlder(parameters.notOlderThan, resourceVersion);
    this.#open();
    for (;;) {
      for (const object of page.items) this.#tell('ADDED', object);
      await this.#stream.room();
      if (this.#signal.aborted || page.metadata.continue === undefined) break;
      page = await source.page({ limit: PAGE_SIZE, continue: page.metadata.continue });
    }
    if (parameters.markInitialEventsEnd && !this.#signal.aborted) this.#stream.push(encoder.bookmark(resourceVersion, { initialEventsEnd: true }));
    this.#position = resourceVersion;
  }

  /** Watches by itself until it can join a hub, which it answers, or until the end. */
  async #catchUp(): Promise<{ hub: WatchHub; member: Follower } | undefined> {
    const { source, hubs, parameters } = this.#opts;
    const from = this.#position;
    const member = new Follower((event, object) => this.#deliver(event, object));
    const events = source.watch({ resourceVersion: from, bookmarkEveryMs: this.#bookmarkEveryMs, signal: this.#signal })[Symbol.asyncIterator]();
    try {
      let isLive = false;
      // The first step is where permission and expiry are refused; it is a bookmark when there is nothing else to tell.
      for (let step = await atVersion(this.#isOpen ? undefined : from, () => events.next()); step.done !== true; step = await events.next()) {
        this.#open();
        const { type, resourceVersion, object } = step.value;
        this.#position = resourceVersion;
        if (type !== 'BOOKMARK' && object !== undefined) this.#tell(type, object);
        // The first bookmark only says that the history is told.
        else if (!isLive) isLive = true;
        else if (parameters.bookmarks) this.#bookmark();
        await this.#stream.room();
        const hub = isLive && !this.#signal.aborted ? hubs.join(source, member, resourceVersion) : undefined;
        if (hub !== undefined) return { hub, member };
      }
      return undefined;
    } finally {
      await events.return?.();
    }
  }

  /** Until the end, or until the client reads too slowly for a hub. */
  async #followHub({ hub, member }: { hub: WatchHub; member: Follower }): Promise<void> {
    const bookmark = (): void => {
      if (BigInt(hub.position) > BigInt(this.#position ?? 0)) this.#position = hub.position;
      this.#bookmark();
    };
    const timer = this.#opts.parameters.bookmarks ? setInterval(bookmark, this.#bookmarkEveryMs).unref() : undefined;
    const leave = (): void => member.ended();
    this.#signal.addEventListener('abort', leave, { once: true });
    if (this.#signal.aborted) leave();
    try {
      await member.done;
    } finally {
      clearInterval(timer);
      this.#signal.removeEventListener('abort', leave);
      hub.leave(member);
    }
  }

  #open(): void {
    if (!this.#isOpen) this.#stream.open();
    this.#isOpen = true;
  }

  /** Answers whether the client can take more. */
  #deliver(event: TypedEvent<KubeObject>, object: KubeObject): boolean {
    this.#position = event.resourceVersion;
    if (event.type !== 'BOOKMARK') this.#tell(event.type, object);
    return this.#stream.hasRoom;
  }

  #tell(type: ChangeType, object: KubeObject): void {
    const { encoder } = this.#opts;
    this.#stream.push(this.#hasTold ? encoder.change(type, object) : encoder.first(type, object));
    this.#hasTold = true;
  }

  #bookmark(): void {
    if (this.#position !== undefined) this.#stream.push(this.#opts.encoder.bookmark(this.#position));
  }
}

/** A watch as the member of a hub. */
class Follower implements HubMember {
  readonly #deliver: (event: TypedEvent<KubeObject>, object: KubeObject) => boolean;
  #isDone = false;
  #settle: (() => void) | undefined;
  /** Resolves when it is to leave the hub. */
  readonly done = new Promise<void>((resolve) => (this.#settle = resolve));

  constructor(deliver: (event: TypedEvent<KubeObject>, object: KubeObject) => boolean) {
    this.#deliver = deliver;
  }

  deliver(event: TypedEvent<KubeObject>, object: KubeObject): void {
    // What comes after it had no room is its own to get, from where it stands.
    if (!this.#isDone && !this.#deliver(event, object)) this.ended();
  }

  ended(): void {
    this.#isDone = true;
    this.#settle?.();
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
