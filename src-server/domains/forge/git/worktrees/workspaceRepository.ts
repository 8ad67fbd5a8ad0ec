import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { isBareRepository, withTemporaryRepository } from '../upkeep/bareRepository';
import { borrowingEnvironment } from '../writing/borrowObjects';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { isObjectId } from '../objects/objectId';
import { outputStream } from '../process/outputStream';
import { refTargets, updateRef } from '../refs/refs';
import { storePack } from '../writing/storePack';

/**
 * The repository that the worktrees of one forge repository hang on. It borrows the forge's objects and has references of its own, so
 * that nothing an agent does in its worktree moves a branch of the forge, and nothing is copied.
 */
export interface WorkspaceRepository {
  readonly workspace: GitRepository;
  readonly forge: GitRepository;
}

/** Opens the workspace repository of a forge repository, and makes it when it is not there. */
export async function openWorkspaceRepository(workspace: GitRepository, forge: GitRepository): Promise<WorkspaceRepository> {
  const opened = { workspace, forge };
  if (await isBareRepository(workspace.path)) return opened;
  await mkdir(dirname(workspace.path), { recursive: true });
  await withTemporaryRepository(workspace.path, async (temporary) => {
    await workspace.git.run(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', temporary]);
    await writeFile(join(temporary, 'config'), WORKSPACE_CONFIG);
    await writeFile(join(temporary, 'config.worktree'), '[core]\n\tbare = true\n');
    await mkdir(join(temporary, 'objects', 'info'), { recursive: true });
    // Relative, so that a data folder can be moved as a whole.
    const borrowed = relative(join(workspace.path, 'objects'), join(forge.path, 'objects')).split(sep).join('/');
    await writeFile(join(temporary, 'objects', 'info', 'alternates'), `${borrowed}\n`);
  });
  return opened;
}

/**
 * Brings a commit of a workspace into the forge and points a reference at it by compare-and-swap: `expectedOid` is what the reference
 * has to have now, undefined for "must not exist". Throws Conflict when it does not. Repeating a transfer that succeeded is a Conflict,
 * too; compare the reference first to tell.
 */
export async function transferCommit({ workspace, forge }: WorkspaceRepository, transfer: { sha: string; ref: string; expectedOid: string | undefined; reason: string; signal?: AbortSignal }): Promise<void> {
  await fetchCommit(forge, workspace.path, transfer);
  await updateRef(forge, { ref: transfer.ref, newOid: transfer.sha, expectedOid: transfer.expectedOid, reason: transfer.reason });
}

/**
 * Brings a commit and what it reaches from another repository of this machine; no reference moves. Packed and checked by `into`'s own
 * git over the other's objects: a fetch would start a git in the other repository, whose configuration is the agent's.
 */
export async function fetchCommit(into: GitRepository, from: string, commit: { sha: string; signal?: AbortSignal }): Promise<void> {
  if (!isObjectId(commit.sha)) throw new GitError('git pack-objects', { failure: 'failed', stderr: 'this is not the id of a commit' });
  if ((await into.objects.info(commit.sha))?.type === 'commit') return;
  const known = [...new Set((await refTargets(into, [])).values())];
  const processOptions = { gitDir: into.path, timeoutMs: 10 * 60_000, signal: commit.signal };
  const packing = into.git.start(['pack-objects', '--quiet', '--revs', '--stdout', '--delta-base-offset'], { ...processOptions, env: borrowingEnvironment(from) });
  packing.stdin.end([commit.sha, ...known.map((oid) => `^${oid}`), ''].join('\n'));
  await storePack(packing, into, processOptions);
}

/** The whole difference of two commits as a patch that `git apply` takes, binary files included. */
export function streamPatch({ workspace }: WorkspaceRepository, range: { base: string; head: string; signal?: AbortSignal }): Readable {
  const args = ['diff', '--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/', '--end-of-options', range.base, range.head, '--'];
  return outputStream(workspace.git.start(args, { gitDir: workspace.path, signal: range.signal, timeoutMs: 10 * 60_000 }), 'git diff');
}

/**
 * Makes a workspace repository usable again after a crash: forgets worktrees whose folder is gone, finds those that were moved
 * (`paths`), and removes the locks that killed processes left. Only while no process works in any of them.
 */
export async function repairWorkspaces({ workspace }: WorkspaceRepository, paths: readonly string[]): Promise<void> {
  const { git, path } = workspace;
  if (paths.length > 0) await git.run(['worktree', 'repair', ...paths], { gitDir: path, okCodes: [0, 1] });
  const folders = await readdir(join(path, 'worktrees')).catch(() => []);
  for (const name of folders) {
    for (const lock of ['index.lock', 'HEAD.lock', 'config.worktree.lock', 'locked']) await rm(join(path, 'worktrees', name, lock), { force: true });
  }
  for (const lock of ['packed-refs.lock', 'config.lock', 'HEAD.lock']) await rm(join(path, lock), { force: true });
  await removeRefLocks(join(path, 'refs'));
  await git.run(['worktree', 'prune', '--expire=now'], { gitDir: path });
}

async function removeRefLocks(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.lock')) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

/** Each worktree has settings of its own (the agent's name), and none of them a secret. */
const WORKSPACE_CONFIG = `[core]
\trepositoryformatversion = 1
\tfilemode = true
\tlogAllRefUpdates = true
[extensions]
\tworktreeConfig = true
[gc]
\tauto = 0
[index]
\tversion = 4
[uploadpack]
\tallowAnySHA1InWant = true
`;
