import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useMayAll } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { Card } from '../../../ui/PageHeader';
import { RenameRepositoryDialog } from './RenameRepositoryDialog';
import { useRepository, type RepositoryObject } from '../repositoryContext';
import { TransferRepositoryDialog } from './TransferRepositoryDialog';
import { VisibilityDialog } from './VisibilityDialog';

type Verb = 'rename' | 'visibility' | 'transfer' | 'archive' | 'delete';

/** What changes a repository for everybody, or ends it. Each asks again. */
export function DangerZone() {
  const { org, repo, object } = useRepository();
  const [open, setOpen] = useState<Verb>();
  const { archived } = object.spec;
  const [rename, visibility, transfer, archive, remove] = useMayAll([
    { verb: 'rename', kind: 'repositories', name: repo },
    { verb: 'change-visibility', kind: 'repositories', name: repo },
    { verb: 'transfer', kind: 'repositories', name: repo },
    { verb: archived ? 'unarchive' : 'archive', kind: 'repositories', name: repo },
    { verb: 'delete', kind: 'repositories', name: repo },
  ]);
  const close = () => setOpen(undefined);
  const idle = object.status?.phase !== 'Ready';
  return (
    <Card title="Danger zone" className="border-danger/40">
      <div className="flex flex-col divide-y">
        <Row title="Rename" text="Its old address leads to the new one, in git, in the API and here, until another repository takes the name.">
          <Button variant="danger-ghost" refusal={rename?.reason} disabled={idle} onClick={() => setOpen('rename')}>Rename</Button>
        </Row>
        <Row title="Change visibility" text={`It is ${object.spec.visibility} now.`}>
          <Button variant="danger-ghost" refusal={visibility?.reason} disabled={idle} onClick={() => setOpen('visibility')}>Change visibility</Button>
        </Row>
        <Row title="Transfer" text="Another organization gets it, with everything that belongs to it.">
          <Button variant="danger-ghost" refusal={transfer?.reason} disabled={idle} onClick={() => setOpen('transfer')}>Transfer</Button>
        </Row>
        <Row title={archived ? 'Unarchive' : 'Archive'} text={archived ? 'It can be written to again.' : 'Everybody can read it, and nothing can be written: no push, no merge, no run.'}>
          <Button variant="danger-ghost" refusal={archive?.reason} disabled={idle} onClick={() => setOpen('archive')}>{archived ? 'Unarchive' : 'Archive'}</Button>
        </Row>
        <Row title="Delete" text="Code, pull requests and runs go. An administrator of the organization can restore it for 14 days.">
          <Button variant="danger" refusal={remove?.reason} onClick={() => setOpen('delete')}>Delete this repository</Button>
        </Row>
      </div>
      {open === 'rename' && <RenameRepositoryDialog org={org} repo={repo} onClose={close} />}
      {open === 'visibility' && <VisibilityDialog org={org} object={object} onClose={close} />}
      {open === 'transfer' && <TransferRepositoryDialog org={org} repo={repo} onClose={close} />}
      {open === 'archive' && <ArchiveDialog org={org} repo={repo} archived={archived} onClose={close} />}
      {open === 'delete' && <DeleteRepositoryDialog org={org} object={object} onClose={close} />}
    </Card>
  );
}

function Row({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-3 py-3 first:pt-0 last:pb-0">
      <p className="min-w-0 flex-1 basis-60"><span className="block font-medium">{title}</span><span className="block text-muted">{text}</span></p>
      {children}
    </div>
  );
}

function ArchiveDialog({ org, repo, archived, onClose }: { org: string; repo: string; archived: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const options = {
    onError: () => undefined,
    done: archived ? `${repo} can be written to again` : `${repo} is archived`,
    onSuccess: ({ repository }: { repository: RepositoryObject }) => {
      recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, repository);
      onClose();
    },
  };
  const archive = useVerb('lifecycle.archive', options);
  const unarchive = useVerb('lifecycle.unarchive', options);
  const verb = archived ? unarchive : archive;
  return (
    <ConfirmDialog
      open onOpenChange={onClose} title={archived ? `Unarchive ${repo}?` : `Archive ${repo}?`} confirmLabel={archived ? 'Unarchive' : 'Archive'} destructive={!archived} pending={verb.isPending}
      error={verb.error} onConfirm={() => verb.mutate({ org, repository: repo })}
    >
      {archived ? 'Pushes, merges and runs are taken again.' : 'Everybody who may read it still can. Pushes, merges and runs are refused until it is unarchived.'}
    </ConfirmDialog>
  );
}

function DeleteRepositoryDialog({ org, object, onClose }: { org: string; object: RepositoryObject; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const repo = object.metadata.name;
  const remove = useVerb('repositories.delete', {
    onError: () => undefined,
    done: `${repo} was deleted; it can be restored for 14 days`,
    onSuccess: async () => {
      await navigate({ to: '/o/$org/repositories', params: { org } });
      recordObject(queries, { kind: 'repositories', org, type: 'DELETED' }, object);
    },
  });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Delete ${repo}?`} confirmLabel="Delete" confirmName={repo} pending={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ org, repository: repo })}>
      The code, its pull requests, its rules and the runs on it will be gone from here. An administrator of the organization can restore all of it for 14 days; then it is gone for good.
    </ConfirmDialog>
  );
}
