import type { GitProcess } from '../git';
import { GitError } from './gitError';
import { LineReader } from './lineReader';

/** What a process writes, as it is read. */
export interface OutputReader {
  readonly lines: LineReader;
  /**
   * Waits for the end of the process. Throws GitError unless its exit code is one of these; default 0. Not called: what was read is enough,
   * and the rest is cut off.
   */
  readonly ended: (...okCodes: readonly number[]) => Promise<void>;
}

/**
 * Reads what a process writes while it runs, and ends it, whatever becomes of the reading. A killed or failed process cuts its output off: what
 * ended it says more than what could not be read, and is what is thrown.
 */
export async function readOutput<TResult>(child: GitProcess, command: string, read: (output: OutputReader) => Promise<TResult>): Promise<TResult> {
  child.stdin.end();
  try {
    return await read({
      lines: new LineReader(child.stdout as AsyncIterable<Buffer>),
      ended: async (...okCodes) => {
        const code = await child.ended;
        if (code === undefined || !(okCodes.length === 0 ? [0] : okCodes).includes(code)) throw new GitError(command, { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
      },
    });
  } catch (error) {
    child.kill();
    await child.ended;
    throw error;
  } finally {
    child.kill();
  }
}
