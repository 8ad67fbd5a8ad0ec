import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { phaseColour } from './objectOutput';
import type { Style } from './terminal';
import { safeLine, safeText } from './terminalText';
import { indent } from './transcriptText';

export type PullRequestObject = ObjectOf<typeof PullRequest>;

/** A conversation on a line, as the server maps it onto the present head. */
export interface Thread {
  readonly id: string;
  readonly path: string;
  readonly line?: number;
  readonly outdated: boolean;
  readonly resolved: boolean;
  readonly comments: readonly { readonly author: string; readonly body: string; readonly at: string }[];
}

export function pullRequestText(pull: PullRequestObject, threads: readonly Thread[], style: Style): string {
  const { metadata, spec, status = {} } = pull;
  const phase = status.phase ?? 'Open';
  const lines = [
    `${style.bold(safeLine(spec.title))}  ${style.dim(metadata.name)}`,
    `${phaseColour(style, phase)(phase)}${spec.draft ? ' draft' : ''}  ${safeLine(spec.sourceBranch)} into ${safeLine(spec.targetBranch)}${spec.author === undefined ? '' : `, by ${safeLine(spec.author.name)}`}`,
    `${status.commits ?? 0} commits, ${status.changedFiles ?? 0} files, ${style.green(`+${status.additions ?? 0}`)} ${style.red(`-${status.deletions ?? 0}`)}`,
    ...(spec.body === undefined || spec.body === '' ? [] : ['', safeText(spec.body).trimEnd()]),
    ...threads.flatMap((thread) => ['', threadText(thread, style)]),
    '',
    ...mergeLines(pull, style),
  ];
  return `${lines.join('\n')}\n`;
}

function threadText(thread: Thread, style: Style): string {
  const state = [thread.resolved ? 'resolved' : '', thread.outdated ? 'outdated' : ''].filter(Boolean).join(', ');
  const heading = `${style.cyan(`${safeLine(thread.path)}${thread.line === undefined ? '' : `:${thread.line}`}`)}${state === '' ? '' : style.dim(`  ${state}`)}`;
  return [heading, ...thread.comments.map((comment) => indent(`${style.bold(safeLine(comment.author))}: ${safeText(comment.body).trimEnd()}`))].join('\n');
}

function mergeLines({ metadata, status = {} }: PullRequestObject, style: Style): string[] {
  if (status.merge !== undefined) return [`Merged by ${safeLine(status.merge.mergedBy.name)} (${status.merge.method}) as ${status.merge.sha.slice(0, 10)}.`];
  if (status.phase === 'Closed') return ['Closed without merging.'];
  const blockers = status.blockers ?? [];
  if (blockers.length === 0) return [`${style.green('Ready to merge:')} kradle pr merge ${metadata.name}`];
  return [style.yellow('Not ready to merge:'), ...blockers.map((blocker) => `  ${safeLine(blocker.message)}`)];
}
