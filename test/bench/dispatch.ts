import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunEvent } from '#shared/api/agents';
import { eventually } from '../harness/eventually';
import { createRunFixture, ORG, SCRIPTED_AGENT, type RunFixture } from '../harness/runFixture';
import { tempDir } from '../harness/tempDir';
import { median, ms, spread, type BenchRow } from './benchRow';
import { readSse } from './readSse';

const RUNS = 15;
const BUDGET_MS = 300;
const SCRIPT = { prompt: [{ message: 'done' }] };

interface Workspace {
  readonly status?: { readonly phase?: string; readonly claimedBy?: string; readonly lastRun?: string };
}

/**
 * From the request that dispatches a run to the agent's answer to `initialize`, less what the same agent takes for that when a program
 * starts it by itself. A worktree is ready in the pool, as after any earlier run.
 */
export async function run(): Promise<BenchRow[]> {
  await using folder = await tempDir('kradle-bench-dispatch-');
  const script = join(folder.path, 'script.json');
  await writeFile(script, JSON.stringify(SCRIPT));
  await using fixture = await createRunFixture({ args: ['--log-level', 'error'] });
  await fixture.repository('bench');
  await fixture.agent('quick', SCRIPT);
  // The first run of a repository makes the pool.
  await fixture.ended(await fixture.dispatch('bench', 'quick'));

  const wholes: number[] = [];
  const alones: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    await eventually('a ready worktree', () => hasReadyWorktree(fixture));
    alones.push(await initializeAlone(script));
    const startedAt = Date.now();
    const name = await fixture.dispatch('bench', 'quick');
    wholes.push((await initializedAt(fixture, name)) - startedAt);
    await fixture.ended(name);
  }
  const overheads = wholes.map((whole, index) => whole - (alones[index] ?? Number.NaN));
  return [{
    measure: 'dispatch to initialized, less the agent\'s own start', figure: spread(overheads), budget: ms(BUDGET_MS),
    peer: `whole: ${ms(median(wholes))}; agent alone: ${ms(median(alones))}`, ok: median(overheads) <= BUDGET_MS,
  }];
}

async function hasReadyWorktree({ server }: RunFixture): Promise<boolean> {
  const { items } = await server.api<{ items: Workspace[] }>('GET', `/api/orgs/${ORG}/resources?kind=kradleworkspaces`);
  return items.some(({ status }) => status?.phase === 'Ready' && status.claimedBy === undefined && status.lastRun === undefined);
}

/** When the agent had answered, by the runner's clock, which is this machine's. */
async function initializedAt({ server }: RunFixture, run: string): Promise<number> {
  for await (const { event, data } of readSse(server, `/api/orgs/${ORG}/agents/runs/${run}/events/stream`)) {
    const { type, at } = JSON.parse(data) as RunEvent;
    if (event === 'run-event' && type === 'agent.initialized') return Date.parse(at);
  }
  throw new Error(`run ${run} ended without its agent`);
}

/** Milliseconds from spawning the agent to its answer to `initialize`. */
async function initializeAlone(script: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [SCRIPTED_AGENT, script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1, clientCapabilities: {} } })}\n`);
  await once(createInterface({ input: child.stdout }), 'line');
  const tookMs = performance.now() - startedAt;
  child.stdin.end();
  await exited;
  return tookMs;
}
