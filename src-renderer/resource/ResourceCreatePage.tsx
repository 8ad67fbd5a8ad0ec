import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { fieldErrors } from '../api/errors';
import { recordObject } from '../api/liveChanges';
import { useVerb } from '../api/rpc';
import { objectHref } from '../shell/objectHref';
import { oneOf, useKindDetail, useKinds, type KindDetail } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useUrlState } from '../shell/urlState';
import { useMay } from '../shell/useMay';
import { Button } from '../ui/Button';
import { ErrorState } from '../ui/ErrorState';
import { PageBody, PageHeader } from '../ui/PageHeader';
import { SkeletonRows } from '../ui/Skeleton';
import { Tab, Tabs } from '../ui/Tabs';
import { toast } from '../ui/overlays/toast';
import { useTitle } from '../ui/useTitle';
import { checkForm, initialObject, type FormObject } from './formState';
import { ResourceForm } from './ResourceForm';
import { UnknownKind } from './UnknownKind';

/** Makes an object of any kind, by form or by YAML; what was typed in one is there in the other. */
export function ResourceCreatePage() {
  const { plural } = useParams({ from: '/o/$org/resources/$plural/new' });
  const kinds = useKinds();
  if (kinds === undefined) return <SkeletonRows rows={12} />;
  const kind = kinds.find(plural);
  return kind === undefined ? <UnknownKind name={plural} /> : <LoadedCreate key={kind.plural} plural={kind.plural} />;
}

function LoadedCreate({ plural }: { plural: string }) {
  const { data, error, refetch } = useKindDetail(plural);
  if (error !== null) return <ErrorState page error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <SkeletonRows rows={12} /> : <CreateForm kind={data} />;
}

function CreateForm({ kind }: { kind: KindDetail }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay('create', kind.plural);
  const [tab] = useUrlState('tab');
  const [draft, setDraft] = useState<FormObject>(() => initialObject(kind.form));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  useTitle(`Create ${oneOf(kind)}`, org);
  const create = useVerb('resources.create', {
    onError: () => undefined,
    onSuccess: async (object) => {
      recordObject(queries, { kind: kind.plural, org, type: 'ADDED' }, object);
      toast.success(`${object.metadata.name} was created`);
      await navigate({ href: objectHref(org, kind.plural, object.metadata.name) });
    },
  });
  const submit = () => {
    const found = { ...(draft.metadata.name === undefined ? { 'metadata.name': 'is required' } : {}), ...checkForm(draft, kind.form) };
    setWrong(found);
    create.reset();
    if (Object.keys(found).length === 0) create.mutate({ org, resource: { apiVersion: kind.apiVersion, kind: kind.kind, metadata: draft.metadata, spec: draft.spec } });
  };
  const route = '/o/$org/resources/$plural/new';
  const params = { org, plural: kind.plural };
  return (
    <>
      <PageHeader
        title={`Create ${oneOf(kind)}`}
        description={kind.purpose}
        tabs={
          <Tabs label="Ways to write it">
            <Tab to={route} params={params} search={{}} activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}>Form</Tab>
            <Tab to={route} params={params} search={{ tab: 'yaml' }}>YAML</Tab>
          </Tabs>
        }
      />
      {tab === 'yaml'
        ? (
            <Suspense fallback={<SkeletonRows />}>
              <YamlCreate kind={kind} draft={draft} onDraft={setDraft} pending={create.isPending} error={create.error} onCreate={(resource) => { create.reset(); create.mutate({ org, resource }); }} />
            </Suspense>
          )
        : (
            <PageBody>
              <ResourceForm
                kind={kind}
                object={draft}
                onChange={setDraft}
                errors={{ ...fieldErrors(create.error), ...wrong }}
                error={create.error}
                onSubmit={submit}
                footer={<Button type="submit" variant="primary" refusal={may.reason} pending={create.isPending}>Create</Button>}
              />
            </PageBody>
          )}
    </>
  );
}

const YamlCreate = lazy(() => import('./YamlCreate').then((module) => ({ default: module.YamlCreate })));
