import type { ReactNode } from 'react';
import type { DiffFile, DiffView as DiffData } from '#shared/api/git';
import type { DiffAnchor } from './model/diffAnchor';
import type { NewComment } from './diffContext';
import type { DiffMode } from './model/diffRows';
import type { DiffThread, SuggestionActions } from './model/diffThread';
import type { ViewedFiles } from './files/viewedFiles';

export interface DiffViewProps {
  diff: DiffData;
  /** The reader's "viewed" marks, where the server keeps them. */
  viewed?: ViewedFiles;
  /** Names the diff for marks that this browser keeps: `commit/demo/9f2…`. Without either they last as long as the page. */
  diffKey?: string;
  /** Overrides what the reader prefers. */
  mode?: DiffMode;
  /** White space changes are left out by the server. Without, lines that differ in nothing else are shown as unchanged. */
  whitespace?: { readonly ignore: boolean; readonly onChange: (ignore: boolean) => void };
  threads?: readonly DiffThread[];
  onComment?: (comment: NewComment) => Promise<void>;
  /** Puts a comment into the reader's unsent review. */
  onStage?: (comment: NewComment) => void | Promise<void>;
  /** Why a place takes no comment; undefined when it does. */
  commentRefusal?: (place: DiffAnchor) => Promise<string | undefined>;
  /** Comments that wait in that review. */
  staged?: number;
  onReply?: (thread: DiffThread, body: string) => Promise<void>;
  onResolve?: (thread: DiffThread, resolved: boolean) => Promise<void>;
  onDiscard?: (thread: DiffThread) => void | Promise<void>;
  onRevise?: (thread: DiffThread, body: string) => Promise<void>;
  suggestions?: SuggestionActions;
  /** Fetches a file whose diff was cut short. */
  onLoadFile?: (path: string) => Promise<DiffFile | undefined>;
  /** Fetches the text of a file's new side, so that folds can be opened. */
  onLoadContents?: (file: DiffFile) => Promise<string | undefined>;
  /** Fetches the files after the last one, when `diff.truncated`. */
  onLoadMore?: () => Promise<unknown>;
  /** Address of a blob's bytes: pictures are shown then, and sizes of what has no lines. */
  blobUrl?: (sha: string) => string;
  /** A link of the page to a file, shown in its header. */
  fileLink?: (file: DiffFile) => ReactNode;
  /** Controls of the page, at the end of the toolbar. */
  toolbar?: ReactNode;
}
