import { useDeferredValue, useMemo, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import type { DiffAnchor } from '../model/diffAnchor';
import { findInDiff } from './diffFind';

/** What the reader looks for in a diff, and the place that they are at. */
export function useDiffFind(files: readonly DiffFile[], select: (anchor: DiffAnchor) => void) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [at, setAt] = useState(-1);
  const [onlyFiles, setOnlyFiles] = useState(false);
  // Typing goes on while thousands of lines are looked through.
  const wanted = useDeferredValue(isOpen ? text : '');
  const matches = useMemo(() => findInDiff(files, wanted), [files, wanted]);
  const shown = useMemo(() => {
    if (!isOpen || !onlyFiles || wanted.trim().length < 2) return files;
    const paths = new Set(matches.map((match) => match.path));
    return files.filter((file) => paths.has(file.path));
  }, [files, matches, isOpen, onlyFiles, wanted]);
  const bar = {
    text,
    matches: matches.length,
    at,
    onlyFiles,
    onText: (next: string) => {
      setText(next);
      setAt(-1);
    },
    onStep: (by: 1 | -1) => {
      const next = at === -1 && by === -1 ? matches.length - 1 : (at + by + matches.length) % Math.max(1, matches.length);
      const match = matches[next];
      if (match === undefined) return;
      setAt(next);
      select(match);
    },
    onOnlyFiles: setOnlyFiles,
    onClose: () => setOpen(false),
  };
  return { isOpen, open: () => setOpen(true), text: wanted, shown, bar };
}
