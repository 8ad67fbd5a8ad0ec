import { Link, useParams } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { ORG_ROLE_TITLES } from '#shared/access/roleTitles';
import { useLiveList, useLiveObject } from '../../../api/liveList';
import { resourceHref } from '../../../shell/objectHref';
import { useInfo } from '../../../shell/useInfo';
import { useOrg } from '../../../shell/useOrg';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Card, PageBody, PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { MemberActions } from './MemberActions';
import { effectiveRole, teamsOf } from '../memberFacts';
import { MemberRole } from './MemberRole';
import { MemberState } from './MembersSection';
import { SubjectRepositories } from '../SubjectRepositories';

/** A member: role, teams, repositories. */
export function MemberPage() {
  const org = useOrg();
  const me = useInfo()?.actor.name;
  const { user: name = '' } = useParams({ strict: false });
  const { object: member, deleted, isPending, error, refetch } = useLiveObject('users', { org, name });
  const teams = useLiveList('teams', { org });
  useTitle(member?.spec.displayName ?? name, 'People', org);
  if (error !== undefined) return <ErrorState page title="The member could not be opened" error={error} onRetry={refetch} />;
  if (isPending || member === undefined) return <SkeletonRows label="Loading the member" />;
  if (deleted) return <EmptyState page icon={<UserRound />} title={`${member.spec.displayName} is no longer a member`} action={<Button asChild><Link to="/o/$org/people" params={{ org }}>All members</Link></Button>} />;
  const { spec, status, metadata } = member;
  const own = teamsOf(member, teams.items);
  return (
    <>
      <PageHeader
        icon={<Avatar name={spec.displayName} size={28} />}
        title={spec.displayName}
        badges={<>{name === me && <Badge tone="accent">you</Badge>}{spec.admin && <Badge tone="info">administrator</Badge>}<MemberState member={member} /></>}
        description={`${name} · ${spec.email}`}
        actions={<><Button asChild><Link to={resourceHref(org, 'users', name)}>Object</Link></Button><MemberActions member={member} /></>}
      />
      <PageBody>
        <div className="flex max-w-4xl flex-col gap-4">
          <Card title="Membership" padded={false}>
            <dl className="divide-y">
              <Fact label="Role"><MemberRole member={member} /><span className="text-xs text-subtle">{ORG_ROLE_TITLES[effectiveRole(member)]}</span></Fact>
              <Fact label="Teams">
                {own.length === 0 ? <span className="text-muted">None</span> : own.map((team) => <Link key={team.metadata.name} to="/o/$org/people/teams/$team" params={{ org, team: team.metadata.name }} className="underline underline-offset-2 hover:text-accent">{team.spec.displayName}</Link>)}
              </Fact>
              <Fact label="Member since"><Time at={metadata.creationTimestamp} /></Fact>
              <Fact label="Last sign-in">{status?.lastSignInAt === undefined ? 'Never' : <Time at={status.lastSignInAt} />}</Fact>
              {(status?.identities?.length ?? 0) > 0 && <Fact label="Signs in by">{status?.identities?.map(({ provider, subject }) => <Badge key={`${provider} ${subject}`} title={subject}>{provider}</Badge>)}</Fact>}
            </dl>
          </Card>
          <SubjectRepositories kind="User" name={name} empty="Nothing beyond what the role and the teams give." />
        </div>
      </PageBody>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-3 px-3 py-2">
      <dt className="text-muted">{label}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
    </div>
  );
}
