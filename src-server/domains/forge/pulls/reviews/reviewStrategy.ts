import { StatusError, type StatusCause } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Review } from '#shared/kinds/forge/review';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { type AnyStrategy, defineStrategy } from '../../../../resources/strategy';
import { isSameActor, toActorReference } from '../../../../resources/actorReference';
import { requireAlso } from '../../../../resources/requireAlso';
import { repositoryPath } from '../../forgeContext';
import { readBlob } from '../../git/objects/blob';
import { mergeBase } from '../../git/history/commits';
import type { GitRepositories, GitRepository } from '../../git/gitRepositories';
import type { PullRequestObject, ReviewObject } from '../pullObjects';
import type { PullFacts, PullFactsReader } from '../pullFacts';
import type { InlineComment } from '../comments/threads';

export interface ReviewStrategyDeps {
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  readonly facts: PullFactsReader;
}

/** A review is its author's, of a head that they saw, and its comments are on lines that there are. */
export function reviewStrategy(deps: ReviewStrategyDeps): AnyStrategy {
  return defineStrategy<typeof Review>({
    kind: Review,
    async prepare(draft, { operation, actor, current, org, resources }) {
      const { spec } = draft;
      if (operation === 'update') spec.author = current?.spec.author;
      else if (actor.kind !== 'system' || spec.author === undefined) spec.author = toActorReference(actor);
      if (typeof spec.pullRequest !== 'string') return;
      const pullRequest = await resources.find(PullRequest, { org, name: spec.pullRequest });
      if (operation === 'create') spec.commitSha ??= pullRequest?.status?.headSha;
      // What was reviewed then stays so: a verdict is moved to another head by giving it again.
      else if (actor.kind !== 'system') spec.commitSha = current?.spec.commitSha;
      if (!Array.isArray(spec.comments) || pullRequest === undefined) return;
      const head = pullRequest.status?.headSha;
      const known = new Map(current?.spec.comments?.map((comment) => [comment.id, comment]));
      spec.comments = await Promise.all(
        spec.comments.map(async (comment, index) => {
          const { commitSha, lineText: _lineText, appliedIn, ...said } = comment;
          const before = known.get(comment.id ?? '');
          const applied = actor.kind === 'system' ? appliedIn : before?.appliedIn;
          // Only the verbs that have looked say that it is about another commit than the head.
          const at = actor.kind === 'system' && typeof commitSha === 'string' ? commitSha : head;
          const place = before === undefined ? { ...(at === undefined ? {} : { commitSha: at }), ...(await quote(deps, pullRequest, { comment, at })) } : placeOf(before);
          return { ...said, id: comment.id ?? `c${index + 1}`, ...place, ...(applied === undefined ? {} : { appliedIn: applied }) };
        }),
      );
    },
    async validate(object, ctx) {
      const { operation, actor, current, org, resources } = ctx;
      const verdict = object.spec.state !== 'commented';
      const given = current?.spec.state !== object.spec.state;
      if (given) await requireAlso(ctx, verdict ? 'review' : 'comment', { kind: PullRequest, org, name: object.spec.pullRequest });
      if (operation === 'update') {
        const othersWords = actor.kind !== 'system' && !isSameActor(toActorReference(actor), current?.spec.author);
        return othersWords ? [{ code: 'FieldValueForbidden', field: 'spec', message: 'only its author changes a review; answer it with one of your own' }] : [];
      }
      const pullRequest = await resources.find(PullRequest, { org, name: object.spec.pullRequest });
      return pullRequest === undefined ? [] : checkNewReview(deps, resources, { object, pullRequest });
    },
  });
}

/** Where a comment was made, which does not change with its words. */
function placeOf({ commitSha, lineText }: InlineComment): Pick<InlineComment, 'commitSha' | 'lineText'> {
  return { ...(commitSha === undefined ? {} : { commitSha }), ...(lineText === undefined ? {} : { lineText }) };
}

async function checkNewReview(deps: ReviewStrategyDeps, resources: ResourceClient, opts: { object: ReviewObject; pullRequest: PullRequestObject }): Promise<StatusCause[]> {
  const { object, pullRequest } = opts;
  const { state, body, comments = [] } = object.spec;
  const says = (body ?? '').trim() !== '' || comments.length > 0;
  if (!says && state === 'commented') return [{ code: 'FieldValueRequired', field: 'spec.body', message: 'say something: a comment needs a text, or comments on lines' }];
  if (!says && state === 'changes_requested') return [{ code: 'FieldValueRequired', field: 'spec.body', message: 'say which changes you ask for, here or on the lines' }];
  if (state !== 'commented' && pullRequest.status?.phase === 'Merged') {
    return [{ code: 'FieldValueInvalid', field: 'spec.state', message: `${pullRequest.metadata.name} is merged already; only comments can be added` }];
  }
  const ids = comments.map((comment) => comment.id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice >= 0) return [{ code: 'FieldValueDuplicate', field: `spec.comments[${twice}].id`, message: 'each comment of a review has an id of its own' }];
  const causes = await Promise.all(comments.map((comment, index) => commentCause(deps, resources, { comment, field: `spec.comments[${index}]`, pullRequest })));
  return causes.flatMap((cause) => (cause === undefined ? [] : [cause]));
}

