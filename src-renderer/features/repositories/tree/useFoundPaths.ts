import { useEffect, useMemo, useRef, useState } from 'react';
import type { FindPathsAnswer, FindPathsMessage } from './findPathsWorker';
import { matchPaths, type PathMatch } from './matchPaths';

/** Up to here a search takes less than a frame. */
const SMALL = 5000;

/** The paths that fit a text best. Of many they are found beside the page, and what was found before stays until they are. */
export function useFoundPaths(paths: readonly string[] | undefined, text: string, limit: number): readonly PathMatch[] {
  const small = paths !== undefined && paths.length <= SMALL;
  const worker = useRef<Worker>(undefined);
  const lastId = useRef(0);
  const [beside, setBeside] = useState<readonly PathMatch[]>([]);
  const here = useMemo(() => (small ? matchPaths(paths, text, limit) : undefined), [paths, small, text, limit]);
  useEffect(() => {
    if (paths === undefined || small) return;
    const started = new Worker(new URL('./findPathsWorker.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<FindPathsAnswer>) => {
      if (data.id === lastId.current) setBeside(data.found);
    });
    const message: FindPathsMessage = { paths };
    started.postMessage(message);
    worker.current = started;
    return () => {
      started.terminate();
      worker.current = undefined;
    };
  }, [paths, small]);
  useEffect(() => {
    if (paths === undefined || small) return;
    lastId.current += 1;
    const message: FindPathsMessage = { id: lastId.current, text, limit };
    worker.current?.postMessage(message);
  }, [paths, small, text, limit]);
  return here ?? beside;
}
