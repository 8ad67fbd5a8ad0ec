import type { z } from 'zod';
import type { mergeInput } from '#shared/api/forge';
import { headLabel } from '#shared/api/headLabel';
import { readCommit } from '../../git/history/commits';
import type { GitRepository } from '../../git/gitRepositories';
import type { PullWorld } from '../pullWorld';

/** Messages of so many commits are put together; more make a text that nobody reads. */
const MAX_COMMITS = 100;
const MAX_MESSAGE = 65_536;

/**
 * The message of a merge or squash: a person's own words, else what the repository is set to. A merge says where the commits came from, a
 * squash what they are. Co-authors of a squash are added where it is made.
 */
export async function mergeMessage({ pullRequest, repository, git, facts, source }: PullWorld, input: Pick<z.output<typeof mergeInput>, 'method' | 'title' | 'message'>): Promise<string> {
  const { number, title, body } = pullRequest.spec;
  const { mergeCommitMessage, squashCommitMessage } = repository.spec;
  const numbered = `${title} (#${number ?? '?'})`;
  const squash = input.method === 'squash';
  const subject = input.title ?? (squash || mergeCommitMessage === 'pull-request' ? numbered : `Merge pull request #${number ?? '?'} from ${headLabel(pullRequest.spec)}`);
  const text = input.message ?? (await defaultText());
  return text.trim() === '' ? subject : `${subject}\n\n${text}`;

  async function defaultText(): Promise<string> {
    if (squash && squashCommitMessage === 'commits' && source !== undefined) return listMessages(git, { base: facts?.mergeBaseSha, head: source });
    return squash || mergeCommitMessage === 'pull-request' ? (body ?? '') : title;
  }
}

/** The messages of the commits, oldest first, each as an item; a single one stands by itself. */
async function listMessages(git: GitRepository, range: { base: string | undefined; head: string }): Promise<string> {
  const { stdout } = await git.git.run(['rev-list', '--reverse', '--topo-order', '--no-merges', `--max-count=${MAX_COMMITS}`, range.head, ...(range.base === undefined ? [] : [`^${range.base}`]), '--'], { gitDir: git.path });
  const commits = await Promise.all(stdout.toString().split('\n').filter((sha) => sha !== '').map((sha) => readCommit(git, sha)));
  const [only] = commits;
  if (commits.length === 1 && only !== undefined) return only.body;
  return commits.map(({ subject, body }) => `* ${subject}${body === '' ? '' : `\n\n${body}`}`).join('\n\n').slice(0, MAX_MESSAGE);
}
