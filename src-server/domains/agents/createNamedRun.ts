import { isStatusError } from '#shared/api/status';
import type { AgentsContext } from './agentsContext';
import { newRunName } from './runNames';
import type { Run } from './runState';

/** Creates a run under a new name; under another one when it is taken. */
export async function createNamedRun(ctx: Pick<AgentsContext, 'clock'>, create: (name: string) => Promise<Run>): Promise<Run> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await create(newRunName(ctx.clock.now()));
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists') || attempt >= 5) throw error;
    }
  }
}
