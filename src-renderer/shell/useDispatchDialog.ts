import { useSyncExternalStore } from 'react';

/** What the dialog starts with. */
export interface DispatchRequest {
  readonly repository?: string | undefined;
  /** Name of an AgentStack. */
  readonly stack?: string | undefined;
  readonly prompt?: string | undefined;
  readonly branch?: string | undefined;
}

/** Opens the dispatch dialog from anywhere. The shell mounts it: `features/runs/DispatchDialog`. */
export function useDispatchDialog(): { request: DispatchRequest | undefined; open: (request?: DispatchRequest) => void; close: () => void } {
  const request = useSyncExternalStore(subscribe, () => current);
  return { request, open, close };
}

const listeners = new Set<() => void>();
let current: DispatchRequest | undefined;

function open(request: DispatchRequest = {}): void {
  set(request);
}

function close(): void {
  set(undefined);
}

function set(request: DispatchRequest | undefined): void {
  current = request;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
