import { setTimeout as delay } from 'node:timers/promises';
import { runProcess } from '../harness/runProcess';
import { startServer, type TestServer } from '../harness/startServer';
import { median, ms, spread, type BenchRow } from './benchRow';
import { residentMiB, residentRow } from './resident';

const STARTS = 9;
const BUDGET_MS = 1000;
const REPOSITORIES = 10;
const AGENTS = 500;

/** From the start of the process to its word that it serves, on a folder with data, and what the idle server holds. */
export async function run(): Promise<BenchRow[]> {
  await using server = await startServer({ args: ['--log-level', 'error'] });
  await fill(server);
  const ready: number[] = [];
  const alone: number[] = [];
  const resident: number[] = [];
  for (let index = 0; index < STARTS; index += 1) {
    await server.stop();
    alone.push(await timed(() => runProcess(process.execPath, ['-e', '0'])));
    ready.push(await timed(() => server.restart()));
    // What the start allocated and dropped is given back within a moment; the figure is of the idle server.
    await delay(2000);
    resident.push(await residentMiB(server.pid));
  }
  return [
    { measure: `start to ready (${REPOSITORIES} repositories, ${AGENTS} agents)`, figure: spread(ready), budget: ms(BUDGET_MS), peer: `node -e 0: ${spread(alone)}`, ok: median(ready) <= BUDGET_MS },
    residentRow('resident, idle', Math.max(...resident)),
  ];
}

async function fill(server: TestServer): Promise<void> {
  for (let index = 0; index < REPOSITORIES; index += 1) await server.api('POST', '/api/orgs/default/repositories', { name: `repository-${index}`, initialize: true });
  const create = (kind: string, name: string, spec: Record<string, unknown>) =>
    server.api('POST', '/api/orgs/default/resources', { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind, metadata: { name }, spec: { organizationRef: 'default', ...spec } } });
  await create('AgentAdapter', 'adapter', { adapterType: 'acp', transport: 'stdio', command: [process.execPath] });
  for (let index = 0; index < AGENTS; index += 1) await create('AgentStack', `agent-${index}`, { baseAgent: 'adapter', adapter: 'adapter', prompt: { system: 'You are careful. '.repeat(20) } });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
