import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '#shared/api/agents';
import { route, type ApiClient } from './apiClient';
import { CliError, EXIT } from './exitCode';

const PAGE = 1000;
/** How long a server that went away is waited for: long enough for a restart. */
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_000;

/** What a run said until now, page by page. */
export async function* readRunEvents(api: ApiClient, run: { org: string; name: string }): AsyncIterable<RunEvent[]> {
  let after = 0;
  for (;;) {
    const page = await api.get<{ items: RunEvent[]; lastSeq: number }>(route`/api/orgs/${run.org}/agents/runs/${run.name}/events`, { after, limit: PAGE });
    if (page.items.length > 0) yield page.items;
    after = page.items.at(-1)?.seq ?? after;
    if (page.items.length < PAGE || after >= page.lastSeq) return;
  }
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Told once each time that the server goes away. */
  readonly onInterruption: (error: CliError) => void;
  /** A new client for each connection: a server that was started again may have another address. */
  readonly connect: () => ApiClient;
}

/**
 * What a run says, from the beginning until it has ended. A server that is stopped and started again in between costs nothing: the
 * stream goes on behind the last event that came.
 */
export async function* followRunEvents(run: { org: string; name: string }, opts: FollowOptions): AsyncIterable<RunEvent> {
  let after = 0;
  let lostAt: number | undefined;
  let pauseMs = 100;
  while (!opts.signal.aborted) {
    try {
      const api = opts.connect();
      for await (const message of api.stream(route`/api/orgs/${run.org}/agents/runs/${run.name}/events/stream`, { query: { after }, signal: opts.signal })) {
        [lostAt, pauseMs] = [undefined, 100];
        if (message.event === 'end') return;
        if (message.event !== 'run-event') continue;
        const event = JSON.parse(message.data) as RunEvent;
        if (event.seq <= after) continue;
        after = event.seq;
        yield event;
      }
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable || opts.signal.aborted) throw error;
      if (lostAt === undefined) opts.onInterruption(error);
      lostAt ??= performance.now();
      if (performance.now() - lostAt > PATIENCE_MS) throw error;
    }
    await delay(pauseMs, undefined, { signal: opts.signal }).catch(() => undefined);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}
