import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { policyMode } from './policyMode';

export const PolicyBinding = defineKind({
  names: { kind: 'PolicyBinding', plural: 'policybindings', singular: 'policybinding', title: 'Policy bindings' },
  context: 'policy',
  storage: 'config',
  placement: 'org',
  purpose: 'Puts a policy template in force for an organization, its repositories or its environments, in audit or enforce mode',
  spec: () => z.object({
    organizationRef,
    templateRef: refTo('PolicyTemplate'),
    mode: policyMode,
    match: z.looseObject({
      repositories: z.array(objectName).max(500).optional().describe('Repositories; absent means all.'),
      environments: z.array(z.string().min(1).max(253)).max(100).optional().describe('Environments, such as staging; absent means all.'),
      namespaces: z.array(z.string().min(1).max(253)).max(100).optional().describe('Namespaces of a cluster; absent means those of the organization.'),
      labels: z.record(z.string(), z.string()).optional().describe('Labels that an object must carry.'),
    }).optional().describe('Where it holds. Absent means everywhere in the organization; what is not listed here goes to Kyverno as it is.'),
    parameters: z.record(z.string(), z.unknown()).optional().describe('Values for the template\'s parameters, by name.'),
    suspend: z.boolean().default(false).describe('It holds no more until this is taken back.'),
    enforceAfter: timestamp.optional().describe('Until then the binding only reports, whatever its mode.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Suspended', 'Failed']).optional(),
    effectiveMode: policyMode.optional(),
    policyRef: objectReference.optional().describe('The Kyverno policy that was made of it.'),
    violations: z.number().int().optional().describe('What breaks the policy now.'),
    lastEvaluatedAt: timestamp.optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
  }),
  columns: [
    { name: 'Template', path: 'spec.templateRef', type: 'ref' },
    { name: 'Mode', path: 'spec.mode', type: 'string' },
    { name: 'Suspended', path: 'spec.suspend', type: 'boolean', priority: 1 },
    { name: 'Violations', path: 'status.violations', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.templateRef', kind: 'PolicyTemplate' },
    { path: 'spec.match.repositories[]', kind: 'Repository' },
  ],
  immutable: ['spec.templateRef'],
  search: ['spec.templateRef'],
  form: { enforceAfter: { advanced: true } },
});
