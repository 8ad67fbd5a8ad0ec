import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, objectReference, organizationRef } from '../../kind/fields';

export const AgentServiceAccount = defineKind({
  names: { kind: 'AgentServiceAccount', plural: 'agentserviceaccounts', singular: 'agentserviceaccount', shortNames: ['asa'], title: 'Agent service accounts' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Kubernetes ServiceAccount wrapper for agent/runner identity binding',
  spec: z.object({
    organizationRef,
    namespace: objectName.describe('Namespace of the Kubernetes ServiceAccount; local mode only records it.'),
    serviceAccountName: objectName,
    owner: objectReference.optional().describe('The stack that this identity is for.'),
    allowedRepositories: z.array(objectName).optional().describe('Repositories that runs of this identity may work on; absent means all.'),
    allowedRunnerPools: z.array(objectName).optional(),
    tokenAudience: z.string().optional(),
    tokenExpirationSeconds: z.number().int().min(600).max(86_400).optional().describe('Lifetime of the projected token, in seconds.'),
    automountServiceAccountToken: z.boolean().optional(),
  }),
  status: z.object({ phase: z.enum(['Pending', 'Ready']).optional() }),
  columns: [
    { name: 'Service account', path: 'spec.serviceAccountName', type: 'string' },
    { name: 'Namespace', path: 'spec.namespace', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
});
