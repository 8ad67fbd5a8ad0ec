import type { ObjectOf } from '#shared/kind/defineKind';
import { objectName } from '#shared/kind/objectMeta';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { ActorReference } from '../../../resources/actorReference';
import type { ResourceClient } from '../../../resources/resourceClient';
import { runBranch } from '../protection/refChange';

type Run = ObjectOf<typeof AgentDispatchRun>;

const RUN_BRANCHES = runBranch('');

/**
 * The run whose work a pull request brings: the one that is named, else the one whose branch it comes from, whoever opens it. Undefined when
 * it brings the work of none in this repository. Fields may be of any type still.
 */
export async function findRunOf(resources: ResourceClient, pull: { org: string; repository: string; sourceBranch: unknown; dispatchRun: unknown }): Promise<Run | undefined> {
  const { org, repository, sourceBranch, dispatchRun } = pull;
  const ofBranch = typeof sourceBranch === 'string' && sourceBranch.startsWith(RUN_BRANCHES) ? sourceBranch.slice(RUN_BRANCHES.length) : undefined;
  const name = objectName.safeParse(dispatchRun ?? ofBranch);
  const run = name.success ? await resources.find(AgentDispatchRun, { org, name: name.data }) : undefined;
  return run?.spec.repository === repository ? run : undefined;
}

/** Everybody who asked for the work of a run, the run that it repeats included. */
export function requestersOf({ spec }: Run): ActorReference[] {
  return spec.requesters ?? (spec.requestedBy === undefined ? [] : [spec.requestedBy]);
}
