/** Where a command reads and writes; a test hands in its own. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  /** The command's result. */
  out(text: string): void;
  /** Progress, questions, warnings: never part of the result. */
  err(text: string): void;
  /** Whether a person sees standard output as it comes. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Whether a person can answer a question. */
  readonly interactive: boolean;
  /** Width of the screen in columns; `Infinity` when the output goes to a file or a pipe. */
  readonly columns: number;
  /** Colours for standard output. */
  readonly style: Style;
  /** Colours for standard error. */
  readonly errStyle: Style;
}

export type Style = Readonly<Record<keyof typeof SEQUENCES, (text: string) => string>>;

/** The terminal of this process. Colour follows NO_COLOR and FORCE_COLOR, else whether the stream is a terminal. */
export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    stdin,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    get columns() {
      return stdout.isTTY === true ? stdout.columns || 80 : Number.POSITIVE_INFINITY;
    },
    style: createStyle(wantsColour(env, stdout.isTTY === true)),
    errStyle: createStyle(wantsColour(env, stderr.isTTY === true)),
  };
}

export function createStyle(colour: boolean): Style {
  const entries = Object.entries(SEQUENCES).map(([name, [open, close]]) => [
    name,
    (text: string) => (colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text),
  ]);
  return Object.fromEntries(entries) as Style;
}

const SEQUENCES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** https://no-color.org: any non-empty value turns colour off. */
function wantsColour(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}
