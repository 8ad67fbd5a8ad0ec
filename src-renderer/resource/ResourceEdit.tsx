import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KradleObject } from '#shared/kind/defineKind';
import { fieldErrors, isApiError } from '../api/errors';
import { recordObject } from '../api/liveChanges';
import { useVerb } from '../api/rpc';
import type { KindDetail } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useMay } from '../shell/useMay';
import { Button } from '../ui/Button';
import { toast } from '../ui/overlays/toast';
import { checkForm, type FormObject } from './formState';
import { ResourceForm } from './ResourceForm';

/** Edits an object by its kind's form. */
export function ResourceEdit({ kind, object }: { kind: KindDetail; object: KradleObject }) {
  const org = useOrg();
  const queries = useQueryClient();
  const may = useMay('update', kind.plural, object.metadata.name);
  const [base, setBase] = useState(object);
  const [draft, setDraft] = useState<FormObject>(object);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const save = useVerb('resources.replace', {
    onError: () => undefined,
    onSuccess: (saved) => {
      recordObject(queries, { kind: kind.plural, org, type: 'MODIFIED' }, saved);
      start(saved);
      toast.success(`${saved.metadata.name} was saved`);
    },
  });
  const start = (from: KradleObject) => {
    setBase(from);
    setDraft(from);
    setWrong({});
  };
  const dirty = draft !== base;
  if (!dirty && base !== object && !save.isPending) start(object);
  const submit = () => {
    const found = checkForm(draft, kind.form);
    setWrong(found);
    save.reset();
    if (Object.keys(found).length > 0) return;
    const { name, labels, annotations, finalizers, resourceVersion } = base.metadata;
    save.mutate({ org, kind: kind.plural, name, resource: { apiVersion: base.apiVersion, kind: base.kind, metadata: { name, labels: draft.metadata.labels ?? labels, annotations, finalizers, resourceVersion }, spec: draft.spec } });
  };
  return (
    <ResourceForm
      kind={kind}
      object={draft}
      onChange={setDraft}
      errors={{ ...fieldErrors(save.error), ...wrong }}
      error={isApiError(save.error, 'Conflict') ? undefined : save.error}
      editing
      onSubmit={submit}
      footer={
        <>
          {isApiError(save.error, 'Conflict') && (
            <span role="alert" className="mr-auto flex items-center gap-2 text-warning">
              Somebody changed it meanwhile.
              <Button size="sm" onClick={() => { save.reset(); start(object); }}>Load theirs</Button>
              <Button size="sm" onClick={() => { save.reset(); setBase(object); }}>Keep mine</Button>
            </span>
          )}
          <Button disabled={!dirty} onClick={() => { save.reset(); start(object); }}>Reset</Button>
          <Button type="submit" variant="primary" refusal={may.reason} disabled={!dirty} pending={save.isPending}>Save</Button>
        </>
      }
    />
  );
}
