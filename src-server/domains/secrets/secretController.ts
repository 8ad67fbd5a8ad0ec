import type { Controller } from '../../runtime/controller';
import { Secret } from './secret';
import type { SecretsContext } from './secretsContext';
import { SecretValues } from './secretValues';
import type { SecretVault } from './secretVault';
import { bundlesOf } from './valueReference';

/** Values are stored before the secret that refers to them: for so long, ones that nothing refers to may be on their way. */
const ON_THEIR_WAY_MS = 60_000;

/** Removes values that no version of their secret refers to: of secrets that were deleted, of versions that are too old to be kept. */
export function createSecretController(ctx: SecretsContext, vault: SecretVault): Controller {
  return {
    name: 'secrets',
    kind: Secret,
    watches: [{ kind: SecretValues, map: ({ spec }) => [{ org: String(spec.organizationRef), name: String(spec.secret) }] }],
    async reconcile({ org, name }) {
      const [secret, { items }] = [await ctx.resources.find(Secret, { org, name }), await ctx.resources.list(SecretValues, { org, fieldSelector: `spec.secret=${name}` })];
      const used = secret === undefined ? new Set<string>() : bundlesOf(secret);
      const unused = items.filter((each) => !used.has(each.metadata.name));
      const isOld = ({ metadata }: (typeof items)[number]) => Math.abs(ctx.clock.now() - Date.parse(metadata.creationTimestamp)) > ON_THEIR_WAY_MS;
      const old = unused.filter(isOld);
      await vault.erase(org, old.map(({ metadata }) => metadata.name));
      return old.length < unused.length ? { requeueAfterMs: ON_THEIR_WAY_MS + 1_000 } : undefined;
    },
  };
}
