import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ApiError } from '../../api/errors';
import { useRpc } from '../../api/rpc';
import { objectHref } from '../../shell/objectHref';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { issueSelector } from './conversation/issueSelector';

/** Where there is no pull request of the name: leads on to the issue of its number, because issues share the numbers, or says that there is neither. */
export function MissingPull({ org, pr, error, onRetry }: { org: string; pr: string; error: ApiError; onRetry: () => void }) {
  const navigate = useNavigate();
  const [, repository = '', number = ''] = /^(.+)-(\d+)$/.exec(pr) ?? [];
  const fieldSelector = issueSelector(repository, number);
  const issues = useRpc('resources.list', { org, kind: 'issues', fieldSelector, limit: 1 }, { enabled: number !== '' });
  const issue = issues.data?.items[0];
  const href = issue === undefined ? undefined : objectHref(org, 'issues', issue.metadata.name);
  useEffect(() => {
    if (href !== undefined) void navigate({ href, replace: true });
  }, [href, navigate]);
  if (href !== undefined || (number !== '' && issues.isPending)) return <PageBody><SkeletonRows label="Looking for it" /></PageBody>;
  return <PageBody><ErrorState title={`There is no pull request ${pr}`} error={error} onRetry={onRetry} /></PageBody>;
}
