import { isStatusError, type StatusCause } from '#shared/api/status';
import type { SpecOf } from '#shared/kind/defineKind';
import { actorReference, objectName } from '#shared/kind/fields';
import { isPlainObject } from '#shared/kind/paths';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { type ActorReference, isSameActor, toActorReference } from '../../resources/actorReference';
import { requireAlso } from '../../resources/requireAlso';
import type { ForgePort } from './forgePort';
import { reviewDispatch } from './permissionReview';
import { titleOf } from './buildPrompt';

/**
 * A run is complete from the moment it is created, whatever door it came through: who asked, where it starts (a commit, resolved
 * once), what it is called. One that says its task and could not start is refused, with every reason. One that says none is a record,
 * as older documents are: it is stored as it is, and the run controller says why it does not start.
 */
export function createRunStrategy(forge: Pick<ForgePort, 'resolveRef'>): AnyStrategy {
  return defineStrategy({
    kind: AgentDispatchRun,
    async prepare({ spec }, { operation, actor, org, resources, current, now }) {
      if (operation !== 'create') {
        // The same commit, as its author wrote it.
        const sha = current?.spec.sha;
        if (sha !== undefined && typeof spec.sha === 'string' && sha.startsWith(spec.sha)) spec.sha = sha;
        if (current === undefined || actor.kind === 'system') return;
        const { requestedBy, requesters, attemptNumber, retryOf, continues, sourceRefs, cancelRequested } = current.spec;
        Object.assign(spec, { requestedBy, requesters, attemptNumber, retryOf, continues, sourceRefs: withActor(spec.sourceRefs, sourceRefs.actor) });
        // Who wanted it to stop, and when, is said once.
        spec.cancelRequested = cancelRequested ?? cancellation(spec.cancelRequested, { by: toActorReference(actor), at: now });
        return;
      }
      spec.taskKind ??= 'manual';
      // People speak for themselves; only controllers ask in the name of another.
      if (actor.kind !== 'system') {
        spec.requestedBy = toActorReference(actor);
        spec.requesters = undefined;
        spec.cancelRequested = undefined;
        spec.sourceRefs = withActor(spec.sourceRefs, actor.name);
      }
      spec.sourceRefs ??= { actor: actor.name };
      spec.requestedBy ??= toActorReference(actor);
      const find = async (name: unknown) => (objectName.safeParse(name).success ? resources.find(AgentDispatchRun, { org, name: String(name) }) : undefined);
      const repeated = await find(spec.retryOf);
      const continued = await find(isPlainObject(spec.continues) ? spec.continues.run : undefined);
      spec.requesters ??= joinRequesters(spec.requestedBy, [repeated, continued]);
      if (actor.kind !== 'system') spec.attemptNumber = (repeated?.spec.attemptNumber ?? 0) + 1;
      if (typeof spec.prompt === 'string') spec.title ??= titleOf(spec.prompt);
      if (typeof spec.repository !== 'string') return;
      const repository = await resources.find(Repository, { org, name: spec.repository });
      if (repository === undefined) return;
      spec.branch ??= branchOf(spec.ref) ?? spec.workspacePolicy?.baseBranch ?? repository.spec.defaultBranch;
      spec.ref ??= `refs/heads/${spec.branch}`;
      if (spec.sha === undefined) spec.sha = await resolve(forge, { org, repository: spec.repository, ref: spec.ref });
      else if (typeof spec.sha === 'string' && isShortened(spec.sha)) spec.sha = (await resolve(forge, { org, repository: spec.repository, ref: spec.sha })) ?? spec.sha;
    },
    async validate(run, ctx) {
      const { operation, current, org, resources, now } = ctx;
      const { spec } = run;
      if (operation === 'create') await requireAlso(ctx, 'dispatch', { kind: AgentStack, org, name: spec.agentStack });
      if (current?.spec.cancelRequested === undefined && spec.cancelRequested !== undefined) await requireAlso(ctx, 'cancel', { kind: AgentDispatchRun, org, name: run.metadata.name });
      if (operation !== 'create' || spec.prompt === undefined) return [];
      const causes: StatusCause[] = [];
      if (spec.prompt.trim() === '') causes.push({ code: 'FieldValueRequired', field: 'spec.prompt', message: 'say what the agent is to do' });
      const repository = await resources.find(Repository, { org, name: spec.repository });
      causes.push(...(repository === undefined ? [notFound(org, spec.repository)] : repositoryCauses(repository, spec.sha, spec.ref)));
      const review = await reviewDispatch({ resources, now }, org, spec);
      return [...causes, ...(review.decision === 'denied' ? review.causes : [])];
    },
  });
}

