import { watch } from 'node:fs';
import { onTestFailed } from 'vitest';
import { ApiFailure } from './startServer';

/** Chances that are the same again for the same seed. */
export interface Chances {
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
}

/** How often a test kills a server: a hunt for something rare may want more than its own number. */
export function killRounds(usual: number): number {
  return Number(process.env.KRADLE_TEST_KILL_ROUNDS ?? usual);
}

/** Chances of this test. When it fails it says its seed, with which `KRADLE_TEST_SEED` makes it the same again. */
export function chancesOfTest(): Chances {
  const seed = Number(process.env.KRADLE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  onTestFailed(() => void process.stderr.write(`the moments of these kills: KRADLE_TEST_SEED=${seed}\n`));
  const next = mulberry32(seed);
  return {
    between: (from, to) => from + next() * (to - from),
    pick<T>(items: readonly T[]): T {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error('nothing to choose from');
      return item;
    },
  };
}

/** Resolves so many ms after it was called, to some microseconds: timers know only milliseconds. */
export async function moment(ms: number): Promise<void> {
  const at = performance.now() + ms;
  if (ms > 2) await new Promise((resolve) => setTimeout(resolve, ms - 2));
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when a file is made, renamed or removed in one of these folders whose name matches. */
export async function fileMoved(folders: readonly string[], names: RegExp, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const folder of folders) {
      const watcher = watch(folder, { signal }, (_event, name) => {
        if (name !== null && names.test(name)) resolve();
      });
      // A folder that goes is seen as such.
      watcher.on('error', () => undefined);
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A small generator that is good enough for moments (public domain, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What became of a request to a server that may be killed: `done`, what the server said against it, or `cut off` for one that has no answer. */
export async function answerOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status} ${error.body.error?.code ?? ''} ${error.message}`;
    return 'cut off';
  }
}
