import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { duration, httpUrl, objectName, organizationRef, secretReference, timestamp } from '../../kind/fields';
import { external, externalRefs } from '../external/externalEnvelope';

export const WebhookSubscription = defineKind({
  names: { kind: 'WebhookSubscription', plural: 'webhooksubscriptions', singular: 'webhooksubscription', shortNames: ['hook'], title: 'Webhooks' },
  context: 'hooks',
  storage: 'config',
  placement: 'org',
  purpose: 'Endpoint that is told of events: which ones, how the messages are signed, delivered and tried again',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    url: httpUrl.describe('Where events are sent with POST.'),
    events: z.array(z.string().max(100).regex(/^(\*|[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*(\.\*)?)$/, 'must be an event such as RUN_COMPLETED or push, a group such as pullrequest.*, or *'))
      .min(1).max(100).describe('Events that are sent: RUN_COMPLETED, APPROVAL_REQUESTED, push, pullrequest.*, or * for all.'),
    filters: z.object({
      repositories: z.array(objectName).max(500).optional().describe('Only events of these repositories.'),
      refs: z.array(z.string().min(1).max(255)).max(100).optional().describe('Only events on references of these patterns.'),
      stacks: z.array(objectName).max(500).optional().describe('Only events of these agents\' runs.'),
    }).optional().describe('Narrows the events; absent sends all of them.'),
    signing: z.object({
      secretRef: secretReference.describe('The Secret whose value the signature is made with.'),
      algorithm: z.enum(['hmac-sha256', 'hmac-sha512']).default('hmac-sha256'),
    }).optional().describe('How the receiver can tell that a message is ours. Absent: the messages are signed with a key of this installation.'),
    delivery: z.object({
      mode: z.enum(['parallel', 'ordered']).default('parallel').describe('parallel sends each event as it happens; ordered sends one when that before it has arrived.'),
      contentType: z.enum(['json', 'form']).default('json'),
      timeout: duration.default('10s').describe('How long the receiver may take to answer.'),
    }).optional().describe('How messages are sent.'),
    retry: z.object({
      maxAttempts: z.number().int().min(1).max(20).default(8).describe('Attempts in all, the first one included.'),
      backoff: duration.default('10s').describe('Wait before the second attempt; it doubles with each.'),
      maxBackoff: duration.default('1h').describe('Longest wait between two attempts.'),
    }).optional().describe('What happens when a message does not arrive.'),
    active: z.boolean().default(true).describe('Whether events are sent at all.'),
    external,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Active', 'Paused', 'Failing']).optional(),
    lastDeliveryAt: timestamp.optional(),
    lastSuccessAt: timestamp.optional(),
    consecutiveFailures: z.number().int().optional(),
    message: z.string().optional().describe('What the last attempt failed with.'),
  }),
  columns: [
    { name: 'URL', path: 'spec.url', type: 'string' },
    { name: 'Events', path: 'spec.events', type: 'string' },
    { name: 'Active', path: 'spec.active', type: 'boolean' },
    { name: 'Last delivery', path: 'status.lastDeliveryAt', type: 'age' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.filters.repositories[]', kind: 'Repository' },
    { path: 'spec.filters.stacks[]', kind: 'AgentStack' },
    ...externalRefs,
  ],
  search: ['spec.displayName', 'spec.url', 'spec.events'],
  form: {
    url: { placeholder: 'https://example.com/hooks/kradle' },
    delivery: { advanced: true },
    retry: { advanced: true },
    external: { advanced: true },
  },
});
