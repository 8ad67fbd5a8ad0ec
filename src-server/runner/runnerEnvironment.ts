import { z } from 'zod';

const settings = z.object({
  KRADLE_RUNNER_TOKEN: z.string().min(1),
  KRADLE_RUNNER_ORG: z.string().min(1),
  KRADLE_RUNNER_RUN: z.string().min(1),
  KRADLE_RUNNER_ATTEMPT: z.coerce.number().int().min(1),
  /** Folder of this run's spool, records and log. */
  KRADLE_RUNNER_DIR: z.string().min(1),
  /** File that holds `{ url }` of the server that is up; absent in a pod. */
  KRADLE_RUNNER_SERVER_FILE: z.string().optional(),
  /** Address of the server when there is no such file. */
  KRADLE_RUNNER_SERVER: z.url().optional(),
});

export interface RunnerSettings {
  readonly token: string;
  readonly org: string;
  readonly run: string;
  readonly attempt: number;
  readonly folder: string;
  readonly serverFile?: string | undefined;
  readonly server?: string | undefined;
  /** What of the user's environment the agent may get. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads what the launcher put into the environment; throws a ZodError that names what is missing. */
export function readRunnerSettings(environment: Readonly<Record<string, string | undefined>>): RunnerSettings {
  const read = settings.parse(environment);
  return {
    token: read.KRADLE_RUNNER_TOKEN,
    org: read.KRADLE_RUNNER_ORG,
    run: read.KRADLE_RUNNER_RUN,
    attempt: read.KRADLE_RUNNER_ATTEMPT,
    folder: read.KRADLE_RUNNER_DIR,
    serverFile: read.KRADLE_RUNNER_SERVER_FILE,
    server: read.KRADLE_RUNNER_SERVER,
    environment,
  };
}

