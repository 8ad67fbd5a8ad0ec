import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Dialect } from './sql/dialect';

/** What history a resuming watch can count on: these many changes, and this long. As kine and kube-apiserver keep it. */
const KEEP_REVISIONS = 1_000n;
const KEEP_MS = 5 * 60_000;
const EVERY_MS = 60_000;
export type CompactionTarget = Pick<Dialect, 'revisions' | 'stampAfter' | 'raiseFloor' | 'trimLog' | 'tidy'>;

export interface CompactorOptions {
  readonly log: Logger;
  /** Milliseconds since the epoch. People and time servers set it, back and far ahead. */
  readonly clock: () => number;
  /** Milliseconds since some moment, whatever becomes of the clock. */
  readonly elapsed: () => number;
}

/** What the newest revision was at some moment of this process's life. */
interface Sample {
  readonly at: number;
  readonly head: bigint;
}

/**
 * Deletes history that nobody can count on any more. The floor is raised first, in one step: from then on the history below is gone
 * for every reader. Only then are its rows deleted, in small batches with the event loop free between them. A crash half way leaves
 * rows below the floor, which the next start deletes.
 */
export class Compactor {
  readonly #target: CompactionTarget;
  readonly #opts: CompactorOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  /** One a round, oldest first, back to one that is old enough. */
  #samples: readonly Sample[] = [];
  /** The round that the clock has begun last. */
  #round: Promise<void> = Promise.resolve();
  /** One compaction after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(target: CompactionTarget, opts: CompactorOptions) {
    this.#target = target;
    this.#opts = opts;
  }

  /** Finishes what a crash interrupted, in the background, and compacts once a minute from then on. */
  start(): void {
    this.#stopping = false;
    const tick = (): void => {
      this.#round = this.runOnce().catch((error: unknown) => {
        // Of a database that is given up with the store nothing is to be told.
        if (!this.#stopping) this.#opts.log.error({ err: error }, 'compaction failed');
      });
    };
    tick();
    this.#timer = setInterval(tick, EVERY_MS).unref();
  }

  /** Stops after the step that is running. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#round;
    await this.#last;
  }

  /** One round by the rule: keep the last 1,000 revisions, and those of the last five minutes. */
  async runOnce(): Promise<void> {
    const { head, floor } = await this.#target.revisions();
    const [oldest, isOldEnough] = this.#sample(head);
    const byCount = head - KEEP_REVISIONS;
    const byAge = byCount > floor ? (isOldEnough ? oldest : min(oldest, await this.#newestAsOld(this.#opts.clock() - KEEP_MS, floor, head))) : floor;
    await this.compactTo(min(byAge, byCount));
  }

  /**
   * The head as it was five minutes ago, or as long as this process knows. Whatever the clock says: what came after is younger, and once
   * it is five minutes what came before is old enough. Until then the times in the log decide, of which some may be of another clock.
   */
  #sample(head: bigint): [head: bigint, isOldEnough: boolean] {
    const at = this.#opts.elapsed();
    const samples = [...this.#samples, { at, head }];
    const aged = samples.findLastIndex((sample) => at - sample.at >= KEEP_MS);
    this.#samples = samples.slice(Math.max(0, aged));
    return [this.#samples[0]?.head ?? head, aged >= 0];
  }

  /** Makes `target` the floor, if it is above the present one, and deletes all there is below the floor. */
  compactTo(target: bigint): Promise<void> {
    const run = this.#last.then(() => this.#compact(target));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #compact(target: bigint): Promise<void> {
    await this.#target.raiseFloor(target);
    let deleted = 0;
    let batch: number | undefined;
    while (batch !== 0 && !this.#stopping) {
      batch = await this.#target.trimLog();
      deleted += batch;
      await nextTurn();
    }
    while (deleted > 0 && !this.#stopping && (await this.#target.tidy())) await nextTurn();
    if (deleted > 0) this.#opts.log.debug({ deleted, floor: target.toString() }, 'compacted the revision log');
  }

  /** The newest revision that is at least as old as `time`, by halving: times rise with revisions, near enough. */
  async #newestAsOld(time: number, floor: bigint, head: bigint): Promise<bigint> {
    let low = floor;
    let high = head;
    while (low < high && !this.#stopping) {
      const middle = low + (high - low) / 2n;
      const stamp = await this.#target.stampAfter(middle);
      if (stamp === undefined || stamp.at > time) high = middle;
      else low = stamp.revision;
    }
    return low;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
