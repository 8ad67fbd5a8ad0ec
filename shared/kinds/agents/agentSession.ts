import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentSession = defineKind({
  names: { kind: 'AgentSession', plural: 'agentsessions', singular: 'agentsession', title: 'Agent sessions' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Kradle projection of Agent Mux chat/session with lifecycle state',
  spec: () => z.object({
    organizationRef,
    agentMuxSessionId: z.string().min(1).describe('The agent\'s own id of the session.'),
    dispatchRun: refTo('AgentDispatchRun'),
    attempt: refTo('AgentDispatchAttempt').optional(),
    agentStack: refTo('AgentStack').optional(),
    cwd: z.string().optional().describe('Folder that the session works in; a resume recreates it first.'),
    workspaceRef: refTo('KradleWorkspace').optional(),
    loadSupported: z.boolean().optional().describe('The agent can load the session again.'),
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Completed', 'Failed', 'Cancelled']).optional(),
    startedAt: timestamp.optional(),
    endedAt: timestamp.optional(),
    title: z.string().optional(),
    turns: z.number().int().optional(),
    costUsd: z.number().optional(),
  }),
  columns: [
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Session', path: 'spec.agentMuxSessionId', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun', required: true, owner: true },
    { path: 'spec.attempt', kind: 'AgentDispatchAttempt' },
    { path: 'spec.agentStack', kind: 'AgentStack' },
    { path: 'spec.workspaceRef', kind: 'KradleWorkspace' },
  ],
  authored: false,
});
