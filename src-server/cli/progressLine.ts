import type { Terminal } from './terminal';

/** Often enough to look alive. */
const EVERY_MS = 100;

export interface ProgressLine {
  /** Shows how far something is, on one line that is written over again and again. */
  readonly report: (progress: { what: string; done: number; total?: number }) => void;
  /** Shows what is being done when nothing can be counted. */
  readonly step: (text: string) => void;
  /** Takes the line away, so that something else can be written. */
  readonly clear: () => void;
}

/** Progress on standard error, for somebody who watches; silent where nobody does. */
export function createProgressLine(terminal: Terminal): ProgressLine {
  let shownAt = 0;
  let shown = false;
  const show = (text: string): void => {
    if (!terminal.errIsTerminal) return;
    terminal.err(`\r\u001b[K${text}`);
    shown = true;
  };
  return {
    report({ what, done, total }) {
      const now = performance.now();
      if (now - shownAt < EVERY_MS) return;
      shownAt = now;
      show(total === undefined ? `${done.toLocaleString('en')} ${what}` : `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`);
    },
    step: (text) => show(`checking: ${text}`),
    clear() {
      if (shown) terminal.err('\r\u001b[K');
      shown = false;
    },
  };
}
