import { Link } from '@tanstack/react-router';
import { Building2 } from 'lucide-react';
import { useRpc } from '../../api/rpc';
import { Badge } from '../../ui/Badge';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { NewOrganizationButton } from '../organizations/NewOrganizationButton';

/** The organizations that I belong to, and what I am in each. */
export function MembershipSettings() {
  const account = useRpc('account.get', {});
  return (
    <Card title="Your organizations" padded={false} actions={<NewOrganizationButton />}>
      {account.error !== null ? <ErrorState title="Your account could not be loaded" error={account.error} onRetry={() => void account.refetch()} />
        : account.isPending ? <SkeletonRows rows={2} label="Loading your organizations" />
          : account.data.memberships.length === 0 && <EmptyState icon={<Building2 />} title="You belong to no organization">Ask somebody who administers one for an invitation; its link makes you a member.</EmptyState>}
      <ul aria-label="Organizations" className="divide-y">
        {account.data?.memberships.map(({ org, displayName, role, disabled, since }) => (
          <li key={org} className="flex flex-wrap items-center gap-3 px-3 py-2.5">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2">{disabled ? <span className="font-medium text-muted">{displayName}</span> : <Link to="/o/$org" params={{ org }} className="font-medium hover:text-accent hover:underline">{displayName}</Link>}{disabled && <Badge tone="warning" title="An administrator of it has disabled you there">disabled</Badge>}</p>
              <p className="text-xs text-subtle"><code className="font-mono">{org}</code> · member since <Time at={since} /></p>
            </div>
            <Badge>{role}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}
