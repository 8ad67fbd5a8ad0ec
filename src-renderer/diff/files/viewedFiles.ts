import { useCallback, useState } from 'react';
import type { DiffFile } from '#shared/api/git';

/** Diffs whose marks are kept at once; the oldest go first. */
const MAX_DIFFS = 50;
const STORAGE_KEY = 'kradle.viewed';

export interface ViewedFiles {
  readonly isViewed: (file: DiffFile) => boolean;
  readonly setViewed: (file: DiffFile, viewed: boolean) => void;
}

/** The reader's "viewed" marks of one diff, kept in this browser. A file that changed since it was marked counts as not viewed. */
export function useViewedFiles(diffKey: string | undefined): ViewedFiles {
  const [marks, setMarks] = useState<Readonly<Record<string, string>>>(() => (diffKey === undefined ? {} : (readAll()[diffKey] ?? {})));
  const isViewed = useCallback((file: DiffFile) => marks[file.path] === versionOf(file), [marks]);
  const setViewed = useCallback(
    (file: DiffFile, viewed: boolean) => {
      setMarks((before) => {
        const { [file.path]: _, ...others } = before;
        const next = viewed ? { ...others, [file.path]: versionOf(file) } : others;
        if (diffKey !== undefined) write(diffKey, next);
        return next;
      });
    },
    [diffKey],
  );
  return { isViewed, setViewed };
}

function versionOf(file: DiffFile): string {
  return `${file.oldSha ?? ''}..${file.newSha ?? `${file.additions}+${file.deletions}`}`;
}

function readAll(): Record<string, Record<string, string>> {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Record<string, Record<string, string>>;
  } catch {
    return {};
  }
}

function write(diffKey: string, marks: Readonly<Record<string, string>>): void {
  try {
    const { [diffKey]: _, ...others } = readAll();
    const kept = Object.entries(others).slice(-(MAX_DIFFS - 1));
    localStorage.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries([...kept, [diffKey, marks]])));
  } catch {
    // Storage is closed or full: the marks last as long as the page.
  }
}
