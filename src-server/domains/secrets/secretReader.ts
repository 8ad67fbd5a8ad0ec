import { StatusError } from '#shared/api/status';
import type { Actor } from '../../resources/actor';
import { Secret } from './secret';
import type { SecretsContext } from './secretsContext';
import type { SecretVault } from './secretVault';

/** How the parts of the server that need a secret to do their work get it: a provider's client secret, a webhook's signing key. */
export interface SecretReader {
  /**
   * The value as text. `actor` is on whose behalf it is used, if anybody's: the use is noted in the trail of their request.
   *
   * @throws NotFound for a secret or key that is not there; InternalError, naming both, for one that cannot be decrypted.
   */
  read(org: string, ref: { readonly name: string; readonly key: string }, actor?: Actor): Promise<string>;
}

export function createSecretReader(ctx: SecretsContext, vault: SecretVault): SecretReader {
  return {
    async read(org, { name, key }, actor) {
      const secret = await ctx.resources.find(Secret, { org, name });
      if (secret === undefined) throw new StatusError('NotFound', `There is no Secret "${name}" in this organization`, { code: 'SECRET_NOT_FOUND' });
      const value = await vault.read(org, secret, key);
      await actor?.trail?.note(actor, { verb: 'use-secret', kind: Secret.names.kind, org, name, uid: secret.metadata.uid, outcome: 'allowed', rule: 'server', details: { key, version: secret.spec.version } });
      return value.toString('utf8');
    },
  };
}
