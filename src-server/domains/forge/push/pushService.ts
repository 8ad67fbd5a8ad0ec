import type { Actor } from '../../../resources/actor';
import { toActorReference } from '../../../resources/actorReference';
import { commitIdentityOf } from '../repositories/commitIdentity';
import { type ForgeContext, moverKey } from '../forgeContext';
import { keepDeletedBranches } from '../git/refs/deletedBranches';
import type { PushCommand, PushRequest } from '../git/transport/pushCommands';
import type { PushDecision, PushHooks, PushInspection } from '../git/transport/pushHooks';
import type { PushHandlers } from '../git/transport/receivePack';
import { createPushJudge, type PushJudge } from '../policies/judgePush';
import type { RefSituation } from '../protection/refChange';
import { openPullsOf } from '../pulls/openPullsOf';
import { readRefSituation } from '../protection/readRefSituation';
import { noteRefs, refusedRefs, violationNotes } from './refAccess';
import type { RefsMoved } from './refsMoved';
import { type LockGuard, readLockGuard } from '../lfs/lockGuard';
import type { OpenRepository } from '../repositories/openRepository';
import type { InspectionLimits } from '../policies/inspectChanges';

export interface PushServiceDeps {
  readonly ctx: ForgeContext;
  /** Ready once the forge has started. */
  readonly hooks: () => PushHooks;
  readonly refsMoved: RefsMoved;
  readonly limits?: InspectionLimits;
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
      let judge: PushJudge | undefined;
      let locks: LockGuard | undefined;
      let commands: readonly PushCommand[] = [];
      let moved: readonly PushCommand[] = [];
      await receive({
        hooks: deps.hooks(),
        pusher: await commitIdentityOf(ctx.resources, repository.org, actor),
        decide: async (request: PushRequest) => {
          const [situation, guard] = await Promise.all([readRefSituation(ctx, repository, actor), readLockGuard(ctx, repository, actor)]);
          judge = createPushJudge({ ctx, repository, situation, limits: deps.limits });
          locks = guard;
          const decisions = locks.decide(request.commands, judge.decide(request));
          ({ commands } = request);
          for (const { ref, newOid } of commands) ctx.movers.set(moverKey(repository.git.path, newOid ?? ref), toActorReference(actor));
          // A mirror pushes thousands of branches at once; a person pushes one and may go on with it.
          if (commands.length > MAX_HINTED) return decisions;
          return Promise.all(commands.map((command, index) => withHint(ctx, { command, decision: decisions[index] ?? REFUSED, situation, push })));
        },
        inspect: async (quarantined) => {
          try {
            if (judge === undefined || locks === undefined) return uninspected(quarantined.commands);
            return await locks.inspect(quarantined, await judge.inspect(quarantined));
          } catch (error) {
            if (!quarantined.signal.aborted) ctx.log.error({ err: error, org: repository.org, repository: repository.name, correlationId: push.correlationId }, 'a push could not be looked into');
            return uninspected(quarantined.commands);
          }
        },
        onUpdated: async (changes) => {
          moved = changes;
          await noteRefs(repository, { verb: 'push', actor, rule, moved, ...refusals(judge, commands, changes) });
          ctx.log.info({ org: repository.org, repository: repository.name, actor: actor.name, refs: changes.length, correlationId: push.correlationId }, 'refs pushed');
          await keepDeletedBranches(repository.git, deletedBranches(changes), { by: actor.name, atMs: ctx.clock.now() });
          await deps.refsMoved({ org: repository.org, repository: repository.name, refs: changes.map(({ ref }) => ref) });
        },
      });
      if (moved.length === 0) await noteRefs(repository, { verb: 'push', actor, rule, moved, ...refusals(judge, commands, []) });
    },
  };
}

function deletedBranches(changes: readonly PushCommand[]): { name: string; sha: string }[] {
  return changes.flatMap(({ ref, oldOid, newOid }) => (newOid === undefined && oldOid !== undefined && ref.startsWith('refs/heads/') ? [{ name: ref.slice('refs/heads/'.length), sha: oldOid }] : []));
}

/** What the record says of what was refused, and of what went through though a rule says otherwise. */
function refusals(judge: PushJudge | undefined, commands: readonly PushCommand[], moved: readonly PushCommand[]): Pick<Parameters<typeof noteRefs>[1], 'refused' | 'notes'> {
  const violations = judge?.violations ?? [];
  const left = commands.filter(({ ref }) => !moved.some((change) => change.ref === ref));
  return { refused: refusedRefs(left, violations, judge?.org), notes: violationNotes(violations, { moved, overrideReason: judge?.overrideReason }) };
}

/** What nobody could look into does not come in. */
function uninspected(commands: readonly PushCommand[]): PushInspection {
  const reason = 'the rules could not be asked; try again in a moment';
  return { refused: new Map(commands.map(({ ref }) => [ref, reason])), text: `Nothing was changed: ${reason}.\n` };
}

const MAX_HINTED = 3;
const REFUSED: PushDecision = { verdict: 'refuse', reason: 'no decision was made' };

/** After a new branch that nobody reviews yet: where to open a pull request for it. */
async function withHint(ctx: ForgeContext, opts: { command: PushCommand; decision: PushDecision; situation: RefSituation; push: Push }): Promise<PushDecision> {
  const { command, decision, situation } = opts;
  const { repository, origin } = opts.push;
  const branch = command.ref.startsWith('refs/heads/') ? command.ref.slice('refs/heads/'.length) : undefined;
  const isNew = decision.verdict !== 'refuse' && command.oldOid === undefined && command.newOid !== undefined;
  if (branch === undefined || !isNew || situation.empty || branch === situation.defaultBranch || situation.actor.kind === 'run') return decision;
  const pulls = await openPullsOf(ctx.resources, { org: repository.org, repository: repository.name });
  if (pulls.some(({ spec }) => (spec.sourceRepository ?? spec.repository) === repository.name && spec.sourceBranch === branch)) return decision;
  const query = new URLSearchParams({ head: branch });
  return { ...decision, hint: `Open a pull request for ${branch}:\n${origin}/o/${repository.org}/repositories/${repository.name}/pulls/new?${query.toString()}` };
}
