import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, foreignDigest, organizationRef, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';

/** Older records name the actor alone. */
function upgradeActor(actor: unknown): unknown {
  if (typeof actor !== 'string') return actor;
  return { kind: actor === 'system' ? 'System' : 'User', name: actor };
}

/** The ways in which a request comes. */
export const AUDIT_DOORS = ['trpc', 'rest', 'kubernetes', 'mcp', 'git', 'ssh', 'http'] as const;

export const AUDIT_ACTOR_KINDS = ['User', 'AgentStack', 'AgentServiceAccount', 'AgentDispatchRun', 'SSHKey', 'System'] as const;

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
  spec: () => z.object({
    organizationRef,
    type: z.string().min(1).max(200).describe('What was done: AgentSecretGrantApplied.'),
    action: z.string().max(100).optional().describe('The verb: apply, delete, dispatch.'),
    actor: z.object({
      kind: z.enum(AUDIT_ACTOR_KINDS),
      name: z.string().min(1).max(253),
      kubernetesUser: z.string().max(253).optional().describe('Who it is to the cluster.'),
      credential: z.object({
        kind: z.string().max(50),
        id: z.string().max(200),
      }).optional().describe('What it signed in with: which session or token, never the secret itself.'),
    }).default({ kind: 'System', name: 'system' }).describe('Who did it.'),
    target: z.object({
      kind: z.string().min(1).max(253),
      name: z.string().min(1).max(253).optional().describe('Absent where it was done to the kind as a whole.'),
      namespace: z.string().max(253).optional(),
      uid: z.string().max(100).optional().describe('Tells it from a later object of the same name.'),
      resourceVersion: z.string().max(100).optional().describe('The version that came of it.'),
    }).optional().describe('What it was done to; the object may be gone.'),
    decision: z.looseObject({
      outcome: z.enum(['allowed', 'denied', 'requires-approval']).optional(),
      nativeReview: z.string().max(100).optional().describe('What Kubernetes\' own permissions said: allowed.'),
      escalationReview: z.string().max(100).optional().describe('Whether it would have given more than the actor has: not-escalating.'),
      policy: z.string().max(253).optional().describe('The policy that decided.'),
      rule: z.string().max(253).optional().describe('The row of the permission table that decided, or that would have allowed it.'),
      reason: z.string().max(2000).optional(),
    }).optional().describe('What was decided about it.'),
    details: z.record(z.string(), z.unknown()).optional().describe('What else is known. Never secrets.'),
    digests: z.record(z.string(), foreignDigest).optional().describe('Digests of what it was done with, by name: artifact, permissions, context.'),
    timestamp: timestamp.optional().describe('When it was done; the time of the record when left out.'),
    door: z.enum(AUDIT_DOORS).optional().describe('The way in which the request came.'),
    correlationId: z.string().max(200).optional().describe('Id of the request, as the client was told it.'),
    sourceAddress: z.string().max(100).optional().describe('Network address of the client.'),
    recordedBy: z.object({
      kind: z.enum(AUDIT_ACTOR_KINDS),
      name: z.string().min(1).max(253),
      door: z.enum(AUDIT_DOORS).optional(),
      correlationId: z.string().max(200).optional(),
      sourceAddress: z.string().max(100).optional(),
    }).optional().describe('Who brought a record from elsewhere; what such a record says, they say. Set by the server, and absent from its own records.'),
    sequence: z.number().int().min(0).optional().describe('Place in the organization\'s log. Set by the server.'),
    previousDigest: digest.optional().describe('Digest of the record before this one; absent from the first. Set by the server.'),
    digest: digest.optional().describe('SHA-256 of this record as canonical JSON without this field. Set by the server.'),
  }),
  status: () => z.object({
    phase: z.enum(['Recorded', 'Exported']).optional(),
  }),
  columns: [
    { name: 'Time', path: 'spec.timestamp', type: 'date' },
    { name: 'Actor', path: 'spec.actor.name', type: 'string' },
    { name: 'Type', path: 'spec.type', type: 'string' },
    { name: 'Target kind', path: 'spec.target.kind', type: 'string' },
    { name: 'Target', path: 'spec.target.name', type: 'string' },
    { name: 'Outcome', path: 'spec.decision.outcome', type: 'string' },
    { name: 'Door', path: 'spec.door', type: 'string', priority: 1 },
    { name: 'Address', path: 'spec.sourceAddress', type: 'string', priority: 1 },
    { name: 'Sequence', path: 'spec.sequence', type: 'integer', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age', priority: 1 },
  ],
  // A record is written once.
  appendOnly: true,
  readVerb: 'read-audit',
  immutable: [
    'spec.type', 'spec.action', 'spec.actor', 'spec.target', 'spec.decision', 'spec.details', 'spec.digests', 'spec.timestamp', 'spec.door', 'spec.correlationId',
    'spec.sourceAddress', 'spec.recordedBy', 'spec.sequence', 'spec.previousDigest', 'spec.digest',
  ],
  search: ['spec.type', 'spec.action', 'spec.actor.name', 'spec.target.name', 'spec.target.kind'],
  authored: false,
});
