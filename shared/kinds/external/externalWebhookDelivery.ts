import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { foreignDigest, organizationRef, refTo, timestamp } from '../../kind/fields';
import { externalError, externalInterface, nativePlace } from './externalFields';

const processingPhase = z.enum(['Received', 'SignatureRejected', 'Queued', 'Normalizing', 'Processing', 'Succeeded', 'Retrying', 'DeadLettered']);

/** Source: seeds, 003 number 70; 004, "ExternalWebhookDelivery.spec". */
export const ExternalWebhookDelivery = defineKind({
  names: { kind: 'ExternalWebhookDelivery', plural: 'externalwebhookdeliveries', singular: 'externalwebhookdelivery', shortNames: ['ewd'], title: 'Inbound deliveries' },
  context: 'external',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Inbound webhook delivery from an external backend provider with event type, payload, and processing state',
  spec: () => z.object({
    organizationRef,
    providerRef: refTo('ExternalBackendProvider'),
    bindingRef: refTo('ExternalBackendBinding').optional(),
    interfaceHints: z.array(externalInterface).max(3).optional().describe('Interfaces that the event is likely for.'),
    deliveryId: z.string().min(1).max(253).optional().describe('The provider\'s own id of the delivery; one that comes twice is processed once.'),
    eventType: z.string().min(1).max(100).describe('The provider\'s word for what happened: pull_request.'),
    action: z.string().max(100).optional().describe('What happened to it: opened.'),
    receivedAt: timestamp.optional().describe('When it came in.'),
    signature: z.object({
      algorithm: z.string().max(63).optional().describe('How the delivery is signed: sha256.'),
      verified: z.boolean().describe('Whether the signature is right.'),
    }).optional().describe('How it was signed, and whether the signature holds.'),
    source: z.looseObject(nativePlace).optional().describe('Where at the provider it comes from.'),
    payload: z.record(z.string(), z.unknown()).optional().describe('What was delivered, when it is small.'),
    payloadRef: z.object({
      storage: z.enum(['inline', 'object']).default('object').describe('Where the payload lies: here in payload, or in object storage under its digest.'),
      digest: foreignDigest.describe('Digest of the payload.'),
      sizeBytes: z.number().int().min(0).optional(),
      mediaType: z.string().max(200).optional(),
    }).optional().describe('Where its body is kept.'),
    processing: z.object({
      phase: processingPhase.default('Received'),
      attempts: z.number().int().min(0).default(0),
    }).optional().describe('How it stood when it was recorded; the status says how it stands now.'),
    replayOf: refTo('ExternalWebhookDelivery').optional().describe('The delivery that this one repeats.'),
  }),
  status: () => z.object({
    phase: processingPhase.optional(),
    attempts: z.number().int().optional(),
    nextAttemptAt: timestamp.optional(),
    processedAt: timestamp.optional(),
    responseCode: z.number().int().optional().describe('HTTP status that the provider was answered with.'),
    syncEventRefs: z.array(z.string()).optional().describe('Events that came of it.'),
    error: externalError.optional(),
  }),
  columns: [
    { name: 'Provider', path: 'spec.providerRef', type: 'ref' },
    { name: 'Event', path: 'spec.eventType', type: 'string' },
    { name: 'Action', path: 'spec.action', type: 'string' },
    { name: 'Verified', path: 'spec.signature.verified', type: 'boolean' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Attempts', path: 'status.attempts', type: 'integer', priority: 1 },
    { name: 'Delivery', path: 'spec.deliveryId', type: 'string', priority: 1 },
    { name: 'Received', path: 'spec.receivedAt', type: 'age' },
  ],
  refs: [
    { path: 'spec.providerRef', kind: 'ExternalBackendProvider', owner: true },
    { path: 'spec.bindingRef', kind: 'ExternalBackendBinding' },
    { path: 'spec.replayOf', kind: 'ExternalWebhookDelivery' },
  ],
  immutable: ['spec.providerRef', 'spec.deliveryId', 'spec.eventType', 'spec.payload', 'spec.payloadRef'],
  search: ['spec.deliveryId', 'spec.eventType', 'spec.source.repository'],
  authored: false,
});
