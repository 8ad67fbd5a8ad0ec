import { useQueryClient } from '@tanstack/react-query';
import { recordObject } from '../../api/liveChanges';
import { useLiveList } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { RepositoryRoles } from './RepositoryRoles';

/** The roles in repositories that a person or a service account was given by name. */
export function SubjectRepositories({ kind, name, empty }: { kind: 'User' | 'AgentServiceAccount'; name: string; empty: string }) {
  const org = useOrg();
  const queries = useQueryClient();
  const may = useMay('create', 'repositorypermissions');
  const list = useLiveList('repositorypermissions', { org, fieldSelector: `spec.subject.name=${name}`, sort: 'spec.repository' });
  const held = list.items.filter(({ spec }) => spec.subject.kind === kind && !spec.revoked);
  const create = useVerb('resources.create', { onSuccess: (object) => recordObject(queries, { kind: 'repositorypermissions', org, type: 'ADDED' }, object) });
  const update = useVerb('resources.patch', { onSuccess: (object) => recordObject(queries, { kind: 'repositorypermissions', org, type: 'MODIFIED' }, object) });
  const remove = useVerb('resources.delete', { onSuccess: ({ resource }) => recordObject(queries, { kind: 'repositorypermissions', org, type: 'DELETED' }, resource) });
  return (
    <RepositoryRoles
      title="Repositories"
      empty={empty}
      entries={held.map(({ metadata, spec }) => ({ key: metadata.name, repository: spec.repository, permission: spec.permission }))}
      isPending={create.isPending || update.isPending || remove.isPending}
      refusal={may.reason}
      onPut={(repository, permission) => {
        const known = held.find(({ spec }) => spec.repository === repository);
        if (known === undefined) create.mutate({ org, resource: { kind: 'RepositoryPermission', metadata: { generateName: `${name}-`.slice(0, 50) }, spec: { repository, subject: { kind, name }, permission } } });
        else update.mutate({ org, kind: 'repositorypermissions', name: known.metadata.name, patch: { spec: { permission } } });
      }}
      onRemove={({ key }) => remove.mutate({ org, kind: 'repositorypermissions', name: key })}
    />
  );
}
