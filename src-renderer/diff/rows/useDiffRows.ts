import { useMemo, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import { DiffRowCache } from '../model/diffRowCache';
import { LARGE_FILE_LINES, type DiffMode, type DiffRow, type FileRowsState } from '../model/diffRows';
import type { DiffThread } from '../model/diffThread';
import type { DiffUiState } from '../diffUiState';

const NO_THREADS: readonly DiffThread[] = [];
const NO_GAPS: FileRowsState['openings'] = new Map();

export interface DiffRowsOptions {
  readonly files: readonly DiffFile[];
  readonly ui: DiffUiState;
  readonly mode: DiffMode;
  readonly ignoreWhitespace: boolean;
  readonly isCollapsed: (file: DiffFile) => boolean;
  readonly threads: ReadonlyMap<string, readonly DiffThread[]>;
  readonly expandable: boolean;
  readonly images: boolean;
}

/** Every row of the diff. A file whose state is as it was keeps its rows. */
export function useDiffRows({ files, ui, mode, ignoreWhitespace, isCollapsed, threads, expandable, images }: DiffRowsOptions): readonly DiffRow[] {
  const [cache] = useState(() => new DiffRowCache());
  return useMemo(
    () =>
      files.flatMap((file) =>
        cache.rows(file, {
          mode,
          collapsed: isCollapsed(file),
          ignoreWhitespace,
          deferred: isDeferred(file, ui),
          contents: ui.contents.get(file.path),
          openings: ui.openings.get(file.path) ?? NO_GAPS,
          expandable,
          images,
          threads: threads.get(file.path) ?? NO_THREADS,
          composer: ui.composer?.path === file.path ? ui.composer : undefined,
        }),
      ),
    [files, cache, mode, ignoreWhitespace, isCollapsed, ui, expandable, images, threads],
  );
}

/** Whether a file's lines wait until the reader asks for them. */
export function isDeferred(file: DiffFile, ui: DiffUiState): boolean {
  return file.additions + file.deletions > LARGE_FILE_LINES && !ui.undeferred.has(file.path);
}

/** The conversations of each file, under the name that it has in this diff. */
export function threadsByPath(files: readonly DiffFile[], threads: readonly DiffThread[]): ReadonlyMap<string, readonly DiffThread[]> {
  const renamed = new Map(files.flatMap((file) => (file.oldPath === undefined ? [] : [[file.oldPath, file.path] as const])));
  const present = new Set(files.map((file) => file.path));
  const grouped = new Map<string, DiffThread[]>();
  for (const thread of threads) {
    const path = present.has(thread.path) ? thread.path : (renamed.get(thread.path) ?? thread.path);
    grouped.set(path, [...(grouped.get(path) ?? []), thread]);
  }
  return grouped;
}
