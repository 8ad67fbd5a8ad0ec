import type { ForgeContext } from '../forgeContext';
import type { PushDecision } from '../git/transport/pushHooks';
import type { Push, PushService } from '../push/pushService';
import { openRepository } from '../repositories/openRepository';

/** Pushes that a move of their repository waits for, and that do not begin while it moves. Who comes by an old address is told the new one. */
export function heldPushes(ctx: ForgeContext, pushes: PushService): PushService {
  return {
    async take(push, receive) {
      const { org, name, git } = push.repository;
      const leave = ctx.writing.enter(git.path);
      try {
        // It may have been closed since it was opened.
        await openRepository(ctx, ctx.resources, { org, name });
        await pushes.take(push, (handlers) => receive({ ...handlers, decide: async (request) => withAddress(push, await handlers.decide(request)) }));
      } finally {
        leave();
      }
    },
  };
}

function withAddress({ repository, origin }: Push, decisions: readonly PushDecision[]): readonly PushDecision[] {
  const index = decisions.findIndex(({ verdict }) => verdict === 'allow');
  if (repository.movedFrom === undefined || index < 0) return decisions;
  const address = `This repository has moved to ${repository.org}/${repository.name}. Its new address:\n${origin}/git/${repository.org}/${repository.name}.git`;
  return decisions.map((decision, at) => (at !== index || decision.verdict !== 'allow' ? decision : { ...decision, hint: decision.hint === undefined ? address : `${decision.hint}\n${address}` }));
}
