import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';

/** What of a memory repository: files by glob pattern, records by their kind in the graph. */
const selection = z.object({
  paths: z.array(z.string().min(1).max(1024)).max(500).optional().describe('Files, as glob patterns.'),
  graphKinds: z.array(z.string().min(1).max(200)).max(500).optional().describe('Kinds of nodes: Runbook, Decision, Incident …'),
});

export const AgentMemorySource = defineKind({
  names: { kind: 'AgentMemorySource', plural: 'agentmemorysources', singular: 'agentmemorysource', title: 'Memory sources' },
  context: 'memory',
  storage: 'config',
  placement: 'org',
  purpose: 'Read policy for memory paths and kinds per repository, team, stack, or trigger',
  upgrade: upgradePaths,
  spec: () => z.object({
    organizationRef,
    description: z.string().max(2000).optional().describe('What the source is for.'),
    repositoryRef: refTo('AgentMemoryRepository').describe('The AgentMemoryRepository that is read.'),
    appliesTo: z.object({
      repositories: z.array(refTo('Repository')).max(500).optional(),
      teams: z.array(refTo('Team')).max(500).optional(),
      stacks: z.array(refTo('AgentStack')).max(500).optional(),
      triggers: z.array(refTo('AgentTriggerRule')).max(500).optional(),
    }).describe('Whose runs may read it; empty means every run of the organization.'),
    include: selection.describe('What may be read.'),
    exclude: selection.optional().describe('What may not, although it is included.'),
    maxDepth: z.number().int().min(0).max(20).default(5).describe('How many edges a query follows from what it found.'),
    maxBytes: z.number().int().min(1).max(10_000_000).optional().describe('Bytes of memory that one run is given.'),
    maxSensitivity: z.enum(['public', 'internal', 'confidential', 'restricted']).optional().describe('Records that are more sensitive than this are left out.'),
    priority: z.number().int().min(0).max(1000).optional().describe('Sources with a higher number come first.'),
  }),
  status: () => z.object({ phase: z.enum(['Active', 'Invalid']).optional(), message: z.string().optional() }),
  columns: [
    { name: 'Memory', path: 'spec.repositoryRef', type: 'ref' },
    { name: 'Repositories', path: 'spec.appliesTo.repositories', type: 'string' },
    { name: 'Paths', path: 'spec.include.paths', type: 'string', priority: 1 },
    { name: 'Kinds', path: 'spec.include.graphKinds', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.repositoryRef', kind: 'AgentMemoryRepository' },
    { path: 'spec.appliesTo.repositories[]', kind: 'Repository' },
    { path: 'spec.appliesTo.teams[]', kind: 'Team' },
    { path: 'spec.appliesTo.stacks[]', kind: 'AgentStack' },
    { path: 'spec.appliesTo.triggers[]', kind: 'AgentTriggerRule' },
  ],
  search: ['spec.description', 'spec.repositoryRef'],
});

/** Older documents have `paths` and `excludedPaths` in the spec itself. */
function upgradePaths(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { paths, excludedPaths, ...rest } = spec;
  return {
    ...rest,
    ...(paths === undefined ? {} : { include: { ...(isPlainObject(rest.include) ? rest.include : {}), paths } }),
    ...(excludedPaths === undefined ? {} : { exclude: { ...(isPlainObject(rest.exclude) ? rest.exclude : {}), paths: excludedPaths } }),
  };
}
