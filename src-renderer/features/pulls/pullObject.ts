import type { ReviewThread } from '#shared/api/forgeViews';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { DiffThread } from '../../diff/diffThread';

export type PullObject = ObjectOf<typeof PullRequest>;

/** Word that PhaseBadge knows; a draft looks different from one that is ready. */
export function pullPhase(pull: PullObject): 'Open' | 'Merged' | 'Closed' {
  return pull.status?.phase ?? (pull.spec.state === 'closed' ? 'Closed' : 'Open');
}

/** A conversation of the server as the diff viewer shows it: on the line where it is now, or outdated with the line as it was. */
export function toDiffThread(thread: ReviewThread): DiffThread {
  const { line, startLine, currentLine } = thread;
  const shownLine = currentLine ?? line;
  const shift = currentLine === undefined || line === undefined ? 0 : currentLine - line;
  return {
    id: thread.id,
    path: thread.path,
    side: thread.side,
    outdated: thread.outdated,
    resolved: thread.resolved,
    ...(shownLine === undefined ? {} : { line: shownLine }),
    ...(startLine === undefined ? {} : { startLine: Math.max(1, startLine + shift) }),
    ...(thread.lineText === undefined ? {} : { lineText: thread.lineText }),
    comments: thread.comments.map(({ id, author, at, body }) => ({ id, author, at, body })),
  };
}
