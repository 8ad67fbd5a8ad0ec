import type { RunReason } from '#shared/kinds/agents/agentDispatchRun';

/** Why an agent could not do, or did not finish, its work. The message is for the person who dispatched: it says what to do next. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly reason: RunReason;
  /** Trying the same run again may well work. */
  readonly retryable: boolean;
  readonly exitCode: number | undefined;

  constructor(reason: RunReason, message: string, details: { retryable?: boolean; exitCode?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.reason = reason;
    this.retryable = details.retryable ?? false;
    this.exitCode = details.exitCode;
  }
}

/** The end of a text for a message: at most `lines` lines and 1,500 characters. */
export function lastLines(text: string, lines = 12): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n').slice(-1500);
}
