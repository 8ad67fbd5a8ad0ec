import { GitError } from '../process/gitError';
import { type GitExchange, limitIdleTime } from './serveGit';
import type { AnswerReader } from './sharedAnswer';

/** Sends an answer that others may read, too, behind `before`. Throws GitError when git failed without a word. Who called ends the client's output. */
export async function sendShared(exchange: GitExchange, reader: AnswerReader, before = ''): Promise<void> {
  const { client, signal } = exchange;
  const leave = (): void => reader.leave();
  if (client.output.closed || signal?.aborted === true) leave();
  client.output.once('close', leave);
  signal?.addEventListener('abort', leave, { once: true });
  const stopLooking = limitIdleTime(exchange, leave);
  try {
    let begun = false;
    for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) {
      if (!begun) {
        client.begin(reader.sizeBytes === undefined ? undefined : reader.sizeBytes + before.length);
        if (before !== '') client.output.write(before);
      }
      begun = true;
      // Node gathers what is written in one turn into one call of the system.
      for (const chunk of batch) client.output.write(chunk);
      if (client.output.writableNeedDrain) await drained(exchange);
    }
    signal?.throwIfAborted();
    if (begun || client.output.closed) return;
    const { code, stderr } = await reader.outcome();
    if (code !== 0) throw new GitError('git for a client', { failure: 'failed', exitCode: code, stderr });
    client.begin();
  } finally {
    stopLooking();
    signal?.removeEventListener('abort', leave);
    client.output.off('close', leave);
    leave();
  }
}

/** Settles when the client took what was written, or is gone. */
function drained({ client: { output } }: GitExchange): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      output.off('drain', settle);
      output.off('close', settle);
      resolve();
    };
    output.on('drain', settle);
    output.on('close', settle);
    if (output.closed) settle();
  });
}
