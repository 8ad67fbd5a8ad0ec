import { StatusError } from '#shared/api/status';
import type { Run } from './runState';

/** Seeds, 001 "Dispatch actions": what is asked of a run as somebody saw it must not be done to another. */
export function requireGeneration(run: Pick<Run, 'metadata'>, expected: number | undefined): void {
  const { generation } = run.metadata;
  if (expected === undefined || generation === expected) return;
  throw new StatusError('Conflict', `The run has changed: you have generation ${expected}, it is at ${generation}. Read it again`, { code: 'GENERATION_CONFLICT' });
}
