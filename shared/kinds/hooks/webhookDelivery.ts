import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';

export const WebhookDelivery = defineKind({
  names: { kind: 'WebhookDelivery', plural: 'webhookdeliveries', singular: 'webhookdelivery', title: 'Webhook deliveries' },
  context: 'hooks',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Message to a webhook: what was sent, what was answered, and whether it is tried or sent again',
  spec: () => z.object({
    organizationRef,
    subscription: refTo('WebhookSubscription'),
    eventType: z.string().min(1).max(100).describe('What happened: RUN_COMPLETED, push.'),
    eventId: z.string().max(253).optional().describe('Id of the event: two deliveries with the same id tell of the same thing.'),
    source: objectReference.optional().describe('The object that the event is about.'),
    signature: z.string().min(1).max(512).describe('The signature header as it is sent: sha256= and hexadecimal digits.'),
    url: z.string().max(2048).optional().describe('Where it is sent, as the subscription said it then.'),
    payloadDigest: digest.optional().describe('Digest of the body; the body is kept beside the object.'),
    payload: z.record(z.string(), z.unknown()).optional().describe('The body, where it is small.'),
    replayOf: refTo('WebhookDelivery').optional().describe('The delivery that this one repeats.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Delivering', 'Retrying', 'Delivered', 'Failed']).optional(),
    attempts: z.number().int().optional().describe('Attempts so far.'),
    lastAttemptAt: timestamp.optional(),
    nextAttemptAt: timestamp.optional(),
    deliveredAt: timestamp.optional(),
    response: z.object({
      statusCode: z.number().int().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      bodyExcerpt: z.string().max(4096).optional(),
      durationMs: z.number().int().optional(),
    }).optional().describe('What the receiver answered last.'),
    message: z.string().optional().describe('Why the last attempt failed.'),
    replayedBy: z.array(z.string()).optional().describe('Deliveries that repeat this one.'),
  }),
  columns: [
    { name: 'Webhook', path: 'spec.subscription', type: 'ref' },
    { name: 'Event', path: 'spec.eventType', type: 'string' },
    { name: 'Attempts', path: 'status.attempts', type: 'integer' },
    { name: 'Answer', path: 'status.response.statusCode', type: 'integer' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.subscription', kind: 'WebhookSubscription', required: true, owner: true },
    { path: 'spec.replayOf', kind: 'WebhookDelivery' },
  ],
  // A delivery is a record of what was sent.
  immutable: ['spec.subscription', 'spec.eventType', 'spec.eventId', 'spec.source', 'spec.signature', 'spec.url', 'spec.payloadDigest', 'spec.payload', 'spec.replayOf'],
  search: ['spec.eventType', 'spec.eventId', 'spec.subscription'],
  authored: false,
});
