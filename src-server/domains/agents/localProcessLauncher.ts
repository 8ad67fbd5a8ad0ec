import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { agentEnvironment } from './process/agentEnvironment';
import { killTree } from './process/killTree';
import { isProcessAlive } from './process/processTable';
import { GRANTED_FOLDER, readAgentRecord, readRunnerRecord, RUNNER_LOG, runFolder } from './runnerFolder';
import type { AttemptRef, RunnerLauncher } from './runnerLauncher';

export interface LocalLauncherOptions {
  readonly runsRoot: string;
  /** Program and arguments that start `kradle runner`. */
  readonly runnerCommand: readonly string[];
  /** File from which runners learn the server's address. */
  readonly serverFile: string;
  /** The user's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signRunToken: (claims: { org: string; run: string; attempt: string }) => string;
}

/** Time that a runner gets to end its agent and itself before both are killed, in milliseconds. */
const GRACE_MS = 5_000;

/**
 * Runners as processes of this machine, each the leader of a session of its own: they outlive the server. What is known of them is
 * in the run's folder, so that a server that was started again, or killed while it launched, finds them.
 */
export function createLocalProcessLauncher(options: LocalLauncherOptions): RunnerLauncher {
  const folderOf = ({ org, run }: Omit<AttemptRef, 'attempt'>): string => runFolder(options.runsRoot, org, run);

  return {
    async launch(attempt, { inheritEnv }) {
      const folder = folderOf(attempt);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [program = process.execPath, ...args] = options.runnerCommand;
      const log = openSync(join(folder, RUNNER_LOG), 'a', 0o600);
      try {
        const child = spawn(program, args, {
          cwd: folder,
          detached: true,
          stdio: ['ignore', log, log],
          windowsHide: true,
          env: {
            ...agentEnvironment(options.environment, { inherit: inheritEnv }),
            KRADLE_RUNNER_TOKEN: options.signRunToken({ org: attempt.org, run: attempt.run, attempt: String(attempt.attempt) }),
            KRADLE_RUNNER_ORG: attempt.org,
            KRADLE_RUNNER_RUN: attempt.run,
            KRADLE_RUNNER_ATTEMPT: String(attempt.attempt),
            KRADLE_RUNNER_DIR: folder,
            KRADLE_RUNNER_SERVER_FILE: options.serverFile,
          },
        });
        await new Promise<void>((resolve, reject) => {
          child.once('spawn', resolve);
          child.once('error', reject);
        });
        child.unref();
      } finally {
        closeSync(log);
      }
    },
    async inspect(attempt) {
      const record = await readRunnerRecord(folderOf(attempt));
      if (record?.attempt === attempt.attempt) return (await isProcessAlive(record)) ? { state: 'alive', identity: record } : { state: 'gone' };
      return { state: 'absent' };
    },
    async kill(attempt) {
      const folder = folderOf(attempt);
      const [runner, agent] = await Promise.all([readRunnerRecord(folder), readAgentRecord(folder)]);
      if (runner !== undefined) await killTree(runner, { graceMs: GRACE_MS, ...(agent === undefined ? {} : { also: [agent] }) });
      if (agent !== undefined) await killTree(agent, { graceMs: 0 });
      // A runner that was killed could not do it itself.
      await rm(join(folder, GRANTED_FOLDER), { recursive: true, force: true });
    },
    async forget(run) {
      await this.kill({ ...run, attempt: 0 });
      await rm(folderOf(run), { recursive: true, force: true });
    },
  };
}
