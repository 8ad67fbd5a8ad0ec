import type { Readable } from 'node:stream';
import type { GitProcess } from './git';
import { GitError } from './gitError';

/**
 * The output of a process as a stream for one reader. It errs when git fails, so that what was cut off never looks whole; destroying it
 * ends git.
 */
export function outputStream(child: GitProcess, command: string): Readable {
  child.stdin.end();
  const { stdout } = child;
  stdout.once('close', () => child.kill());
  child.ended.then(
    (code) => {
      if (code !== 0) stdout.destroy(new GitError(command, { failure: 'failed', exitCode: code, stderr: child.stderrTail() }));
    },
    (error: unknown) => stdout.destroy(error instanceof Error ? error : new Error(`${command} was ended`)),
  );
  return stdout;
}
