import type { LiveMessage, LiveTopic } from '#shared/api/live';
import { compareResourceVersions } from '#shared/kind/resourceVersion';

/** What to hear of, without where to start. */
export type LiveTopicSpec =
  | Omit<Extract<LiveTopic, { type: 'resources' }>, 'id' | 'resourceVersion'>
  | Omit<Extract<LiveTopic, { type: 'run-events' }>, 'id' | 'after'>
  | Omit<Extract<LiveTopic, { type: 'audit' }>, 'id' | 'after'>
  | Omit<Extract<LiveTopic, { type: 'notifications' }>, 'id' | 'after'>;

/** `idle`: nobody listens. `offline`: reconnecting has not worked for a while. */
export type LiveState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface LiveObserver {
  /** `id` is the stream's position: one cursor a topic, in the order of the topics, joined by commas; `-` where there is none yet. */
  onMessage(id: string, message: LiveMessage): void;
  onOpen(): void;
  /** The connection is lost and being made again. */
  onRetry(): void;
  /** The stream ended for good; it has to be opened anew. */
  onEnd(): void;
}

/** Opens the stream; answers what closes it. */
export type LiveTransport = (topics: readonly LiveTopic[], observer: LiveObserver) => () => void;

/** Timers, so that tests need no clock. Answers what cancels. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

export interface LiveSubscription {
  /** Hear of what comes after this cursor (a resourceVersion or a seq; absent: from now). Needed after `expired` and `error`. */
  resume(cursor?: string): void;
  close(): void;
}

/** Changes that come together are sent together. */
const OPEN_DELAY_MS = 25;
/** A topic that nobody needs any more is dropped with the next change, or after this. */
const DROP_DELAY_MS = 5_000;
const OFFLINE_AFTER_MS = 10_000;
const MAX_BACKOFF_MS = 15_000;
/** `liveInput` takes no more. */
const MAX_TOPICS = 64;

/**
 * The one stream of a window. Components say what they want to hear of; the hub opens one stream for all of it, remembers how far
 * each topic has got, and opens the stream again from there when the topics change. Nothing is missed and, because subscribers
 * ignore what is not newer, nothing is taken twice.
 */
export class LiveHub {
  readonly #transport: LiveTransport;
  readonly #schedule: Schedule;
  readonly #topics = new Map<string, Topic>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = 'idle';
  #nextId = 1;
  #close: (() => void) | undefined;
  /** Topics of the open stream, in the order of its positions. */
  #opened: readonly Topic[] = [];
  #pending: { cancel: () => void; delayMs: number } | undefined;
  #cancelOffline: (() => void) | undefined;
  #failures = 0;

