import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '#shared/api/agents';
import { fieldsOf, stringOf } from '#shared/runs/readEvent';
import { createApiClient, route } from './apiClient';
import type { CommandContext } from './commandContext';
import { askApproval } from './decideApproval';
import { CliError, EXIT, type ExitCode } from './exitCode';
import { phaseColour } from './objectOutput';
import { followRunEvents } from './runEvents';
import type { RunObject } from './runTypes';
import { countOf, safeLine } from './terminalText';
import { createTranscriptText } from './transcriptText';

export interface FollowRunOptions {
  /** Events as JSON lines instead of text. */
  readonly json: boolean;
  /** Puts the agent's questions to the person at the terminal. */
  readonly ask: boolean;
}

/**
 * Shows a run until it ends and answers the exit code of its result. Questions are asked while the run waits for them; Ctrl-C stops
 * the watching, never the run.
 */
export async function followRun(context: CommandContext, name: string, opts: FollowRunOptions): Promise<ExitCode> {
  const { terminal } = context;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const transcript = createTranscriptText(terminal.style);
  const questions = new Questions(context, { run: name, signal: stop.signal });
  try {
    const events = followRunEvents(
      { org: context.org(), name },
      {
        signal: stop.signal,
        connect: () => createApiClient(context.connection),
        onInterruption: (error) => terminal.err(`\n${terminal.errStyle.yellow(error.message)} Waiting for it to come back …\n`),
      },
    );
    for await (const event of events) {
      terminal.out(opts.json ? `${JSON.stringify(event)}\n` : transcript.write(event));
      if (opts.ask) await questions.see(event);
      else if (event.type === 'permission.requested') terminal.err(`\nAnswer with "kradle approve ${stringOf(fieldsOf(event.data).approval) ?? ''}", or "kradle deny …".\n`);
    }
    if (stop.signal.aborted) {
      terminal.err(`\nThe run goes on. Watch it again with "kradle logs -f ${name}", or stop it with "kradle cancel ${name}".\n`);
      return EXIT.interrupted;
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
    await questions.close();
  }
  return await reportResult(context, name, opts);
}

/** Making a branch and a pull request takes well under this. */
const WRITE_BACK_MS = 60_000;
const POLL_MS = 200;

/** Exit code of a run that has ended. */
export function runExitCode(phase: string | undefined): ExitCode {
  if (phase === 'Completed') return EXIT.ok;
  return phase === 'Cancelled' ? EXIT.runCancelled : EXIT.runFailed;
}

/**
 * Asks one question at a time. The answer may come from another client: then the question is taken back.
 */
class Questions {
  readonly #context: CommandContext;
  readonly #opts: { run: string; signal: AbortSignal };
  readonly #open = new Map<string, AbortController>();
  #asking: Promise<void> = Promise.resolve();

  constructor(context: CommandContext, opts: { run: string; signal: AbortSignal }) {
    this.#context = context;
    this.#opts = opts;
  }

  async see(event: RunEvent): Promise<void> {
    const data = fieldsOf(event.data);
    const approval = stringOf(data.approval);
    if (event.type === 'permission.requested' && approval !== undefined) this.#ask(approval);
    if (event.type === 'permission.resolved' && approval !== undefined) this.#open.get(approval)?.abort();
    if (event.type === 'run.phase' && data.phase === 'AwaitingApproval') {
      const { status } = await readRun(this.#context, this.#opts.run);
      if (status?.approvalRef !== undefined) this.#ask(status.approvalRef);
    }
  }

  /** Takes back what is still open. */
  async close(): Promise<void> {
    for (const question of this.#open.values()) question.abort();
    await this.#asking;
  }

  #ask(approval: string): void {
    if (this.#open.has(approval)) return;
    const question = new AbortController();
    this.#open.set(approval, question);
    const signal = AbortSignal.any([question.signal, this.#opts.signal]);
    this.#asking = this.#asking.then(async () => {
      if (!signal.aborted) await this.#put(approval, signal);
    });
  }

  async #put(approval: string, signal: AbortSignal): Promise<void> {
    try {
      await askApproval(this.#context, approval, signal);
    } catch (error) {
      // The question stays open on the server; the run's own stream says how it goes on.
      if (!(error instanceof CliError)) throw error;
      this.#context.terminal.err(`${error.message}\n`);
    }
  }
}

async function readRun(context: CommandContext, name: string): Promise<RunObject> {
  return await context.api().get<RunObject>(route`/api/orgs/${context.org()}/agents/runs/${name}`);
}

async function reportResult(context: CommandContext, name: string, opts: FollowRunOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { errStyle } = terminal;
  const { status = {} } = await readRun(context, name);
  const changed = status.changedFiles === undefined || status.changedFiles === 0 ? 'no files changed' : `${countOf(status.changedFiles, 'file')} changed, +${status.additions ?? 0} -${status.deletions ?? 0}`;
  terminal.err(`\n${phaseColour(errStyle, status.phase ?? '')(errStyle.bold(status.phase ?? 'Unknown'))}  ${changed}${status.message === undefined ? '' : `\n${safeLine(status.message)}`}\n`);
  await reportWriteBack(context, name, opts);
  return runExitCode(status.phase);
}

/** What becomes of the change: it waits for a review, which is asked here where somebody can answer, or it is a pull request. */
async function reportWriteBack(context: CommandContext, name: string, opts: FollowRunOptions): Promise<void> {
  const { terminal } = context;
  let writeBack = await settledWriteBack(context, name, ['Applying']);
  if (writeBack?.phase === 'AwaitingApproval' && writeBack.approvalRef !== undefined) {
    const answer = opts.ask ? await askApproval(context, writeBack.approvalRef) : undefined;
    if (answer === undefined) terminal.err(`The change waits for review: kradle approve ${writeBack.approvalRef}\n`);
    else writeBack = await settledWriteBack(context, name, ['Applying', 'AwaitingApproval']);
  }
  if (writeBack?.phase === 'Failed') terminal.err(`The change could not be delivered: ${safeLine(writeBack.message ?? 'no reason was given')}\nTry again with "kradle retry ${name} --write-back".\n`);
  if (writeBack?.pullRequestRef !== undefined) terminal.err(`Pull request ${writeBack.pullRequestRef}: kradle pr view ${writeBack.pullRequestRef}\n`);
}

/** The write-back once it is in none of the phases that pass by themselves; undefined when the run has none. */
async function settledWriteBack(context: CommandContext, name: string, passing: readonly string[]): Promise<WriteBack | undefined> {
  const deadline = performance.now() + WRITE_BACK_MS;
  for (;;) {
    const { status = {} } = await readRun(context, name);
    const { writeBack, changedFiles = 0 } = status;
    // A run that changed files gets its write-back a moment after its end.
    const settled = writeBack === undefined ? status.phase !== 'Completed' || changedFiles === 0 : !passing.includes(writeBack.phase);
    if (settled || performance.now() > deadline) return writeBack;
    await delay(POLL_MS);
  }
}

type WriteBack = NonNullable<NonNullable<RunObject['status']>['writeBack']>;
