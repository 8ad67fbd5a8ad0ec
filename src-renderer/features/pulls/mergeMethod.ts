import type { MergeMethod } from '#shared/kinds/forge/mergeMethod';
import type { PullObject } from './pullObject';

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

/** The words that the server uses when nobody gives others. */
export function defaultMergeWords(pull: PullObject, method: MergeMethod): { title: string; message: string } {
  const { title, body = '', number, sourceBranch } = pull.spec;
  if (method === 'squash') return { title: `${title} (#${number ?? '?'})`, message: body };
  return { title: `Merge pull request #${number ?? '?'} from ${sourceBranch}`, message: title };
}

export const METHODS: Readonly<Record<MergeMethod, { label: string; button: string; help: string }>> = {
  merge: { label: 'Merge commit', button: 'Merge pull request', help: 'Every commit as it is, joined by a merge commit.' },
  squash: { label: 'Squash', button: 'Squash and merge', help: 'All commits as one.' },
  rebase: { label: 'Rebase', button: 'Rebase and merge', help: 'Every commit replayed on the target, without a merge commit.' },
  'fast-forward': { label: 'Fast-forward only', button: 'Move the target forward', help: 'The commits as they are; only where the target has nothing else.' },
};
