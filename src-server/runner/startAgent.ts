import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentFailure } from '../domains/agents/agentFailure';
import { agentEnvironment } from '../domains/agents/process/agentEnvironment';
import { startAgentProcess, type AgentProcess } from '../domains/agents/process/agentProcess';
import { findProgram } from '../domains/agents/process/findProgram';
import { AGENT_RECORD } from '../domains/agents/runnerFolder';
import { requireGranted } from './grantedAccess';
import type { RunnerContext } from './runnerContext';

/** Starts the agent in its workspace with its own environment. Rejects with AgentFailure AgentNotFound. */
export async function startAgent(ctx: RunnerContext, args?: readonly string[]): Promise<AgentProcess> {
  const { assignment, settings, outbox } = ctx;
  requireGranted(ctx.granted);
  const [program = '', ...rest] = assignment.adapter.command;
  const cwd = assignment.workspacePath;
  const env = agentEnvironment(settings.environment, { inherit: assignment.adapter.inheritEnv, set: assignment.adapter.env, granted: ctx.granted.env, grantedFolder: ctx.granted.folder });
  const resolved = await findProgram(program, { env, cwd });
  if (resolved === undefined) {
    throw new AgentFailure('AgentNotFound', `The agent's program "${program}" was not found${program.includes('/') ? '' : ` on the PATH (${env.PATH ?? 'empty'})`}. Install it, or correct the command of adapter "${assignment.adapter.name}".`);
  }
  ctx.report.stage = 'AgentStarting';
  let agent: AgentProcess;
  try {
    agent = await startAgentProcess({ program: resolved, args: args ?? rest, cwd, env });
  } catch (cause) {
    throw new AgentFailure('AgentNotFound', `The agent's program ${resolved} could not be started: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
  await writeFile(join(settings.folder, AGENT_RECORD), JSON.stringify(agent.identity), { mode: 0o600 });
  outbox.push('agent.started', { command: assignment.adapter.command, pid: agent.pid });
  ctx.observer.active();
  return agent;
}
