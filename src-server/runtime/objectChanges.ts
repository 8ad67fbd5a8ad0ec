import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { ResourceClient } from '../resources/resourceClient';
import type { WriteFeed } from '../resources/writeFeed';
import type { Runnable } from './controller';

const RETRY_MS = 1_000;

/**
 * What is written to objects of some kinds: by this process before the writer has its answer, by other processes when the watch tells.
 * A change may be told twice.
 */
export interface ObjectChanges {
  /** `change` is undefined when anything may have changed: the watch was interrupted. Listeners must not throw. */
  onChange(listener: (change: KradleObject | undefined) => void): void;
}

/** Joins the two sources. Tells of own writes from the start; of others' once it is started. */
export function createObjectChanges(opts: { kinds: readonly AnyKind[]; writes: Pick<WriteFeed, 'onWrite'>; resources: ResourceClient; clock: Clock; log: Logger }): ObjectChanges & Runnable {
  const { resources, kinds, clock } = opts;
  const names = new Set(kinds.map((kind) => kind.names.kind));
  const listeners: ((change: KradleObject | undefined) => void)[] = [];
  const abort = new AbortController();
  const tell = (change: KradleObject | undefined) => {
    for (const listener of listeners) listener(change);
  };
  const stopListening = opts.writes.onWrite((object) => {
    if (names.has(object.kind)) tell(object);
  });
  let running: Promise<void> = Promise.resolve();

  async function follow(): Promise<void> {
    while (!abort.signal.aborted) {
      try {
        const events = resources.watchOrg({ org: '*', kinds, signal: abort.signal });
        // Between the watch before and this one, anything may have happened.
        tell(undefined);
        for await (const { object } of events) if (object !== undefined) tell(object);
      } catch (error) {
        if (abort.signal.aborted) return;
        opts.log.warn({ err: error, kinds: [...names] }, 'watch ended; resuming');
      }
      if (!abort.signal.aborted) await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(RETRY_MS, done);
      function done(): void {
        cancel();
        abort.signal.removeEventListener('abort', done);
        resolve();
      }
      abort.signal.addEventListener('abort', done, { once: true });
    });
  }

  return {
    name: 'object changes',
    onChange: (listener) => void listeners.push(listener),
    async start() {
      running = follow();
    },
    async stop() {
      stopListening();
      abort.abort();
      await running;
    },
  };
}
