import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';
import { grantFields, grantRefs, grantStatus, keyedReference, upgradeGrant } from './grantFields';

export const AgentSecretGrant = defineKind({
  names: { kind: 'AgentSecretGrant', plural: 'agentsecretgrants', singular: 'agentsecretgrant', shortNames: ['asg'], title: 'Secret grants' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Explicit permission for a subject to use entries of a Secret for one purpose',
  upgrade: (spec) => upgradeGrant(spec, 'secretRef'),
  spec: () => z.object({
    organizationRef,
    subject: grantFields.subject,
    secretRef: keyedReference.describe('The Secret, by name: its values are nowhere in the grant.'),
    purpose: grantFields.purpose,
    permissions: z.array(z.enum(['read', 'write', 'admin'])).optional().describe('What may be done with the Secret itself; absent means it may be read.'),
    allowedRepositories: grantFields.allowedRepositories,
    allowedRefs: grantFields.allowedRefs,
    allowedTriggerSources: grantFields.allowedTriggerSources,
    mountPolicy: grantFields.mountPolicy,
    requiredApproval: grantFields.requiredApproval,
    expiresAt: grantFields.expiresAt,
    revoked: grantFields.revoked,
  }),
  status: () => z.object(grantStatus),
  columns: [
    { name: 'Subject', path: 'spec.subject.name', type: 'string' },
    { name: 'Secret', path: 'spec.secretRef.name', type: 'string' },
    { name: 'Purpose', path: 'spec.purpose', type: 'string' },
    { name: 'Mount', path: 'spec.mountPolicy', type: 'string', priority: 1 },
    { name: 'Approval', path: 'spec.requiredApproval', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: grantRefs,
  search: ['spec.subject.name', 'spec.secretRef.name', 'spec.purpose'],
  form: { allowedRefs: { advanced: true }, allowedTriggerSources: { advanced: true }, permissions: { advanced: true }, revoked: { advanced: true } },
});
