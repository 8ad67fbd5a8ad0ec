export type MergeMethod = 'merge' | 'squash' | 'rebase';

const STORAGE_KEY = 'kradle.merge.method';

/** The method that was last used in this browser. */
export function rememberedMergeMethod(): MergeMethod {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'squash' || stored === 'rebase' ? stored : 'merge';
}

export function rememberMergeMethod(method: MergeMethod): void {
  localStorage.setItem(STORAGE_KEY, method);
}
