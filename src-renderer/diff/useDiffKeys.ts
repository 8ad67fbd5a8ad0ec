import { useEffect, useRef, type RefObject } from 'react';

export interface DiffKeys {
  readonly nextFile: () => void;
  readonly previousFile: () => void;
  readonly nextChange: () => void;
  readonly previousChange: () => void;
  readonly comment?: () => void;
}

/** `n`/`p`: next and previous file; `j`/`k`: next and previous change; `c`: comment on the selected lines. */
export function useDiffKeys(ref: RefObject<HTMLElement | null>, keys: DiffKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || ref.current === null) return;
      const { nextFile, previousFile, nextChange, previousChange, comment } = latest.current;
      const action = { n: nextFile, p: previousFile, j: nextChange, k: previousChange, c: comment }[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [ref]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]') !== null);
}
