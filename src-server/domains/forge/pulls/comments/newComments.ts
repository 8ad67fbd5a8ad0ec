import type { z } from 'zod';
import type { inlineCommentInput } from '#shared/api/forge';
import type { PendingReview } from '#shared/api/pullViews';
import { StatusError, type StatusCause } from '#shared/api/status';
import { repositoryPath } from '../../forgeContext';
import { isAncestor } from '../../git/history/commits';
import type { PullRequestObject } from '../pullObjects';
import { placeComment, type PresentDiff } from './commentPlaces';
import type { PullRouterDeps } from '../pullRouterDeps';

/** What somebody says of lines, and on which commit those are counted. */
export type NewComment = z.output<typeof inlineCommentInput>;

type Deps = Pick<PullRouterDeps, 'ctx' | 'facts'>;

/**
 * Comments that were just written, each with the commit that its lines are counted on: the head, or a commit of the change whose lines the
 * head still has. From there they are followed through every push, so that a review which is sent later is about what was looked at.
 * `kept` are comments that were here before, with theirs.
 *
 * @throws Invalid with a cause for every comment on lines that the change does not have any more.
 */
export async function originsOf(
  deps: Deps, pullRequest: PullRequestObject, opts: { comments: readonly NewComment[]; kept?: readonly NewComment[] },
): Promise<NewComment[]> {
  const head = pullRequest.status?.headSha;
  const { comments, kept = [] } = opts;
  const causes: StatusCause[] = [];
  const found: NewComment[] = [];
  for (const [index, comment] of comments.entries()) {
    const before = kept.find((each) => isSamePlace(each, comment));
    const commitSha = before === undefined ? (comment.commitSha ?? head) : before.commitSha;
    found.push({ ...comment, commitSha });
    if (before !== undefined || commitSha === head || comment.inReplyTo !== undefined) continue;
    const cause = await goneCause(deps, pullRequest, comment);
    if (cause !== undefined) causes.push({ ...cause, field: `comments[${index}].${cause.field ?? 'line'}` });
  }
  const [first] = causes;
  if (first !== undefined) throw new StatusError('Invalid', causes.length === 1 ? `Not commented: ${first.message}` : `${causes.length} comments are about lines that are gone`, { code: 'LINE_GONE', causes });
  return found;
}

/** Where comments that were kept are in the change as it is now. */
export async function placesOf(deps: Deps, pullRequest: PullRequestObject, comments: readonly NewComment[]): Promise<PendingReview['comments']> {
  const head = pullRequest.status?.headSha;
  const moved = comments.some(({ commitSha = head }) => commitSha !== head);
  const diff = moved ? await presentDiff(deps, pullRequest) : undefined;
  return Promise.all(comments.map(async (comment) => {
    const { commitSha = head, line, startLine } = comment;
    if (commitSha === head) return { ...comment, outdated: false, ...(line === undefined ? {} : { currentLine: line }), ...(startLine === undefined ? {} : { currentStartLine: startLine }) };
    const place = diff === undefined ? undefined : await placeComment({ ...comment, id: 'c1' }, diff);
    const inDiff = place !== undefined && diff?.facts.paths.has(place.path) === true;
    const lines = inDiff ? place.lines : undefined;
    return { ...comment, outdated: !inDiff || (line !== undefined && lines === undefined), ...(lines === undefined ? {} : { currentLine: lines.end, ...(startLine === undefined ? {} : { currentStartLine: lines.start }) }) };
  }));
}

/** Why a comment on a commit other than the head says nothing of the change; undefined when it does. */
async function goneCause(deps: Deps, pullRequest: PullRequestObject, comment: NewComment): Promise<StatusCause | undefined> {
  const { path, side, line, commitSha = '' } = comment;
  const short = commitSha.slice(0, 10);
  const diff = await presentDiff(deps, pullRequest);
  if (diff === undefined) return { code: 'FieldValueInvalid', field: 'path', message: 'a branch of this pull request is gone, so there are no lines to comment on' };
  const { git, head } = diff;
  // Only commits that the change has: the store of objects may be shared with repositories that the asker does not see.
  if ((await git.objects.info(commitSha))?.type !== 'commit' || !(await isAncestor(git, commitSha, head))) {
    return { code: 'FieldValueInvalid', field: 'commitSha', message: `${short} is no commit of this change as it is now; read the change again` };
  }
  const place = await placeComment({ ...comment, id: 'c1', commitSha }, diff);
  if (place === undefined || !diff.facts.paths.has(place.path)) return { code: 'FieldValueNotFound', field: 'path', message: `the change as it is now does not touch "${path}"` };
  if (line === undefined || place.lines !== undefined) return undefined;
  const where = comment.startLine === undefined || comment.startLine === line ? `line ${line}` : `lines ${comment.startLine} to ${line}`;
  return { code: 'FieldValueInvalid', field: 'line', message: `${where} of "${path}"${side === 'old' ? ' before the change' : ''} in ${short} ${where.startsWith('lines') ? 'were' : 'was'} changed since; comment on what is there now` };
}

/** The change as it is now; undefined where a branch of it is gone. */
async function presentDiff({ ctx, facts }: Deps, pullRequest: PullRequestObject): Promise<PresentDiff | undefined> {
  const { headSha: head, baseSha: base } = pullRequest.status ?? {};
  if (head === undefined || base === undefined) return undefined;
  const { organizationRef: org, repository } = pullRequest.spec;
  const git = ctx.git.open(repositoryPath(ctx.repositoriesRoot, org, repository));
  return { git, head, base, facts: await facts.read(git, base, head) };
}

function isSamePlace(one: NewComment, other: NewComment): boolean {
  return one.path === other.path && one.side === other.side && one.line === other.line && one.startLine === other.startLine && one.inReplyTo === other.inReplyTo
    && (other.commitSha === undefined || other.commitSha === one.commitSha);
}
