import { setCondition } from '#shared/kind/conditions';
import type { StatusOf } from '#shared/kind/defineKind';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { repositorySizeBytes, setDefaultBranch } from '../git/upkeep/bareRepository';
import type { GitRepository } from '../git/gitRepositories';
import { readHeadRef, refTargets } from '../git/refs/refs';
import type { RepositoryObject } from './openRepository';

/** What the bytes of a repository say about it. */
interface RepositoryFacts {
  readonly branches: ReadonlyMap<string, string>;
  readonly tagCount: number;
  readonly sizeBytes: number;
}

type RepositoryPhase = NonNullable<StatusOf<typeof Repository>['phase']>;

/**
 * Writes a phase with the message that explains it and the condition `Ready`, by which `kubectl wait --for=condition=Ready` waits.
 * `now` is RFC 3339.
 */
export function setRepositoryPhase(status: StatusOf<typeof Repository>, opts: { phase: RepositoryPhase; now: string; message?: string }): void {
  const { phase, now, message } = opts;
  status.phase = phase;
  if (message === undefined) delete status.message;
  else status.message = message;
  status.conditions = setCondition(status.conditions, { type: 'Ready', status: phase === 'Ready' ? 'True' : 'False', reason: phase, ...(message === undefined ? {} : { message }) }, now);
}

/**
 * Reads the bytes of a Ready repository and writes what follows into its status. The HEAD of the bytes follows `spec.defaultBranch`;
 * when that branch is missing but others are there, the first push made them and one of them becomes the default.
 */
export async function refreshRepository(ctx: ForgeContext, ref: ObjectRef, opts: { pushed?: boolean } = {}): Promise<RepositoryObject | undefined> {
  // One after the other: what was read before a push must not be written after what was read behind it.
  return ctx.locks.run(`refresh/${ref.org}/${ref.name}`, () => readAndWrite(ctx, ref, opts));
}

async function readAndWrite(ctx: ForgeContext, ref: ObjectRef, opts: { pushed?: boolean }): Promise<RepositoryObject | undefined> {
  const object = await ctx.resources.find(Repository, ref);
  if (object?.status?.phase !== 'Ready') return object;
  const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name));
  // The files of a repository are many: after a push they are counted once it has come to rest (`noteSize`).
  const facts = await readFacts(git, opts.pushed === true ? object.status.sizeBytes : undefined);
  const defaultBranch = await settleDefaultBranch(ctx, git, { object, branches: facts.branches });
  const now = timestampOf(ctx.clock);
  return ctx.resources.mutateStatus(Repository, ref, (status) => {
    if (status.phase === 'Ready') setRepositoryPhase(status, { phase: 'Ready', now });
    const head = facts.branches.get(defaultBranch);
    status.empty = facts.branches.size === 0;
    status.cloneUrls = ctx.cloneUrls(ref.org, ref.name);
    if (head === undefined) delete status.defaultBranchHead;
    else status.defaultBranchHead = head;
    status.branchCount = facts.branches.size;
    status.tagCount = facts.tagCount;
    status.sizeBytes = facts.sizeBytes;
    status.observedGeneration = object.metadata.generation;
    if (opts.pushed === true) status.pushedAt = now;
  });
}

async function readFacts(git: GitRepository, knownSizeBytes: number | undefined): Promise<RepositoryFacts> {
  const [heads, tags, sizeBytes] = await Promise.all([refTargets(git, ['refs/heads/']), refTargets(git, ['refs/tags/']), knownSizeBytes ?? repositorySizeBytes(git.path)]);
  return { branches: new Map([...heads].map(([ref, sha]) => [ref.slice('refs/heads/'.length), sha])), tagCount: tags.size, sizeBytes };
}

/** Makes HEAD and `spec.defaultBranch` the same, and answers it. */
async function settleDefaultBranch(ctx: ForgeContext, git: GitRepository, opts: { object: RepositoryObject; branches: ReadonlyMap<string, string> }): Promise<string> {
  const { object, branches } = opts;
  const wanted = object.spec.defaultBranch;
  if (branches.size === 0) return wanted;
  if (branches.has(wanted)) {
    if ((await readHeadRef(git)) !== `refs/heads/${wanted}`) await setDefaultBranch(git, wanted);
    return wanted;
  }
  // Only a repository that had no branch before adopts one: a default branch that somebody deleted stays the default.
  if (object.status?.empty === false) return wanted;
  const adopted = ['main', 'master'].find((name) => branches.has(name)) ?? [...branches.keys()].sort()[0] ?? wanted;
  await setDefaultBranch(git, adopted);
  await ctx.resources.mutate(Repository, { org: object.spec.organizationRef, name: object.metadata.name }, (draft) => {
    draft.spec.defaultBranch = adopted;
  });
  return adopted;
}
