import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useRpc, useVerb } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { useMayAll } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Card } from '../../ui/PageHeader';
import { Select } from '../../ui/Select';
import { SkeletonRows } from '../../ui/Skeleton';
import { kindTitle } from './kindTitle';
import { useRepository, type RepositoryObject } from './repositoryContext';
import { VISIBILITIES } from './visibilities';

type Visibility = RepositoryObject['spec']['visibility'];
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
      {open === 'rename' && <RenameDialog org={org} repo={repo} onClose={close} />}
      {open === 'visibility' && <VisibilityDialog org={org} object={object} onClose={close} />}
      {open === 'transfer' && <TransferDialog org={org} repo={repo} onClose={close} />}
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

function RenameDialog({ org, repo, onClose }: { org: string; repo: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState(repo);
  const rename = useVerb('lifecycle.rename', {
    onError: () => undefined,
    done: `${repo} has a new name`,
    onSuccess: async ({ repository }) => navigate({ to: '/o/$org/repositories/$repo/settings', params: { org, repo: repository.metadata.name } }),
  });
  const ready = name !== '' && name !== repo;
  const submit = () => rename.mutate({ org, repository: repo, name });
  return (
    <Dialog open onOpenChange={onClose} title={`Rename ${repo}`} footer={<><Button onClick={onClose}>Cancel</Button><Button variant="danger" pending={rename.isPending} disabled={!ready} onClick={submit}>Rename</Button></>}>
      <form className="flex flex-col gap-3 pb-3" onSubmit={(event) => { event.preventDefault(); if (ready && !rename.isPending) submit(); }}>
        <Field label="New name" required error={fieldErrors(rename.error).name} help="Pull requests are named after it and get new names, too. Clones go on with the old address.">
          {(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {rename.error !== null && fieldErrors(rename.error).name === undefined && <FieldError>{errorMessage(rename.error)}</FieldError>}
      </form>
    </Dialog>
  );
}

function VisibilityDialog({ org, object, onClose }: { org: string; object: RepositoryObject; onClose: () => void }) {
  const queries = useQueryClient();
  const repo = object.metadata.name;
  const [visibility, setVisibility] = useState<Visibility>(object.spec.visibility);
  const save = useVerb('resources.patch', {
    onError: () => undefined,
    done: `${repo} is ${visibility}`,
    onSuccess: (saved) => {
      recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, saved);
      onClose();
    },
  });
  return (
    <Dialog
      open onOpenChange={onClose} title={`Who may see ${repo}?`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="danger" pending={save.isPending} disabled={visibility === object.spec.visibility} onClick={() => save.mutate({ org, kind: 'repositories', name: repo, patch: { spec: { visibility } } })}>Change visibility</Button></>}
    >
      <div className="flex flex-col gap-3 pb-3">
        <Field label="Visibility">{(control) => <Select {...control} value={visibility} onValueChange={setVisibility} options={VISIBILITIES} className="w-full" />}</Field>
        {object.spec.forkOf !== undefined && <p className="text-muted">It is a fork of {object.spec.forkOf.organization}/{object.spec.forkOf.repository} and at most as visible.</p>}
        {(object.status?.forkCount ?? 0) > 0 && <p className="text-muted">Its forks stay as visible as they are.</p>}
        {save.error !== null && <FieldError>{errorMessage(save.error)}</FieldError>}
      </div>
    </Dialog>
  );
}

function TransferDialog({ org, repo, onClose }: { org: string; repo: string; onClose: () => void }) {
  const navigate = useNavigate();
  const organizations = (useInfo()?.orgs ?? []).filter(({ name }) => name !== org);
  const [organization, setOrganization] = useState('');
  const [name, setName] = useState(repo);
  const [typed, setTyped] = useState('');
  const review = useRpc('lifecycle.reviewTransfer', { org, repository: repo, organization }, { enabled: organization !== '' });
  const transfer = useVerb('lifecycle.transfer', {
    onError: () => undefined,
    done: `${repo} was transferred to ${organization}`,
    onSuccess: async ({ repository }) => navigate({ to: '/o/$org/repositories/$repo', params: { org: organization, repo: repository.metadata.name } }),
  });
  const blockers = (review.data?.blockers ?? []).filter((each) => name === repo || !each.includes('another name'));
  const ready = review.data !== undefined && blockers.length === 0 && typed === repo && name !== '';
  return (
    <Dialog
      open onOpenChange={onClose} title={`Transfer ${repo}`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="danger" pending={transfer.isPending} disabled={!ready} onClick={() => transfer.mutate({ org, repository: repo, organization, name })}>Transfer</Button></>}
    >
      <div className="flex flex-col gap-4 pb-3">
        <Field label="To" required help={organizations.length === 0 ? 'You belong to no other organization.' : undefined}>
          {(control) => <Select {...control} value={organization === '' ? undefined : organization} onValueChange={setOrganization} options={organizations.map((each) => ({ value: each.name, label: each.displayName, description: each.name }))} placeholder="Choose an organization…" className="w-full" />}
        </Field>
        {organization !== '' && (
          <>
            <Field label="Name there" required error={fieldErrors(transfer.error).name}>{(control) => <Input {...control} mono value={name} onChange={(event) => setName(event.target.value)} />}</Field>
            {review.data === undefined && review.error === null && <SkeletonRows rows={3} />}
            {review.error !== null && <FieldError>{errorMessage(review.error)}</FieldError>}
            {blockers.length > 0 && <ul role="alert" className="list-disc rounded-md bg-danger-soft py-2 pr-3 pl-7 text-danger">{blockers.map((each) => <li key={each}>{each}</li>)}</ul>}
            {review.data !== undefined && blockers.length === 0 && (
              <>
                <p className="text-muted">Goes along: {review.data.objects.length === 0 ? 'the code' : `the code, ${review.data.objects.map(({ kind, count }) => kindTitle(kind, count)).join(', ')}`}.</p>
                <div>
                  <p className="font-medium">What does not go along</p>
                  <ul className="list-disc pl-4 text-muted">{review.data.left.map((each) => <li key={each}>{each}</li>)}</ul>
                </div>
                <Field label={<>Type <code className="rounded-sm bg-sunken px-1 font-semibold select-all">{repo}</code> to confirm</>}>{(control) => <Input {...control} mono value={typed} onChange={(event) => setTyped(event.target.value)} />}</Field>
              </>
            )}
          </>
        )}
        {transfer.error !== null && <FieldError>{errorMessage(transfer.error)}</FieldError>}
      </div>
    </Dialog>
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
      error={verb.error === null ? undefined : errorMessage(verb.error)} onConfirm={() => verb.mutate({ org, repository: repo })}
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
    <ConfirmDialog open onOpenChange={onClose} title={`Delete ${repo}?`} confirmLabel="Delete" confirmName={repo} pending={remove.isPending} error={remove.error === null ? undefined : errorMessage(remove.error)} onConfirm={() => remove.mutate({ org, repository: repo })}>
      The code, its pull requests, its rules and the runs on it will be gone from here. An administrator of the organization can restore all of it for 14 days; then it is gone for good.
    </ConfirmDialog>
  );
}
