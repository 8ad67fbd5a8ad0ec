import { GPGKey } from '#shared/kinds/forge/gpgKey';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { parsePgpKey } from './pgpKey';

/** Keeps what the key says of itself, and whether it is still good. */
export function gpgKeyController(ctx: ForgeContext): Controller {
  return {
    name: 'gpg-key',
    kind: GPGKey,
    async reconcile(request) {
      const found = await findObject(ctx.resources, GPGKey, request);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      const parsed = await parsePgpKey(found.spec.key);
      if ('problem' in parsed) return;
      const now = ctx.clock.now();
      const { fingerprint, keyIds, userIds, algorithm, createdAt, expiresAt } = parsed;
      const stored = await ctx.resources.mutateStatus(GPGKey, request, (status, current) => {
        const expired = expiresAt !== undefined && expiresAt.getTime() <= now;
        Object.assign(status, {
          phase: current.spec.revoked || parsed.revoked ? 'Revoked' : expired ? 'Expired' : 'Active',
          fingerprint, keyIds: [...keyIds], userIds: [...userIds], algorithm,
          createdAt: createdAt.toISOString(),
          ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
          observedGeneration: current.metadata.generation,
        });
      });
      // A timer holds 31 bits of milliseconds, about 24 days; look again after one at most.
      if (stored.status?.phase === 'Active' && expiresAt !== undefined) return { requeueAfterMs: Math.min(expiresAt.getTime() - now + 1000, 86_400_000) };
    },
  };
}
