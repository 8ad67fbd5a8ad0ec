import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, organizationRef } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { policyMode } from './policyMode';

/** One value that a binding fills in. */
const templateParameter = z.object({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'must be a letter followed by letters, digits, "-" or "_"').describe('As the policy\'s body uses it.'),
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object']).default('string'),
  description: z.string().max(500).optional(),
  required: z.boolean().default(false),
  default: z.unknown().optional().describe('Value when a binding gives none.'),
});

/** Older documents write parameters as an object by name. */
function upgradeParameters(parameters: unknown): unknown {
  if (!isPlainObject(parameters)) return parameters;
  return Object.entries(parameters).map(([name, value]) => (isPlainObject(value) ? { name, ...value } : { name, default: value }));
}

export const PolicyTemplate = defineKind({
  names: { kind: 'PolicyTemplate', plural: 'policytemplates', singular: 'policytemplate', title: 'Policy templates' },
  context: 'policy',
  storage: 'config',
  placement: 'org',
  purpose: 'Curated Kyverno policy with its parameters, its defaults for a rollout, and what to do when something breaks it',
  upgrade: (spec) => ({ ...spec, ...(spec.parameters === undefined ? {} : { parameters: upgradeParameters(spec.parameters) }) }),
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call the policy.'),
    description: z.string().max(2000).optional().describe('What the policy asks for, and why.'),
    category: z.string().max(100).optional().describe('What it is about: supply-chain, isolation, cost.'),
    severity: z.enum(['info', 'low', 'medium', 'high', 'critical']).optional().describe('How much it matters when something breaks it.'),
    targetKinds: z.array(z.string().min(1).max(253)).min(1).max(100).describe('Kinds that the policy looks at: Pod, Repository, AgentStack.'),
    kyverno: z.record(z.string(), z.unknown()).describe('Body of the Kyverno policy: rules and what they match.'),
    parameters: z.array(templateParameter).max(100).optional().describe('Values that a binding fills in.'),
    rollout: z.object({
      mode: policyMode.default('audit'),
      auditPeriod: duration.optional().describe('How long a new binding only reports.'),
    }).optional().describe('How a binding begins when it does not say.'),
    remediation: z.string().max(16_384).optional().describe('What to do when something breaks it. Markdown.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Invalid']).optional(),
    message: z.string().optional().describe('Why the phase is Invalid.'),
    bindings: z.number().int().optional().describe('Bindings that use it.'),
  }),
  columns: [
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Targets', path: 'spec.targetKinds', type: 'string' },
    { name: 'Severity', path: 'spec.severity', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.description', 'spec.category'],
  form: { kyverno: { widget: 'yaml' }, remediation: { widget: 'textarea' }, 'parameters[].default': { widget: 'yaml' } },
});
