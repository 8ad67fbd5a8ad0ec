import type { ReviewThread } from '#shared/api/forgeViews';
import { headLabel } from '#shared/api/headLabel';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Review } from '#shared/kinds/forge/review';
import { phaseColour } from './objectOutput';
import type { Style } from './terminal';
import { countOf, safeLine, safeText } from './terminalText';
import { indent } from './transcriptText';

export type PullRequestObject = ObjectOf<typeof PullRequest>;

export type ReviewObject = ObjectOf<typeof Review>;

/** A pull request with what was said about it, and what keeps it from merging. */
export function pullRequestText(pull: PullRequestObject, talk: { items: readonly ReviewObject[]; threads: readonly ReviewThread[] }, style: Style): string {
  const { metadata, spec, status = {} } = pull;
  const phase = status.phase ?? 'Open';
  const lines = [
    `${style.bold(safeLine(spec.title))}  ${style.dim(metadata.name)}`,
    `${phaseColour(style, phase)(phase)}${spec.draft ? ' draft' : ''}  ${safeLine(headLabel(spec))} into ${safeLine(spec.targetBranch)}${spec.author === undefined ? '' : `, by ${safeLine(spec.author.name)}`}`,
    `${countOf(status.commits ?? 0, 'commit')}, ${countOf(status.changedFiles ?? 0, 'file')}, ${style.green(`+${status.additions ?? 0}`)} ${style.red(`-${status.deletions ?? 0}`)}`,
    ...(status.reviewers === undefined ? [] : [`Reviewers: ${status.reviewers.map(({ reviewer, state, outdated }) => `${safeLine(reviewer)} (${WORDS[state]}${outdated === true ? ', of an older change' : ''})`).join(', ')}`]),
    ...listLine('Labels', spec.labels),
    ...listLine('Assignees', spec.assignees),
    ...(spec.body === undefined || spec.body === '' ? [] : ['', safeText(spec.body).trimEnd()]),
    ...talk.items.flatMap((review) => reviewLines(review, style)),
    ...talk.threads.flatMap((thread) => ['', threadText(thread, style)]),
    '',
    ...mergeLines(pull, style),
  ];
  return `${lines.join('\n')}\n`;
}

function listLine(title: string, words: readonly string[] | undefined): string[] {
  return words === undefined || words.length === 0 ? [] : [`${title}: ${words.map(safeLine).join(', ')}`];
}

const WORDS = { Requested: 'asked', Approved: 'approved', ChangesRequested: 'asks for changes', Commented: 'commented', Dismissed: 'dismissed' } as const;

/** A review that only holds comments on lines is told by those. */
function reviewLines({ spec }: ReviewObject, style: Style): string[] {
  if (spec.state === 'commented' && (spec.body === undefined || spec.body === '')) return [];
  const verdict = spec.state === 'approved' ? style.green('approved') : spec.state === 'changes_requested' ? style.yellow('asks for changes') : 'commented';
  const heading = `${style.bold(safeLine(spec.author?.name ?? 'someone'))} ${verdict}`;
  return ['', ...(spec.body === undefined || spec.body === '' ? [heading] : [heading, indent(safeText(spec.body).trimEnd())])];
}

function threadText(thread: ReviewThread, style: Style): string {
  const state = [thread.resolved ? 'resolved' : '', thread.outdated ? 'outdated' : ''].filter(Boolean).join(', ');
  const heading = `${style.cyan(`${safeLine(thread.path)}${lineText(thread)}`)}${state === '' ? '' : style.dim(`  ${state}`)}`;
  return [heading, ...thread.comments.map((comment) => indent(`${style.bold(safeLine(comment.author?.name ?? 'someone'))}: ${safeText(comment.body).trimEnd()}`))].join('\n');
}

function lineText({ currentLine, line }: ReviewThread): string {
  const shown = currentLine ?? line;
  return shown === undefined ? '' : `:${shown}`;
}

function mergeLines({ metadata, status = {} }: PullRequestObject, style: Style): string[] {
  if (status.merge !== undefined) return [`Merged by ${safeLine(status.merge.mergedBy.name)} (${status.merge.method}) as ${status.merge.sha.slice(0, 10)}.`];
  if (status.phase === 'Closed') return ['Closed without merging.'];
  const blockers = status.blockers ?? [];
  const auto = status.autoMerge === undefined ? [] : [`Merges by itself (${status.autoMerge.method}), as ${safeLine(status.autoMerge.setBy.name)} has set.`];
  if (blockers.length === 0) return [`${style.green('Ready to merge:')} kradle pr merge ${metadata.name}`];
  return [style.yellow('Not ready to merge:'), ...blockers.map((blocker) => `  ${safeLine(blocker.message)}`), ...auto];
}
