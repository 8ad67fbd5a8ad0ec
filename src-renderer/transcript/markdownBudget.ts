/** Characters of Markdown that are parsed in one frame; about six milliseconds of work. */
const CHARACTERS_A_FRAME = 8000;

/**
 * Shares out the parsing of Markdown over frames. Text that was not parsed yet is shown plain for a moment, so neither a flood of
 * messages nor fast scrolling holds up a frame.
 */
export class MarkdownBudget {
  #left = CHARACTERS_A_FRAME;
  readonly #waiting = new Set<{ readonly length: number; readonly run: () => void }>();
  #scheduled = false;

  /** Whether there is room for so much in this frame; takes it when there is. */
  take(length: number): boolean {
    this.#schedule();
    // Something that is larger than any frame's share goes through when nothing else did.
    if (this.#left < CHARACTERS_A_FRAME && this.#left < length) return false;
    this.#left -= length;
    return true;
  }

  /** Runs when a frame has room. Answers what cancels. */
  wait(length: number, run: () => void): () => void {
    const entry = { length, run };
    this.#waiting.add(entry);
    this.#schedule();
    return () => this.#waiting.delete(entry);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#left = CHARACTERS_A_FRAME;
      // The newest first: it is nearest to what is being read.
      for (const entry of [...this.#waiting].reverse()) {
        if (!this.take(entry.length)) break;
        this.#waiting.delete(entry);
        entry.run();
      }
      if (this.#waiting.size > 0) this.#schedule();
    });
  }
}

/** The window's own. */
export const markdownBudget = new MarkdownBudget();
