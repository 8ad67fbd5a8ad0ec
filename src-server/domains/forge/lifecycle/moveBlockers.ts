import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';
import type { RepositoryObject } from '../repositories/openRepository';

const ENDED: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Cancelled']);
const MAX_NAMED = 3;

/**
 * What keeps a repository from getting another address now, or from being deleted, a sentence each: work that would be cut off, or lost.
 * `what` completes them: "before it is renamed".
 */
export async function moveBlockers(ctx: ForgeContext, ref: ObjectRef, what: string): Promise<string[]> {
  const { org, name } = ref;
  const [runs, workspaces, pulls] = await Promise.all([
    ctx.resources.list(AgentDispatchRun, { org, fieldSelector: `spec.repository=${name}` }),
    ctx.resources.list(KradleWorkspace, { org, fieldSelector: `spec.repository=${name}` }),
    ctx.resources.list(PullRequest, { org, fieldSelector: `spec.repository=${name}` }),
  ]);
  const working = runs.items.filter(({ status }) => !ENDED.has(status?.phase ?? '')).map(({ metadata }) => metadata.name);
  const unsaved = workspaces.items
    .filter(({ status }) => (status?.git?.dirtyFiles ?? 0) > 0 || (status?.git?.unpushedCommits ?? 0) > 0)
    .map(({ metadata, status }) => status?.lastRun ?? metadata.name);
  const merging = pulls.items.filter(({ status }) => status?.merging !== undefined).map(({ metadata }) => metadata.name);
  return [
    ...(working.length === 0 ? [] : [`${count(working, 'run works', 'runs work')} in it (${named(working)}): wait for ${working.length === 1 ? 'it' : 'them'} or cancel ${working.length === 1 ? 'it' : 'them'} ${what}.`]),
    ...(unsaved.length === 0 ? [] : [`${count(unsaved, 'workspace has', 'workspaces have')} work that is nowhere else (${named(unsaved)}): write it back or archive the workspace ${what}.`]),
    ...(merging.length === 0 ? [] : [`${named(merging)} is being merged: try again in a moment.`]),
  ];
}

/** What is in the way of a move besides: the repository itself is not at rest. */
export function stateBlockers({ metadata, status }: RepositoryObject): string[] {
  const { phase = 'Pending', moving } = status ?? {};
  if (metadata.deletionTimestamp !== undefined) return ['It is being deleted.'];
  switch (phase) {
    case 'Ready':
      return [];
    case 'Importing':
      return ['It is still being imported: wait for it, or cancel the import.'];
    case 'Moving':
      return [`It is on its way to ${moving === undefined ? 'another address' : `${moving.organization}/${moving.repository}`} already.`];
    case 'Failed':
      return ['It could not be set up: there is nothing to move. Delete it, or try its import again.'];
    case 'Pending':
    case 'Terminating':
      return ['It is not ready: try again in a moment.'];
  }
}

function count(names: readonly string[], one: string, many: string): string {
  return names.length === 1 ? `One ${one}` : `${names.length} ${many}`;
}

function named(names: readonly string[]): string {
  return names.length <= MAX_NAMED ? names.join(', ') : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;
}
