import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Trash2, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useLiveObject } from '../../../api/liveList';
import { DeleteDialog } from '../../../resource/DeleteDialog';
import { useMayAll } from '../../../shell/useMay';
import { resourceHref } from '../../../shell/objectHref';
import { useOrg } from '../../../shell/useOrg';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { PageBody, PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { TeamGrants } from './TeamGrants';
import { TeamMembers } from './TeamMembers';

/** A team: who is in it, who maintains it, which repositories it opens. */
export function TeamPage() {
  const org = useOrg();
  const navigate = useNavigate();
  const { team: name = '' } = useParams({ strict: false });
  const { object: team, deleted, isPending, error, refetch } = useLiveObject('teams', { org, name });
  const [update, remove] = useMayAll([{ verb: 'update', kind: 'teams', name }, { verb: 'delete', kind: 'teams', name }]);
  const [deleting, setDeleting] = useState(false);
  useTitle(team?.spec.displayName ?? name, 'Teams', org);
  if (error !== undefined) return <ErrorState page title="The team could not be opened" error={error} onRetry={refetch} />;
  if (isPending || team === undefined) return <SkeletonRows label="Loading the team" />;
  if (deleted) return <EmptyState page icon={<UsersRound />} title={`${team.spec.displayName} was deleted`} action={<Button asChild><Link to="/o/$org/people/$section" params={{ org, section: 'teams' }}>All teams</Link></Button>} />;
  return (
    <>
      <PageHeader
        icon={<UsersRound />}
        title={team.spec.displayName}
        badges={<code className="text-xs font-normal text-subtle">{name}</code>}
        description={team.spec.description}
        actions={
          <>
            <Button refusal={update?.reason} asChild><Link to={resourceHref(org, 'teams', name)} search={{ tab: 'edit' }}>Edit</Link></Button>
            <Button variant="danger-ghost" icon={<Trash2 />} refusal={remove?.reason} onClick={() => setDeleting(true)}>Delete</Button>
          </>
        }
      />
      <PageBody>
        <div className="flex max-w-4xl flex-col gap-4">
          <TeamMembers team={team} refusal={update?.reason} />
          <TeamGrants team={team} />
        </div>
      </PageBody>
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={{ plural: 'teams', title: 'Teams' }} object={team} onDeleted={() => void navigate({ to: '/o/$org/people/$section', params: { org, section: 'teams' } })} />
    </>
  );
}
