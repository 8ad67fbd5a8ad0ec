import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { createKeyIndex, type KeyIndex } from './keyIndex';
import { sshKeyController } from './sshKeyController';
import { sshKeyStrategy } from './sshKeyStrategy';

/** SSH keys, found by their fingerprint. */
export interface Keys extends ForgePart {
  readonly index: KeyIndex;
}

export function createKeys(ctx: ForgeContext): Keys {
  const index = createKeyIndex(() => ctx.resources);
  return { index, controllers: [namedController(ctx, sshKeyController)], strategies: [sshKeyStrategy(index)] };
}