async function commentCause(
  deps: ReviewStrategyDeps, resources: ResourceClient, opts: { comment: InlineComment; field: string; pullRequest: PullRequestObject },
): Promise<StatusCause | undefined> {
  const { comment, field, pullRequest } = opts;
  if (comment.inReplyTo !== undefined) {
    const known = await findComment(resources, pullRequest, comment.inReplyTo);
    return known ? undefined : { code: 'FieldValueNotFound', field: `${field}.inReplyTo`, message: `this pull request has no comment "${comment.inReplyTo}" to answer` };
  }
  // What is about an older head was on its lines when it was written.
  if (comment.commitSha !== undefined && comment.commitSha !== pullRequest.status?.headSha) return undefined;
  const diff = await openDiff(deps, pullRequest);
  if (diff === undefined) return { code: 'FieldValueInvalid', field: `${field}.path`, message: 'a branch of this pull request is gone, so there are no lines to comment on' };
  if (!diff.facts.paths.has(comment.path)) return { code: 'FieldValueNotFound', field: `${field}.path`, message: `"${comment.path}" is not changed by this pull request; comment on a file of its diff` };
  if (comment.line === undefined) return undefined;
  if (comment.startLine !== undefined && comment.startLine > comment.line) return { code: 'FieldValueInvalid', field: `${field}.startLine`, message: 'a range starts at or before the line that it ends at' };
  const lines = await linesOf(diff, comment);
  if (lines === undefined) return { code: 'FieldValueInvalid', field: `${field}.side`, message: `"${comment.path}" has no lines on the ${comment.side} side of this diff` };
  return comment.line <= lines.length ? undefined : { code: 'FieldValueInvalid', field: `${field}.line`, message: `"${comment.path}" has ${lines.length} lines on the ${comment.side} side` };
}

/** `review-name/comment-id` of this pull request? */
export async function findComment(resources: ResourceClient, pullRequest: PullRequestObject, id: string): Promise<boolean> {
  const slash = id.indexOf('/');
  const review = slash < 0 ? undefined : await resources.find(Review, { org: pullRequest.spec.organizationRef, name: id.slice(0, slash) });
  return review?.spec.pullRequest === pullRequest.metadata.name && (review.spec.comments ?? []).some((comment) => comment.id === id.slice(slash + 1));
}

interface OpenDiff {
  readonly git: GitRepository;
  readonly head: string;
  /** Where the change left the target. */
  readonly base: string | undefined;
  readonly target: string;
  readonly facts: PullFacts;
}

async function openDiff(deps: ReviewStrategyDeps, pullRequest: PullRequestObject): Promise<OpenDiff | undefined> {
  const { headSha, baseSha, mergeBaseSha } = pullRequest.status ?? {};
  if (headSha === undefined || baseSha === undefined) return undefined;
  const { organizationRef: org, repository } = pullRequest.spec;
  const git = deps.git.open(repositoryPath(deps.repositoriesRoot, org, repository));
  return { git, head: headSha, base: mergeBaseSha, target: baseSha, facts: await deps.facts.read(git, baseSha, headSha) };
}

/** The commented line as it is in the commit, so that it can still be shown when it is gone. */
async function quote(
  deps: ReviewStrategyDeps, pullRequest: PullRequestObject, { comment, at }: { comment: { path?: unknown; side?: unknown; line?: unknown; inReplyTo?: unknown }; at: string | undefined },
): Promise<{ lineText?: string }> {
  if (typeof comment.path !== 'string' || typeof comment.line !== 'number' || comment.inReplyTo !== undefined) return {};
  const diff = await openDiff(deps, pullRequest);
  const lines = diff === undefined ? undefined : await linesOf(diff, { path: comment.path, side: comment.side === 'old' ? 'old' : 'new', at });
  const text = lines?.[comment.line - 1];
  return text === undefined ? {} : { lineText: text.slice(0, 2000) };
}

/** The lines of a file on one side of the diff; undefined when it has none there. */
async function linesOf(diff: OpenDiff, place: { path: string; side: 'old' | 'new'; at?: string | undefined }): Promise<string[] | undefined> {
  const { at = diff.head } = place;
  const commit = place.side === 'new' ? at : at === diff.head ? diff.base : await mergeBase(diff.git, diff.target, at);
  const path = place.side === 'new' ? place.path : (diff.facts.paths.get(place.path) ?? place.path);
  if (commit === undefined) return undefined;
  try {
    const { text } = await readBlob(diff.git, commit, { path });
    return text?.replace(/\n$/, '').split('\n');
  } catch (error) {
    // The file was added or removed by this change: that side has none.
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
