import type { z } from 'zod';
import type { applySuggestionsInput } from '#shared/api/pulls';
import { StatusError, type StatusCause } from '#shared/api/status';
import { Review } from '#shared/kinds/forge/review';
import { User } from '#shared/kinds/identity/user';
import { type ActorReference, isSameActor, toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import type { ForgeContext } from '../../forgeContext';
import { formatSignature } from '../../git/objects/commitObject';
import { readCommit } from '../../git/history/commits';
import { editTree, findInTree, type TreeChange } from '../../git/writing/editTree';
import { messageBytes, type Person, withCoAuthors } from '../../git/writing/merge';
import { newCommit, newObject, type NewObject, writeObjects } from '../../git/writing/writeObjects';
import type { PullRequestObject } from '../pullObjects';
import { changeSource, type SourceChange } from '../branches/changeSource';
import { placeComment, preparePlaces, type PresentDiff } from './commentPlaces';
import type { PullRouterDeps } from '../pullRouterDeps';
import { type LineReplacement, readSuggestion, replaceLines } from './suggestions';
import { inapplicable } from './threadViews';
import { collectThreads, commentId, type CommentThread, type PlacedComment } from './threads';

type Input = z.output<typeof applySuggestionsInput>;

interface Applicable extends LineReplacement {
  readonly index: number;
  readonly placed: PlacedComment;
  readonly path: string;
}

const MAX_FILE_BYTES = 8 * 1024 * 1024;

/**
 * Commits the suggestions of comments to the source branch: all of them in one commit of whoever asks, with those who suggested them as
 * co-authors. All or nothing.
 *
 * @throws Invalid (SUGGESTION_NOT_APPLICABLE) with a cause for every one that cannot be applied, saying why; and what `changeSource` throws.
 */
export async function applySuggestions(deps: PullRouterDeps, resources: ResourceClient, input: Input): Promise<{ sha: string; applied: string[]; pullRequest: PullRequestObject }> {
  const comments = [...new Set(input.comments)];
  const { sha, pullRequest, result } = await changeSource(deps, resources, {
    verb: 'apply-suggestions',
    input,
    make: async (change) => {
      const applicable = await findApplicable(change, comments);
      const made = await commitSuggestions(deps.ctx, change, { applicable, input, actor: toActorReference(resources.actor) });
      return { sha: made, event: { type: 'suggestions_applied', data: { before: change.source, after: made, comments } }, result: applicable };
    },
  });
  await markApplied(actingAs(deps.ctx, 'apply-suggestions', resources.actor), { org: input.org, sha, applied: result.map(({ placed }) => placed) });
  return { sha, applied: comments, pullRequest: (await deps.evaluator.evaluate({ org: input.org, name: input.pr })) ?? pullRequest };
}

async function findApplicable({ world, source, target }: SourceChange, comments: readonly string[]): Promise<Applicable[]> {
  const { facts, git, reviews } = world;
  if (facts === undefined) throw new StatusError('Conflict', 'A branch of this pull request is gone', { code: 'SOURCE_MISSING' });
  const diff: PresentDiff = { git, head: source, base: target, facts };
  const threads = collectThreads(reviews);
  const wanted = comments.map((id) => {
    const thread = threads.find(({ root, replies }) => [root, ...replies].some((placed) => commentId(placed) === id));
    return { id, thread, placed: [thread?.root, ...(thread?.replies ?? [])].find((placed) => placed !== undefined && commentId(placed) === id) };
  });
  await preparePlaces(wanted.flatMap(({ thread }) => thread?.root.comment ?? []), diff);
  const causes: StatusCause[] = [];
  const applicable: Applicable[] = [];
  for (const [index, { id, thread, placed }] of wanted.entries()) {
    const found = await judge(diff, { id, index, thread, placed });
    if (typeof found === 'string') causes.push({ code: 'FieldValueInvalid', field: `comments[${index}]`, message: found });
    else applicable.push(found);
  }
  for (const cause of overlaps(applicable)) causes.push(cause);
  if (causes.length > 0) throw new StatusError('Invalid', causes.map(({ message }) => message).join(' '), { code: 'SUGGESTION_NOT_APPLICABLE', causes });
  return applicable;
}

/** Where a suggestion goes, or why it goes nowhere. */
async function judge(diff: PresentDiff, asked: { id: string; index: number; thread: CommentThread | undefined; placed: PlacedComment | undefined }): Promise<Applicable | string> {
  const { id, index, thread, placed } = asked;
  if (thread === undefined || placed === undefined) return `There is no comment "${id}" on this pull request.`;
  const suggestion = readSuggestion(placed.comment.body);
  if (suggestion === undefined) return `"${id}" suggests nothing: a suggestion is a fence that begins with \`\`\`suggestion.`;
  const place = await placeComment(thread.root.comment, diff);
  const reason = inapplicable(placed, thread, place);
  if (reason !== undefined || place?.lines === undefined) return `"${id}" cannot be applied. ${reason ?? 'Its lines are gone'}.`;
  return { index, placed, path: place.path, startLine: place.lines.start, endLine: place.lines.end, lines: suggestion.lines };
}

function overlaps(applicable: readonly Applicable[]): StatusCause[] {
  return applicable.flatMap((each) => {
    const other = applicable.find((before) => before.index < each.index && before.path === each.path && before.startLine <= each.endLine && each.startLine <= before.endLine);
    return other === undefined ? [] : [{ code: 'FieldValueInvalid', field: `comments[${each.index}]`, message: `"${commentId(each.placed)}" is on lines that "${commentId(other.placed)}" changes, too; apply one after the other.` }];
  });
}

async function commitSuggestions(ctx: ForgeContext, change: SourceChange, opts: { applicable: readonly Applicable[]; input: Input; actor: ActorReference }): Promise<string> {
  const { world, source, by, now } = change;
  const { applicable, input, actor } = opts;
  const { git } = world;
  const root = (await readCommit(git, source)).tree;
  const blobs: NewObject[] = [];
  const changes = new Map<string, TreeChange>();
  for (const path of new Set(applicable.map((each) => each.path))) {
    const entry = await findInTree(git, root, path);
    const object = entry === undefined ? undefined : await git.objects.read(entry.sha, MAX_FILE_BYTES);
    if (entry === undefined || object === undefined) throw new StatusError('Conflict', `"${path}" is not there any more`, { code: 'PATH_NOT_FOUND' });
    const replacements = applicable.filter((each) => each.path === path);
    // Bytes of any encoding come through: only whole lines are touched.
    const text = replaceLines(object.content.toString('latin1'), replacements.map(({ startLine, endLine, lines }) => ({ startLine, endLine, lines: lines.map((line) => Buffer.from(line).toString('latin1')) })));
    const blob = newObject('blob', Buffer.from(text, 'latin1'));
    if (blob.oid === entry.sha) throw new StatusError('Invalid', `The suggestions change nothing in "${path}": it says that already`, { code: 'SUGGESTION_NOT_APPLICABLE' });
    blobs.push(blob);
    changes.set(path, { mode: entry.mode, sha: blob.oid });
  }
  const { tree, objects } = await editTree(git, root, changes);
  const signature = formatSignature(by, now);
  const authors = await suggesters(ctx, input.org, applicable.flatMap(({ placed }) => (isSameActor(placed.review.spec.author, actor) ? [] : (placed.review.spec.author ?? []))));
  const subject = input.title ?? (applicable.length === 1 ? 'Apply suggestion from code review' : `Apply ${applicable.length} suggestions from code review`);
  const text = input.message === undefined || input.message.trim() === '' ? subject : `${subject}\n\n${input.message}`;
  const commit = newCommit(git, { tree, parents: [source], author: signature, committer: signature, encoding: undefined, message: messageBytes(withCoAuthors(text, authors)) });
  await writeObjects(git, [...blobs, ...objects, commit]);
  return commit.oid;
}

/** Name and address of each, as their own commits would have them. */
async function suggesters(ctx: ForgeContext, org: string, authors: readonly ActorReference[]): Promise<Person[]> {
  const people = new Map<string, Person>();
  for (const { kind, name } of authors) {
    const user = kind === 'user' ? await ctx.resources.find(User, { org, name }) : undefined;
    people.set(`${kind}/${name}`, { name: user?.spec.displayName ?? name, email: user?.spec.email ?? `${name}@localhost` });
  }
  return [...people.values()];
}

/** An applied suggestion says where it went, and its conversation is settled. */
async function markApplied(ctx: ForgeContext, opts: { org: string; sha: string; applied: readonly PlacedComment[] }): Promise<void> {
  const ids = new Set(opts.applied.map(commentId));
  for (const name of new Set(opts.applied.map(({ review }) => review.metadata.name))) {
    await ctx.resources.mutate(Review, { org: opts.org, name }, ({ spec }) => {
      spec.comments = spec.comments?.map((comment) => (ids.has(`${name}/${comment.id}`) ? { ...comment, appliedIn: opts.sha, ...(comment.inReplyTo === undefined ? { resolved: true } : {}) } : comment));
    });
  }
}
