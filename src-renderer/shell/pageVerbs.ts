import { useEffect, useRef, useSyncExternalStore } from 'react';

/** Something that can be done on the page that is open; the command palette offers it. */
export interface PageVerb {
  readonly label: string;
  readonly run: () => void;
  readonly keywords?: readonly string[];
  /** Keys that do the same, for the eye only. */
  readonly keys?: string;
}

/** Offers verbs in the command palette while the component is mounted. */
export function usePageVerbs(verbs: readonly PageVerb[]): void {
  // A ref, not an effect event: the overlay and the palette read the layers while they render.
  const current = useRef(verbs);
  useEffect(() => {
    current.current = verbs;
  });
  const names = verbs.map((verb) => verb.label).join('\n');
  useEffect(() => {
    const source = () => current.current;
    sources = [...sources, source];
    notify();
    return () => {
      sources = sources.filter((each) => each !== source);
      notify();
    };
  }, [names]);
}

/** The verbs of the page that is open. */
export function useOfferedVerbs(): readonly PageVerb[] {
  const offered = useSyncExternalStore(subscribe, () => sources);
  return offered.flatMap((source) => source());
}

let sources: readonly (() => readonly PageVerb[])[] = [];
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify(): void {
  for (const listener of listeners) listener();
}
