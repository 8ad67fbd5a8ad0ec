import { CliError, EXIT } from './exitCode';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs something that leaves nothing half done when its signal is aborted: by Ctrl-C, or when the process is asked to end. */
export async function interruptible<TResult>(work: (signal: AbortSignal) => Promise<TResult>): Promise<TResult> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await work(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? new CliError('Stopped; nothing was changed.', { exitCode: EXIT.interrupted, cause: error }) : error;
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}
