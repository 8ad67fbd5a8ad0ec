import { useSyncExternalStore } from 'react';

/** The present time in ms since the epoch; moves once in `stepMs`, for all who ask for that step at once. */
export function useNow(stepMs: 1000 | 10_000 | 60_000): number {
  // The functions themselves, the same on every render: a new one would subscribe again, and a clock without listeners starts anew.
  const { subscribe, now } = clockOf(stepMs);
  return useSyncExternalStore(subscribe, now);
}

/** "just now", "5m ago", "3d ago", "in 2h"; older than 30 days as a date. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const ago = (count: number, unit: string) => (seconds < 0 ? `in ${count}${unit}` : `${count}${unit} ago`);
  const distance = Math.abs(seconds);
  if (distance < 10) return 'just now';
  if (distance < 60) return ago(distance, 's');
  if (distance < 3600) return ago(Math.floor(distance / 60), 'm');
  if (distance < 86_400) return ago(Math.floor(distance / 3600), 'h');
  if (distance < 30 * 86_400) return ago(Math.floor(distance / 86_400), 'd');
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** A length of time as people say it: `850ms`, `12s`, `3m 04s`, `2h 10m`, `4d 6h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h`;
}

/** Date and time in full, in the reader's zone. */
export function formatAbsolute(at: number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'long' });
}

interface Clock {
  readonly subscribe: (listener: () => void) => () => void;
  readonly now: () => number;
}

const clocks = new Map<number, Clock>();

function clockOf(stepMs: number): Clock {
  const existing = clocks.get(stepMs);
  if (existing !== undefined) return existing;
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const clock: Clock = {
    subscribe(listener) {
      listeners.add(listener);
      if (timer === undefined) {
        now = Date.now();
        timer = setInterval(() => {
          now = Date.now();
          for (const each of listeners) each();
        }, stepMs);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    // Between ticks the same value, as `useSyncExternalStore` asks; without listeners there are no ticks.
    now() {
      if (timer === undefined && Date.now() - now >= stepMs) now = Date.now();
      return now;
    },
  };
  clocks.set(stepMs, clock);
  return clock;
}
