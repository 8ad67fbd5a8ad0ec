/** Short news at the edge of the window. */
export interface ToastItem {
  readonly id: number;
  readonly tone: 'success' | 'danger' | 'warning' | 'info';
  readonly title: string;
  readonly description?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

export type ToastOptions = Pick<ToastItem, 'description' | 'correlationId' | 'action'>;

/** Says what happened, from anywhere. Errors stay until they are closed. */
export const toast = {
  success: (title: string, opts: ToastOptions = {}) => add({ tone: 'success', title, ...opts }),
  info: (title: string, opts: ToastOptions = {}) => add({ tone: 'info', title, ...opts }),
  warning: (title: string, opts: ToastOptions = {}) => add({ tone: 'warning', title, ...opts }),
  error: (title: string, opts: ToastOptions = {}) => add({ tone: 'danger', title, ...opts }),
};

/** For `useSyncExternalStore`. */
export const toastStore = {
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  items: (): readonly ToastItem[] => items,
  dismiss: (id: number): void => {
    items = items.filter((item) => item.id !== id);
    notify();
  },
};

const MAX_SHOWN = 4;
const listeners = new Set<() => void>();
let items: readonly ToastItem[] = [];
let nextId = 1;

function add(item: Omit<ToastItem, 'id'>): void {
  // The same news twice is one.
  items = [...items.filter((each) => each.title !== item.title || each.tone !== item.tone), { ...item, id: nextId++ }].slice(-MAX_SHOWN);
  notify();
}

function notify(): void {
  for (const listener of listeners) listener();
}
