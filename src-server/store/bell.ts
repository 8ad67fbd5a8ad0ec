/** Wakes one waiter. A ring before the wait is not lost; several rings count as one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, when the signal aborts, or after `timeoutMs`, whichever is first; never rejects. */
  async wait(opts: { signal: AbortSignal; timeoutMs?: number }): Promise<void> {
    const { signal, timeoutMs } = opts;
    if (!this.#rung && !signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', this.#wake, { once: true });
        if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
      if (this.#wake !== undefined) signal.removeEventListener('abort', this.#wake);
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
