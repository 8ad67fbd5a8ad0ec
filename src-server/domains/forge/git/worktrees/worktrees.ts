import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { StatusError } from '#shared/api/status';
import type { GitProcessOptions } from '../git';
import { GitError } from '../process/gitError';
import { isAncestor, readCommit } from '../history/commits';
import type { Person } from '../writing/merge';
import { branchRef, isBranchName } from '../refs/refName';
import { refTargets, setRefs, updateRef } from '../refs/refs';
import { stageAll } from './stageAll';
import { withoutFilters } from '../process/withoutFilters';
import type { WorkspaceRepository } from './workspaceRepository';
import { parseStatus, type WorktreeStatus } from './worktreeStatus';

/** A checkout of tens of thousands of files on a slow disk. */
const CHECKOUT_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes a worktree with the files of a commit, on no branch: for the pool. The last part of the path names it and must be unique among
 * the worktrees of the repository. Throws AlreadyExists when the folder is there.
 */
export async function prepareWorktree(repository: WorkspaceRepository, path: string, options: { sha: string; signal?: AbortSignal }): Promise<void> {
  const { workspace } = repository;
  if ((await stat(path).catch(() => undefined)) !== undefined) throw new StatusError('AlreadyExists', 'There is already a folder where this worktree should be');
  await pin(repository, path, options.sha);
  await workspace.git.run(['worktree', 'add', '--quiet', '--detach', path, options.sha], {
    gitDir: workspace.path,
    signal: options.signal,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
    config: [...PARALLEL_CHECKOUT, ...(await withoutFilters(workspace.git, workspace.path))],
  });
}

