import { createContext, useContext, type ReactNode } from 'react';
import type { DiffFile } from '#shared/api/git';
import type { DiffAnchor, DiffSide } from './model/diffAnchor';
import type { DiffGap } from './model/diffGap';
import type { ThreadActions } from './model/diffThread';

/** A comment that the reader wrote. */
export interface NewComment {
  readonly path: string;
  readonly side: DiffSide;
  /** Absent: on the file. */
  readonly line?: number;
  readonly startLine?: number;
  /** Markdown. */
  readonly body: string;
}

/** What rows may do. Stable over renders, so that rows stay memoised. */
export interface DiffActions extends ThreadActions {
  readonly toggleCollapsed: (file: DiffFile) => void;
  readonly setViewed: (file: DiffFile, viewed: boolean) => void;
  readonly loadFile: (file: DiffFile) => void;
  readonly openGap: (file: DiffFile, gap: DiffGap, from: 'top' | 'bottom' | 'all') => void;
  /** Opens every fold of a file. */
  readonly openFile: (file: DiffFile) => void;
  readonly selectLine: (at: { file: DiffFile; side: DiffSide; line: number }) => void;
  readonly compose: (anchor: DiffAnchor | undefined) => void;
  /** Absent: the reader may not comment here. */
  readonly comment?: (comment: NewComment) => Promise<void>;
  readonly stage?: (comment: NewComment) => void | Promise<void>;
  /** Why a place takes no comment; undefined when it does. */
  readonly commentRefusal?: (place: DiffAnchor) => Promise<string | undefined>;
  readonly fileLink?: (file: DiffFile) => ReactNode;
  /** Address of the bytes of a blob. */
  readonly blobUrl?: (sha: string) => string;
  /** The lines of the new side that a place names, for a suggestion; undefined when they do not show. */
  readonly linesOf: (anchor: DiffAnchor) => string | undefined;
  /** Comments that wait in the reader's review. */
  readonly staged: number;
  readonly canExpand: boolean;
}

export const DiffActionsContext = createContext<DiffActions | undefined>(undefined);

export function useDiffActions(): DiffActions {
  const actions = useContext(DiffActionsContext);
  if (actions === undefined) throw new Error('A diff row is shown outside a DiffView.');
  return actions;
}

/** What the reader looks for in the lines; empty: nothing. */
export const FoundTextContext = createContext('');
