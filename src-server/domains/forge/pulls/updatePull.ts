import type { z } from 'zod';
import type { updatePullRequestInput } from '#shared/api/forge';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../app/clock';
import type { ResourceClient } from '../../../resources/resourceClient';
import { toActorReference } from '../../../resources/actorReference';
import { actingAs } from '../../../runtime/actingAs';
import type { ForgeContext } from '../forgeContext';
import { problemOfNamed } from './namedPeople';
import type { PullRequestObject } from './pullObjects';
import { autoMergeCancelled, endAutoMerge } from './merging/autoMergeRules';
import type { PullEvaluator } from './pullWorld';
import { notePullEvents, type PullEvent } from './pullEvents';
import { requireOpensFork } from './branches/requireOpensFork';

/** Edits, closes or reopens a pull request for whoever `resources` acts for, and answers it with its status. */
export async function updatePull(
  ctx: ForgeContext, evaluator: PullEvaluator, opts: { resources: ResourceClient; input: z.output<typeof updatePullRequestInput> },
): Promise<PullRequestObject> {
  const { resources, input } = opts;
  const { org, pr, title, body, state, draft, targetBranch, maintainerCanModify, labels, assignees } = input;
  const ref = { org, name: pr };
  const before = await resources.get(PullRequest, ref);
  const verbs = verbsOf(before, input);
  for (const verb of verbs) await resources.require(verb, PullRequest, ref);
  await requireAssignable(ctx, before, assignees ?? []);
  if (maintainerCanModify === true) await requireOpensFork({ actor: resources.actor, resources: ctx.resources }, before);
  const after = await actingAs(ctx, verbs[0] ?? 'update', resources.actor).resources.mutate(PullRequest, ref, ({ spec }) => {
    if (title !== undefined) spec.title = title;
    if (body !== undefined) spec.body = body;
    if (state !== undefined) spec.state = state;
    if (draft !== undefined) spec.draft = draft;
    if (targetBranch !== undefined) spec.targetBranch = targetBranch;
    if (maintainerCanModify !== undefined) spec.maintainerCanModify = maintainerCanModify;
    if (labels !== undefined) spec.labels = [...new Set(labels)];
    if (assignees !== undefined) spec.assignees = [...new Set(assignees)];
  });
  const actor = toActorReference(resources.actor);
  const at = timestampOf(ctx.clock);
  await notePullEvents(ctx.eventLog, after, changesBetween(before, after).map((event) => ({ ...event, id: `${event.type}/${after.metadata.generation}`, at, actor })));
  // What somebody set for one target is not meant for another.
  if (before.spec.targetBranch !== after.spec.targetBranch && after.status?.autoMerge !== undefined) {
    await notePullEvents(ctx.eventLog, after, [autoMergeCancelled(after, { at, actor, reason: `It merges into ${after.spec.targetBranch} now` })]);
    await ctx.resources.mutateStatus(PullRequest, ref, (status) => endAutoMerge(status, { at, actor, reason: `It merges into ${after.spec.targetBranch} now` }));
  }
  return (await evaluator.evaluate(ref, { actor })) ?? after;
}

/** What is asked for, in the words of the permission table. What changes nothing asks for an edit. */
function verbsOf(
  { spec }: PullRequestObject, { state = spec.state, title, body, draft, targetBranch, maintainerCanModify, labels, assignees }: z.output<typeof updatePullRequestInput>,
): ('close' | 'reopen' | 'update' | 'label' | 'assign')[] {
  const verbs = [
    ...(state === spec.state ? [] : [state === 'closed' ? ('close' as const) : ('reopen' as const)]),
    ...([title, body, draft, targetBranch, maintainerCanModify].some((each) => each !== undefined) ? ['update' as const] : []),
    ...(labels === undefined ? [] : ['label' as const]),
    ...(assignees === undefined ? [] : ['assign' as const]),
  ];
  return verbs.length === 0 ? ['update'] : verbs;
}

function changesBetween(before: PullRequestObject, after: PullRequestObject): Pick<PullEvent, 'type' | 'data'>[] {
  const changes: Pick<PullEvent, 'type' | 'data'>[] = [];
  if (before.spec.title !== after.spec.title) changes.push({ type: 'retitled', data: { from: before.spec.title, to: after.spec.title } });
  if (before.spec.targetBranch !== after.spec.targetBranch) changes.push({ type: 'retargeted', data: { from: before.spec.targetBranch, to: after.spec.targetBranch } });
  if (before.spec.draft !== after.spec.draft) changes.push({ type: after.spec.draft ? 'drafted' : 'readied' });
  const [labels, assignees] = [compareLists(before.spec.labels, after.spec.labels), compareLists(before.spec.assignees, after.spec.assignees)];
  if (labels.added.length > 0) changes.push({ type: 'labeled', data: { labels: labels.added } });
  if (labels.removed.length > 0) changes.push({ type: 'unlabeled', data: { labels: labels.removed } });
  if (assignees.added.length > 0) changes.push({ type: 'assigned', data: { assignees: assignees.added } });
  if (assignees.removed.length > 0) changes.push({ type: 'unassigned', data: { assignees: assignees.removed } });
  return changes;
}

function compareLists(before: readonly string[] = [], after: readonly string[] = []): { added: string[]; removed: string[] } {
  return { added: after.filter((each) => !before.includes(each)), removed: before.filter((each) => !after.includes(each)) };
}

/** Throws Invalid with a cause for each who is new and cannot take care of it. Who stands there already may stay, whatever became of them. */
async function requireAssignable(ctx: ForgeContext, pullRequest: PullRequestObject, assignees: readonly string[]): Promise<void> {
  const stand = new Set(pullRequest.spec.assignees);
  const problems = assignees.map(async (name, index) => (stand.has(name) ? undefined : problemOfNamed(ctx, pullRequest, { name, field: `assignees[${index}]`, verb: 'get' })));
  const causes = (await Promise.all(problems)).filter((cause) => cause !== undefined);
  if (causes.length > 0) throw new StatusError('Invalid', `Not everybody can take care of ${pullRequest.metadata.name}: ${causes.map(({ message }) => message).join('; ')}`, { causes });
}
