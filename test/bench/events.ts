import { fileURLToPath } from 'node:url';
import type { LiveMessage } from '#shared/api/live';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import { median, ms, percentile, type BenchRow } from './benchRow';
import { readSse } from './readSse';
import { residentMiB, residentRow } from './resident';

const TIMED_AGENT = fileURLToPath(new URL('timedAgent.mjs', import.meta.url));
const BUDGET_PER_SECOND = 5000;
const BUDGET_LAG_MS = 1000;
const OFFERED_PER_SECOND = 6000;
const SECONDS = 10;

interface TimedEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Opens a subscription to a run's events, from the first one on. */
type Subscribe = (fixture: RunFixture, run: string) => AsyncIterable<TimedEvent[]>;

/**
 * Updates of one agent, from its standard output over the runner and the event log to a subscriber: how many a second arrive, and how
 * long after they were sent. A subscriber hears of nothing that is not stored.
 */
export async function run(): Promise<BenchRow[]> {
  await using fixture = await createRunFixture({ args: ['--log-level', 'error'] });
  await fixture.repository('bench');
  const steady = OFFERED_PER_SECOND * SECONDS;
  await timedAgent(fixture, 'steady', [steady, OFFERED_PER_SECOND]);
  await timedAgent(fixture, 'flat-out', [steady]);
  return [
    ...report(`run event stream, ${SECONDS} s`, await measure(fixture, 'steady', { updates: steady, subscribe: eventStream })),
    ...report(`window's live stream, ${SECONDS} s`, await measure(fixture, 'steady', { updates: steady, subscribe: liveStream })),
    throughput(await measure(fixture, 'flat-out', { updates: steady, subscribe: eventStream })),
    residentRow(`resident, after ${(3 * steady).toLocaleString('en')} events`, await residentMiB(fixture.server.pid)),
  ];
}

interface Measured {
  readonly offeredPerSecond: number;
  readonly arrivedPerSecond: number;
  readonly lagsMs: readonly number[];
}

function report(label: string, { offeredPerSecond, arrivedPerSecond, lagsMs }: Measured): BenchRow[] {
  const p99 = percentile(lagsMs, 99);
  return [
    { measure: `events stored, ${label}`, figure: rate(arrivedPerSecond), budget: rate(BUDGET_PER_SECOND), peer: `sent: ${rate(offeredPerSecond)}`, ok: arrivedPerSecond >= BUDGET_PER_SECOND },
    { measure: `lag from agent to subscriber, ${label}`, figure: `p50 ${ms(median(lagsMs))}, p99 ${ms(p99)}`, budget: `p99 ${ms(BUDGET_LAG_MS)}`, ok: p99 <= BUDGET_LAG_MS },
  ];
}

function throughput({ arrivedPerSecond }: Measured): BenchRow {
  return { measure: 'events stored, as fast as the agent can', figure: rate(arrivedPerSecond), budget: rate(BUDGET_PER_SECOND), ok: arrivedPerSecond >= BUDGET_PER_SECOND };
}

async function measure(fixture: RunFixture, agent: string, opts: { updates: number; subscribe: Subscribe }): Promise<Measured> {
  const run = await fixture.dispatch('bench', agent);
  const sentAt: number[] = [];
  const lagsMs: number[] = [];
  for await (const events of opts.subscribe(fixture, run)) {
    const now = performance.timeOrigin + performance.now();
    for (const { type, data } of events) {
      if (type !== 'update') continue;
      const at = (data as { _meta: { sentAt: number } })._meta.sentAt;
      sentAt.push(at);
      lagsMs.push(now - at);
    }
    if (sentAt.length >= opts.updates) break;
  }
  const { status } = await fixture.ended(run);
  if (sentAt.length !== opts.updates || status?.phase !== 'Completed') throw new Error(`${sentAt.length} of ${opts.updates} updates came; the run is ${JSON.stringify(status)}`);
  const first = sentAt[0] ?? Number.NaN;
  const last = sentAt.at(-1) ?? Number.NaN;
  return {
    offeredPerSecond: (opts.updates * 1000) / (last - first),
    arrivedPerSecond: (opts.updates * 1000) / (last + (lagsMs.at(-1) ?? Number.NaN) - first),
    lagsMs,
  };
}

async function* eventStream({ server }: RunFixture, run: string): AsyncGenerator<TimedEvent[]> {
  for await (const { event, data } of readSse(server, `/api/orgs/${ORG}/agents/runs/${run}/events/stream`)) {
    if (event === 'run-event') yield [JSON.parse(data) as TimedEvent];
  }
}

/** The stream of the console, as the browser opens it. */
async function* liveStream({ server }: RunFixture, run: string): AsyncGenerator<TimedEvent[]> {
  const input = { topics: [{ id: 'run', type: 'run-events', org: ORG, run, after: 0 }] };
  for await (const { event, data } of readSse(server, `/trpc/live.stream?input=${encodeURIComponent(JSON.stringify(input))}`)) {
    if (event !== undefined && event !== 'message') continue;
    const message = JSON.parse(data) as LiveMessage;
    if (message.type === 'run-events') yield message.items;
    else throw new Error(`the live stream said ${data}`);
  }
}

async function timedAgent(fixture: RunFixture, name: string, args: readonly number[]): Promise<void> {
  await fixture.adapter(name, { adapterType: 'acp', command: [process.execPath, TIMED_AGENT, ...args.map(String)] });
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en')}/s`;
}
