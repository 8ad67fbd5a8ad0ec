import { randomUUID } from 'node:crypto';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Secret } from './secret';
import type { SecretsContext } from './secretsContext';
import { SecretValues } from './secretValues';
import { openValue, SealBroken, sealValues } from './sealing';
import { formatReference, parseReference } from './valueReference';

export type SecretObject = ObjectOf<typeof Secret>;

/** What a secret carries in place of values: by key, where the value is. */
export type References = Readonly<Record<string, string>>;

export interface StoredData {
  readonly references: References;
  /** Takes back what was stored, when the secret could not be written. */
  readonly undo: () => Promise<void>;
}

/** Where values are, encrypted. Acts for the system: who asks was checked before. */
export interface SecretVault {
  /**
   * Stores values of a secret. One that it has already keeps its reference, so that writing it again changes nothing. `dryRun` stores
   * nothing; the references then lead nowhere.
   */
  store(secret: { org: string; name: string; current?: SecretObject | undefined }, values: ReadonlyMap<string, Buffer>, opts?: { dryRun?: boolean | undefined }): Promise<StoredData>;
  /**
   * @throws NotFound when the secret has no such key; InternalError, naming secret and key, when what is stored cannot be decrypted
   * (`SECRET_DAMAGED`), or not by this server (`KEY_MISSING`).
   */
  read(org: string, secret: SecretObject, key: string): Promise<Buffer>;
  /** Removes values for good. */
  erase(org: string, bundles: Iterable<string>): Promise<void>;
}

export function createSecretVault(ctx: SecretsContext): SecretVault {
  const vault: SecretVault = {
    async store({ org, name, current }, values, { dryRun = false } = {}) {
      const references: Record<string, string> = {};
      const fresh = new Map<string, Buffer>();
      const bundle = `sv-${randomUUID()}`;
      for (const [key, value] of values) {
        const kept = current === undefined ? undefined : await referenceIfEqual(vault, { org, secret: current, key }, value);
        references[key] = kept ?? formatReference({ bundle, sizeBytes: value.length });
        if (kept === undefined) fresh.set(key, value);
      }
      if (dryRun || fresh.size === 0) return { references, undo: () => Promise.resolve() };
      // Another server or command may have rotated the keys: what is new is never encrypted under an old one.
      ctx.keys.reload();
      const sealed = sealValues(ctx.keys, { org, secret: name, bundle }, fresh);
      await ctx.resources.create(SecretValues, org, { metadata: { name: bundle }, spec: { organizationRef: org, secret: name, ...sealed } });
      return { references, undo: () => vault.erase(org, [bundle]) };
    },

    async read(org, secret, key) {
      const { name } = secret.metadata;
      const reference = parseReference(Object.hasOwn(secret.spec.data, key) ? secret.spec.data[key] : undefined);
      if (reference === undefined) throw new StatusError('NotFound', `Secret "${name}" has no entry "${key}"; it has: ${Object.keys(secret.spec.data).sort().join(', ') || 'none'}`, { code: 'SECRET_KEY_NOT_FOUND' });
      const stored = await ctx.resources.find(SecretValues, { org, name: reference.bundle });
      if (stored === undefined) throw damaged(secret, key, 'it is not in the database');
      if (ctx.keys.byId(stored.spec.keyId) === undefined) ctx.keys.reload();
      if (ctx.keys.byId(stored.spec.keyId) === undefined) {
        throw new StatusError('InternalError', `The value "${key}" of Secret "${name}" is encrypted under key ${stored.spec.keyId}, which is not in secret.key of this server. Put the file of the server that wrote it there, or write the value again`, { code: 'KEY_MISSING' });
      }
      try {
        return openValue(ctx.keys, { org, secret: name, bundle: reference.bundle }, { ...stored.spec, key });
      } catch (error) {
        if (error instanceof SealBroken) throw damaged(secret, key, error.message, error);
        throw error;
      }
    },

    async erase(org, bundles) {
      for (const name of bundles) {
        try {
          await ctx.resources.delete(SecretValues, { org, name });
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error;
        }
      }
    },
  };
  return vault;
}

async function referenceIfEqual(vault: SecretVault, place: { org: string; secret: SecretObject; key: string }, value: Buffer): Promise<string | undefined> {
  const reference = place.secret.spec.data[place.key];
  if (parseReference(reference)?.sizeBytes !== value.length) return undefined;
  try {
    return (await vault.read(place.org, place.secret, place.key)).equals(value) ? reference : undefined;
  } catch (error) {
    // What is there is broken; what comes replaces it.
    if (isStatusError(error, 'InternalError')) return undefined;
    throw error;
  }
}

// eslint-disable-next-line max-params -- which value, then why
function damaged(secret: SecretObject, key: string, why: string, cause?: unknown): StatusError {
  return new StatusError('InternalError', `The value "${key}" of Secret "${secret.metadata.name}" cannot be decrypted: ${why}. Write it again, or restore a backup`, { code: 'SECRET_DAMAGED', cause });
}
