import { z } from 'zod';
import { orgParam } from '#shared/api/paging';
import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import { objectName } from '#shared/kind/objectMeta';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../resources/resourceClient';
import { procedure, router } from '../../rpc/trpc';
import { DEFAULT_ORG, readSnapshot, type SnapshotDeps } from './readSnapshot';
import { snapshotModel, snapshotPaging } from './snapshotModel';

/** One line of "what just happened". */
export interface RecentEntry {
  readonly at: string;
  readonly kind: string;
  readonly name: string;
  readonly verb: string;
  readonly actor?: string;
  readonly summary: string;
}

const newestFirst = '-metadata.creationTimestamp';
const RECENT_LIMIT = 30;

/** The first page: what needs me now, what runs, what just happened; and all of an organization at a glance. */
export function createHomeRouter(snapshots: SnapshotDeps) {
  return router({
    /** Seeds, 003, routes 2 and 13: the same model by two addresses. */
    controller: procedure
      .meta({ openapi: { method: 'GET', path: '/api/controller', tags: ['Controller'], summary: 'An organization at a glance: counts by kind and phase, and a row for every object' } })
      .input(z.object({ org: objectName.optional().describe(`Organization slug. Default: ${DEFAULT_ORG}, else the first that you may see.`), ...snapshotPaging }).default({}))
      .output(snapshotModel)
      .query(({ input, ctx }) => readSnapshot(snapshots, ctx.resources, input)),
    snapshot: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/snapshot', tags: ['Controller'], summary: 'The same as /api/controller?org=' } })
      .input(orgParam.extend(snapshotPaging))
      .output(snapshotModel)
      .query(({ input, ctx }) => readSnapshot(snapshots, ctx.resources, input)),

    summary: procedure.input(orgParam).query(async ({ input: { org }, ctx: { resources } }) => {
      const [needsMe, openPulls, mergedPulls, activeRuns, recentRuns, repositories, agents] = await Promise.all([
        top(resources, AgentApproval, { org, fieldSelector: OPEN_APPROVALS, limit: 50 }),
        top(resources, PullRequest, { org, fieldSelector: 'status.phase=Open', limit: 20 }),
        top(resources, PullRequest, { org, fieldSelector: 'status.phase=Merged', limit: 20 }),
        top(resources, AgentDispatchRun, { org, fieldSelector: 'status.phase!=Completed,status.phase!=Failed,status.phase!=Cancelled', limit: 20 }),
        top(resources, AgentDispatchRun, { org, limit: 20 }),
        resources.list(Repository, { org, sort: '-status.pushedAt', limit: 12 }),
        resources.list(AgentStack, { org, limit: 1 }),
      ]);
      const total = (page: { items: unknown[]; metadata: { remainingItemCount?: number } }) => page.items.length + (page.metadata.remainingItemCount ?? 0);
      return {
        needsMe,
        openPulls,
        activeRuns,
        recentRuns,
        repositories: { total: total(repositories), items: repositories.items },
        agents: { total: total(agents) },
        recent: recentEntries({ pulls: [...openPulls, ...mergedPulls], runs: recentRuns, repositories: repositories.items }),
        empty: repositories.items.length === 0 && recentRuns.length === 0,
      };
    }),
  });
}

async function top<TKind extends AnyKind>(resources: ResourceClient, kind: TKind, scope: { org: string; fieldSelector?: string; limit: number }): Promise<ObjectOf<TKind>[]> {
  return (await resources.list(kind, { ...scope, sort: newestFirst })).items;
}

/** Objects say when they were made, merged and finished; the newest of these moments are the feed. */
function recentEntries(of: {
  pulls: readonly ObjectOf<typeof PullRequest>[];
  runs: readonly ObjectOf<typeof AgentDispatchRun>[];
  repositories: readonly ObjectOf<typeof Repository>[];
}): RecentEntry[] {
  const entries: RecentEntry[] = [];
  for (const { metadata, spec, status } of of.pulls) {
    const about = { kind: 'PullRequest', name: metadata.name, summary: spec.title };
    entries.push({ ...about, at: metadata.creationTimestamp, verb: 'opened', actor: spec.author?.name });
    if (status?.merge !== undefined) entries.push({ ...about, at: status.merge.mergedAt, verb: 'merged', actor: status.merge.mergedBy.name });
    if (status?.phase === 'Closed' && status.closedAt !== undefined) entries.push({ ...about, at: status.closedAt, verb: 'closed', actor: status.closedBy?.name });
  }
  for (const { metadata, spec, status } of of.runs) {
    const about = { kind: 'AgentDispatchRun', name: metadata.name, summary: spec.title ?? spec.taskKind };
    entries.push({ ...about, at: metadata.creationTimestamp, verb: 'dispatched', actor: spec.requestedBy?.name });
    const endedAt = status?.completedAt ?? status?.failedAt;
    if (endedAt !== undefined) entries.push({ ...about, at: endedAt, verb: status?.phase === 'Completed' ? 'completed' : status?.phase === 'Cancelled' ? 'cancelled' : 'failed', actor: spec.agentStack });
  }
  for (const { metadata } of of.repositories) entries.push({ at: metadata.creationTimestamp, kind: 'Repository', name: metadata.name, verb: 'created', summary: metadata.name });
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, RECENT_LIMIT);
}
