import { useQueryClient } from '@tanstack/react-query';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import type { TeamObject } from '../memberFacts';
import { RepositoryRoles } from '../RepositoryRoles';

/** Which repositories everybody of the team may use, and how. */
export function TeamGrants({ team }: { team: TeamObject }) {
  const org = useOrg();
  const queries = useQueryClient();
  // Maintainers of a team say who is in it, not what it opens.
  const may = useMay('create', 'teams');
  const { name, resourceVersion } = team.metadata;
  const grants = team.spec.repositoryGrants ?? [];
  const save = useVerb('resources.patch', { onSuccess: (object) => recordObject(queries, { kind: 'teams', org, type: 'MODIFIED' }, object) });
  const put = (repositoryGrants: typeof grants) => save.mutate({ org, kind: 'teams', name, resourceVersion, patch: { spec: { repositoryGrants } } });
  return (
    <RepositoryRoles
      title="Repositories"
      empty="The team opens no repository beyond what its members may use anyway."
      entries={grants.map(({ repository, permission }) => ({ key: repository, repository, permission }))}
      isPending={save.isPending}
      refusal={may.reason}
      onPut={(repository, permission) => put([...grants.filter((grant) => grant.repository !== repository), { repository, permission }])}
      onRemove={({ repository }) => put(grants.filter((grant) => grant.repository !== repository))}
    />
  );
}
