import { SSHKey } from '#shared/kinds/forge/sshKey';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { parsePublicKey } from './publicKey';

/** Keeps the fingerprint and says whether a key is still good. */
export function sshKeyController(ctx: ForgeContext): Controller {
  return {
    name: 'ssh-key',
    kind: SSHKey,
    async reconcile(request) {
      const found = await findObject(ctx.resources, SSHKey, request);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      const now = ctx.clock.now();
      const stored = await ctx.resources.mutateStatus(SSHKey, request, (status, current) => {
        const parsed = parsePublicKey(current.spec.key);
        if (!('problem' in parsed)) status.fingerprint = parsed.fingerprint;
        const expired = current.spec.expiresAt !== undefined && Date.parse(current.spec.expiresAt) <= now;
        status.phase = current.spec.revoked ? 'Revoked' : expired ? 'Expired' : 'Active';
        status.observedGeneration = current.metadata.generation;
      });
      const expiresInMs = stored.spec.expiresAt === undefined ? undefined : Date.parse(stored.spec.expiresAt) - now;
      // A timer holds 31 bits of milliseconds, about 24 days; look again after one at most.
      if (stored.status?.phase === 'Active' && expiresInMs !== undefined) return { requeueAfterMs: Math.min(expiresInMs + 1000, 86_400_000) };
    },
  };
}