export interface ClaimOptions {
  /** Commit that the run starts from. */
  readonly sha: string;
  /** Short name of the run's branch, `kradle/runs/RUN`. */
  readonly branch: string;
  /** Who the agent's commits are by. */
  readonly identity: Person;
  /** Short name of the branch that `sha` is of; the agent finds it as `origin/NAME`. */
  readonly baseBranch?: string;
  /** Was it used before? Then ignored and untracked files are removed, too. Default false. */
  readonly clean?: boolean;
  /** Where the worktree stands at `sha` already, files that are not committed stay as they are. Default: only where it stands there on no branch. */
  readonly keepChanges?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Gives a ready worktree to a run: on the run's branch, at the commit, with the agent's name. A worktree that was prepared at this very
 * commit is taken as it is; in any other, only files that differ are touched. Throws Conflict when the branch is there and has commits
 * that `sha` lacks (`BRANCH_HAS_WORK`: claim at its head to go on with it), and when another worktree is on it (`BRANCH_IN_USE`).
 */
export async function claimWorktree(repository: WorkspaceRepository, path: string, options: ClaimOptions): Promise<void> {
  const { workspace } = repository;
  const ref = branchRef(options.branch);
  const known = await workspace.objects.resolve(ref);
  if (known !== undefined && !(await isAncestor(workspace, known, options.sha))) {
    throw new StatusError('Conflict', `The branch "${options.branch}" has commits that would be lost`, { code: 'BRANCH_HAS_WORK' });
  }
  const inside = await locate(repository, path);
  await requireFreeBranch(repository, path, ref);
  const { name, email } = options.identity;
  const standsAt = options.keepChanges === true ? await headOf(repository, path) : await readHead(inside.gitDir);
  const asPrepared = options.clean !== true && standsAt === options.sha;
  const refs = [...(options.baseBranch === undefined || !isBranchName(options.baseBranch) ? [] : [`refs/remotes/origin/${options.baseBranch}`]), ...(asPrepared ? [ref] : [])];
  await Promise.all([
    writeFile(join(inside.gitDir, 'config.worktree'), `[user]\n\tname = ${quoteConfig(name)}\n\temail = ${quoteConfig(email)}\n`),
    pin(repository, path, options.sha),
    setRefs(workspace, refs, { newOid: options.sha, reason: 'claim' }),
  ]);
  if (asPrepared) {
    await workspace.git.run(['symbolic-ref', '-m', 'claim', 'HEAD', ref], { gitDir: inside.gitDir });
    return;
  }
  const common = { ...inside, signal: options.signal, timeoutMs: CHECKOUT_TIMEOUT_MS };
  await workspace.git.run(['checkout', '--quiet', '--force', '--no-track', '-B', options.branch, options.sha, '--'], { ...common, config: [...PARALLEL_CHECKOUT, ...(await withoutFilters(workspace.git, inside.gitDir))] });
  if (options.clean === true) await workspace.git.run(['clean', '-ffdxq'], common);
}

/** Puts a ready worktree that no run has claimed at another commit, on no branch; only files that differ are touched, leftovers go. */
export async function moveWorktree(repository: WorkspaceRepository, path: string, options: { sha: string; signal?: AbortSignal }): Promise<void> {
  const inside = { ...(await locate(repository, path)), signal: options.signal, timeoutMs: CHECKOUT_TIMEOUT_MS };
  await pin(repository, path, options.sha);
  await repository.workspace.git.run(['checkout', '--quiet', '--force', '--detach', options.sha, '--'], { ...inside, config: [...PARALLEL_CHECKOUT, ...(await withoutFilters(repository.workspace.git, inside.gitDir))] });
  await repository.workspace.git.run(['clean', '-ffdxq'], inside);
}

/**
 * Commits everything in a worktree, new files included, ignored ones not. Answers the new commit, or undefined when nothing changed
 * since the last one. Throws Conflict (`WORKTREE_BUSY`) while another git works there.
 */
export async function commitAll(repository: WorkspaceRepository, path: string, options: { author: Person; message: string; signal?: AbortSignal }): Promise<string | undefined> {
  const { git } = repository.workspace;
  const inside = { ...(await locate(repository, path)), signal: options.signal, timeoutMs: CHECKOUT_TIMEOUT_MS };
  try {
    await stageAll(git, inside);
    const staged = await git.run(['diff-index', '--cached', '--quiet', 'HEAD', '--'], { ...inside, okCodes: [0, 1] });
    if (staged.code === 0) return undefined;
    const { name, email } = options.author;
    await git.run(['commit', '--quiet', '--no-verify', '--allow-empty-message', '--cleanup=whitespace', '--file=-'], {
      ...inside,
      input: options.message,
      config: await withoutFilters(git, inside.gitDir),
      env: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
    });
    return await headOf(repository, path);
  } catch (error) {
    if (error instanceof GitError && /\.lock': File exists/.test(error.stderr)) {
      throw new StatusError('Conflict', 'Another git command is working in this worktree', { code: 'WORKTREE_BUSY', cause: error });
    }
    throw error;
  }
}

/** Short name of the branch that a worktree is on; undefined when it is on none. */
export async function branchOf(repository: WorkspaceRepository, path: string): Promise<string | undefined> {
  const head = await readHead((await locate(repository, path)).gitDir);
  return head.startsWith('ref: refs/heads/') ? head.slice('ref: refs/heads/'.length) : undefined;
}

/** What a worktree has that is not committed, at most 1,000 entries, and where its HEAD is. */
export async function worktreeStatus(repository: WorkspaceRepository, path: string, options: { signal?: AbortSignal } = {}): Promise<WorktreeStatus> {
  const inside = await locate(repository, path);
  const { stdout } = await repository.workspace.git.run(['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=normal', '--ignore-submodules=dirty'], {
    ...inside,
    signal: options.signal,
    config: await withoutFilters(repository.workspace.git, inside.gitDir),
  });
  return parseStatus(stdout.toString('utf8'), 1000);
}

/** The commit that a worktree stands on. */
export async function headOf(repository: WorkspaceRepository, path: string): Promise<string> {
  const { gitDir } = await locate(repository, path);
  const { stdout } = await repository.workspace.git.run(['rev-parse', '--verify', 'HEAD^{commit}'], { gitDir });
  return stdout.toString().trim();
}

export type RemoveResult =
  | { readonly removed: true }
  /** Nothing was removed: this work is nowhere else. */
  | { readonly removed: false; readonly changedFiles: number; readonly commits: readonly { readonly sha: string; readonly subject: string }[] };

/**
 * Removes a worktree and its run's branch. Without `force` it removes nothing as long as there are changes that are not committed, or
 * commits that no reference of the forge reaches, and answers what they are (at most 50 commits).
 */
export async function removeWorktree(repository: WorkspaceRepository, path: string, options: { force?: boolean } = {}): Promise<RemoveResult> {
  const { workspace, forge } = repository;
  const exists = (await stat(path).catch(() => undefined)) !== undefined;
  const status = exists ? await worktreeStatus(repository, path) : undefined;
  if (status !== undefined && options.force !== true) {
    const commits = await unpublishedCommits(repository, status.head);
    if (status.entries.length > 0 || commits.length > 0) return { removed: false, changedFiles: status.entries.length, commits };
  }
  if (exists) await workspace.git.run(['worktree', 'remove', '--force', '--force', path], { gitDir: workspace.path, timeoutMs: CHECKOUT_TIMEOUT_MS });
  else await workspace.git.run(['worktree', 'prune', '--expire=now'], { gitDir: workspace.path });
  if (status?.branch !== undefined) await updateRef(workspace, { ref: branchRef(status.branch), newOid: undefined, expectedOid: 'any', reason: 'worktree removed' });
  if ((await forge.objects.resolve(pinOf(path))) !== undefined) await updateRef(forge, { ref: pinOf(path), newOid: undefined, expectedOid: 'any', reason: 'worktree removed' });
  return { removed: true };
}

/** Commits that a workspace commit reaches and no branch, tag or pull request of the forge does; newest first, at most 50. */
export async function unpublishedCommits({ workspace, forge }: WorkspaceRepository, sha: string): Promise<{ sha: string; subject: string }[]> {
  const published = new Set((await refTargets(forge, ['refs/heads/', 'refs/tags/', 'refs/pull/'])).values());
  const input = [sha, ...[...published].map((oid) => `^${oid}`), ''].join('\n');
  const { stdout } = await workspace.git.run(['rev-list', '--max-count=50', '--ignore-missing', '--stdin'], { gitDir: workspace.path, input });
  const shas = stdout.toString().split('\n').filter((line) => line !== '');
  return Promise.all(shas.map(async (commit) => ({ sha: commit, subject: (await readCommit(workspace, commit)).subject })));
}

const PARALLEL_CHECKOUT: readonly (readonly [string, string])[] = [['checkout.workers', '0']];

/**
 * Where git keeps a worktree's HEAD and index. Given explicitly, because the `.git` file in the worktree is the agent's to change, and
 * a worktree without it would make git look for a repository in the folders above.
 */
async function locate({ workspace }: WorkspaceRepository, path: string): Promise<Required<Pick<GitProcessOptions, 'gitDir' | 'workTree' | 'cwd'>>> {
  const gitDir = join(workspace.path, 'worktrees', basename(path));
  const registered = await readFile(join(gitDir, 'gitdir'), 'utf8').catch(() => undefined);
  if (registered === undefined || resolve(registered.trim()) !== join(resolve(path), '.git')) {
    throw new StatusError('NotFound', 'This worktree does not exist any more', { code: 'WORKTREE_NOT_FOUND' });
  }
  return { gitDir, workTree: path, cwd: path };
}

/** A commit, or `ref: ` and a branch. */
async function readHead(gitDir: string): Promise<string> {
  return (await readFile(join(gitDir, 'HEAD'), 'utf8')).trim();
}

/** Two worktrees on one branch would move it under each other. */
async function requireFreeBranch({ workspace }: WorkspaceRepository, path: string, ref: string): Promise<void> {
  const folder = join(workspace.path, 'worktrees');
  for (const name of await readdir(folder)) {
    if (name === basename(path)) continue;
    const head = await readFile(join(folder, name, 'HEAD'), 'utf8').catch(() => '');
    if (head.trim() === `ref: ${ref}`) throw new StatusError('Conflict', `Another worktree, "${name}", is on the branch of this run`, { code: 'BRANCH_IN_USE' });
  }
}

/**
 * Keeps the commit that a worktree starts from, whatever happens to the forge's branches. A run that goes on may start from a commit
 * that only the workspace has, and then the pin from before stays.
 */
async function pin({ forge }: WorkspaceRepository, path: string, sha: string): Promise<void> {
  if ((await forge.objects.info(sha)) === undefined || (await forge.objects.resolve(pinOf(path))) === sha) return;
  await updateRef(forge, { ref: pinOf(path), newOid: sha, expectedOid: 'any', reason: 'worktree' });
}

function pinOf(path: string): string {
  return `refs/kradle/worktrees/${basename(path)}`;
}

function quoteConfig(text: string): string {
  // eslint-disable-next-line no-control-regex -- a line break would begin another setting
  return `"${text.replace(/[\u0000-\u001f]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}
