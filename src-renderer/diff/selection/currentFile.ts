import { useSyncExternalStore } from 'react';

/** The file at the top of the window. It changes while the reader scrolls, so only what shows it is drawn again. */
export class CurrentFile {
  readonly #listeners = new Set<() => void>();
  #path: string | undefined;

  readonly get = (): string | undefined => this.#path;

  readonly set = (path: string | undefined): void => {
    if (path === this.#path) return;
    this.#path = path;
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useCurrentFile(current: CurrentFile): string | undefined {
  return useSyncExternalStore(current.subscribe, current.get);
}
