import type { Actor } from '../../../resources/actor';
import type { ForgeContext } from '../forgeContext';
import type { PushCommand } from '../git/transport/pushCommands';
import type { PushDecision, PushInspection, QuarantinedPush } from '../git/transport/pushHooks';
import { withQuarantine } from '../policies/quarantine';
import type { OpenRepository } from '../repositories/openRepository';
import { findBrokenLocks } from './lockedChanges';
import { lockOwner } from './lockEndpoints';

/** Keeps files that somebody else has locked as they are. */
export interface LockGuard {
  /** What may depend on locks has to be looked into. */
  decide(commands: readonly PushCommand[], decisions: readonly PushDecision[]): PushDecision[];
  /** Adds what the locks of others refuse. */
  inspect(push: QuarantinedPush, inspection: PushInspection): Promise<PushInspection>;
}

const MAX_NAMED = 5;

export async function readLockGuard(ctx: Pick<ForgeContext, 'fileLocks'>, repository: OpenRepository, actor: Actor): Promise<LockGuard> {
  const own = lockOwner(actor).key;
  const theirs = (await ctx.fileLocks.list(repository.git.path)).filter(({ owner }) => owner.key !== own);
  return {
    decide: (commands, decisions) =>
      decisions.map((decision, index) => (theirs.length > 0 && decision.verdict === 'allow' && commands[index]?.newOid !== undefined ? { ...decision, verdict: 'inspect' } : decision)),
    async inspect(push, inspection) {
      const open = push.commands.filter(({ ref }) => !inspection.refused.has(ref));
      if (theirs.length === 0 || open.length === 0) return inspection;
      const quarantine = withQuarantine(repository.git, push.objectsPath);
      try {
        const broken = await findBrokenLocks(quarantine, open, { locks: theirs, signal: push.signal });
        const refused = new Map(inspection.refused);
        let { text } = inspection;
        for (const [ref, locks] of broken) {
          const named = locks.slice(0, MAX_NAMED).map(({ path, owner }) => `${path} is locked by ${owner.name}`);
          if (locks.length > MAX_NAMED) named.push(`${locks.length - MAX_NAMED} more`);
          refused.set(ref, named.join(', '));
          text += `${named.join('\n')}\nAsk them to unlock it, or who maintains the repository: git lfs unlock --force\n`;
        }
        return { refused, text };
      } finally {
        quarantine.objects.close();
      }
    },
  };
}
