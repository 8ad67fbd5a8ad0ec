import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

const boardColumn = z.object({
  id: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must consist of lower case letters, digits and "-"').max(63),
  title: z.string().max(100).optional(),
  state: z.enum(['backlog', 'todo', 'in-progress', 'review', 'done', 'cancelled']).optional().describe('What an issue in this column is.'),
  wipLimit: z.number().int().min(1).max(1000).optional().describe('Issues that the column should hold at most.'),
});

export const KradleProject = defineKind({
  names: { kind: 'KradleProject', plural: 'kradleprojects', singular: 'kradleproject', shortNames: ['project'], title: 'Projects' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Org project grouping issues, linked repositories, kanban board config, default workflow, and backend sync refs',
  aliases: ['AgentProject', 'KrateProject'],
  upgrade: upgradeColumns,
  spec: () => z.object({
    organizationRef,
    displayName: z.string().min(1).max(200).describe('What people call the project.'),
    description: z.string().max(10_000).optional().describe('What the project is about. Markdown.'),
    key: z.string().max(20).regex(/^[A-Z][A-Z0-9]*$/, 'must be capital letters and digits, such as KRD').optional().describe('Prefix of its issues: KRD in KRD-12.'),
    owners: z.array(z.string().min(1).max(253)).max(100).optional().describe('Users and teams that answer for it.'),
    repositories: z.array(refTo('Repository')).max(1000).optional().describe('Repositories that belong to the project.'),
    board: z.object({
      columns: z.array(boardColumn).max(50).optional().describe('From left to right.'),
      groupBy: z.enum(['none', 'assignee', 'repository', 'priority', 'label']).optional().describe('Lanes across the columns.'),
      labelFilter: z.array(z.string().min(1).max(200)).max(100).optional().describe('Only issues with one of these labels.'),
    }).optional().describe('The kanban board.'),
    defaultWorkflow: z.object({
      agentStack: refTo('AgentStack').optional().describe('The agent that starts work on an issue.'),
      taskKind: z.string().max(100).optional(),
      workspacePolicyRef: refTo('KradleWorkspacePolicy').optional(),
      requiresApproval: z.boolean().optional(),
    }).optional().describe('How work on an issue starts when nobody says otherwise.'),
    backendSyncRefs: z.array(refTo('ExternalBackendBinding')).max(100).optional().describe('External trackers that it is synchronised with.'),
    archived: z.boolean().default(false).describe('Kept, and hidden from lists.'),
  }),
  status: () => z.object({
    phase: z.enum(['Active', 'Archived']).optional(),
    openIssues: z.number().int().optional(),
    closedIssues: z.number().int().optional(),
  }),
  columns: [
    { name: 'Name shown', path: 'spec.displayName', type: 'string' },
    { name: 'Key', path: 'spec.key', type: 'string' },
    { name: 'Open', path: 'status.openIssues', type: 'integer' },
    { name: 'Archived', path: 'spec.archived', type: 'boolean', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repositories[]', kind: 'Repository' },
    { path: 'spec.defaultWorkflow.agentStack', kind: 'AgentStack' },
    { path: 'spec.defaultWorkflow.workspacePolicyRef', kind: 'KradleWorkspacePolicy' },
    { path: 'spec.backendSyncRefs[]', kind: 'ExternalBackendBinding' },
  ],
  search: ['spec.displayName', 'spec.description', 'spec.key'],
  form: { description: { widget: 'textarea' }, backendSyncRefs: { advanced: true }, defaultWorkflow: { advanced: true } },
});

/** Older documents have the columns beside the board, as objects or as titles alone. */
function upgradeColumns(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { columns, ...rest } = spec;
  if (!Array.isArray(columns)) return { ...spec };
  return { ...rest, board: { ...(isPlainObject(rest.board) ? rest.board : {}), columns: columns.map(columnOf) } };
}

function columnOf(column: unknown): unknown {
  if (typeof column !== 'string') return column;
  return { id: column.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''), title: column };
}
