import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type Range } from '@tanstack/react-virtual';
import { useLayoutEffect, useReducer, useState } from 'react';
import { flushSync } from 'react-dom';

export interface RowWindowOptions {
  readonly count: number;
  readonly getScrollElement: () => HTMLElement | null;
  /** In px. */
  readonly estimateSize: (index: number) => number;
  readonly getItemKey: (index: number) => string | number;
  /** Distance from the top of what scrolls to the first row, in px. */
  readonly scrollMargin: number;
  /** Height of what covers the top of the window, in px. */
  readonly scrollPaddingStart: number;
  /** A row above the window that is drawn all the same. */
  readonly extraRow: (firstVisible: number) => number | undefined;
  /** What else of the place in the window makes another picture. */
  readonly pictureOf: (rows: RowWindow) => unknown;
}

export type RowWindow = Virtualizer<HTMLElement, Element>;

/** Rows that come and go together. While fewer scroll by, nothing is drawn anew: the browser moves what there is. */
const STEP = 8;
/** Rows that are drawn above and below the window, at least. */
const OVERSCAN = 16;

/** The rows that the window shows. Unlike `useVirtualizer` it does not draw again for every row that scrolls by. */
export function useRowWindow(options: RowWindowOptions): RowWindow {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const [drawn] = useState(() => new DrawnPicture());
  const { extraRow, pictureOf, ...own } = options;
  const settings = {
    ...own, observeElementRect, observeElementOffset, scrollToFn: elementScroll, overscan: OVERSCAN,
    rangeExtractor: (range: Range) => {
      const { first, last } = windowOf(range.startIndex, range.endIndex, range.count);
      const rows = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const extra = extraRow(range.startIndex);
      return extra === undefined || extra >= first ? rows : [extra, ...rows];
    },
    onChange: (rows: RowWindow, isScrolling: boolean) => {
      if (drawn.is(look(rows, pictureOf))) return;
      // A frame with rows that are not drawn yet would be white.
      if (isScrolling) flushSync(draw);
      else draw();
    },
  };
  const [rows] = useState<RowWindow>(() => new Virtualizer<HTMLElement, Element>(settings));
  rows.setOptions(settings);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => {
    drawn.set(look(rows, pictureOf));
  });
  return rows;
}

/** All that decides what is drawn. */
interface Picture {
  readonly first: number;
  readonly last: number;
  readonly height: number;
  readonly more: unknown;
}

function look(rows: RowWindow, pictureOf: RowWindowOptions['pictureOf']): Picture {
  const { startIndex = 0, endIndex = -1 } = rows.range ?? {};
  return { ...windowOf(startIndex, endIndex, rows.options.count), height: rows.getTotalSize(), more: pictureOf(rows) };
}

/** What was drawn last. */
class DrawnPicture {
  #picture: Picture | undefined;

  is({ first, last, height, more }: Picture): boolean {
    const drawn = this.#picture;
    return drawn !== undefined && drawn.first === first && drawn.last === last && drawn.height === height && drawn.more === more;
  }

  set(picture: Picture): void {
    this.#picture = picture;
  }
}

function windowOf(start: number, end: number, count: number): { first: number; last: number } {
  return { first: Math.max(0, Math.floor(start / STEP) * STEP - OVERSCAN), last: Math.min(count - 1, Math.ceil((end + 1) / STEP) * STEP - 1 + OVERSCAN) };
}
