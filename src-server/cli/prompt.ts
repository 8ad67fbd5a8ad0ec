import { createInterface } from 'node:readline';
import type { Terminal } from './terminal';

/** Keys that were hit before the question could be read do not count as its answer. */
const IGNORE_MS = 500;

/**
 * Asks for a line on standard error, so that standard output stays the result. Undefined when the input ends or the signal takes
 * the question back.
 */
export async function askLine(terminal: Terminal, question: string, opts: { signal?: AbortSignal; ignoreMs?: number } = {}): Promise<string | undefined> {
  const { signal, ignoreMs = 0 } = opts;
  if (signal?.aborted === true) return undefined;
  const lines = createInterface({ input: terminal.stdin, terminal: false });
  const askedAt = performance.now();
  terminal.err(question);
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.on('line', (line) => {
        if (performance.now() - askedAt < ignoreMs) terminal.err(question);
        else resolve(line.trim());
      });
      lines.once('close', () => resolve(undefined));
      signal?.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  } finally {
    lines.close();
    // An open terminal would keep the process alive.
    terminal.stdin.pause();
  }
}

/** A question that destroys something: only "y" or "yes" means yes. */
export async function askYesNo(terminal: Terminal, question: string): Promise<boolean> {
  const answer = await askLine(terminal, `${question} [y/N] `);
  return answer !== undefined && /^y(es)?$/i.test(answer);
}

export interface Choice<TValue> {
  readonly label: string;
  readonly value: TValue;
}

/** Lets a person choose by number. There is no default: a stray Enter must not allow anything. Undefined as in {@link askLine}. */
export async function askChoice<TValue>(terminal: Terminal, choices: readonly Choice<TValue>[], signal?: AbortSignal): Promise<TValue | undefined> {
  terminal.err(choices.map((choice, index) => `  ${terminal.errStyle.bold(String(index + 1))}  ${choice.label}\n`).join(''));
  for (;;) {
    const answer = await askLine(terminal, `Your answer (1-${choices.length}): `, { ignoreMs: IGNORE_MS, ...(signal === undefined ? {} : { signal }) });
    if (answer === undefined) return undefined;
    const choice = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
    if (choice !== undefined) return choice.value;
  }
}
