import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

export const GPGKey = defineKind({
  names: { kind: 'GPGKey', plural: 'gpgkeys', singular: 'gpgkey', title: 'GPG keys' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Public OpenPGP keys of people, which the signatures of their commits and tags are verified with',
  spec: () => z.object({
    organizationRef,
    owner: refTo('User').optional().describe('Whose it is. Filled in with the person who adds it.'),
    key: z.string().min(1).max(262_144).describe('The public key: what gpg --armor --export prints.'),
    title: z.string().max(200).optional().describe('What people call the key.'),
    revoked: z.boolean().default(false).describe('Signatures made with it count no more; kept for the record.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Revoked', 'Expired']).optional(),
    fingerprint: z.string().optional().describe('Of the primary key, 40 or 64 hexadecimal digits.'),
    keyIds: z.array(z.string()).optional().describe('The last 16 digits of the fingerprints of the primary key and its subkeys.'),
    userIds: z.array(z.string()).optional().describe('Name <address> as the key says them.'),
    algorithm: z.string().optional(),
    createdAt: timestamp.optional().describe('When the key was made.'),
    expiresAt: timestamp.optional().describe('Signatures made from here on count no more.'),
  }),
  columns: [
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Owner', path: 'spec.owner', type: 'ref' },
    { name: 'Fingerprint', path: 'status.fingerprint', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Expires', path: 'status.expiresAt', type: 'date', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.owner', kind: 'User' }, ...externalRefs],
  immutable: ['spec.key'],
  search: ['spec.title', 'spec.owner', 'status.fingerprint'],
  form: { external: { advanced: true }, key: { widget: 'textarea', placeholder: '-----BEGIN PGP PUBLIC KEY BLOCK-----' } },
});
