import { join } from 'node:path';
import { runRunner } from '../runner/runner';
import { openWorktreeChanges } from './worktreeChanges';

/**
 * `kradle runner`: composes the runner of one attempt from its environment and answers the exit code. Nothing of the server's rooms is
 * loaded but git and the protocol.
 */
export function startRunner(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  return runRunner({
    environment,
    openWorktree: (assignment) => openWorktreeChanges(assignment, { environment, emptyHome: join(environment.KRADLE_RUNNER_DIR ?? '', 'empty-home') }),
  });
}
