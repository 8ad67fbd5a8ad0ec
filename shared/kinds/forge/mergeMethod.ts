import { z } from 'zod';

/** How a pull request comes into its target branch: by a merge commit, as one commit, replayed one by one, or as it is where the target has nothing else. */
export const mergeMethod = z.enum(['merge', 'squash', 'rebase', 'fast-forward']);
export type MergeMethod = z.output<typeof mergeMethod>;
