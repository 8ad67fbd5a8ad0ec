import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { formatDiffAnchor, parseDiffAnchor, type DiffAnchor } from '../model/diffAnchor';

/** Time that the selection stands still before the address says it, in ms: browsers refuse hundreds of changes in a row. */
const ADDRESS_DELAY_MS = 200;

export interface DiffSelection {
  /** The file or lines that the reader is at. */
  readonly anchor: DiffAnchor | undefined;
  readonly select: (anchor: DiffAnchor | undefined) => void;
}

/** The place that the reader is at. The address names it, so that a link and a reload lead there; it follows a moment later. */
export function useDiffSelection(): DiffSelection {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const [anchor, setAnchor] = useState(() => parseDiffAnchor(hash));
  const [seen, setSeen] = useState(hash);
  const [written, setWritten] = useState(hash);
  if (hash !== seen) {
    setSeen(hash);
    // What this hook wrote itself may be older than where the reader is by now.
    if (hash !== written) setAnchor(parseDiffAnchor(hash));
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const select = useCallback(
    (next: DiffAnchor | undefined) => {
      setAnchor(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        const address = next === undefined ? '' : formatDiffAnchor(next);
        setWritten(address);
        void navigate({ to: '.', search: true, hash: address, replace: true, resetScroll: false, hashScrollIntoView: false });
      }, ADDRESS_DELAY_MS);
    },
    [navigate],
  );
  return { anchor, select };
}
