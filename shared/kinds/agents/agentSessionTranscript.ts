import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, organizationRef, refTo } from '../../kind/fields';

export const transcriptMessage = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant', 'thought', 'tool', 'system']),
  content: z.string(),
  at: z.string().optional(),
  toolCall: z.object({ id: z.string(), title: z.string().optional(), kind: z.string().optional(), status: z.string().optional() }).optional(),
  truncated: z.boolean().optional(),
});

export const AgentSessionTranscript = defineKind({
  names: { kind: 'AgentSessionTranscript', plural: 'agentsessiontranscripts', singular: 'agentsessiontranscript', title: 'Transcripts' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Durable chat transcript with message nodes, pagination support, and cost per turn',
  spec: () => z.object({
    organizationRef,
    sessionRef: refTo('AgentSession'),
    dispatchRun: refTo('AgentDispatchRun').optional(),
    messages: z.array(transcriptMessage).describe('The first messages, up to 500 and 512 KiB; all events are read by page from the run.'),
    turns: z.array(z.object({
      stopReason: z.string().optional(),
      inputTokens: z.number().int().optional(),
      outputTokens: z.number().int().optional(),
      costUsd: z.number().optional(),
    })).optional().describe('What each turn was and cost.'),
  }),
  status: () => z.object({
    phase: z.enum(['Open', 'Sealed']).optional(),
    messageCount: z.number().int().optional(),
    eventCount: z.number().int().optional(),
    sizeBytes: z.number().int().optional(),
    truncated: z.boolean().optional().describe('messages holds only a part; the events hold everything.'),
    digest: digest.optional(),
  }),
  columns: [
    { name: 'Session', path: 'spec.sessionRef', type: 'ref' },
    { name: 'Messages', path: 'status.messageCount', type: 'integer' },
    { name: 'Events', path: 'status.eventCount', type: 'integer' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.sessionRef', kind: 'AgentSession', required: true, owner: true },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
  ],
  authored: false,
});
