import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { upgradeWorkItem, workItemReference } from './workItem';

export const WorkItemWorkspaceLink = defineKind({
  names: { kind: 'WorkItemWorkspaceLink', plural: 'workitemworkspacelinks', singular: 'workitemworkspacelink', title: 'Workspace links' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Association between issues/PRs and agent workspaces',
  upgrade: upgradeWorkItem,
  spec: () => z.object({
    organizationRef,
    workItemRef: workItemReference.describe('The issue or pull request.'),
    workspace: refTo('KradleWorkspace'),
    relation: z.string().min(1).max(100).optional().describe('What the workspace is to the work item: implementation-workspace, review-workspace …'),
  }),
  status: () => z.object({ phase: z.enum(['Active', 'Ended']).optional() }),
  columns: [
    { name: 'Work item', path: 'spec.workItemRef.name', type: 'string' },
    { name: 'Workspace', path: 'spec.workspace', type: 'ref' },
    { name: 'Relation', path: 'spec.relation', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.workItemRef', kind: 'Issue', owner: true },
    { path: 'spec.workspace', kind: 'KradleWorkspace' },
  ],
  immutable: ['spec.workItemRef', 'spec.workspace'],
  authored: false,
});
