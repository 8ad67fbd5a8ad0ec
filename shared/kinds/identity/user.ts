import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, organizationRef, timestamp } from '../../kind/fields';

export const User = defineKind({
  names: { kind: 'User', plural: 'users', singular: 'user', title: 'Users' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Human account profile, sign-in state, admin flag, and linked identities',
  spec: z.object({
    organizationRef,
    displayName: z.string().min(1).max(200),
    email: z.email('must be an e-mail address such as ada@example.com'),
    username: z.string().max(100).optional().describe('Login; defaults to the object name.'),
    teams: z.array(objectName).optional().describe('Teams that the user belongs to.'),
    groups: z.array(z.string()).optional(),
    admin: z.boolean().default(false).describe('May do everything in the organization.'),
    disabled: z.boolean().default(false).describe('May not sign in.'),
  }),
  status: z.object({
    phase: z.enum(['Active', 'Disabled']).optional(),
    lastSignInAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Name', path: 'spec.displayName', type: 'string' },
    { name: 'E-mail', path: 'spec.email', type: 'string' },
    { name: 'Admin', path: 'spec.admin', type: 'boolean' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.email'],
});
