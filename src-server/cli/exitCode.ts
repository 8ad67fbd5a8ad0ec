/** What the process answers; documented in docs/reference/cli.md. Scripts rely on these numbers. */
export const EXIT = {
  ok: 0,
  /** The server refused the request, or part of it; a check found something wrong. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No server answers, or it does not accept the token. */
  unreachable: 3,
  notFound: 4,
  /** Someone was faster: already there, already answered, moved on, port or folder taken. */
  conflict: 5,
  /** The command worked; the run that it waited for failed. */
  runFailed: 6,
  runCancelled: 7,
  /** Stopped by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected end of a command: what is wrong, and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  /** A command or setting that helps, shown on its own line. */
  readonly hint: string | undefined;

  constructor(message: string, opts: { exitCode?: ExitCode; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: opts.cause });
    this.exitCode = opts.exitCode ?? EXIT.failed;
    this.hint = opts.hint;
  }
}

export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}
