import { useState } from 'react';
import type { DiffMode } from './model/diffRows';

export interface DiffPreferences {
  readonly mode: DiffMode;
  readonly tree: boolean;
  /** Long lines go on below; otherwise all lines are moved sideways together. */
  readonly wrap: boolean;
}

const STORAGE_KEY = 'kradle.diff';

/** How this browser likes its diffs. */
export function useDiffPreferences(): [DiffPreferences, (change: Partial<DiffPreferences>) => void] {
  const [preferences, setPreferences] = useState(read);
  const change = (next: Partial<DiffPreferences>) => {
    setPreferences((before) => {
      const changed = { ...before, ...next };
      try {
        localStorage.setItem(STORAGE_KEY, JSON.stringify(changed));
      } catch {
        // Storage is closed: the choice lasts as long as the page.
      }
      return changed;
    });
  };
  return [preferences, change];
}

function read(): DiffPreferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Partial<DiffPreferences>;
    return { mode: stored.mode === 'split' ? 'split' : 'unified', tree: stored.tree !== false, wrap: stored.wrap !== false };
  } catch {
    return { mode: 'unified', tree: true, wrap: true };
  }
}
