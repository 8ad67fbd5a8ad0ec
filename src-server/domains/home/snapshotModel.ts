import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun, isTerminalRunPhase, type RunPhase } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentTriggerRule } from '#shared/kinds/agents/agentTriggerRule';
import { typedOutput } from '../../rpc/objectSchema';
import { snapshotRowSchema, type SnapshotRow } from './snapshotRow';

/** Rows in a page, at most and unless the client says less. */
export const MAX_SNAPSHOT_ROWS = 10_000;
/** Names in each list of `views`. */
const MAX_NAMES = 100;

export const snapshotPaging = {
  limit: z.coerce.number().int().min(1).max(MAX_SNAPSHOT_ROWS).optional().describe(`Rows in a page; at most, and by default, ${MAX_SNAPSHOT_ROWS}.`),
  continue: z.string().max(1024).optional().describe('Token of the previous page. Every page shows the present; no object is shown twice.'),
};

const orgSummary = z.object({ slug: z.string(), displayName: z.string(), namespace: z.string() });
const tally = z.object({ total: z.number().int(), phases: z.record(z.string(), z.number().int()).describe('Objects by phase; those without one are not in it.') });

export const snapshotModel = z.object({
  org: orgSummary,
  orgs: z.array(orgSummary).describe('The organizations that you may see.'),
  namespace: z.string(),
  status: z.literal('ok').describe('The store answered; when it does not, the request fails.'),
  kinds: z.array(tally.extend({ kind: z.string(), plural: z.string(), context: z.string() })).describe('Every kind of an organization\'s objects that you may list, counted whole whatever the page.'),
  agents: z.object({ stacks: tally, runs: tally, rules: tally, approvals: tally }),
  views: z.object({
    agents: z.object({
      activeRuns: z.array(z.string()),
      pendingApprovals: z.array(z.string()),
      stackReadiness: z.array(z.object({ name: z.string(), ready: z.string() })),
    }),
  }).describe(`Names of what people look for first; ${MAX_NAMES} of each at most.`),
  resources: typedOutput<readonly SnapshotRow[]>({ type: 'array', items: snapshotRowSchema }),
  metadata: z.object({
    resourceVersion: z.string().describe('The revision that this page shows: a watch from here misses nothing.'),
    continue: z.string().optional(),
    remainingItemCount: z.number().int().optional(),
  }),
});

export type SnapshotModel = z.output<typeof snapshotModel>;
type Tally = z.output<typeof tally>;

/** What the rows come to. `kinds`: those that the actor may list; `counts`: how many there are of those that have no rows. */
export function buildSnapshot(
  current: { rows: readonly (readonly [key: string, row: SnapshotRow, ...rest: unknown[]])[]; resourceVersion: string },
  opts: Pick<SnapshotModel, 'org' | 'orgs'> & { kinds: readonly AnyKind[]; counts?: ReadonlyMap<string, number>; limit?: number; continue?: string },
): SnapshotModel {
  const tallies = new Map<string, Tally>(opts.kinds.map((kind) => [kind.names.kind, { total: opts.counts?.get(kind.names.kind) ?? 0, phases: {} }]));
  const after = opts.continue === undefined ? undefined : readToken(opts.continue);
  const limit = opts.limit ?? MAX_SNAPSHOT_ROWS;
  const resources: SnapshotRow[] = [];
  const views: SnapshotModel['views'] = { agents: { activeRuns: [], pendingApprovals: [], stackReadiness: [] } };
  let [lastKey, remaining] = ['', 0];
  for (const [key, row] of current.rows) {
    const counted = tallies.get(row.kind);
    if (counted === undefined) continue;
    counted.total += 1;
    if (row.status.phase !== undefined) counted.phases[row.status.phase] = (counted.phases[row.status.phase] ?? 0) + 1;
    view(views, row);
    if (after !== undefined && key <= after) continue;
    if (resources.length < limit) {
      resources.push(row);
      lastKey = key;
    } else remaining += 1;
  }
  const of = (kind: AnyKind): Tally => tallies.get(kind.names.kind) ?? { total: 0, phases: {} };
  return {
    org: opts.org,
    orgs: opts.orgs,
    namespace: opts.org.namespace,
    status: 'ok',
    kinds: opts.kinds.map((kind) => ({ kind: kind.names.kind, plural: kind.names.plural, context: kind.context, ...of(kind) })),
    agents: { stacks: of(AgentStack), runs: of(AgentDispatchRun), rules: of(AgentTriggerRule), approvals: of(AgentApproval) },
    views,
    resources,
    metadata: { resourceVersion: current.resourceVersion, ...(remaining === 0 ? {} : { continue: writeToken(lastKey), remainingItemCount: remaining }) },
  };
}

function view({ agents }: SnapshotModel['views'], { kind, metadata: { name }, status }: SnapshotRow): void {
  if (kind === AgentDispatchRun.names.kind && agents.activeRuns.length < MAX_NAMES && !isTerminalRunPhase(status.phase as RunPhase | undefined)) agents.activeRuns.push(name);
  if (kind === AgentApproval.names.kind && agents.pendingApprovals.length < MAX_NAMES && (status.phase ?? 'Pending') === 'Pending') agents.pendingApprovals.push(name);
  if (kind === AgentStack.names.kind && agents.stackReadiness.length < MAX_NAMES) agents.stackReadiness.push({ name, ready: status.ready ?? 'Unknown' });
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (/^[a-z0-9]+\/[!-.0-~]+$/.test(key)) return key;
  const message = 'The continue token does not belong to a snapshot; start again without it';
  throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
}
