import type { z } from 'zod';
import type { provenanceView } from '#shared/api/pullViews';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../../app/clock';
import type { ResourceClient } from '../../../../resources/resourceClient';
import type { EventLog } from '../../../../store/eventLog';
import type { ForgeContext } from '../../forgeContext';
import { listCommits } from '../../git/history/commits';
import type { GitRepository } from '../../git/gitRepositories';
import type { Rewritten } from '../../git/writing/merge';
import type { RepositoryObject } from '../../repositories/openRepository';

export type Provenance = z.output<typeof provenanceView>['items'][number];

/** What is kept of a commit: who made it, and how it came in. It is written once; the first word stands. */
interface ProvenanceRecord {
  readonly runs: readonly string[];
  readonly pullRequest?: string;
}

/** Commits of one run, or of one squash, that are recorded. */
const MAX_COMMITS = 500;
const MAX_RUNS = 50;

/** The commits between two as made by a run. Those that are recorded already keep what is said of them. */
export async function noteRunCommits(ctx: ForgeContext, repository: RepositoryObject, made: { git: GitRepository; run: string; base: string | undefined; head: string }): Promise<void> {
  const { git, run, base, head } = made;
  const { items } = await listCommits(git, { head, ...(base === undefined ? {} : { exclude: base }), limit: MAX_COMMITS });
  await append(ctx, repository, items.filter(({ parents }) => parents.length < 2).map(({ sha }) => ({ sha, record: { runs: [run] } })));
}

/** What a squash or rebase made of commits is of the runs that those were of. */
export async function noteRewritten(ctx: ForgeContext, repository: RepositoryObject, opts: { rewritten: readonly Rewritten[]; pullRequest: string }): Promise<void> {
  const entries: { sha: string; record: ProvenanceRecord }[] = [];
  for (const { sha, from } of opts.rewritten.slice(0, MAX_COMMITS)) {
    const runs = new Set<string>();
    for (const origin of from.slice(0, MAX_COMMITS)) for (const run of (await find(ctx.eventLog, repository, origin))?.runs ?? []) runs.add(run);
    if (runs.size > 0) entries.push({ sha, record: { runs: [...runs].slice(0, MAX_RUNS), pullRequest: opts.pullRequest } });
  }
  await append(ctx, repository, entries);
}

/** The runs behind commits, as far as whoever asks may read them: to others a run is not there, and neither is what it made. */
export async function readProvenance(ctx: ForgeContext, resources: ResourceClient, asked: { org: string; repository: string; sha: readonly string[] }): Promise<Provenance[]> {
  const { org } = asked;
  const repository = await resources.get(Repository, { org, name: asked.repository });
  const runs = new Map<string, Omit<Provenance, 'sha' | 'pullRequest'> | undefined>();
  const items: Provenance[] = [];
  for (const sha of new Set(asked.sha)) {
    const record = await find(ctx.eventLog, repository, sha);
    for (const name of record?.runs ?? []) {
      if (!runs.has(name)) runs.set(name, await readRun(resources, { org, name }));
      const run = runs.get(name);
      if (run !== undefined) items.push({ sha, ...run, ...(record?.pullRequest === undefined ? {} : { pullRequest: record.pullRequest }) });
    }
  }
  return items;
}

/** Forgets what is known of the commits of a repository that is gone. */
export async function dropProvenance(eventLog: EventLog, repositoryUid: string): Promise<void> {
  await eventLog.drop(streamOf(repositoryUid));
}

async function readRun(resources: ResourceClient, ref: { org: string; name: string }): Promise<Omit<Provenance, 'sha' | 'pullRequest'> | undefined> {
  const run = await resources.find(AgentDispatchRun, ref);
  if (run === undefined) return undefined;
  const { sessionRef } = run.status ?? {};
  const { title, prompt, agentStack } = run.spec;
  const text = title ?? prompt?.trim().split('\n', 1)[0]?.slice(0, 200);
  return { run: ref.name, ...(sessionRef === undefined ? {} : { session: sessionRef }), ...(text === undefined ? {} : { title: text }), agentStack };
}

async function append(ctx: ForgeContext, repository: RepositoryObject, entries: readonly { sha: string; record: ProvenanceRecord }[]): Promise<void> {
  if (entries.length === 0) return;
  const at = timestampOf(ctx.clock);
  await ctx.eventLog.append(streamOf(repository.metadata.uid), entries.map(({ sha, record }) => ({ id: sha, at, type: 'commit', data: record })));
}

async function find(eventLog: EventLog, repository: RepositoryObject, sha: string): Promise<ProvenanceRecord | undefined> {
  const event = await eventLog.find(streamOf(repository.metadata.uid), sha);
  return event?.data as ProvenanceRecord | undefined;
}

/** By uid: a repository keeps it when it is renamed, and one that gets the name of a deleted one has a past of its own. */
function streamOf(repositoryUid: string): string {
  return `provenance/${repositoryUid}`;
}
