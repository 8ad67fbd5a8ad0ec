import { useRef, useState, type ReactNode } from 'react';

export interface SplitPaneProps {
  /** Where the width is remembered in this browser. */
  id: string;
  /** The narrower side, first. */
  side: ReactNode;
  children: ReactNode;
  label: string;
  initialPx?: number;
  minPx?: number;
  maxPx?: number;
}

/** Two panes with a movable line between them, by pointer and by arrow keys. On narrow windows only the main one shows. */
export function SplitPane({ id, side, children, label, initialPx = 280, minPx = 180, maxPx = 560 }: SplitPaneProps) {
  const [width, setWidth] = useState(() => Number(localStorage.getItem(`kradle.split.${id}`)) || initialPx);
  const start = useRef<{ x: number; width: number }>(undefined);
  const resize = (next: number) => {
    const clamped = Math.min(maxPx, Math.max(minPx, next));
    setWidth(clamped);
    localStorage.setItem(`kradle.split.${id}`, String(clamped));
  };
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <div className="hidden shrink-0 overflow-auto md:block" style={{ width }}>{side}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={width}
        aria-valuemin={minPx}
        aria-valuemax={maxPx}
        tabIndex={0}
        className="hidden w-1 shrink-0 cursor-col-resize touch-none border-l hover:bg-accent-soft focus-visible:bg-accent-soft md:block"
        onPointerDown={(event) => {
          start.current = { x: event.clientX, width };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => start.current !== undefined && resize(start.current.width + event.clientX - start.current.x)}
        onPointerUp={() => (start.current = undefined)}
        onDoubleClick={() => resize(initialPx)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') resize(width - 16);
          if (event.key === 'ArrowRight') resize(width + 16);
        }}
      />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{children}</div>
    </div>
  );
}
