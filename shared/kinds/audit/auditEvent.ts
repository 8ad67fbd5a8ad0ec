import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { foreignDigest, organizationRef, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';

/** Older records name the actor alone. */
function upgradeActor(actor: unknown): unknown {
  if (typeof actor !== 'string') return actor;
  return { kind: actor === 'system' ? 'System' : 'User', name: actor };
}

/** Source: seeds, 002 "audit event for grant creation", and 003 section 13, whose `action`, `resource` and plain actor it reads too. */
export const AuditEvent = defineKind({
  names: { kind: 'AuditEvent', plural: 'auditevents', singular: 'auditevent', shortNames: ['audit'], title: 'Audit log' },
  context: 'audit',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Record of something that was done: by whom, to what, and what was decided about it',
  upgrade({ resource, ...spec }) {
    const filled = fillAbsent(spec, { type: spec.action, target: resource });
    return spec.actor === undefined ? filled : { ...filled, actor: upgradeActor(spec.actor) };
  },
  spec: z.object({
    organizationRef,
    type: z.string().min(1).max(200).describe('What was done: AgentSecretGrantApplied.'),
    action: z.string().max(100).optional().describe('The verb: apply, delete, dispatch.'),
    actor: z.object({
      kind: z.enum(['User', 'AgentStack', 'AgentServiceAccount', 'AgentDispatchRun', 'System']),
      name: z.string().min(1).max(253),
      kubernetesUser: z.string().max(253).optional().describe('Who it is to the cluster.'),
    }).default({ kind: 'System', name: 'system' }).describe('Who did it.'),
    target: z.object({
      kind: z.string().min(1).max(253),
      name: z.string().min(1).max(253),
      namespace: z.string().max(253).optional(),
      uid: z.string().max(100).optional().describe('Tells it from a later object of the same name.'),
      resourceVersion: z.string().max(100).optional().describe('The version that came of it.'),
    }).optional().describe('What it was done to; the object may be gone.'),
    decision: z.looseObject({
      outcome: z.enum(['allowed', 'denied', 'requires-approval']).optional(),
      nativeReview: z.string().max(100).optional().describe('What Kubernetes\' own permissions said: allowed.'),
      escalationReview: z.string().max(100).optional().describe('Whether it would have given more than the actor has: not-escalating.'),
      policy: z.string().max(253).optional().describe('The policy that decided.'),
      reason: z.string().max(2000).optional(),
    }).optional().describe('What was decided about it.'),
    details: z.record(z.string(), z.unknown()).optional().describe('What else is known. Never secrets.'),
    digests: z.record(z.string(), foreignDigest).optional().describe('Digests of what it was done with, by name: artifact, permissions, context.'),
    timestamp: timestamp.optional().describe('When it was done; the time of the record when left out.'),
    sequence: z.number().int().min(0).optional().describe('Place in the organization\'s log.'),
    correlationId: z.string().max(200).optional().describe('Id of the request, as the client was told it.'),
    sourceAddress: z.string().max(100).optional().describe('Network address of the client.'),
  }),
  status: z.object({
    phase: z.enum(['Recorded', 'Exported']).optional(),
  }),
  columns: [
    { name: 'Time', path: 'spec.timestamp', type: 'date' },
    { name: 'Actor', path: 'spec.actor.name', type: 'string' },
    { name: 'Type', path: 'spec.type', type: 'string' },
    { name: 'Target kind', path: 'spec.target.kind', type: 'string' },
    { name: 'Target', path: 'spec.target.name', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age', priority: 1 },
  ],
  // A record is written once.
  immutable: ['spec.type', 'spec.action', 'spec.actor', 'spec.target', 'spec.decision', 'spec.details', 'spec.digests', 'spec.timestamp', 'spec.sequence', 'spec.correlationId', 'spec.sourceAddress'],
  search: ['spec.type', 'spec.action', 'spec.actor.name', 'spec.target.name', 'spec.target.kind'],
  authored: false,
});
