import type { DiffFile } from '#shared/api/git';
import type { DiffSide } from './diffAnchor';

export interface DiffThreadComment {
  /** `review-name/comment-id`. */
  readonly id: string;
  readonly author: { readonly kind: 'user' | 'agent' | 'system'; readonly name: string } | undefined;
  /** RFC 3339. */
  readonly at?: string;
  /** Markdown. */
  readonly body: string;
  /** Waits in the reader's unsent review. */
  readonly pending?: boolean;
  /** The commit in which its suggestion was taken over. */
  readonly appliedIn?: string;
}

/** A conversation about a line, a range or a file. */
export interface DiffThread {
  readonly id: string;
  readonly path: string;
  readonly side: DiffSide;
  /** Absent: about the file as a whole. */
  readonly line?: number;
  readonly startLine?: number;
  /** The line is not in the present diff any more. */
  readonly outdated: boolean;
  readonly resolved: boolean;
  readonly resolvedBy?: string;
  readonly comments: readonly DiffThreadComment[];
  /** The code as it was when the first comment was written: the commented lines, and what stood before them. */
  readonly original?: OriginalCode;
}

export interface OriginalCode {
  /** Number of the first of `lines`. */
  readonly startLine: number;
  readonly lines: readonly string[];
  /** How many of the last lines are commented. */
  readonly commented: number;
}

/** What can be done with a conversation. What is absent, the reader may not do here. */
export interface ThreadActions {
  readonly reply?: ((thread: DiffThread, body: string) => Promise<void>) | undefined;
  readonly resolve?: ((thread: DiffThread, resolved: boolean) => Promise<void>) | undefined;
  /** Takes a comment back that was not sent yet. */
  readonly discard?: ((thread: DiffThread) => void | Promise<void>) | undefined;
  /** Rewrites a comment that was not sent yet. */
  readonly revise?: ((thread: DiffThread, body: string) => Promise<void>) | undefined;
  readonly suggestions?: SuggestionActions | undefined;
}

export interface SuggestionActions {
  readonly apply: (commentId: string) => Promise<void>;
  /** Puts it to those that become one commit, or takes it out. */
  readonly gather: (commentId: string, gathered: boolean) => void;
  readonly gathered: ReadonlySet<string>;
  /** Why none can be applied. */
  readonly refusal: string | undefined;
}

/** A file's threads by where they are shown. */
export interface AnchoredThreads {
  /** Under the line `SIDE:LINE`. */
  readonly byLine: ReadonlyMap<string, readonly DiffThread[]>;
  /** Under the file's header: about the whole file, outdated, or on a line that the diff does not show. */
  readonly onFile: readonly DiffThread[];
}

export function lineKey(side: DiffSide, line: number): string {
  return `${side}:${line}`;
}

/** Sorts a file's threads under its lines. `isShown` says whether a line is among the rows, so that no thread gets lost in a fold. */
export function anchorThreads(file: DiffFile, threads: readonly DiffThread[], isShown: (side: DiffSide, line: number) => boolean): AnchoredThreads {
  const byLine = new Map<string, DiffThread[]>();
  const onFile: DiffThread[] = [];
  for (const thread of threads) {
    if (thread.path !== file.path && !(thread.side === 'old' && thread.path === file.oldPath)) continue;
    if (thread.line === undefined || thread.outdated || !isShown(thread.side, thread.line)) {
      onFile.push(thread);
    } else {
      const key = lineKey(thread.side, thread.line);
      byLine.set(key, [...(byLine.get(key) ?? []), thread]);
    }
  }
  return { byLine, onFile };
}
