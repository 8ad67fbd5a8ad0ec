import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { installPushHooks, type PushHooks } from '../git/transport/pushHooks';
import { heldPushes } from '../lifecycle/heldPushes';
import type { InspectionLimits } from '../policies/inspectChanges';
import { createPushService, type PushService } from './pushService';
import type { RefsMoved } from './refsMoved';

/** What every push goes through, whatever door it comes by. */
export interface Pushes extends ForgePart {
  readonly service: PushService;
}

export interface PushesDeps {
  readonly ctx: ForgeContext;
  readonly refsMoved: RefsMoved;
  /** Folder of its own for the hooks that git calls. */
  readonly hooksFolder: string;
  /** How much of a push its policies look into. */
  readonly limits: InspectionLimits | undefined;
}

export function createPushes({ ctx, refsMoved, hooksFolder, limits }: PushesDeps): Pushes {
  let hooks: PushHooks | undefined;
  const installed = (): PushHooks => {
    if (hooks === undefined) throw new Error('a push came before the forge had started');
    return hooks;
  };
  return {
    service: heldPushes(ctx, createPushService({ ctx, hooks: installed, refsMoved, ...(limits === undefined ? {} : { limits }) })),
    async start() {
      hooks = await installPushHooks(hooksFolder);
    },
  };
}
