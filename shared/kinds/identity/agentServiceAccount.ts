import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, objectReference, organizationRef, refTo } from '../../kind/fields';

export const AgentServiceAccount = defineKind({
  names: { kind: 'AgentServiceAccount', plural: 'agentserviceaccounts', singular: 'agentserviceaccount', shortNames: ['asa'], title: 'Agent service accounts' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Kubernetes ServiceAccount wrapper for agent/runner identity binding',
  spec: () => z.object({
    organizationRef,
    namespace: objectName.describe('Namespace of the Kubernetes ServiceAccount; local mode only records it.'),
    serviceAccountName: objectName.describe('Name of the Kubernetes ServiceAccount.'),
    displayName: z.string().min(1).max(200).optional().describe('What people call it.'),
    disabled: z.boolean().optional().describe('Its access tokens are good for nothing while it is.'),
    owner: objectReference.optional().describe('The stack that this identity is for.'),
    allowedRepositories: z.array(refTo('Repository')).optional().describe('Repositories that runs of this identity may work on; absent means all.'),
    allowedRunnerPools: z.array(refTo('RunnerPool')).optional().describe('Runner pools that may run it; absent means all.'),
    tokenAudience: z.string().max(500).optional().describe('Whom its projected token is for.'),
    tokenExpirationSeconds: z.number().int().min(600).max(86_400).optional().describe('Lifetime of the projected token, in seconds.'),
    automountServiceAccountToken: z.boolean().optional().describe('Whether pods get the cluster\'s own token, too.'),
  }),
  status: () => z.object({ phase: z.enum(['Pending', 'Ready', 'Disabled']).optional() }),
  columns: [
    { name: 'Service account', path: 'spec.serviceAccountName', type: 'string' },
    { name: 'Namespace', path: 'spec.namespace', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.owner', kind: 'AgentStack' },
    { path: 'spec.allowedRepositories[]', kind: 'Repository' },
    { path: 'spec.allowedRunnerPools[]', kind: 'RunnerPool' },
  ],
  search: ['spec.displayName', 'spec.serviceAccountName'],
});
