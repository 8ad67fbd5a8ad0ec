import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

export const PolicyExceptionRequest = defineKind({
  names: { kind: 'PolicyExceptionRequest', plural: 'policyexceptionrequests', singular: 'policyexceptionrequest', title: 'Policy exceptions' },
  context: 'policy',
  storage: 'config',
  placement: 'org',
  purpose: 'Request, on the record, that a policy does not hold for something until a given time, and what was decided about it',
  upgrade: (spec) => (isPlainObject(spec.policyRef) ? { ...spec, policyRef: spec.policyRef.name } : { ...spec }),
  spec: () => z.object({
    organizationRef,
    policyRef: refTo('PolicyBinding'),
    rules: z.array(z.string().min(1).max(253)).max(100).optional().describe('Rules of the policy that it is about; absent means all.'),
    resources: z.array(z.object({
      kind: z.string().min(1).max(253),
      name: z.string().min(1).max(253).optional().describe('Absent means every object of the kind.'),
      namespace: z.string().max(253).optional(),
    })).max(100).optional().describe('What the policy shall not hold for; absent means everything that it matches.'),
    justification: z.string().min(1).max(16_384).describe('Why it is needed, for the person who decides. Markdown.'),
    expiresAt: timestamp.describe('The exception ends here.'),
    requestedBy: actorReference.optional().describe('Who asks; filled in by the server.'),
    revoked: z.boolean().default(false).describe('It ends at once.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Approved', 'Denied', 'Expired', 'Revoked']).optional(),
    decidedBy: actorReference.optional(),
    decidedAt: timestamp.optional(),
    decisionReason: z.string().optional().describe('Why it was decided so.'),
    approvals: z.array(z.object({ by: actorReference, at: timestamp, comment: z.string().optional() })).optional().describe('Approvals so far, where several are needed.'),
    exceptionRef: z.object({ name: z.string(), namespace: z.string().optional() }).optional().describe('The Kyverno PolicyException that was made of it.'),
  }),
  columns: [
    { name: 'Policy', path: 'spec.policyRef', type: 'ref' },
    { name: 'Requested by', path: 'spec.requestedBy.name', type: 'string' },
    { name: 'Expires', path: 'spec.expiresAt', type: 'date' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.policyRef', kind: 'PolicyBinding' }],
  // What was approved stays what it was; another wish is another request.
  immutable: ['spec.policyRef', 'spec.rules', 'spec.resources', 'spec.justification', 'spec.expiresAt', 'spec.requestedBy'],
  search: ['spec.policyRef', 'spec.justification'],
  form: { justification: { widget: 'textarea' }, requestedBy: { advanced: true }, revoked: { advanced: true } },
});
