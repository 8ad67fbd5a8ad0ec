import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectReference, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentTriggerExecution = defineKind({
  names: { kind: 'AgentTriggerExecution', plural: 'agenttriggerexecutions', singular: 'agenttriggerexecution', title: 'Trigger executions' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Durable trigger evaluation record with dedupe, coalescing, and rejection reason',
  spec: () => z.object({
    organizationRef,
    triggerRule: refTo('AgentTriggerRule'),
    sourceEvent: z.string().min(1).max(1000).describe('Identity of the event, TYPE:KIND:NAME, by which a second one of the same is known.'),
    decision: z.enum(['Dispatched', 'Skipped', 'Deduplicated', 'Coalesced', 'Queued', 'Rejected']).describe('What the rule made of the event.'),
    reason: z.string().max(200).optional().describe('Why, in one machine-readable word.'),
    message: z.string().max(2000).optional().describe('Why, in words.'),
    event: z.object({
      type: z.string().max(200).optional(),
      source: objectReference.optional(),
      action: z.string().max(100).optional(),
      actor: z.string().max(200).optional(),
      repository: refTo('Repository').optional(),
      ref: z.string().max(255).optional(),
      sha: z.string().max(64).optional(),
      receivedAt: timestamp.optional(),
    }).optional().describe('What is known of the event.'),
    dedupeKey: z.string().max(1000).optional().describe('Events with the same key count as one.'),
    coalescedInto: refTo('AgentDispatchRun').optional().describe('The run that takes care of the event, too.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run that was made for the event.'),
    renderedPrompt: z.string().max(262_144).optional().describe('The prompt as the rule\'s template made it of the event.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Dispatching', 'Completed', 'Failed']).optional(),
    message: z.string().optional(),
    evaluatedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Rule', path: 'spec.triggerRule', type: 'ref' },
    { name: 'Event', path: 'spec.sourceEvent', type: 'string' },
    { name: 'Decision', path: 'spec.decision', type: 'phase' },
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Reason', path: 'spec.reason', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.triggerRule', kind: 'AgentTriggerRule', required: true, owner: true },
    { path: 'spec.event.repository', kind: 'Repository' },
    { path: 'spec.coalescedInto', kind: 'AgentDispatchRun' },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
  ],
  immutable: ['spec.triggerRule', 'spec.sourceEvent'],
  search: ['spec.sourceEvent', 'spec.triggerRule'],
  authored: false,
});
