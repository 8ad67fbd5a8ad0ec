import type { z } from 'zod';
import type { commitFilesInput, FileChange } from '#shared/api/code';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import { commitIdentityOf } from './commitIdentity';
import { formatSignature } from '../git/objects/commitObject';
import { readCommit } from '../git/history/commits';
import { editTree, type TreeChange } from '../git/writing/editTree';
import { GitError } from '../git/process/gitError';
import { messageBytes } from '../git/writing/merge';
import { EMPTY_TREE } from '../git/objects/objectId';
import { branchRef } from '../git/refs/refName';
import { findEntry, pathParts } from '../git/objects/tree';
import { newCommit, newObject, type NewObject, writeObjects } from '../git/writing/writeObjects';
import { noteRefs, requireRefsVerb } from '../push/refAccess';
import { type BranchDeps, moveBranch } from './branches';
import type { OpenRepository } from './openRepository';

type Input = z.output<typeof commitFilesInput>;

/**
 * Commits changed files to a branch, or to a new one that begins at it, through the same decision as a push. No worktree: only the folders on
 * the way to a change are read. Throws Conflict (FILE_CHANGED) when somebody changed one of the files since `expectedHeadSha`, Forbidden
 * (POLICY_DENIED) with the rule, NotFound for a missing branch, and Invalid for paths that no commit can have.
 */
export async function commitFiles(deps: BranchDeps, repository: OpenRepository, opts: { actor: Actor; input: Input }): Promise<{ branch: string; sha: string }> {
  const { ctx } = deps;
  const { actor, input } = opts;
  const { git } = repository;
  const rule = await requireRefsVerb(ctx, repository, { verb: 'push', actor });
  const target = input.newBranch ?? input.branch;
  const ref = branchRef(target, input.newBranch === undefined ? 'branch' : 'newBranch');
  const head = await git.objects.resolve(branchRef(input.branch));
  // The first commit of an empty repository makes its default branch.
  const begins = head === undefined && repository.object.status?.empty === true && target === repository.object.spec.defaultBranch;
  if (head === undefined && !begins) throw new StatusError('NotFound', `Repository "${repository.name}" has no branch "${input.branch}"`, { code: 'REVISION_NOT_FOUND' });
  if (input.newBranch !== undefined && (await git.objects.resolve(ref)) !== undefined) throw new StatusError('AlreadyExists', `There is already a branch "${target}"`, { code: 'BRANCH_EXISTS' });
  if (head !== undefined) await requireUnchanged(repository, input, head);
  const parent = head === undefined ? undefined : await readCommit(git, head);
  const { tree, objects } = await applyChanges(repository, { head, tree: parent?.tree ?? EMPTY_TREE, changes: input.changes });
  if (tree === parent?.tree) throw new StatusError('Invalid', 'Nothing changes: the files are what they were', { code: 'NOTHING_CHANGED', causes: [{ code: 'FieldValueInvalid', field: 'changes', message: 'change something' }] });
  const signature = formatSignature(await commitIdentityOf(ctx.resources, repository.org, actor), new Date(ctx.clock.now()));
  const commit = newCommit(git, { tree, parents: head === undefined ? [] : [head], author: signature, committer: signature, encoding: undefined, message: messageBytes(input.message) });
  await writeObjects(git, [...objects, commit]).catch((error: unknown) => {
    if (!(error instanceof GitError) || error.failure !== 'failed') throw error;
    throw new StatusError('Invalid', `Git does not take this commit: ${/(?:fatal|error): (.*)/.exec(error.stderr)?.[1] ?? 'a path in it is not allowed'}`, { code: 'COMMIT_NOT_ACCEPTED', cause: error });
  });
  const expectedSha = input.newBranch === undefined ? head : undefined;
  await moveBranch(deps, repository, { actor, branch: target, sha: commit.oid, expectedSha, reason: 'commit: made in the browser' });
  await noteRefs(repository, { verb: 'push', actor, rule, moved: [{ ref, oldOid: expectedSha, newOid: commit.oid }] });
  return { branch: target, sha: commit.oid };
}

/** Somebody may push while another writes; only who changed the same file is in the way. */
async function requireUnchanged(repository: OpenRepository, input: Input, head: string): Promise<void> {
  const { expectedHeadSha, changes } = input;
  if (expectedHeadSha === undefined || expectedHeadSha === head) return;
  const paths = changes.flatMap((change) => ('deleted' in change || change.from === undefined ? [change.path] : [change.path, change.from]));
  const changed: string[] = [];
  for (const path of paths) {
    const [before, now] = await Promise.all([findEntry(repository.git, expectedHeadSha, path), findEntry(repository.git, head, path)]);
    if (before?.sha !== now?.sha || before?.mode !== now?.mode) changed.push(path);
  }
  if (changed.length === 0) return;
  throw new StatusError('Conflict', `${changed.join(', ')} was changed on ${input.branch} by somebody else in the meantime; look at it again, or commit to a new branch`, {
    code: 'FILE_CHANGED', causes: changed.map((path) => ({ code: 'FieldValueInvalid', field: path, message: 'changed since you began' })),
  });
}

async function applyChanges(repository: OpenRepository, before: { head: string | undefined; tree: string; changes: readonly FileChange[] }): Promise<{ tree: string; objects: NewObject[] }> {
  const { head, changes } = before;
  const entryAt = async (path: string) => (head === undefined ? undefined : findEntry(repository.git, head, path));
  const edits = new Map<string, TreeChange>();
  const blobs: NewObject[] = [];
  for (const [index, change] of changes.entries()) {
    const path = checkPath(change.path, `changes[${index}].path`);
    if ('deleted' in change) {
      if ((await entryAt(path)) === undefined) throw new StatusError('NotFound', `There is no "${path}" on the branch to delete`, { code: 'PATH_NOT_FOUND' });
      edits.set(path, undefined);
      continue;
    }
    const from = change.from === undefined || change.from === path ? undefined : checkPath(change.from, `changes[${index}].from`);
    const existing = await entryAt(from ?? path);
    if (existing?.type === 'directory' || existing?.type === 'submodule') throw new StatusError('Conflict', `"${path}" is a ${existing.type}, not a file`, { code: 'PATH_CONFLICT' });
    if (from !== undefined) edits.set(from, undefined);
    const blob = newObject('blob', Buffer.from(change.content, change.encoding));
    blobs.push(blob);
    edits.set(path, { mode: modeOf(change.executable, existing?.mode), sha: blob.oid });
  }
  const edited = await editTree(repository.git, before.tree, edits);
  return { tree: edited.tree, objects: [...blobs, ...edited.objects] };
}

function modeOf(executable: boolean | undefined, before: string | undefined): string {
  if (executable !== undefined) return executable ? '100755' : '100644';
  return before ?? '100644';
}

/** Paths that git's checkouts refuse, on this or another system (fsck's hasDotgit), are refused here in words. */
function checkPath(path: string, field: string): string {
  const parts = pathParts(path);
  if (parts.length === 0 || parts.some((part) => /^\.git[\s.]*$|^git~\d$/i.test(part))) {
    throw new StatusError('Invalid', `"${path}" is not a path that a commit can have`, { causes: [{ code: 'FieldValueInvalid', field, message: 'write the path of a file from the root of the repository; no part of it is ".git"' }] });
  }
  return parts.join('/');
}
