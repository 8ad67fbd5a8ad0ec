import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';

export const IdentityMapping = defineKind({
  names: { kind: 'IdentityMapping', plural: 'identitymappings', singular: 'identitymapping', shortNames: ['idmap'], title: 'Linked identities' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Link between a user and the accounts that are the same person: at a sign-in provider, in workspaces, at a git host',
  spec: () => z.object({
    organizationRef,
    user: refTo('User'),
    provider: z.string().min(1).max(253).describe('Who knows the subject: an AuthProvider, or an external backend such as github.'),
    subject: z.string().min(1).max(500).describe('The provider\'s stable id of the person; an e-mail address can change hands.'),
    login: z.string().max(200).optional().describe('What the provider calls the person in front of others.'),
    email: z.email('must be an e-mail address such as ada@example.com').optional().describe('The address that the provider vouches for.'),
    workspaceIdentity: z.string().max(253).optional().describe('Account within workspaces.'),
    repositoryIdentity: z.string().max(253).optional().describe('Account at the git host: whom commits and reviews there belong to.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Synced']).optional(),
    message: z.string().optional().describe('Why it is Pending.'),
    lastSyncedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'User', path: 'spec.user', type: 'ref' },
    { name: 'Provider', path: 'spec.provider', type: 'string' },
    { name: 'Subject', path: 'spec.subject', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.user', kind: 'User', required: true, owner: true }],
  immutable: ['spec.user', 'spec.provider', 'spec.subject'],
  search: ['spec.user', 'spec.subject', 'spec.login', 'spec.email'],
});
