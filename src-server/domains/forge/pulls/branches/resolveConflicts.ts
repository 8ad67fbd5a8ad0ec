import type { z } from 'zod';
import type { resolveConflictsInput } from '#shared/api/pulls';
import type { ConflictFile, ConflictsView } from '#shared/api/pullViews';
import { StatusError, type StatusCause } from '#shared/api/status';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { formatSignature } from '../../git/objects/commitObject';
import { mergeInDetail } from '../../git/writing/conflicts';
import { editTree, type TreeChange } from '../../git/writing/editTree';
import { messageBytes } from '../../git/writing/merge';
import { newCommit, newObject, type NewObject, writeObjects } from '../../git/writing/writeObjects';
import type { PullRequestObject } from '../pullObjects';
import { changeSource, requireBranches, type SourceChange } from './changeSource';
import { viewConflicts } from './conflictViews';
import { freshPull } from '../openPull';
import type { PullRouterDeps } from '../pullRouterDeps';
import { mergeSubject } from './updateBranch';

type Input = z.output<typeof resolveConflictsInput>;
type Resolution = Input['files'][number];

/** What conflicts between the branches of a pull request. Throws Conflict where one of them is gone. */
export async function readConflicts(deps: PullRouterDeps, resources: ResourceClient, input: { org: string; pr: string }): Promise<ConflictsView> {
  const pullRequest = await freshPull(deps, { resources }, input);
  const world = await deps.evaluator.readWorld(pullRequest);
  if (world === undefined) throw new StatusError('Conflict', 'The repository is not ready', { code: 'REPOSITORY_NOT_READY' });
  return viewConflicts(branchesOf({ world, ...requireBranches(world) }));
}

/**
 * Merges the target into the source branch with the conflicts resolved as somebody says, by one merge commit of theirs. Nothing is written
 * unless every conflict is resolved.
 *
 * @throws Invalid with a cause for every file that is not resolved, or not so; Conflict (HEAD_MOVED, BASE_MOVED) when a branch is not where it
 *   was looked at.
 */
export async function resolveConflicts(deps: PullRouterDeps, resources: ResourceClient, input: Input): Promise<{ sha: string; pullRequest: PullRequestObject }> {
  const { sha, pullRequest } = await changeSource(deps, resources, {
    verb: 'resolve-conflicts',
    input,
    make: async (change) => {
      const made = await commitResolution(change, input);
      return { sha: made, event: { type: 'conflicts_resolved', data: { before: change.source, after: made } }, result: undefined };
    },
  });
  return { sha, pullRequest };
}

async function commitResolution(change: SourceChange, input: Input): Promise<string> {
  const { world, source, target, by, now } = change;
  if (target !== input.expectedBaseSha) {
    throw new StatusError('Conflict', `${world.pullRequest.spec.targetBranch} has changed since you looked: it is at ${target.slice(0, 10)} now. Look at the conflicts again`, { code: 'BASE_MOVED' });
  }
  const view = await viewConflicts(branchesOf(change));
  if (view.files.length === 0) throw new StatusError('Conflict', 'Nothing conflicts; update the branch, or merge it', { code: 'NOTHING_TO_RESOLVE' });
  const causes = checkResolutions(view, input.files);
  if (causes.length > 0) throw new StatusError('Invalid', 'The conflicts are not resolved yet', { code: 'CONFLICTS_UNRESOLVED', causes });

  const { tree: merged } = await mergeInDetail(world.git, { ours: source, theirs: target });
  const blobs: NewObject[] = [];
  const changes = new Map(input.files.map((resolution) => [resolution.path, changeOf(resolution, view.files, blobs)]));
  const { tree, objects } = await editTree(world.git, merged, changes);
  const signature = formatSignature(by, now);
  const message = messageBytes(input.message ?? mergeSubject(world.pullRequest));
  const commit = newCommit(world.git, { tree, parents: [source, target], author: signature, committer: signature, encoding: undefined, message });
  await writeObjects(world.git, [...blobs, ...objects, commit]);
  return commit.oid;
}

function branchesOf({ world, source, target }: Pick<SourceChange, 'world' | 'source' | 'target'>) {
  const { sourceBranch, targetBranch } = world.pullRequest.spec;
  return { git: world.git, ours: { name: sourceBranch, sha: source }, theirs: { name: targetBranch, sha: target } };
}

function checkResolutions({ files, truncated }: ConflictsView, resolutions: readonly Resolution[]): StatusCause[] {
  const causes: StatusCause[] = [];
  if (truncated) causes.push({ code: 'FieldValueInvalid', field: 'files', message: 'too many files conflict to be resolved here; merge the target in a clone' });
  const known = new Map(files.map((file) => [file.path, file]));
  resolutions.forEach((resolution, index) => {
    const field = `files[${index}]`;
    const file = known.get(resolution.path);
    if (file === undefined) causes.push({ code: 'FieldValueNotFound', field: `${field}.path`, message: `"${resolution.path}" does not conflict` });
    else if (resolutions.findIndex(({ path }) => path === resolution.path) !== index) causes.push({ code: 'FieldValueDuplicate', field: `${field}.path`, message: `"${resolution.path}" is resolved twice` });
    else causes.push(...checkResolution(resolution, file, field));
  });
  const resolved = new Set(resolutions.map(({ path }) => path));
  for (const { path } of files) if (!resolved.has(path)) causes.push({ code: 'FieldValueRequired', field: 'files', message: `"${path}" conflicts and is not resolved` });
  return causes;
}

function checkResolution({ path, content, take, deleted }: Resolution, file: ConflictFile, field: string): StatusCause[] {
  const invalid = (message: string): StatusCause[] => [{ code: 'FieldValueInvalid', field, message }];
  if ([content, take, deleted].filter((each) => each !== undefined).length !== 1) return invalid('say one of content, take and deleted');
  if (!file.resolvable) return invalid(file.reason ?? `"${path}" cannot be resolved here`);
  const way = content !== undefined ? 'edit' : (take ?? 'delete');
  if (!file.ways.includes(way)) return invalid(`"${path}" can be resolved by ${file.ways.join(' or ')}`);
  if (content !== undefined && /^<{7} /m.test(content) && /^>{7} /m.test(content)) return invalid(`"${path}" still has conflict markers`);
  return [];
}

function changeOf({ path, content, take }: Resolution, files: readonly ConflictFile[], blobs: NewObject[]): TreeChange {
  const file = files.find((each) => each.path === path);
  if (take !== undefined) {
    const side = take === 'ours' ? file?.ours : file?.theirs;
    return side === undefined ? undefined : { mode: side.mode, sha: side.sha };
  }
  if (content === undefined) return undefined;
  const blob = newObject('blob', Buffer.from(content));
  blobs.push(blob);
  return { mode: (file?.ours ?? file?.theirs)?.mode ?? '100644', sha: blob.oid };
}
