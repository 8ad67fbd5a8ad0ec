import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GitProcess } from '../git';
import { GitError } from './gitError';

/**
 * The output of a process as a stream. It ends only when git has ended well, and errs when not, so that what was cut off never looks
 * whole; destroying it ends git.
 */
export function outputStream(child: GitProcess, command: string): Readable {
  child.stdin.end();
  const output = new Transform({
    transform: (chunk: Buffer, _encoding, done: TransformCallback) => done(null, chunk),
    flush: (done: TransformCallback) => {
      child.ended.then(
        (code) => done(code === 0 ? null : new GitError(command, { failure: 'failed', exitCode: code, stderr: child.stderrTail() })),
        (error: unknown) => done(error instanceof Error ? error : new Error(`${command} was ended`)),
      );
    },
  });
  output.once('close', () => child.kill());
  // An error reaches the reader of `output`; there is nobody else to tell.
  pipeline(child.stdout, output).catch(() => undefined);
  return output;
}
