import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { upgradeWorkItem, workItemReference } from './workItem';

export const WorkItemSessionLink = defineKind({
  names: { kind: 'WorkItemSessionLink', plural: 'workitemsessionlinks', singular: 'workitemsessionlink', title: 'Session links' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Association between issues/PRs and agent sessions',
  upgrade: upgradeWorkItem,
  spec: () => z.object({
    organizationRef,
    workItemRef: workItemReference.describe('The issue or pull request.'),
    agentSession: z.string().min(1).max(253).describe('Name of the AgentSession, or the agent\'s own id of the session.'),
    dispatchRun: refTo('AgentDispatchRun').optional(),
    relation: z.string().min(1).max(100).optional().describe('What the session is to the work item: active-agent-chat, implementation, review …'),
  }),
  status: () => z.object({ phase: z.enum(['Active', 'Ended']).optional() }),
  columns: [
    { name: 'Work item', path: 'spec.workItemRef.name', type: 'string' },
    { name: 'Session', path: 'spec.agentSession', type: 'ref' },
    { name: 'Run', path: 'spec.dispatchRun', type: 'ref' },
    { name: 'Relation', path: 'spec.relation', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.workItemRef', kind: 'Issue', owner: true },
    { path: 'spec.agentSession', kind: 'AgentSession' },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
  ],
  immutable: ['spec.workItemRef', 'spec.agentSession'],
  authored: false,
});
