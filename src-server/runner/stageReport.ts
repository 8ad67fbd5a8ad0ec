import { setTimeout as sleep } from 'node:timers/promises';
import type { Heartbeat } from '../domains/agents/runnerProtocol';

type Stage = Heartbeat['stage'];

/** What heartbeats tell of the work; a change of stage is told at once. */
export class StageReport {
  agent: Heartbeat['agent'];
  #stage: Stage = 'RunnerStarting';
  #wake: () => void = () => undefined;

  get stage(): Stage {
    return this.#stage;
  }

  set stage(stage: Stage) {
    this.#stage = stage;
    this.#wake();
  }

  /** Resolves when the stage is no longer `from`, or after `timeoutMs`. Rejects when the signal aborts. */
  async change(from: Stage, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#stage !== from) return;
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const timer = new AbortController();
    try {
      await Promise.race([changed, sleep(timeoutMs, undefined, { signal: AbortSignal.any([signal, timer.signal]) })]);
    } finally {
      timer.abort();
    }
  }
}
