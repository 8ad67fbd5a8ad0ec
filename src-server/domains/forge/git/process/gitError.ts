/** Why a git process did not do its work. */
export type GitFailure =
  /** It ended with a code that the caller did not expect. */
  | 'failed'
  /** It was ended because its time was over. */
  | 'timeout'
  /** It was ended because it wrote more than the caller accepts. */
  | 'overflow';

export interface GitErrorDetails {
  readonly failure: GitFailure;
  /** Exit code; undefined when the process was ended by a signal or never started. */
  readonly exitCode?: number | undefined;
  /** The end of what git wrote on standard error, without credentials. */
  readonly stderr?: string;
  readonly cause?: unknown;
}

/**
 * A git process failed in a way that its caller did not foresee. Verbs turn the failures they foresee into a StatusError; this one
 * reaching a door is a bug or a broken repository, and its text is for the log, not for users.
 */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly failure: GitFailure;
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, details: GitErrorDetails) {
    const stderr = redactCredentials(details.stderr ?? '').trim();
    super(`${redactCredentials(command)}: ${describe(details)}${stderr === '' ? '' : `: ${stderr}`}`, { cause: details.cause });
    this.failure = details.failure;
    this.exitCode = details.exitCode;
    this.stderr = stderr;
  }
}

/** Replaces the user information of every URL in a text: `https://user:secret@host/` becomes `https://***@host/`. */
export function redactCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, '$1***@');
}

function describe(details: GitErrorDetails): string {
  switch (details.failure) {
    case 'failed':
      return details.exitCode === undefined ? 'was ended by a signal' : `ended with code ${details.exitCode}`;
    case 'timeout':
      return 'took too long';
    case 'overflow':
      return 'wrote more than is accepted';
  }
}
