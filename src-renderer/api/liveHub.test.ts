import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveMessage, LiveTopic } from '#shared/api/live';
import { LiveHub, topicKey, type LiveObserver, type LiveTopicSpec } from './liveHub';

const runs: LiveTopicSpec = { type: 'resources', org: 'x', kind: 'runs' };
const pulls: LiveTopicSpec = { type: 'resources', org: 'x', kind: 'pulls' };

interface Stream {
  readonly topics: readonly LiveTopic[];
  readonly observer: LiveObserver;
  closed: boolean;
}

let streams: Stream[];
let timers: { run: () => void; delayMs: number; cancelled: boolean }[];
let hub: LiveHub;

beforeEach(() => {
  streams = [];
  timers = [];
  hub = new LiveHub(
    (topics, observer) => {
      const stream: Stream = { topics, observer, closed: false };
      streams.push(stream);
      return () => {
        stream.closed = true;
      };
    },
    (run, delayMs) => {
      const timer = { run, delayMs, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  );
});

describe('topics', () => {
  it('that come together travel in one stream', () => {
    listen(runs, '5');
    listen(pulls, '7');
    pass(25);
    expect(streams.map(({ topics }) => topics.map(startOf))).toEqual([[['runs', '5'], ['pulls', '7']]]);
  });

  it('are opened again from where they had got to', () => {
    listen(runs, '5');
    pass(25);
    say('9', { topic: 't1', type: 'ready' });
    listen(pulls, '7');
    pass(25);
    expect(streams[0]?.closed).toBe(true);
    expect(last().topics.map(startOf)).toEqual([['runs', '9'], ['pulls', '7']]);
  });

  it('of the same words are one, delivered to each that asked', () => {
    const [first, second] = [listen(runs, '5'), listen({ kind: 'runs', org: 'x', type: 'resources' }, '5')];
    pass(25);
    expect(last().topics).toHaveLength(1);
    say('6', resource('6'));
    expect(first.heard).toEqual(second.heard);
    expect(first.heard).toHaveLength(1);
  });

  it('go back for a newcomer that knows less, and the old stream does not move them on meanwhile', () => {
    listen(runs, '5');
    pass(25);
    say('9', resource('9'));
    listen(runs, '6');
    say('10', resource('10'));
    pass(25);
    expect(last().topics.map(startOf)).toEqual([['runs', '6']]);
  });

  it('do not go back for a newcomer that knows as much', () => {
    listen(runs, '5');
    pass(25);
    listen(runs, '12');
    pass(25);
    expect(streams).toHaveLength(1);
  });

  it('that nobody needs are dropped after a while, and the stream closes', () => {
    const subscription = listen(runs, '5');
    pass(25);
    subscription.close();
    pass(25);
    expect(streams[0]?.closed).toBe(false);
    pass(5000);
    expect(streams[0]?.closed).toBe(true);
    expect(hub.state()).toBe('idle');
  });

  it('wait for a new start after their history expired', () => {
    const subscription = listen(runs, '5');
    listen(pulls, '7');
    pass(25);
    say('-,8', { topic: 't1', type: 'expired' });
    expect(subscription.heard.map(({ type }) => type)).toEqual(['expired']);
    listen({ type: 'run-events', org: 'x', run: 'r' }, '3');
    pass(25);
    expect(last().topics.map(startOf)).toEqual([['pulls', '8'], ['r', 3]]);
    subscription.resume('40');
    pass(25);
    expect(last().topics.map(startOf)).toEqual([['runs', '40'], ['pulls', '8'], ['r', 3]]);
  });

  it('that start from now say once that they have started', () => {
    const subscription = listen(runs, undefined);
    pass(25);
    expect(last().topics.map(startOf)).toEqual([['runs', undefined]]);
    say('30', { topic: 't1', type: 'ready' });
    say('31', { topic: 't1', type: 'ready' });
    expect(subscription.heard).toHaveLength(1);
  });
});

describe('a stream', () => {
  it('that was replaced is not listened to any more', () => {
    const subscription = listen(runs, '5');
    pass(25);
    listen(pulls, '7');
    pass(25);
    streams[0]?.observer.onMessage('99', resource('99'));
    expect(subscription.heard).toEqual([]);
  });

  it('that ends is opened again, later each time', () => {
    listen(runs, '5');
    pass(25);
    last().observer.onEnd();
    expect(hub.state()).toBe('reconnecting');
    pass(1000);
    expect(streams).toHaveLength(2);
    last().observer.onEnd();
    pass(1000);
    expect(streams).toHaveLength(2);
    pass(2000);
    expect(streams).toHaveLength(3);
  });

  it('that cannot be made for a while is offline, until it opens', () => {
    listen(runs, '5');
    pass(25);
    last().observer.onRetry();
    pass(10_000);
    expect(hub.state()).toBe('offline');
    last().observer.onRetry();
    expect(hub.state()).toBe('offline');
    last().observer.onOpen();
    expect(hub.state()).toBe('live');
  });
});

it('names a topic by what it says, not by the order of its fields', () => {
  expect(topicKey({ type: 'resources', org: 'x', kind: 'a', name: undefined })).toBe(topicKey({ kind: 'a', org: 'x', type: 'resources' }));
});

function listen(spec: LiveTopicSpec, cursor: string | undefined) {
  const heard: LiveMessage[] = [];
  return { heard, ...hub.subscribe(spec, { cursor, onMessage: (message) => heard.push(message) }) };
}

/** Lets the timers of this delay or less run. */
function pass(delayMs: number): void {
  const due = timers.filter((timer) => !timer.cancelled && timer.delayMs <= delayMs);
  timers = timers.filter((timer) => !due.includes(timer));
  for (const timer of due) timer.run();
}

function last(): Stream {
  const stream = streams.at(-1);
  if (stream === undefined) throw new Error('no stream was opened');
  return stream;
}

function say(id: string, message: LiveMessage): void {
  last().observer.onMessage(id, message);
}

function resource(version: string): LiveMessage {
  return { topic: 't1', type: 'resource', event: 'MODIFIED', resourceVersion: version, object: {} };
}

function startOf(topic: LiveTopic): [string, unknown] {
  if (topic.type === 'resources') return [topic.kind, topic.resourceVersion];
  return [topic.type === 'run-events' ? topic.run : topic.type, topic.after];
}
