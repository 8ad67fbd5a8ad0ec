import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef } from '../../kind/fields';
import { grantFields, grantRefs, grantStatus, keyedReference, upgradeGrant } from './grantFields';

export const AgentConfigGrant = defineKind({
  names: { kind: 'AgentConfigGrant', plural: 'agentconfiggrants', singular: 'agentconfiggrant', shortNames: ['acg'], title: 'Configuration grants' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Explicit permission for a subject to read entries of a ConfigMap for one purpose',
  upgrade: (spec) => upgradeGrant(spec, 'configMapRef'),
  spec: () => z.object({
    organizationRef,
    subject: grantFields.subject,
    configMapRef: keyedReference.describe('The ConfigMap, by name.'),
    purpose: grantFields.purpose,
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
    { name: 'ConfigMap', path: 'spec.configMapRef.name', type: 'string' },
    { name: 'Purpose', path: 'spec.purpose', type: 'string' },
    { name: 'Mount', path: 'spec.mountPolicy', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: grantRefs,
  search: ['spec.subject.name', 'spec.configMapRef.name', 'spec.purpose'],
  form: { allowedRefs: { advanced: true }, allowedTriggerSources: { advanced: true }, revoked: { advanced: true } },
});
