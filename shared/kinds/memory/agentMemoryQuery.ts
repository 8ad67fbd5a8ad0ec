import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, digest, organizationRef, refTo, timestamp } from '../../kind/fields';

/** How memory is searched. Source: seeds, 000 `MemoryQueryInput` and 001, "Memory API contracts". */
export const memoryQueryMode = z.enum(['auto', 'graph', 'grep', 'semantic', 'graph-and-grep']);

export const AgentMemoryQuery = defineKind({
  names: { kind: 'AgentMemoryQuery', plural: 'agentmemoryqueries', singular: 'agentmemoryquery', title: 'Memory queries' },
  context: 'memory',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Graph and grep retrieval record with query parameters, result digests, and ranking metadata',
  upgrade: upgradeQuery,
  spec: () => z.object({
    organizationRef,
    snapshotRef: refTo('AgentMemorySnapshot'),
    requester: actorReference.describe('Who asked.'),
    dispatchRun: refTo('AgentDispatchRun').optional().describe('The run that asked.'),
    query: z.object({
      text: z.string().max(10_000).describe('What is looked for.'),
      mode: memoryQueryMode.default('auto'),
      kinds: z.array(z.string().min(1).max(200)).max(500).optional().describe('Only nodes of these kinds.'),
      paths: z.array(z.string().min(1).max(1024)).max(500).optional().describe('Only these files, as glob patterns.'),
      depth: z.number().int().min(0).max(20).optional().describe('How many edges are followed from what is found.'),
      topK: z.number().int().min(1).max(100).optional().describe('Results at most; default 10.'),
      contextLines: z.number().int().min(0).max(100).optional().describe('Lines shown around a match.'),
    }).describe('What was asked.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Completed', 'Failed']).optional(),
    message: z.string().optional(),
    results: z.array(z.object({
      id: z.string(),
      path: z.string().optional(),
      kind: z.string().optional(),
      score: z.number().optional(),
      matchedBy: z.enum(['graph', 'grep', 'semantic']).optional(),
      digest: digest.optional(),
    })).optional().describe('What was found, best first; the content stays in the repository.'),
    total: z.number().int().optional(),
    truncated: z.boolean().optional(),
    resultDigest: digest.optional(),
    redactions: z.number().int().optional(),
    completedAt: timestamp.optional(),
    durationMs: z.number().int().optional(),
  }),
  columns: [
    { name: 'Query', path: 'spec.query.text', type: 'string' },
    { name: 'Mode', path: 'spec.query.mode', type: 'string' },
    { name: 'Asked by', path: 'spec.requester.name', type: 'string' },
    { name: 'Found', path: 'status.total', type: 'integer' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.snapshotRef', kind: 'AgentMemorySnapshot', owner: true },
    { path: 'spec.dispatchRun', kind: 'AgentDispatchRun' },
  ],
  immutable: ['spec.snapshotRef', 'spec.requester', 'spec.query'],
  search: ['spec.query.text'],
  authored: false,
});

/** Older documents have the text as the query, its parameters beside it, and a requester by name alone. */
function upgradeQuery(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { mode, strategy = mode, kinds, topK, depth, ...rest } = spec;
  const upgraded = typeof spec.requester === 'string' ? { requester: { kind: 'user', name: spec.requester } } : {};
  if (typeof spec.query !== 'string') return { ...spec, ...upgraded };
  const parameters = { mode: typeof strategy === 'string' ? strategy.replace(/-only$/, '') : strategy, kinds, topK, depth };
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
  return { ...rest, ...upgraded, query: { text: spec.query, ...given } };
}
