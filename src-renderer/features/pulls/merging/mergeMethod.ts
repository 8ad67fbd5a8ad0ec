import type { GitCommit } from '#shared/api/git';
import { headLabel } from '#shared/api/headLabel';
import type { MergeMethod } from '#shared/kinds/forge/mergeMethod';
import type { PullObject } from '../pullObject';

const STORAGE_KEY = 'kradle.merge.method';

/** The method that was last used in this browser. */
export function rememberedMergeMethod(): MergeMethod {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'squash' || stored === 'rebase' || stored === 'fast-forward' ? stored : 'merge';
}

export function rememberMergeMethod(method: MergeMethod): void {
  localStorage.setItem(STORAGE_KEY, method);
}

/** Whether the method makes a commit of its own, whose message can be written. */
export function hasMergeMessage(method: MergeMethod): boolean {
  return method === 'merge' || method === 'squash';
}

/** What decides about the words of a merge that nobody writes: the repository's settings, and for a squash the commits, newest first. */
export interface MergeWordsSource {
  readonly mergeCommitMessage?: string | undefined;
  readonly squashCommitMessage?: string | undefined;
  readonly commits: readonly GitCommit[];
}

/** The words that the server uses when nobody gives others. */
export function defaultMergeWords(pull: PullObject, method: MergeMethod, source: MergeWordsSource): { title: string; message: string } {
  const { title, body = '', number } = pull.spec;
  const numbered = `${title} (#${number ?? '?'})`;
  if (method === 'squash') return { title: numbered, message: source.squashCommitMessage === 'commits' ? listMessages(source.commits) : body };
  if (source.mergeCommitMessage === 'pull-request') return { title: numbered, message: body };
  return { title: `Merge pull request #${number ?? '?'} from ${headLabel(pull.spec)}`, message: title };
}

/** The messages of the commits, oldest first; a single one stands by itself. */
function listMessages(commits: readonly GitCommit[]): string {
  const own = commits.filter(({ parents }) => parents.length < 2).toReversed();
  const [only] = own;
  if (own.length === 1 && only !== undefined) return only.body;
  return own.map(({ subject, body }) => `* ${subject}${body === '' ? '' : `\n\n${body}`}`).join('\n\n');
}

export const METHODS: Readonly<Record<MergeMethod, { label: string; button: string; help: string }>> = {
  merge: { label: 'Merge commit', button: 'Merge pull request', help: 'Every commit as it is, joined by a merge commit.' },
  squash: { label: 'Squash', button: 'Squash and merge', help: 'All commits as one.' },
  rebase: { label: 'Rebase', button: 'Rebase and merge', help: 'Every commit replayed on the target, without a merge commit.' },
  'fast-forward': { label: 'Fast-forward only', button: 'Move the target forward', help: 'The commits as they are; only where the target has nothing else.' },
};
