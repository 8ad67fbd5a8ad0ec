import type { ReviewThread } from '#shared/api/forgeViews';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Review } from '#shared/kinds/forge/review';
import type { DiffThread, OriginalCode } from '../../diff/model/diffThread';

export type PullObject = ObjectOf<typeof PullRequest>;
export type ReviewObject = ObjectOf<typeof Review>;

/** Word that PhaseBadge knows; a draft looks different from one that is ready. */
export function pullPhase(pull: PullObject): 'Open' | 'Merged' | 'Closed' {
  return pull.status?.phase ?? (pull.spec.state === 'closed' ? 'Closed' : 'Open');
}

/** The repository that has the source branch: the pull request's own, or a fork. `gone`: why nothing can be done to the branch. */
export function sourceRepositoryOf({ spec, status }: PullObject): { name: string; isFork: boolean; gone: string | undefined } {
  const isFork = spec.sourceRepository !== undefined;
  const gone = status?.sourceRepository?.exists === false ? `The fork ${spec.sourceRepository ?? ''} is not there any more. What it had last is kept.` : undefined;
  return { name: spec.sourceRepository ?? spec.repository, isFork, gone };
}

/** A conversation of the server as the diff viewer shows it: on the line where it is now, or outdated with the code as it was. */
export function toDiffThread(thread: ReviewThread, original = lineAsItWas(thread)): DiffThread {
  const { line, startLine, currentLine, currentStartLine } = thread;
  const shownLine = currentLine ?? line;
  const shift = currentLine === undefined || line === undefined ? 0 : currentLine - line;
  return {
    id: thread.id,
    path: thread.path,
    side: thread.side,
    outdated: thread.outdated,
    resolved: thread.resolved,
    ...(shownLine === undefined ? {} : { line: shownLine }),
    ...(startLine === undefined ? {} : { startLine: currentStartLine ?? Math.max(1, startLine + shift) }),
    ...(original === undefined ? {} : { original }),
    comments: thread.comments.map(({ id, author, at, body, suggestion }) => ({ id, author, body, ...(isPending(thread) ? { pending: true } : { at }), ...(suggestion?.appliedIn === undefined ? {} : { appliedIn: suggestion.appliedIn }) })),
  };
}

/** Beginning of the ids of what waits in one's review. */
export const PENDING = 'pending/';

function isPending({ id }: ReviewThread): boolean {
  return id.startsWith(PENDING);
}

/** All that is known of the code without asking for the file: the line that the comment was on. */
function lineAsItWas({ line, lineText }: ReviewThread): OriginalCode | undefined {
  return line === undefined || lineText === undefined ? undefined : { startLine: line, lines: [lineText], commented: 1 };
}
