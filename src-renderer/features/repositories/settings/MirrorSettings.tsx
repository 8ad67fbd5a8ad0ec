import { useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { errorMessage, type ApiError } from '../../../api/errors';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useMayAll } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { Card } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { Select } from '../../../ui/fields/Select';
import { SwitchField } from '../../../ui/fields/SwitchField';
import { Time } from '../../../ui/Time';
import { useRepository, type RepositoryObject } from '../repositoryContext';
import { SecretPicker } from '../../secrets/SecretPicker';

type Mirror = NonNullable<RepositoryObject['spec']['mirror']>;
const INTERVALS = [['1m', 'Every minute'], ['15m', 'Every 15 minutes'], ['1h', 'Every hour'], ['6h', 'Every 6 hours'], ['1d', 'Once a day']] as const;
const NEW: Mirror = { direction: 'push', url: '', interval: '1h', prune: true, force: false, lfs: true, paused: false };

/** Keeps the repository the same as one elsewhere, and says how that goes. */
export function MirrorSettings() {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const { mirror } = object.spec;
  const [may, maySync] = useMayAll([{ verb: 'mirror', kind: 'repositories', name: repo }, { verb: 'sync-mirror', kind: 'repositories', name: repo }]);
  const [draft, setDraft] = useState<Mirror>();
  const recorded = (saved: Parameters<typeof recordObject>[2]) => recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, saved);
  const save = useVerb('resources.patch', {
    onError: () => undefined,
    onSuccess: (saved) => {
      recorded(saved);
      setDraft(undefined);
    },
  });
  const sync = useVerb('lifecycle.syncMirror', { onSuccess: ({ repository }) => recorded(repository) });
  // A merge patch keeps what it leaves out: what was taken away is said.
  const put = (value: Mirror | null) => save.mutate({ org, kind: 'repositories', name: repo, patch: { spec: { mirror: value === null ? null : { ...value, credential: value.credential ?? null, refs: value.refs ?? null } } } });
  const current = draft ?? mirror;
  return (
    <Card title="Mirror" actions={mirror !== undefined && <Button size="sm" icon={<RefreshCw />} refusal={maySync?.reason} disabled={mirror.paused || object.status?.phase !== 'Ready'} pending={sync.isPending} onClick={() => sync.mutate({ org, repository: repo })}>Sync now</Button>}>
      {current === undefined
        ? (
            <div className="flex flex-wrap items-center gap-3">
              <p className="min-w-0 flex-1 text-muted">Every push here goes to another host, too, and nothing is overwritten there unless you ask for it.</p>
              <Button refusal={may?.reason} onClick={() => setDraft(NEW)}>Set up a push mirror</Button>
            </div>
          )
        : (
            <div className="flex flex-col gap-4">
              {mirror !== undefined && <MirrorState mirror={mirror} status={object.status?.mirror} />}
              {draft === undefined
                ? (
                    <div className="flex flex-wrap justify-end gap-2">
                      <Button variant="danger-ghost" refusal={may?.reason} pending={save.isPending} onClick={() => put(null)}>Stop mirroring</Button>
                      <Button refusal={may?.reason} onClick={() => mirror !== undefined && put({ ...mirror, paused: !mirror.paused })}>{mirror?.paused === true ? 'Go on' : 'Pause'}</Button>
                      <Button refusal={may?.reason} onClick={() => setDraft(mirror)}>Change</Button>
                    </div>
                  )
                : <MirrorForm org={org} draft={draft} onChange={setDraft} error={save.error} pending={save.isPending} onCancel={() => { save.reset(); setDraft(undefined); }} onSave={() => put(draft)} />}
              {draft === undefined && save.error !== null && <FieldError>{errorMessage(save.error)}</FieldError>}
            </div>
          )}
    </Card>
  );
}

