import type { Readable } from 'node:stream';
import type { DiffView } from '#shared/api/git';
import type { DiffPart, RepositoryRef } from './forgePort';

export interface ChangedFile {
  readonly path: string;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
}

export interface Author {
  readonly name: string;
  readonly email: string;
}

/** What a runner does to the worktree that it works in. Needs nothing but folders and git. */
export interface WorktreeChanges {
  /**
   * Commits whatever is not committed and makes `branch` point at the worktree's HEAD, wherever the agent left that. Answers the
   * head; the base itself when nothing was ever committed.
   */
  commitAll(request: { readonly branch: string; readonly message: string; readonly author: Author }): Promise<{ readonly headSha: string }>;
  /** Files that differ between two commits, at most `maxFiles` of them named. Binary files count no lines. */
  changedFiles(request: { readonly baseSha: string; readonly headSha: string; readonly maxFiles: number }): Promise<{
    readonly files: ChangedFile[];
    readonly totalFiles: number;
    readonly additions: number;
    readonly deletions: number;
  }>;
  /** `git diff --binary base head`, streamed: what `git apply` takes. The stream fails when git does. */
  patch(request: { readonly baseSha: string; readonly headSha: string }): Readable;
  /** Ends what was kept for reading. */
  close(): void;
}

/** A worktree as it is. */
export interface WorktreeStatus {
  readonly headSha: string;
  readonly branch?: string | undefined;
  /** Files with changes that are not committed, untracked ones included. */
  readonly dirtyFiles: number;
  /** Commits that nothing in the forge's repository reaches; counted up to 50. */
  readonly unpushedCommits: number;
}

export interface WorktreeRef extends RepositoryRef {
  /** Absolute folder of the worktree. */
  readonly path: string;
}

/**
 * Git worktrees of the forge's repositories, on the server's machine. Each repository has a workspace repository that borrows its
 * objects; what agents do there reaches the forge only when it is accepted.
 */
export interface Worktrees {
  /** Folders that a runner needs to work with a worktree of the repository. */
  locations(repository: RepositoryRef): { readonly workspaceRepository: string; readonly forgeRepository: string };
  /** Makes a clean worktree of that commit, on no branch; moves one that is there. For worktrees that no run has claimed. */
  prepare(worktree: WorktreeRef, sha: string): Promise<void>;
  /**
   * Puts the worktree on `branch`, made at `sha`. Does nothing when it is on that branch already: the work there stays. Makes one that is
   * gone. `keepChanges`: what is not committed stays where the worktree stands at `sha` already.
   */
  claim(worktree: WorktreeRef, request: { readonly branch: string; readonly sha: string; readonly author: Author; readonly baseBranch?: string | undefined; readonly keepChanges?: boolean }): Promise<void>;
  /** Undefined when there is no such worktree any more. */
  status(worktree: WorktreeRef): Promise<WorktreeStatus | undefined>;
  /** Removes the folder and its branch. Without `force` not while it holds work that is nowhere else; then false. */
  remove(worktree: WorktreeRef, opts: { readonly force: boolean }): Promise<boolean>;
  /** Bytes of the folder, the shared objects not counted. */
  sizeBytes(path: string): Promise<number>;
  /** From the base to `headSha`, or to the files as they are now, untracked ones included. */
  diff(worktree: WorktreeRef, request: DiffPart & { readonly baseSha: string; readonly headSha?: string | undefined }): Promise<DiffView>;
}
