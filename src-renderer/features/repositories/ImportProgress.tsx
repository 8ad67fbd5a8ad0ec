import { CloudDownload, OctagonAlert, Truck } from 'lucide-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useVerb } from '../../api/rpc';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ProgressBar } from '../../ui/ProgressBar';
import { Elapsed } from '../../ui/Time';
import type { RepositoryObject } from './repositoryContext';

/** A repository that is not ready: what git is doing, or why it failed and what to do. */
export function ImportProgress({ object }: { object: RepositoryObject }) {
  const { status, spec } = object;
  const org = useOrg();
  const cancel = useVerb('lifecycle.cancelImport');
  if (status?.phase === 'Failed') return <Failed object={object} />;
  if (status?.phase === 'Moving') {
    const { organization, repository } = status.moving ?? {};
    return (
      <EmptyState icon={<Truck />} title="On the move">
        <p role="status">{repository === undefined ? 'It is being restored.' : `It goes to ${organization ?? ''}/${repository}.`} It can be used again in a moment.</p>
      </EmptyState>
    );
  }
  const stage = status?.import?.stage ?? (spec.importFrom === undefined ? 'Being made' : 'Starting');
  const percent = status?.import?.percent;
  return (
    <EmptyState icon={<CloudDownload />} title={spec.importFrom === undefined ? 'The repository is being made' : 'Importing'}>
      <div className="flex w-80 max-w-full flex-col gap-2">
        {spec.importFrom !== undefined && <p className="font-mono text-xs break-all">{spec.importFrom.url}</p>}
        <ProgressBar label={stage} percent={percent} />
        <p role="status" className="flex justify-between gap-2 text-xs">
          <span>{stage}{percent !== undefined && ` · ${Math.round(percent)} %`}</span>
          <Elapsed from={status?.import?.startedAt} />
        </p>
        <p>You may leave this page; it goes on.</p>
        {status?.phase === 'Importing' && <Button size="sm" className="self-center" pending={cancel.isPending} onClick={() => cancel.mutate({ org, repository: object.metadata.name })}>Stop the import</Button>}
      </div>
    </EmptyState>
  );
}

function Failed({ object }: { object: RepositoryObject }) {
  const org = useOrg();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const importing = object.spec.importFrom !== undefined;
  const retry = useVerb('lifecycle.retryImport');
  const leave = () => void navigate({ to: '/o/$org/repositories', params: { org }, search: importing ? { new: 'import' } : {} });
  return (
    <>
      <EmptyState
        icon={<OctagonAlert />}
        title={importing ? (object.status?.import?.cancelled === true ? 'The import was stopped' : 'The import failed') : 'The repository could not be made'}
        action={<>{importing && <Button variant="primary" pending={retry.isPending} onClick={() => retry.mutate({ org, repository: object.metadata.name })}>Try again</Button>}<Button variant={importing ? 'danger-ghost' : 'danger'} onClick={() => setDeleting(true)}>Delete it</Button></>}
      >
        <p role="alert" className="break-words">{object.status?.message ?? 'No reason was given.'}</p>
        {object.spec.importFrom !== undefined && object.status?.message?.includes(object.spec.importFrom.url) !== true && <p className="mt-1 font-mono text-xs break-all">{object.spec.importFrom.url}</p>}
      </EmptyState>
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={{ title: 'Repositories', plural: 'repositories' }} object={object} onDeleted={leave} />
    </>
  );
}
