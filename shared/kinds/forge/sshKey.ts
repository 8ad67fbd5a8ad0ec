import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

export const SSHKey = defineKind({
  names: { kind: 'SSHKey', plural: 'sshkeys', singular: 'sshkey', title: 'SSH keys' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'User, deploy, and automation SSH keys reconciled into repository key APIs',
  spec: () => z.object({
    organizationRef,
    scope: z.enum(['user', 'deploy', 'automation']).describe('Whose key it is: a person\'s, a repository\'s or a service account\'s.'),
    usage: z.enum(['authentication-and-signing', 'authentication', 'signing']).default('authentication-and-signing').describe('What it is good for: signing in, signatures of commits and tags, or both.'),
    key: z.string().min(1).max(16_384).describe('The public key: ssh-ed25519 AAAA… comment.'),
    title: z.string().max(200).optional().describe('What people call the key: the machine that it is on.'),
    owner: refTo('User').optional().describe('For a user\'s key: whose it is. Filled in with the person who adds it.'),
    repository: refTo('Repository').optional().describe('For a deploy key: the one repository that it opens.'),
    serviceAccount: refTo('AgentServiceAccount').optional().describe('For an automation\'s key: as whom it acts.'),
    readOnly: z.boolean().default(false).describe('It may fetch and not push.'),
    revoked: z.boolean().default(false).describe('It opens nothing any more; kept for the record.'),
    expiresAt: timestamp.optional().describe('It opens nothing from here on.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Revoked', 'Expired']).optional(),
    fingerprint: z.string().optional().describe('SHA256:… of the key.'),
    lastUsedAt: timestamp.optional().describe('When it last signed somebody in, to about ten minutes.'),
    lastUsedFrom: z.string().optional().describe('Address from which it was.'),
  }),
  columns: [
    { name: 'Title', path: 'spec.title', type: 'string' },
    { name: 'Scope', path: 'spec.scope', type: 'string' },
    { name: 'Fingerprint', path: 'status.fingerprint', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Used', path: 'status.lastUsedAt', type: 'age', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.owner', kind: 'User' },
    { path: 'spec.repository', kind: 'Repository', required: true },
    { path: 'spec.serviceAccount', kind: 'AgentServiceAccount' },
    ...externalRefs,
  ],
  immutable: ['spec.key', 'spec.scope'],
  search: ['spec.title', 'spec.owner'],
  form: { external: { advanced: true }, key: { widget: 'textarea', placeholder: 'ssh-ed25519 AAAA… you@machine' } },
});