  constructor(transport: LiveTransport, schedule: Schedule) {
    this.#transport = transport;
    this.#schedule = schedule;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribeState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };
  readonly state = (): LiveState => this.#state;

  /** `ready` reaches subscribers once: when a topic that starts from now has started. */
  subscribe(spec: LiveTopicSpec, opts: { cursor?: string | undefined; onMessage: (message: LiveMessage) => void }): LiveSubscription {
    const key = topicKey(spec);
    const subscriber = { onMessage: opts.onMessage };
    const existing = this.#topics.get(key);
    const topic = existing ?? { id: `t${this.#nextId++}`, spec, cursor: opts.cursor, ended: false, rewound: false, subscribers: new Set() };
    this.#topics.set(key, topic);
    topic.subscribers.add(subscriber);
    if (existing === undefined) this.#reopenAfter(OPEN_DELAY_MS);
    else this.#rewind(topic, opts.cursor);
    return {
      resume: (cursor) => {
        if (!topic.subscribers.has(subscriber)) return;
        if (topic.ended) {
          topic.ended = false;
          topic.cursor = cursor;
          this.#reopenAfter(OPEN_DELAY_MS);
        } else this.#rewind(topic, cursor);
      },
      close: () => {
        if (!topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
        if (this.#topics.get(key) === topic) this.#topics.delete(key);
        this.#reopenAfter(DROP_DELAY_MS);
      },
    };
  }

  /** Tries at once, when the network or the window came back. */
  retryNow(): void {
    if (this.#state === 'reconnecting' || this.#state === 'offline') this.#reopenAfter(0);
  }

  /** A newcomer that knows less than the topic has delivered gets it again; the others ignore what they have. */
  #rewind(topic: Topic, cursor: string | undefined): void {
    if (cursor === undefined || topic.ended) return;
    if (topic.cursor !== undefined && compareResourceVersions(topic.cursor, cursor) <= 0) return;
    topic.cursor = cursor;
    topic.rewound = true;
    this.#reopenAfter(OPEN_DELAY_MS);
  }

  #reopenAfter(delayMs: number): void {
    if (this.#pending !== undefined) {
      if (this.#pending.delayMs <= delayMs) return;
      this.#pending.cancel();
    }
    const cancel = this.#schedule(() => {
      this.#pending = undefined;
      this.#open();
    }, delayMs);
    this.#pending = { cancel, delayMs };
  }

  #open(): void {
    this.#close?.();
    this.#close = undefined;
    const opened = [...this.#topics.values()].filter((topic) => !topic.ended).slice(0, MAX_TOPICS);
    this.#opened = opened;
    for (const topic of opened) topic.rewound = false;
    if (opened.length === 0) return this.#setState('idle');
    if (this.#state === 'idle') this.#setState('connecting');
    const current = <TArgs extends unknown[]>(react: (...args: TArgs) => void) => (...args: TArgs) => {
      // A stream that was replaced may still have something in its pipe.
      if (this.#opened === opened) react(...args);
    };
    this.#close = this.#transport(opened.map(toWire), {
      onMessage: current((id: string, message: LiveMessage) => {
        this.#connected();
        this.#receive(opened, id, message);
      }),
      onOpen: current(() => this.#connected()),
      onRetry: current(() => this.#setState(this.#state === 'offline' ? 'offline' : 'reconnecting')),
      onEnd: current(() => {
        this.#setState(this.#state === 'offline' ? 'offline' : 'reconnecting');
        this.#failures += 1;
        this.#reopenAfter(Math.min(MAX_BACKOFF_MS, 500 * 2 ** Math.min(this.#failures, 6)));
      }),
    });
  }

  #connected(): void {
    this.#failures = 0;
    this.#setState('live');
  }

  #receive(opened: readonly Topic[], id: string, message: LiveMessage): void {
    const topic = opened.find((each) => each.id === message.topic);
    const started = topic?.cursor === undefined;
    const cursors = id.split(',');
    opened.forEach((each, index) => {
      const cursor = cursors[index];
      // A rewound topic waits for the stream that starts there: this one must not move it on.
      if (cursor !== undefined && cursor !== '-' && !each.rewound) each.cursor = cursor;
    });
    // Later ones are bookmarks, there to move the positions.
    if (topic === undefined || (message.type === 'ready' && !started)) return;
    if (message.type === 'expired' || message.type === 'error') {
      topic.ended = true;
      topic.cursor = undefined;
    }
    for (const subscriber of [...topic.subscribers]) subscriber.onMessage(message);
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#cancelOffline?.();
    this.#cancelOffline = state === 'reconnecting' || state === 'connecting' ? this.#schedule(() => this.#setState('offline'), OFFLINE_AFTER_MS) : undefined;
    for (const listener of this.#stateListeners) listener();
  }
}

interface Topic {
  readonly id: string;
  readonly spec: LiveTopicSpec;
  /** How far it has got; absent: from now. */
  cursor: string | undefined;
  /** The server ended it: it waits for `resume`. */
  ended: boolean;
  /** Starts again further back with the next stream. */
  rewound: boolean;
  readonly subscribers: Set<{ onMessage: (message: LiveMessage) => void }>;
}

/** One text for topics that say the same, whatever the order of their fields. */
export function topicKey(spec: LiveTopicSpec): string {
  return JSON.stringify(Object.entries(spec).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function toWire({ id, spec, cursor }: Topic): LiveTopic {
  if (spec.type === 'resources') return { ...spec, id, ...(cursor === undefined ? {} : { resourceVersion: cursor }) };
  return { ...spec, id, ...(cursor === undefined ? {} : { after: Number(cursor) }) };
}
