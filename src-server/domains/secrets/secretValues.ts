import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { objectName, organizationRef } from '#shared/kind/fields';

/**
 * Values of a secret that were written together, encrypted. Written once; only the wrapping of their key changes, when keys are rotated.
 *
 * Internal: read by this domain alone.
 */
export const SecretValues = defineKind({
  names: { kind: 'SecretValues', plural: 'secretvalues', singular: 'secretvalue', title: 'Values of secrets' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Encrypted values of a Secret',
  spec: () => z.object({
    organizationRef,
    secret: objectName,
    /** The key of the installation that wraps theirs. */
    keyId: z.string().min(1).max(64),
    /** Their own key, encrypted: base64 of nonce, tag and ciphertext. */
    wrappedKey: z.string().min(1).max(200),
    /** Each value, encrypted: base64 of nonce, tag and ciphertext. */
    values: z.record(z.string(), z.string()),
  }),
  status: () => z.object({}),
  columns: [],
  immutable: ['spec.secret', 'spec.values'],
  authored: false,
});
