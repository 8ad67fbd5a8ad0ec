import type { ProcessIdentity } from './process/processTable';

/** One execution attempt of a run. */
export interface AttemptRef {
  readonly org: string;
  readonly run: string;
  readonly attempt: number;
}

export type RunnerState =
  /** Nothing was started for this attempt, or it never came up. */
  | { readonly state: 'absent' }
  | { readonly state: 'alive'; readonly identity: ProcessIdentity }
  /** It was there and is not any more. */
  | { readonly state: 'gone' };

/**
 * Starts runners where runs are to work: here as processes of this machine; in a cluster, Jobs. Every method may be repeated.
 */
export interface RunnerLauncher {
  /** Starts a runner for the attempt unless one was started. */
  launch(attempt: AttemptRef, opts: { inheritEnv: readonly string[] }): Promise<void>;
  inspect(attempt: AttemptRef): Promise<RunnerState>;
  /** Ends the runner of the run's latest attempt, its agent and all that they started; resolves when nothing is left. */
  kill(attempt: AttemptRef): Promise<void>;
  /** Removes what a run that is gone left behind. */
  forget(run: Omit<AttemptRef, 'attempt'>): Promise<void>;
}
