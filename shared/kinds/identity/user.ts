import { z } from 'zod';
import { orgRole } from '../../access/roles';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef, timestamp } from '../../kind/fields';

export const User = defineKind({
  names: { kind: 'User', plural: 'users', singular: 'user', title: 'Users' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Human account profile, sign-in state, admin flag, and linked identities',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call the person.'),
    email: z.email('must be an e-mail address such as ada@example.com').describe('Where the person is written to.'),
    username: z.string().max(100).optional().describe('Login; defaults to the object name.'),
    role: orgRole.default('developer').describe('What the person is in the organization; an administrator of it is at least admin.'),
    teams: z.array(objectName).optional().describe('Teams that the user belongs to.'),
    groups: z.array(z.string().min(1).max(253)).max(500).optional().describe('Groups beside the teams, as cluster permissions name them.'),
    admin: z.boolean().default(false).describe('May do everything in the organization; in the organization "default", in the whole installation.'),
    disabled: z.boolean().default(false).describe('Has no access to the organization.'),
    admitted: z.boolean().optional().describe('An administrator of the installation has made the account of this name a member without an invitation. Only they can set it.'),
  }),
  status: () => z.object({
    phase: z.enum(['Invited', 'Active', 'Disabled']).optional().describe('Invited: nobody who signs in is this user yet; an invitation that is accepted makes it Active.'),
    groups: z.array(z.string()).optional().describe('All groups that follow from the account: those of its own, of being an administrator, and one for each team.'),
    identities: z.array(z.object({ provider: z.string(), subject: z.string() })).optional().describe('Accounts elsewhere that are linked.'),
    lastSignInAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Name', path: 'spec.displayName', type: 'string' },
    { name: 'E-mail', path: 'spec.email', type: 'string' },
    { name: 'Role', path: 'spec.role', type: 'string' },
    { name: 'Admin', path: 'spec.admin', type: 'boolean', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.teams[]', kind: 'Team' }],
  search: ['spec.displayName', 'spec.email', 'spec.username'],
  form: { admitted: { advanced: true } },
});
