import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import type { ResourceClient } from '../../resources/resourceClient';
import { refreshAdapter } from './adapterController';
import { AgentFailure } from './agentFailure';
import type { AgentsContext } from './agentsContext';
import { adapterNameOf } from './attempts';
import { agentEnvironment } from './process/agentEnvironment';
import { startAgentProcess } from './process/agentProcess';
import { findProgram } from './process/findProgram';

export interface AgentCheck {
  readonly ok: boolean;
  readonly message: string;
  readonly agentInfo?: { name?: string; title?: string; version?: string };
  readonly protocolVersion?: number;
  /** The agent is installed and asks to be signed in. */
  readonly authRequired?: boolean;
}

const MAX_INITIALIZE_MS = 60_000;

/**
 * Starts the agent in an empty folder, asks it to initialize and to open a session, and ends it. No prompt is sent, so it costs
 * nothing. Answers what is wrong instead of throwing it; `NotFound` when there is no such agent.
 */
export async function checkAgent(ctx: AgentsContext, resources: ResourceClient, ref: { org: string; name: string }): Promise<AgentCheck> {
  await resources.require('check', AgentStack, ref);
  const stack = await resources.get(AgentStack, ref);
  const adapter = await resources.get(AgentAdapter, { org: ref.org, name: adapterNameOf(stack.spec) });
  const { command = [], adapterType, env, inheritEnv, initializeTimeoutSeconds } = adapter.spec;
  const folder = await mkdtemp(join(ctx.workspacesRoot, '.check-'));
  try {
    const environment = agentEnvironment(ctx.environment, { ...(env === undefined ? {} : { set: env }), ...(inheritEnv === undefined ? {} : { inherit: inheritEnv }) });
    const [name = '', ...args] = command;
    const program = await findProgram(name, { env: environment, cwd: folder });
    if (program === undefined) return { ok: false, message: `The program "${name}" is not on this machine's PATH. Install it, or correct the adapter's command.` };
    if (adapterType === 'command') return { ok: true, message: `${program} is there. A plain command is only tried by a run.` };
    return await tryAgent({ program, args, cwd: folder, env: environment }, { command, initializeTimeoutMs: Math.min(initializeTimeoutSeconds * 1000, MAX_INITIALIZE_MS) });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await refreshAdapter(ctx, { org: ref.org, name: adapter.metadata.name });
  }
}

async function tryAgent(
  start: { program: string; args: string[]; cwd: string; env: Record<string, string> },
  opts: { command: readonly string[]; initializeTimeoutMs: number },
): Promise<AgentCheck> {
  // The protocol's schemas cost a start tens of milliseconds; elsewhere only runners need them.
  const { connectAcp } = await import('./acp/acpConnection');
  const agent = await startAgentProcess(start);
  agent.stderr.resume();
  try {
    const connection = await connectAcp({
      process: agent,
      commandLine: opts.command,
      initializeTimeoutMs: opts.initializeTimeoutMs,
      handlers: { onUpdate: () => undefined, onNoise: () => undefined, onPermission: async () => ({ outcome: 'cancelled' }) },
    });
    const { agentInfo, protocolVersion } = connection.initialized;
    const facts = {
      protocolVersion,
      ...(agentInfo === undefined || agentInfo === null
        ? {}
        : { agentInfo: { name: agentInfo.name, version: agentInfo.version, ...(typeof agentInfo.title === 'string' ? { title: agentInfo.title } : {}) } }),
    };
    try {
      await connection.newSession(start.cwd);
    } catch (error) {
      if (!(error instanceof AgentFailure)) throw error;
      return { ok: false, message: error.message, ...facts, ...(error.reason === 'AgentAuthRequired' ? { authRequired: true } : {}) };
    }
    return { ok: true, message: `${agentInfo?.title ?? agentInfo?.name ?? 'The agent'} answers and opens a session.`, ...facts };
  } catch (error) {
    if (!(error instanceof AgentFailure)) throw error;
    return { ok: false, message: error.message, ...(error.reason === 'AgentAuthRequired' ? { authRequired: true } : {}) };
  } finally {
    await agent.stop({ patienceMs: 500, graceMs: 1_000 });
  }
}
