import { z } from 'zod';
import { ORG_ROLES } from '../../access/roles';
import { defineKind } from '../../kind/defineKind';
import { actorReference, objectName, organizationRef, refTo, timestamp } from '../../kind/fields';

export const Invite = defineKind({
  names: { kind: 'Invite', plural: 'invites', singular: 'invite', title: 'Invitations' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Invitation of a person who has no account yet, with the role and teams that they get, until it expires',
  spec: () => z.object({
    organizationRef,
    email: z.email('must be an e-mail address such as ada@example.com').describe('Whom the invitation is for.'),
    role: z.string().min(1).max(100).describe(`What the person becomes: ${ORG_ROLES.filter((role) => role !== 'agent').join(', ')}. In older documents "member" is a developer. Any other word makes a developer with that group.`),
    teams: z.array(objectName).max(100).optional().describe('Teams that the person joins.'),
    expiresAt: timestamp.optional().describe('Until when it can be accepted; seven days from its creation when left out.'),
    message: z.string().max(2000).optional().describe('Words to the person, sent with the invitation.'),
    invitedBy: actorReference.optional().describe('Who invites; filled in by the server.'),
    revoked: z.boolean().default(false).describe('It can be accepted no more.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Accepted', 'Expired', 'Revoked']).optional(),
    sentAt: timestamp.optional().describe('When it last went out by mail.'),
    mail: z.object({
      state: z.enum(['Pending', 'Sent', 'Failed', 'Off']).describe('Failed: tried again at nextAttemptAt, if there is one. Off: the server has no mail; the link is handed on by who invites.'),
      attempts: z.number().int().min(0),
      message: z.string().optional().describe('Why the last attempt failed.'),
      nextAttemptAt: timestamp.optional(),
    }).optional(),
    acceptedAt: timestamp.optional(),
    acceptedBy: refTo('User').optional().describe('The account that came of it.'),
  }),
  columns: [
    { name: 'E-mail', path: 'spec.email', type: 'string' },
    { name: 'Role', path: 'spec.role', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Expires', path: 'spec.expiresAt', type: 'date' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.teams[]', kind: 'Team' },
    { path: 'status.acceptedBy', kind: 'User' },
  ],
  immutable: ['spec.email'],
  search: ['spec.email', 'spec.role'],
  form: { role: { placeholder: 'member' }, invitedBy: { advanced: true }, revoked: { advanced: true } },
});
