import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTokens } from '../../src-server/api/tokens';
import { openKeyFile } from '../../src-server/app/keyRing';
import { listProcesses } from '../../src-server/domains/agents/process/processTable';
import type { Run } from '../../src-server/domains/agents/runState';
import type { RunEvent } from '#shared/api/agents';
import { eventually } from './eventually';
import { startServer, type StartOptions, type TestServer } from './startServer';
import { tempDir } from './tempDir';

export const SCRIPTED_AGENT = fileURLToPath(new URL('./scriptedAgent.mjs', import.meta.url));

/** What the scripted agent does; see scriptedAgent.mjs. */
export type AgentScript = Record<string, unknown>;

export interface Approval {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: Record<string, unknown> & { readonly action: string; readonly summary?: string };
  readonly status?: Record<string, unknown> & { readonly phase?: string };
}

export interface RunFixture extends AsyncDisposable {
  readonly server: TestServer;
  /** A repository with a README. */
  repository(name: string): Promise<void>;
  /** An agent that follows the script. */
  agent(name: string, script: AgentScript, spec?: Record<string, unknown>): Promise<void>;
  /** An agent with any adapter. */
  adapter(name: string, adapter: Record<string, unknown>, spec?: Record<string, unknown>): Promise<void>;
  dispatch(repository: string, agent: string, input?: Record<string, unknown>): Promise<string>;
  run(name: string): Promise<Run>;
  /** Waits until the run is as wanted. */
  until(name: string, what: string, test: (run: Run) => boolean | undefined): Promise<Run>;
  /** Waits until the run has ended and that was followed up. */
  ended(name: string): Promise<Run>;
  /** All events, by page. */
  events(name: string): Promise<RunEvent[]>;
  approvals(run: string): Promise<Approval[]>;
  /** Waits for the question of the agent that is open. */
  question(run: string): Promise<Approval>;
  decide(approval: string, answer: Record<string, unknown>): Promise<{ phase: string }>;
  /** A run's own token, as its runner has it. */
  token(run: string, attempt?: number): string;
  /** Folder of the run's workspace. */
  workspace(run: string): Promise<string>;
}

export const ORG = 'default';

/** A real server with what is needed to dispatch runs to scripted agents, in the organization `default` or one that is made for it. */
export async function createRunFixture({ org = ORG, ...options }: StartOptions & { readonly org?: string } = {}): Promise<RunFixture> {
  const agents = `/api/orgs/${org}/agents`;
  const folder = await tempDir('kradle-scripts-');
  const server = await startServer(options);
  if (org !== ORG) await server.api('POST', '/api/orgs', { slug: org });
  const resource = (kind: string, name: string, spec: Record<string, unknown>) =>
    server.api('POST', `/api/orgs/${org}/resources`, { resource: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind, metadata: { name }, spec } });

  const fixture: RunFixture = {
    server,
    async repository(name) {
      await server.api('POST', `/api/orgs/${org}/repositories`, { name, initialize: true });
      await eventually(`repository ${name}`, async () => (await server.api<{ status?: { phase?: string; defaultBranchHead?: string } }>('GET', `/api/orgs/${org}/repositories/${name}`)).status?.defaultBranchHead);
    },
    async agent(name, script, spec = {}) {
      const file = join(folder.path, `${name}.json`);
      await writeFile(file, JSON.stringify(script));
      await fixture.adapter(name, { adapterType: 'acp', command: [process.execPath, SCRIPTED_AGENT, file], env: { FROM_ADAPTER: 'yes' } }, spec);
    },
    async adapter(name, adapter, spec = {}) {
      await resource('AgentAdapter', name, { organizationRef: org, transport: 'stdio', ...adapter });
      await resource('AgentStack', name, { organizationRef: org, baseAgent: name, adapter: name, ...spec });
    },
    async dispatch(repository, agentStack, input = {}) {
      const { runName } = await server.api<{ runName: string }>('POST', `${agents}/dispatch`, { repository, agentStack, prompt: 'Do what the script says.', ...input });
      return runName;
    },
    run: (name) => server.api('GET', `${agents}/runs/${name}`),
    async until(name, what, test) {
      let last: Run | undefined;
      try {
        return await eventually(`run ${name}: ${what}`, async () => {
          last = await fixture.run(name);
          return test(last) === true ? last : undefined;
        }, { timeoutMs: 60_000 });
      } catch (error) {
        throw new Error(`run ${name}: ${what} did not come; its status is ${JSON.stringify(last?.status)}`, { cause: error });
      }
    },
    ended: (name) => fixture.until(name, 'end', (run) => run.status?.conditions?.some(({ type, status }) => type === 'Settled' && status === 'True')),
    async events(name) {
      const all: RunEvent[] = [];
      for (;;) {
        const { items } = await server.api<{ items: RunEvent[] }>('GET', `${agents}/runs/${name}/events?after=${all.at(-1)?.seq ?? 0}&limit=5000`);
        if (items.length === 0) return all;
        all.push(...items);
      }
    },
    approvals: async (run) => (await server.api<{ items: Approval[] }>('GET', `${agents}/approvals?run=${run}`)).items,
    async question(run) {
      return eventually(`question of ${run}`, async () => (await fixture.approvals(run)).find(({ spec, status }) => spec.action === 'tool-use' && status?.phase === 'Pending' && status.obsolete !== true));
    },
    decide: (approval, answer) => server.api('POST', `${agents}/approvals/${approval}/decide`, answer),
    token(run, attempt = 1) {
      const tokens = createTokens({ keys: openKeyFile(join(server.dataDir, 'secret.key')), adminToken: server.token, now: () => Date.now() });
      return tokens.signRunToken({ org, run, attempt: String(attempt) });
    },
    async workspace(run) {
      const name = (await fixture.run(run)).status?.workspaceRef ?? '';
      const { status } = await server.api<{ status: { path: string } }>('GET', `/api/orgs/${org}/resources/kradleworkspaces/${name}`);
      return status.path;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  return fixture;
}

/** Options as most agents offer them. */
export const OPTIONS = [
  { optionId: 'yes', name: 'Allow once', kind: 'allow_once' },
  { optionId: 'always', name: 'Always allow', kind: 'allow_always' },
  { optionId: 'no', name: 'Reject', kind: 'reject_once' },
] as const;

/** A step that asks, and says in a message which way it went. */
export function ask(title: string, options: readonly unknown[] = OPTIONS): AgentScript {
  return {
    permission: {
      toolCall: { toolCallId: title, title, kind: 'execute', rawInput: { command: title } },
      options,
      onSelected: { yes: [{ message: `${title}: yes` }], always: [{ message: `${title}: always` }], no: [{ message: `${title}: no` }], never: [{ message: `${title}: never` }] },
      onCancelled: [{ message: `${title}: cancelled` }],
    },
  };
}

/** Whether the process is there and no zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await listProcesses()).some((entry) => entry.pid === pid);
}
