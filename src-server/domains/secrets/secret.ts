import { z } from 'zod';
import { secretType } from '#shared/api/secrets';
import { defineKind } from '#shared/kind/defineKind';
import { organizationRef, timestamp } from '#shared/kind/fields';

/** By key, where its value is: the SecretValues object that holds it, a space, and its size in bytes. See `valueReference.ts`. */
const references = z.record(z.string(), z.string());

/**
 * A secret of an organization, as people know it: names of keys, a type, its history. What is in it is in SecretValues, encrypted; the
 * object itself may be seen by whoever may list secrets.
 *
 * Internal: stored, backed up and copied like every object, and served only by the verbs of this domain.
 */
export const Secret = defineKind({
  names: { kind: 'Secret', plural: 'secrets', singular: 'secret', title: 'Secrets' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Values that nobody may read who need not',
  spec: () => z.object({
    organizationRef,
    type: secretType.default('Opaque'),
    immutable: z.boolean().default(false),
    data: references.default({}),
    /** Set by the kind's strategy when `data` changes. */
    version: z.number().int().min(1).optional(),
    versions: z.array(z.object({
      version: z.number().int().min(1),
      data: references,
      createdAt: timestamp,
      createdBy: z.string(),
      rollbackOf: z.number().int().optional(),
    })).optional(),
  }),
  status: () => z.object({}),
  columns: [
    { name: 'Type', path: 'spec.type', type: 'string' },
    { name: 'Version', path: 'spec.version', type: 'integer' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  authored: false,
});