type Spec = SpecOf<typeof AgentDispatchRun>;

/** Whoever asks for a run again asks beside those who asked before: none of them is another pair of eyes. */
function joinRequesters(requestedBy: unknown, runs: readonly ({ readonly spec: Spec } | undefined)[]): ActorReference[] {
  const own = actorReference.safeParse(requestedBy);
  const before = runs.flatMap((run) => run?.spec.requesters ?? (run?.spec.requestedBy === undefined ? [] : [run.spec.requestedBy]));
  const all = [...(own.success ? [own.data] : []), ...before];
  return all.filter((each, index) => all.findIndex((other) => isSameActor(each, other)) === index).slice(0, 100);
}

/** The fields are of any type still: what is no set of references is left for validation to name. */
function withActor(sourceRefs: unknown, actor: string | undefined): Spec['sourceRefs'] {
  if (sourceRefs !== undefined && !isPlainObject(sourceRefs)) return sourceRefs as Spec['sourceRefs'];
  return { ...(sourceRefs as Spec['sourceRefs'] | undefined), ...(actor === undefined ? {} : { actor }) };
}

function cancellation(asked: unknown, { by, at }: { by: ActorReference; at: string }): Spec['cancelRequested'] {
  if (asked === undefined) return undefined;
  const reason = isPlainObject(asked) && typeof asked.reason === 'string' ? { reason: asked.reason } : {};
  return { by, at, ...reason };
}

/** What a run starts from is one commit for ever: a prefix may come to name two. */
export function isShortened(sha: string): boolean {
  return sha.length !== 40 && sha.length !== 64;
}

function repositoryCauses(repository: { metadata: { name: string }; spec: { archived: boolean }; status?: { phase?: string | undefined; empty?: boolean | undefined } }, sha: string | undefined, ref: string | undefined): StatusCause[] {
  const { name } = repository.metadata;
  if (repository.spec.archived) return [{ code: 'RepositoryArchived', field: 'spec.repository', message: `The repository "${name}" is archived: nothing can be written to it` }];
  if (sha !== undefined && !isShortened(sha)) return [];
  if (repository.status?.phase !== undefined && repository.status.phase !== 'Ready') return [{ code: 'RepositoryNotReady', field: 'spec.repository', message: `The repository "${name}" is ${repository.status.phase}; wait until it is Ready` }];
  if (repository.status?.empty === true) return [{ code: 'RepositoryEmpty', field: 'spec.repository', message: `The repository "${name}" has no commit yet; push one first` }];
  return [{ code: 'FieldValueNotFound', field: sha === undefined ? 'spec.ref' : 'spec.sha', message: `"${sha ?? ref ?? ''}" is not in the repository "${name}"` }];
}

function notFound(org: string, repository: string): StatusCause {
  return { code: 'FieldValueNotFound', field: 'spec.repository', message: `spec.repository names the Repository "${repository}", which organization "${org}" does not have` };
}

function branchOf(ref: unknown): string | undefined {
  return typeof ref === 'string' && ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}

async function resolve(forge: Pick<ForgePort, 'resolveRef'>, { org, repository, ref }: { org: string; repository: string; ref: string }): Promise<string | undefined> {
  try {
    return await forge.resolveRef(org, repository, ref);
  } catch (error) {
    // The check that follows says what is wrong with the repository or the ref.
    if (isStatusError(error)) return undefined;
    throw error;
  }
}
