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
  readonly comments: readonly DiffThreadComment[];
  /** The line as it was when the first comment was written. */
  readonly lineText?: string;
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
