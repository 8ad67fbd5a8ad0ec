import { pipeline } from 'node:stream/promises';
import { answerWith, type GitExchange, requireRepository, startService } from './serveGit';

/** `git archive --remote`: the files of a revision that a reference names. Answers git's exit code. Throws NotFound where there is no repository. */
export async function serveUploadArchive(exchange: GitExchange): Promise<number> {
  await requireRepository(exchange.repository);
  const child = startService(exchange, { args: ['upload-archive', exchange.repository.path], whenGone: 'end' });
  await answerWith(exchange, child, { sent: pipeline(exchange.client.input, child.stdin) });
  return (await child.ended) ?? 1;
}
