import { type Agents, createAgents } from '../../domains/agents/agents';
import { createLocalProcessLauncher } from '../../domains/agents/localProcessLauncher';
import type { Forge } from '../../domains/forge/forge';
import type { Secrets } from '../../domains/secrets/createSecrets';
import type { Ground } from '../ground';
import { createWorktrees } from './createWorktrees';
import type { LateParts } from './lateParts';

export function joinAgents(ground: Ground, late: LateParts, others: { forge: Forge; secrets: Secrets }): Agents {
  const { config, dataDir, clock, log, environment, program, storage, blobs } = ground;
  const { forge, secrets } = others;
  return createAgents({
    resources: () => late.resources(),
    eventLog: storage.eventLog,
    blobs,
    clock,
    log,
    environment,
    forge: forge.verbs,
    secrets: secrets.agentSecrets,
    worktrees: createWorktrees({ git: forge.git, repositoryPath: (org, name) => forge.verbs.repositoryPath(org, name), workspacesRoot: dataDir.workspaces }),
    launcher: createLocalProcessLauncher({
      runsRoot: dataDir.runs,
      runnerCommand: [...program, 'runner'],
      serverFile: dataDir.serverFile,
      environment,
      signRunToken: (claims) => late.identity().tokens.signRunToken(claims),
    }),
    runsRoot: dataDir.runs,
    workspacesRoot: dataDir.workspaces,
    maxConcurrentRuns: config.maxConcurrentRuns,
    maxTranscriptBytes: config.maxTranscriptBytes,
    demoAgentCommand: [...program, 'demo-agent'],
  });
}
