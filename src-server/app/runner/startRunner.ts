import { join } from 'node:path';
import { runRunner } from '../../runner/runner';

/**
 * `kradle runner`: composes the runner of one attempt from its environment and answers the exit code. Nothing of the server's rooms is
 * loaded but git and the protocol.
 */
export function startRunner(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  return runRunner({
    environment,
    async openWorktree(assignment) {
      // Needed when the turn has ended: until then, the agent should not wait for it.
      const { openWorktreeChanges } = await import('./worktreeChanges');
      return openWorktreeChanges(assignment, { environment, emptyHome: join(environment.KRADLE_RUNNER_DIR ?? '', 'empty-home') });
    },
  });
}
