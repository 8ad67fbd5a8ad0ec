import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { foreignDigest, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';
import { fillAbsent } from '../../kind/fillAbsent';
import { externalError, externalInterface, nativePlace } from './externalFields';

/** Source: seeds, 003 number 73 and section 11.3; 004, "ExternalWriteIntent.spec". Rules between fields: `externalStrategies.ts`. */
export const ExternalWriteIntent = defineKind({
  names: { kind: 'ExternalWriteIntent', plural: 'externalwriteintents', singular: 'externalwriteintent', shortNames: ['ewi'], title: 'External writes' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Queued write-back intent to an external backend with operation, payload snapshot, and approval state',
  upgrade: (spec) => fillAbsent(spec, { resourceRef: spec.target }),
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    interface: externalInterface.optional().describe('The side of the provider that is written to.'),
    operation: z.string().min(1).max(100).describe('As the interface calls it: createComment, mergePullRequest.'),
    resourceRef: objectReference.describe('The object here that the write is about. Left out, it is the target.'),
    source: z.looseObject({
      kind: z.string().min(1).max(63).describe('What asked for it: UserAction, AgentRun, Controller.'),
      actor: z.string().max(253).optional().describe('Who asked for it: user:alice.'),
      name: z.string().max(253).optional().describe('The object that asked for it, such as a run.'),
    }).optional().describe('What the write comes from, and who stands behind it.'),
    target: objectReference.optional().describe('The object here that is written out.'),
    nativeTarget: z.looseObject({
      ...nativePlace,
      issueNumber: z.number().int().min(0).optional(),
      pullRequestNumber: z.number().int().min(0).optional(),
      nativeId: z.string().max(253).optional(),
    }).optional().describe('The object at the provider; a provider that needs more than these fields adds its own.'),
    payload: z.record(z.string(), z.unknown()).optional().describe('What is to be sent, as it was when it was asked for. It never holds a secret.'),
    requestDigest: foreignDigest.optional().describe('Digest of the request: what is approved is what is sent.'),
    requestPreview: z.string().max(65_536).optional().describe('The request for people to read, without secrets.'),
    approvalPolicy: z.object({
      required: z.boolean().default(true).describe('A person approves it before it is sent.'),
      approvers: z.array(z.string().min(1).max(253)).max(100).optional().describe('Who may approve it; absent means whoever may approve in the organization.'),
    }).optional().describe('Whether a person approves it first.'),
    idempotencyKey: z.string().max(500).optional().describe('Intents of one key are sent once.'),
  }),
  status: () => z.object({
    phase: z.enum(['PendingApproval', 'ReadyToSend', 'Sending', 'AwaitingConfirmation', 'Retrying', 'Succeeded', 'Conflict', 'Failed', 'Rejected']).optional(),
    message: z.string().optional().describe('Why the phase is what it is.'),
    approvalRef: refTo('AgentApproval').optional(),
    approvedBy: z.string().optional(),
    approvedAt: timestamp.optional(),
    rejectedBy: z.string().optional(),
    rejectedAt: timestamp.optional(),
    rejectionReason: z.string().optional(),
    attempts: z.number().int().optional(),
    nextAttemptAt: timestamp.optional(),
    sentAt: timestamp.optional(),
    confirmedAt: timestamp.optional().describe('When the provider\'s event or a read-back showed it.'),
    response: z.object({
      statusCode: z.number().int().optional(),
      nativeId: z.string().optional(),
      url: z.string().optional(),
      summary: z.string().optional(),
    }).optional().describe('What the provider answered, in short.'),
    error: externalError.optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Operation', path: 'spec.operation', type: 'string' },
    { name: 'Object', path: 'spec.resourceRef.name', type: 'string' },
    { name: 'Asked by', path: 'spec.source.actor', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Attempts', path: 'status.attempts', type: 'integer', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider' },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
    { path: 'status.approvalRef', kind: 'AgentApproval' },
  ],
  immutable: ['spec.providerRef', 'spec.operation', 'spec.payload', 'spec.requestDigest', 'spec.idempotencyKey', 'spec.nativeTarget'],
  search: ['spec.operation', 'spec.resourceRef.name', 'spec.source.actor'],
  authored: false,
});
