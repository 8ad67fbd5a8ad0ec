import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { ResourceClient } from '../../resources/resourceClient';
import type { BlobStore } from '../../store/blobStore';
import type { EventLog } from '../../store/eventLog';
import type { ForgePort } from './forgePort';
import type { RunBells } from './runBells';
import type { RunnerLauncher } from './runnerLauncher';
import type { SecretsPort } from './secretsPort';
import type { Worktrees } from './worktreePort';

/** What the composition root hands to the run engine. */
export interface AgentsDeps {
  /** Acts for the system. Called at use, never while the engine is made: the resources need its strategies first. */
  readonly resources: () => ResourceClient;
  readonly eventLog: EventLog;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly forge: ForgePort;
  readonly worktrees: Worktrees;
  readonly secrets: SecretsPort;
  readonly launcher: RunnerLauncher;
  /** Folder of run folders: spools, process records, runner logs. */
  readonly runsRoot: string;
  /** Folder of worktrees. */
  readonly workspacesRoot: string;
  /** Runs that work at the same time. */
  readonly maxConcurrentRuns: number;
  /** Bytes of events of one run. */
  readonly maxTranscriptBytes: number;
  /** The user's environment: where programs are looked for, and what agents may inherit from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Program and arguments that start Kradle's own demo agent. */
  readonly demoAgentCommand: readonly string[];
}

/** What every part of the run engine works with. */
export interface AgentsContext extends Omit<AgentsDeps, 'resources'> {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly bells: RunBells;
}
