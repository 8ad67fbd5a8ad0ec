import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArchiveRestore, FolderGit2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { DeletedRepositoryView } from '#shared/api/repositoryLifecycle';
import { formatBytes } from '#shared/kind/table';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useRpc, useVerb } from '../../../api/rpc';
import { useMayAll } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { PageBody, PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { kindTitle } from '../kindTitle';

const DAY_MS = 86_400_000;

/** Repositories that were deleted in the last fortnight, and what can be done about it. */
export function DeletedRepositoriesPage() {
  const org = useOrg();
  useTitle('Deleted repositories', org);
  const deleted = useRpc('lifecycle.deleted', { org }, { refetchInterval: ({ state }) => (state.data?.items.some(({ phase }) => phase !== 'Deleted') === true ? 1000 : false) });
  const [restoring, setRestoring] = useState<DeletedRepositoryView>();
  const [purging, setPurging] = useState<DeletedRepositoryView>();
  const [mayRestore, mayPurge] = useMayAll([{ verb: 'restore', kind: 'repositories' }, { verb: 'purge', kind: 'repositories' }]);
  const back = <Button asChild><Link to="/o/$org/repositories" params={{ org }}>All repositories</Link></Button>;
  return (
    <>
      <PageHeader icon={<FolderGit2 />} title="Recently deleted" description="Deleted repositories can be restored for 14 days, with everything that belonged to them." actions={back} />
      {deleted.isPending ? <SkeletonRows rows={5} />
        : deleted.error !== null ? <ErrorState page error={deleted.error} onRetry={() => void deleted.refetch()} action={back} />
          : deleted.data.items.length === 0 ? <EmptyState page icon={<Trash2 />} title="Nothing was deleted lately">What is deleted is listed here until it is gone for good.</EmptyState>
            : (
                <PageBody>
                  <ul className="flex max-w-4xl flex-col divide-y rounded-lg border bg-surface">
                    {deleted.data.items.map((item) => (
                      <li key={item.id} className="flex flex-wrap items-center gap-3 px-4 py-3">
                        <div className="min-w-0 flex-1 basis-64">
                          <p className="flex flex-wrap items-center gap-2"><span className="font-medium">{item.repository}</span><Badge>{item.visibility}</Badge>{item.nameTaken && <Badge tone="warning">name taken</Badge>}</p>
                          <p className="text-xs text-muted">
                            Deleted <Time at={item.deletedAt} />{item.deletedBy !== undefined && ` by ${item.deletedBy}`} · {daysLeft(item.purgeAt)}{item.sizeBytes !== undefined && ` · ${formatBytes(item.sizeBytes)}`}
                          </p>
                          {item.objects.length > 0 && <p className="truncate text-xs text-subtle">{item.objects.map(({ kind, count }) => kindTitle(kind, count)).join(', ')}</p>}
                        </div>
                        {item.phase === 'Deleted'
                          ? (
                              <>
                                <Button icon={<ArchiveRestore />} refusal={mayRestore?.reason} onClick={() => setRestoring(item)}>Restore</Button>
                                <Button variant="danger-ghost" icon={<Trash2 />} refusal={mayPurge?.reason} onClick={() => setPurging(item)}>Remove for good</Button>
                              </>
                            )
                          : <Badge tone="info">{WORDS[item.phase]}</Badge>}
                      </li>
                    ))}
                  </ul>
                </PageBody>
              )}
      {restoring !== undefined && <RestoreDialog org={org} item={restoring} onClose={() => setRestoring(undefined)} />}
      {purging !== undefined && <PurgeDialog org={org} item={purging} onClose={() => setPurging(undefined)} />}
    </>
  );
}

const WORDS = { Deleting: 'being deleted', Restoring: 'being restored', Purging: 'being removed', Deleted: '' } as const;

function daysLeft(purgeAt: string): string {
  const days = Math.ceil((Date.parse(purgeAt) - Date.now()) / DAY_MS);
  return days <= 1 ? 'gone for good within a day' : `gone for good in ${days} days`;
}

function RestoreDialog({ org, item, onClose }: { org: string; item: DeletedRepositoryView; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(item.nameTaken ? `${item.repository}-restored` : item.repository);
  const restore = useVerb('lifecycle.restore', {
    onError: () => undefined,
    done: `${item.repository} is back`,
    invalidates: [['lifecycle.deleted', { org }]],
    onSuccess: async ({ repository }) => {
      recordObject(queries, { kind: 'repositories', org, type: 'ADDED' }, repository);
      await navigate({ to: '/o/$org/repositories/$repo', params: { org, repo: repository.metadata.name } });
    },
  });
  const submit = () => restore.mutate({ org, id: item.id, name });
  const errors = formErrors(restore.error, { name: ['name', 'metadata.name'] });
  return (
    <FormDialog
      title={`Restore ${item.repository}`}
      submitLabel="Restore"
      ready={name !== ''}
      pending={restore.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" required error={errors.at.name} help={item.nameTaken ? `Another repository is called ${item.repository} now.` : 'Code, pull requests, reviews, rules and roles come back as they were.'}>
        {(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}

function PurgeDialog({ org, item, onClose }: { org: string; item: DeletedRepositoryView; onClose: () => void }) {
  const purge = useVerb('lifecycle.purge', { onError: () => undefined, done: `${item.repository} is gone for good`, invalidates: [['lifecycle.deleted', { org }]], onSuccess: onClose });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Remove ${item.repository} for good?`} confirmLabel="Remove for good" confirmName={item.repository} pending={purge.isPending} error={purge.error} onConfirm={() => purge.mutate({ org, id: item.id })}>
      Its code and everything that belonged to it will be gone. This cannot be taken back.
    </ConfirmDialog>
  );
}
