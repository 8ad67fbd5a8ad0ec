import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Actor } from '../../resources/actor';
import { toActorReference } from '../../resources/actorReference';
import { commitIdentityOf } from './commitIdentity';
import { type ForgeContext, moverKey } from './forgeContext';
import { keepDeletedBranches } from './git/deletedBranches';
import type { PushCommand, PushRequest } from './git/pushCommands';
import type { PushDecision, PushHooks } from './git/pushHooks';
import type { PushHandlers } from './git/receivePack';
import { type RefSituation, refuseRefChange } from './protection/refChange';
import { readRefSituation } from './protection/readRefSituation';
import { type NotedRef, noteRefs } from './refAccess';
import type { RefsMoved } from './refsMoved';
import type { OpenRepository } from './repositories/openRepository';

export interface PushServiceDeps {
  readonly ctx: ForgeContext;
  /** Ready once the forge has started. */
  readonly hooks: () => PushHooks;
  readonly refsMoved: RefsMoved;
}

/** One push of somebody who may push to this repository at all. */
export interface Push {
  readonly repository: OpenRepository;
  readonly actor: Actor;
  /** The rule that allows it, for the record. */
  readonly rule: string;
  /** Address of the console that the pusher knows, for links. */
  readonly origin: string;
  readonly correlationId: string;
}

/** What a push means to the forge; HTTP and SSH bring theirs through here. */
export interface PushService {
  /** Carries out one push: `receive` takes it from its transport with these handlers. Everything that it did or was refused is on the record. */
  take(push: Push, receive: (handlers: PushHandlers) => Promise<void>): Promise<void>;
}

export function createPushService(deps: PushServiceDeps): PushService {
  const { ctx } = deps;
  return {
    async take(push, receive) {
      const { repository, actor, rule } = push;
      let refused: NotedRef[] = [];
      let moved: readonly PushCommand[] = [];
      await receive({
        hooks: deps.hooks(),
        pusher: await commitIdentityOf(ctx.resources, repository.org, actor),
        decide: async ({ commands }: PushRequest) => {
          const situation = await readRefSituation(ctx, repository, actor);
          const decisions = commands.map((command) => decide(command, situation));
          refused = commands.flatMap((command, index) => refusalOf(command, decisions[index]));
          for (const { ref, newOid } of commands) ctx.movers.set(moverKey(repository.git.path, newOid ?? ref), toActorReference(actor));
          // A mirror pushes thousands of branches at once; a person pushes one and may go on with it.
          if (commands.length > MAX_HINTED) return decisions;
          return Promise.all(commands.map((command, index) => withHint(ctx, { command, decision: decisions[index] ?? REFUSED, situation, push })));
        },
        onUpdated: async (changes) => {
          moved = changes;
          const left = refused.filter(({ ref }) => !changes.some((change) => change.ref === ref));
          await noteRefs(repository, { verb: 'push', actor, rule, moved, refused: left });
          ctx.log.info({ org: repository.org, repository: repository.name, actor: actor.name, refs: changes.length, correlationId: push.correlationId }, 'refs pushed');
          await keepDeletedBranches(repository.git, deletedBranches(changes), { by: actor.name, atMs: ctx.clock.now() });
          await deps.refsMoved({ org: repository.org, repository: repository.name, refs: changes.map(({ ref }) => ref) });
        },
      });
      if (moved.length === 0) await noteRefs(repository, { verb: 'push', actor, rule, moved, refused });
    },
  };
}

function deletedBranches(changes: readonly PushCommand[]): { name: string; sha: string }[] {
  return changes.flatMap(({ ref, oldOid, newOid }) => (newOid === undefined && oldOid !== undefined && ref.startsWith('refs/heads/') ? [{ name: ref.slice('refs/heads/'.length), sha: oldOid }] : []));
}

/** Why a change is refused, or will be if it turns out to rewrite history. */
function refusalOf({ ref, oldOid, newOid }: PushCommand, decision: PushDecision | undefined): NotedRef[] {
  return decision === undefined || decision.verdict === 'allow' ? [] : [{ ref, oldOid, newOid, reason: decision.reason }];
}

const MAX_HINTED = 3;
const REFUSED: PushDecision = { verdict: 'refuse', reason: 'no decision was made' };

/** Whether a change rewrites history is known only once git has the objects: what depends on it is decided by git's hook. */
function decide(command: PushCommand, situation: RefSituation): PushDecision {
  const change = { ref: command.ref, oldSha: command.oldOid, newSha: command.newOid };
  const reason = refuseRefChange({ ...change, forced: false }, situation);
  if (reason !== undefined) return { verdict: 'refuse', reason };
  const forceReason = command.oldOid === undefined ? undefined : refuseRefChange({ ...change, forced: true }, situation);
  return forceReason === undefined ? { verdict: 'allow' } : { verdict: 'fast-forward', reason: forceReason };
}

/** After a new branch that nobody reviews yet: where to open a pull request for it. */
async function withHint(ctx: ForgeContext, opts: { command: PushCommand; decision: PushDecision; situation: RefSituation; push: Push }): Promise<PushDecision> {
  const { command, decision, situation } = opts;
  const { repository, origin } = opts.push;
  const branch = command.ref.startsWith('refs/heads/') ? command.ref.slice('refs/heads/'.length) : undefined;
  const isNew = decision.verdict === 'allow' && command.oldOid === undefined && command.newOid !== undefined;
  if (branch === undefined || !isNew || situation.empty || branch === situation.defaultBranch || situation.actor.kind === 'run') return decision;
  const { items } = await ctx.resources.list(PullRequest, { org: repository.org, fieldSelector: `spec.repository=${repository.name},status.phase=Open` });
  if (items.some(({ spec }) => spec.sourceBranch === branch)) return decision;
  const query = new URLSearchParams({ head: branch });
  return { ...decision, hint: `Open a pull request for ${branch}:\n${origin}/o/${repository.org}/repositories/${repository.name}/pulls/new?${query.toString()}` };
}
