import { isStatusError, type StatusCause } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Repository } from '#shared/kinds/forge/repository';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { actorReferenceOf } from './decideApproval';
import type { ForgePort } from './forgePort';
import { reviewDispatch } from './permissionReview';
import { titleOf } from './buildPrompt';

/**
 * A run is complete from the moment it is created, whatever door it came through: who asked, where it starts (a commit, resolved
 * once), what it is called. One that could not start is refused, with every reason.
 */
export function createRunStrategy(forge: ForgePort): AnyStrategy {
  return defineStrategy({
    kind: AgentDispatchRun,
    async prepare({ spec }, { operation, actor, org, resources }) {
      if (operation !== 'create') return;
      spec.taskKind ??= 'manual';
      spec.sourceRefs ??= { actor: actor.name };
      // People speak for themselves; only controllers ask in the name of another.
      if (actor.kind !== 'system') spec.requestedBy = actorReferenceOf(actor);
      spec.requestedBy ??= actorReferenceOf(actor);
      if (typeof spec.prompt === 'string') spec.title ??= titleOf(spec.prompt);
      if (typeof spec.repository !== 'string') return;
      const repository = await resources.find(Repository, { org, name: spec.repository });
      if (repository === undefined) return;
      spec.branch ??= branchOf(spec.ref) ?? spec.workspacePolicy?.baseBranch ?? repository.spec.defaultBranch;
      spec.ref ??= `refs/heads/${spec.branch}`;
      spec.sha ??= await resolve(forge, { org, repository: spec.repository, ref: spec.ref });
    },
    async validate(run, { operation, org, resources }) {
      if (operation !== 'create') return [];
      const causes: StatusCause[] = [];
      const { spec } = run;
      if (spec.prompt === undefined || spec.prompt.trim() === '') causes.push({ code: 'FieldValueRequired', field: 'spec.prompt', message: 'say what the agent is to do' });
      const repository = await resources.find(Repository, { org, name: spec.repository });
      if (repository !== undefined) causes.push(...repositoryCauses(repository, spec.sha, spec.ref));
      const review = await reviewDispatch({ resources }, org, spec);
      return [...causes, ...(review.decision === 'denied' ? review.causes : [])];
    },
  });
}

function repositoryCauses(repository: { metadata: { name: string }; spec: { archived: boolean }; status?: { phase?: string | undefined; empty?: boolean | undefined } }, sha: string | undefined, ref: string | undefined): StatusCause[] {
  const { name } = repository.metadata;
  if (repository.spec.archived) return [{ code: 'RepositoryArchived', field: 'spec.repository', message: `The repository "${name}" is archived: nothing can be written to it` }];
  if (sha !== undefined) return [];
  if (repository.status?.phase !== undefined && repository.status.phase !== 'Ready') return [{ code: 'RepositoryNotReady', field: 'spec.repository', message: `The repository "${name}" is ${repository.status.phase}; wait until it is Ready` }];
  if (repository.status?.empty === true) return [{ code: 'RepositoryEmpty', field: 'spec.repository', message: `The repository "${name}" has no commit yet; push one first` }];
  return [{ code: 'FieldValueNotFound', field: 'spec.ref', message: `"${ref ?? ''}" is not in the repository "${name}"` }];
}

function branchOf(ref: string | undefined): string | undefined {
  return ref?.startsWith('refs/heads/') === true ? ref.slice('refs/heads/'.length) : undefined;
}

async function resolve(forge: ForgePort, { org, repository, ref }: { org: string; repository: string; ref: string }): Promise<string | undefined> {
  try {
    return await forge.resolveRef(org, repository, ref);
  } catch (error) {
    // The check that follows says what is wrong with the repository or the ref.
    if (isStatusError(error)) return undefined;
    throw error;
  }
}
