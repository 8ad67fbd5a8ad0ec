import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { gpgKeyController } from './gpgKeyController';
import { gpgKeyStrategy } from './gpgKeyStrategy';

/** The keys that people sign commits with; who signed what is asked through `signing.ts`. */
export function createSignatures(ctx: ForgeContext): ForgePart {
  return { controllers: [namedController(ctx, gpgKeyController)], strategies: [gpgKeyStrategy] };
}
