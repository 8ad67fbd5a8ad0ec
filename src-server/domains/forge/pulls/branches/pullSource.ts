import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { findObject } from '../../../../runtime/findObject';
import type { ActorReference } from '../../../../resources/actorReference';
import { type ForgeContext, moverKey, repositoryPath } from '../../forgeContext';
import type { GitRepository } from '../../git/gitRepositories';
import { findPointers } from '../../git/objects/lfsPointers';
import { fetchCommit } from '../../git/worktrees/workspaceRepository';
import { findRepository } from '../../lifecycle/redirects';
import type { OpenRepository, RepositoryObject } from '../../repositories/openRepository';
import type { PullRequestObject } from '../pullObjects';
import { pullHeadRef } from '../pullRefs';

/** Where the source branch of a pull request is, read at one moment. */
export interface PullSource {
  /** `own`: in the repository itself. `fork`: in another one. `closed`: in a fork that is on its way. `gone`: the fork is not there any more. */
  readonly state: 'own' | 'fork' | 'closed' | 'gone';
  /** The repository that has the branch; undefined where nothing can be read of it or written to it. */
  readonly repository: OpenRepository | undefined;
  /** Tip of the branch, or what is kept of it while its fork is closed or gone; undefined where the branch is gone. */
  readonly tip: string | undefined;
}

export type PullSourceDeps = Pick<ForgeContext, 'resources' | 'git' | 'repositoriesRoot'>;

/** Reads where the source branch is. Nothing is brought over: see {@link bringSource}. `resources` acts for the system. */
export async function readSource(deps: PullSourceDeps, pullRequest: PullRequestObject, target: { readonly object: RepositoryObject; readonly git: GitRepository }): Promise<PullSource> {
  const { organizationRef: org, repository: name, sourceBranch, number } = pullRequest.spec;
  const ref = `refs/heads/${sourceBranch}`;
  if (pullRequest.spec.sourceRepository === undefined) return { state: 'own', repository: { org, name, ...target }, tip: await target.git.objects.resolve(ref) };
  const fork = await findFork(deps, pullRequest);
  if (fork === undefined || fork.object.status?.phase !== 'Ready') {
    return { state: fork === undefined ? 'gone' : 'closed', repository: undefined, tip: number === undefined ? undefined : await target.git.objects.resolve(pullHeadRef(number)) };
  }
  return { state: 'fork', repository: fork, tip: await fork.git.objects.resolve(ref) };
}

/**
 * The fork that a pull request was opened from, by its name or one that it has got since. Another repository that has the name is not it, nor is
 * one that left the organization: what is in those was never meant for the readers of the pull request.
 */
async function findFork({ resources, git, repositoriesRoot }: PullSourceDeps, { spec, status }: PullRequestObject): Promise<OpenRepository | undefined> {
  const { organizationRef: org, sourceRepository } = spec;
  const found = sourceRepository === undefined ? undefined : await findRepository({ resources }, resources, { org, name: sourceRepository });
  if (found === undefined || found.ref.org !== org) return undefined;
  const { uid, deletionTimestamp } = found.object.metadata;
  if (uid !== (status?.sourceRepository?.uid ?? uid) || deletionTimestamp !== undefined) return undefined;
  return { org, name: found.ref.name, object: found.object, git: git.open(repositoryPath(repositoriesRoot, org, found.ref.name)) };
}

/**
 * Brings what a fork's branch has into the repository that it is to come to: commits, and the large files that they name and the fork has. No
 * reference moves, so that a stop in between leaves nothing but objects that nobody reaches, and the next look does the same again.
 *
 * Answers what there is to work with: of a fork that was closed meanwhile, what is kept of it.
 */
export async function bringSource(ctx: ForgeContext, source: PullSource, target: { readonly org: string; readonly name: string; readonly git: GitRepository; readonly kept: string | undefined }): Promise<PullSource> {
  const { repository, tip, state } = source;
  if (state !== 'fork' || repository === undefined || tip === undefined || tip === target.kept) return source;
  // A move of either waits for this, and one that began before shows in the phase.
  const leave = [repository.git.path, target.git.path].map((path) => ctx.writing.enter(path));
  try {
    const present = await findObject(ctx.resources, Repository, { org: repository.org, name: repository.name });
    if (present?.metadata.uid !== repository.object.metadata.uid || present.status?.phase !== 'Ready') return { state: 'closed', repository: undefined, tip: target.kept };
    await fetchCommit(target.git, repository.git.path, { sha: tip });
    if (await hasFiles(ctx, repository.git)) await shareFiles(ctx, { from: repository.git, to: target.git, tip });
  } finally {
    for (const each of leave) each();
  }
  ctx.serving.maintenance.noteMoved(target.org, target.name);
  return source;
}

async function hasFiles(ctx: ForgeContext, { path }: GitRepository): Promise<boolean> {
  for await (const _ of ctx.files.list({ repository: path, use: 'lfs' })) return true;
  return false;
}

async function shareFiles(ctx: ForgeContext, { from, to, tip }: { from: GitRepository; to: GitRepository; tip: string }): Promise<void> {
  for (const { oid } of await findPointers(to, { newIn: [tip] })) await ctx.files.share({ repository: from.path, use: 'lfs' }, { repository: to.path, use: 'lfs' }, `sha256:${oid}`);
}

/** The repository that has the source branch. Throws Conflict where it is gone (SOURCE_REPOSITORY_MISSING) or on its way (REPOSITORY_NOT_READY). */
export function requireSourceRepository({ spec }: PullRequestObject, { repository, state }: PullSource): OpenRepository {
  if (repository !== undefined) return repository;
  if (state === 'closed') throw new StatusError('Conflict', `The fork ${spec.sourceRepository ?? ''} is being changed as a whole; try again in a moment`, { code: 'REPOSITORY_NOT_READY', retryAfterSeconds: 2 });
  throw new StatusError('Conflict', `The fork ${spec.sourceRepository ?? ''} is not there any more, so its branch cannot be changed. What it had last is kept and can be merged`, { code: 'SOURCE_REPOSITORY_MISSING' });
}

/** Who brought a commit to the source branch, or deleted it: `moved` is the commit or the full name of the branch. As far as this process saw it. */
export function sourceMover(ctx: ForgeContext, { repository }: PullSource, moved: string): ActorReference | undefined {
  return repository === undefined ? undefined : ctx.movers.get(moverKey(repository.git.path, moved));
}
