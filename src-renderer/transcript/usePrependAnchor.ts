import type { Virtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import type { TranscriptRow } from './transcriptRows';

interface Place {
  readonly key: string;
  /** Counted from the last row: rows are added in front. */
  readonly fromEnd: number;
  /** Distance from the top of the window to the row, in px. */
  readonly top: number;
}

/**
 * Keeps what is being read in its place when a page of earlier events comes in front and the row at the top of the window became
 * part of a longer item. (While that row is still there, the virtualizer keeps it in place by its key.)
 */
export function usePrependAnchor(virtual: Virtualizer<HTMLDivElement, Element>, rows: readonly TranscriptRow[], firstSeq: number | undefined): void {
  const before = useRef<{ readonly firstSeq: number | undefined; readonly places: readonly Place[] }>(undefined);
  useLayoutEffect(() => {
    const known = before.current;
    if (known?.firstSeq !== undefined && firstSeq !== undefined && firstSeq < known.firstSeq) {
      const [top] = known.places;
      const keys = new Map(rows.map((row, index) => [row.key, index]));
      if (top !== undefined && !keys.has(top.key)) {
        const survivor = known.places.find((place) => keys.has(place.key)) ?? top;
        const index = keys.get(survivor.key) ?? Math.max(0, rows.length - 1 - survivor.fromEnd);
        const start = virtual.measurementsCache[index]?.start;
        // Written to the element itself: the virtualizer's own scrolling waits for a frame, in which the first page would show.
        if (start !== undefined) virtual.scrollElement?.scrollTo({ top: start - survivor.top, behavior: 'instant' });
      }
    }
    const offset = virtual.scrollOffset ?? 0;
    before.current = {
      firstSeq,
      places: virtual.getVirtualItems().filter((item) => item.end > offset).map((item) => ({ key: String(item.key), fromEnd: rows.length - 1 - item.index, top: item.start - offset })),
    };
  });
}
