import { z } from 'zod';
import { objectName } from '../../kind/fields';

/** An issue or a pull request. */
export const workItemReference = z.object({
  kind: z.enum(['Issue', 'PullRequest']),
  name: objectName.describe('Name of the Issue or PullRequest: REPOSITORY-NUMBER.'),
});

/**
 * Older documents name the work item as `issue: krate/91`, `pullRequest: krate/42`, or by `workItemRef: krate/91` alone. Source: seeds, 002,
 * "issue, workspace, and session association".
 */
export function upgradeWorkItem(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { issue, pullRequest, ...rest } = spec;
  if (typeof issue === 'string') return { ...rest, workItemRef: { kind: 'Issue', name: nameOf(issue) } };
  if (typeof pullRequest === 'string') return { ...rest, workItemRef: { kind: 'PullRequest', name: nameOf(pullRequest) } };
  if (typeof spec.workItemRef === 'string') return { ...spec, workItemRef: { kind: 'Issue', name: nameOf(spec.workItemRef) } };
  return { ...spec };
}

/** `krate/91` and `krate#91` are what `krate-91` is called now. */
function nameOf(text: string): string {
  return text.replace(/[/#](?=\d+$)/, '-');
}
