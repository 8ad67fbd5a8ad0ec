import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, objectName, organizationRef } from '../../kind/fields';
import { policyMode } from './policyMode';

export const PolicyProfile = defineKind({
  names: { kind: 'PolicyProfile', plural: 'policyprofiles', singular: 'policyprofile', title: 'Policy profiles' },
  context: 'policy',
  storage: 'config',
  placement: 'org',
  purpose: 'Policy posture of an organization: its mode, its default templates, how rules are rolled out and who approves exceptions',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call the profile.'),
    description: z.string().max(2000).optional().describe('What the profile is for.'),
    mode: policyMode,
    defaultTemplates: z.array(objectName).max(200).optional().describe('Templates that hold everywhere in the organization, without a binding of their own.'),
    rollout: z.object({
      mode: z.enum(['manual', 'automatic']).default('manual').describe('Whether a person, or the end of the audit period, turns audit into enforce.'),
      auditPeriod: duration.optional().describe('How long a new binding only reports.'),
    }).optional().describe('The way of a new rule from audit to enforce.'),
    exceptionApproval: z.object({
      required: z.boolean().default(true).describe('An exception needs somebody\'s approval.'),
      minimumApprovals: z.number().int().min(1).max(10).default(1),
      approvers: z.array(objectName).max(200).optional().describe('Users who may approve.'),
      approverTeams: z.array(objectName).max(200).optional().describe('Teams whose members may approve.'),
      maxDuration: duration.optional().describe('Longest time that an exception may last.'),
    }).optional().describe('Who lets exceptions through, and for how long. Absent: administrators do.'),
    requireEngine: z.boolean().default(true).describe('Enforcing waits until the policy engine is there, instead of letting everything through.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Degraded', 'Disabled']).optional(),
    engine: z.enum(['Present', 'Missing', 'Unknown']).optional().describe('Whether the policy engine was found.'),
    bindings: z.number().int().optional(),
    violations: z.number().int().optional().describe('What breaks a policy now.'),
    openExceptions: z.number().int().optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Mode', path: 'spec.mode', type: 'string' },
    { name: 'Violations', path: 'status.violations', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.defaultTemplates[]', kind: 'PolicyTemplate' },
    { path: 'spec.exceptionApproval.approvers[]', kind: 'User' },
    { path: 'spec.exceptionApproval.approverTeams[]', kind: 'Team' },
  ],
  search: ['spec.displayName', 'spec.description'],
});