function MirrorState({ mirror, status }: { mirror: Mirror; status: NonNullable<RepositoryObject['status']>['mirror'] }) {
  const phase = mirror.paused ? 'Paused' : (status?.phase ?? 'Waiting');
  return (
    <div className="flex flex-col gap-2">
      <p className="flex flex-wrap items-center gap-2">
        <PhaseBadge phase={phase} />
        <span>{mirror.direction === 'pull' ? 'A copy of' : 'Copied to'}</span>
        <code className="min-w-0 font-mono text-xs break-all">{mirror.url}</code>
      </p>
      {status?.message !== undefined && <p role="alert" className={phase === 'Failed' ? 'text-danger' : 'text-warning'}>{status.message}</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
        <dt className="text-subtle">Last sync</dt><dd><Time at={status?.lastSyncAt} /></dd>
        {status?.lastSuccessAt !== status?.lastSyncAt && <><dt className="text-subtle">Last one that worked</dt><dd><Time at={status?.lastSuccessAt} /></dd></>}
        <dt className="text-subtle">Next</dt><dd>{mirror.paused ? 'when it goes on' : <Time at={status?.nextSyncAt} />}</dd>
      </dl>
      {status?.refs !== undefined && status.refs.length > 0 && (
        <details>
          <summary className="cursor-pointer text-xs text-muted">What the last change did ({status.refs.length})</summary>
          <ul className="mt-1 flex flex-col gap-1 text-xs">
            {status.refs.map(({ ref, result, message }) => (
              <li key={ref} className="flex flex-wrap items-center gap-2">
                <Badge tone={result === 'diverged' || result === 'rejected' ? 'warning' : 'neutral'}>{result}</Badge>
                <code className="font-mono break-all">{ref.replace(/^refs\/heads\//, '')}</code>
                {message !== undefined && <span className="text-muted">{message}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function MirrorForm({ org, draft, onChange, error, pending, onCancel, onSave }: { org: string; draft: Mirror; onChange: (draft: Mirror) => void; error: ApiError | null; pending: boolean; onCancel: () => void; onSave: () => void }) {
  const set = (change: Partial<Mirror>) => onChange({ ...draft, ...change });
  const errors = formErrors(error, { url: 'spec.mirror.url', credential: 'spec.mirror.credential', interval: 'spec.mirror.interval', refs: 'spec.mirror.refs' });
  const { credential: _credential, ...withoutCredential } = draft;
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); onSave(); }}>
      <Field label="Address" required error={errors.at.url} help="https, ssh or git. No user and no password in it.">
        {(control) => <Input {...control} mono value={draft.url} placeholder="https://github.com/owner/name.git" onChange={(event) => set({ url: event.target.value })} />}
      </Field>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field label="Credential" optional error={errors.at.credential} help="A Secret with username and password, a token, or privateKey.">
          {(control) => <SecretPicker {...control} org={org} value={draft.credential?.secretName} onChange={(secretName) => onChange(secretName === undefined ? withoutCredential : { ...draft, credential: { secretName } })} />}
        </Field>
        <Field label="Compared" error={errors.at.interval}>
          {(control) => <Select {...control} value={draft.interval} onValueChange={(interval) => set({ interval })} options={[...INTERVALS.map(([value, label]) => ({ value: value, label })), ...(INTERVALS.some(([value]) => value === draft.interval) ? [] : [{ value: draft.interval, label: `Every ${draft.interval}` }])]} className="w-full" />}
        </Field>
      </div>
      <Field label="Branches and tags" optional error={errors.at.refs} help="Names or patterns, separated by spaces: main release/* refs/tags/v*. Empty: all.">
        {(control) => <Input {...control} mono defaultValue={draft.refs?.join(' ') ?? ''} onChange={(event) => { const refs = event.target.value.split(/\s+/).filter((ref) => ref !== ''); const { refs: _refs, ...rest } = draft; onChange(refs.length === 0 ? rest : { ...rest, refs }); }} />}
      </Field>
      <SwitchField label={draft.direction === 'pull' ? 'Delete here what is deleted there' : 'Delete there what is deleted here'} checked={draft.prune} onCheckedChange={(prune) => set({ prune })} />
      <SwitchField label="Large files (Git LFS), too" checked={draft.lfs} onCheckedChange={(lfs) => set({ lfs })} />
      {draft.direction === 'push' && <SwitchField label="Overwrite what the other side has that is not here" help="Without it, that is reported and left alone." checked={draft.force} onCheckedChange={(force) => set({ force })} />}
      {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} disabled={draft.url.trim() === ''}>Save</Button>
      </div>
    </form>
  );
}
