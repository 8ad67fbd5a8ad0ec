import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ExternalLink, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { KradleObject } from '#shared/kind/defineKind';
import { getPath } from '#shared/kind/paths';
import { useLiveObject } from '../api/liveList';
import { objectHref, resourceHref } from '../shell/objectHref';
import { usePageVerbs } from '../shell/pageVerbs';
import { useKindDetail, useKinds, type KindDescription, type KindDetail } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useUrlState } from '../shell/urlState';
import { useMay } from '../shell/useMay';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { PageBody, PageHeader } from '../ui/PageHeader';
import { PhaseBadge } from '../ui/PhaseBadge';
import { SkeletonRows } from '../ui/Skeleton';
import { Tab, Tabs } from '../ui/Tabs';
import { useTitle } from '../ui/useTitle';
import { DeleteDialog } from './DeleteDialog';
import { ResourceEdit } from './ResourceEdit';
import { ResourceHistory } from './ResourceHistory';
import { ResourceOverview } from './ResourceOverview';
import { UnknownKind } from './UnknownKind';

/** One object of any kind. */
export function ResourcePage() {
  const { plural, name } = useParams({ from: '/o/$org/resources/$plural/$name' });
  const kinds = useKinds();
  if (kinds === undefined) return <SkeletonRows rows={12} />;
  const kind = kinds.find(plural);
  return kind === undefined ? <UnknownKind name={plural} /> : <LoadedResource key={`${kind.plural}/${name}`} kind={kind} name={name} />;
}

function LoadedResource({ kind, name }: { kind: KindDescription; name: string }) {
  const org = useOrg();
  const { object, deleted, isPending, error, refetch } = useLiveObject(kind.plural, { org, name });
  useTitle(name, kind.title);
  if (isPending) return <SkeletonRows rows={12} />;
  if (object === undefined) return <ErrorState page error={error} onRetry={refetch} action={<Button asChild><Link to="/o/$org/resources/$plural" params={{ org, plural: kind.plural }}>All {kind.title.toLowerCase()}</Link></Button>} />;
  if (deleted) {
    return (
      <EmptyState page icon={<Trash2 />} title={`${name} was deleted`} action={<Button asChild><Link to="/o/$org/resources/$plural" params={{ org, plural: kind.plural }}>All {kind.title.toLowerCase()}</Link></Button>}>
        It was here a moment ago.
      </EmptyState>
    );
  }
  return <ResourceTabs kind={kind} object={object} />;
}

function ResourceTabs({ kind, object }: { kind: KindDescription; object: KradleObject }) {
  const org = useOrg();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const [tab] = useUrlState('tab');
  const { name } = object.metadata;
  const may = useMay('delete', kind.plural, name);
  const phase = getPath(object, 'status.phase');
  const own = objectHref(org, kind.plural, name);
  const params = { org, plural: kind.plural, name };
  const route = '/o/$org/resources/$plural/$name';
  usePageVerbs([
    { label: `Edit ${name} as YAML`, run: () => void navigate({ to: route, params, search: { tab: 'yaml' } }) },
    ...(may.allowed ? [{ label: `Delete ${name}`, run: () => setDeleting(true) }] : []),
  ]);
  return (
    <>
      <PageHeader
        title={name}
        badges={
          <>
            <Badge>{kind.kind}</Badge>
            {typeof phase === 'string' && <PhaseBadge phase={phase} />}
            {object.metadata.deletionTimestamp !== undefined && <PhaseBadge phase="Terminating" />}
          </>
        }
        actions={
          <>
            {own !== resourceHref(org, kind.plural, name) && <Button asChild><Link to={own}><ExternalLink />Its own page</Link></Button>}
            <Button variant="danger-ghost" icon={<Trash2 />} refusal={may.reason} onClick={() => setDeleting(true)}>Delete</Button>
          </>
        }
        tabs={
          <Tabs label="Parts of the object">
            <Tab to={route} params={params} search={{}} activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}>Overview</Tab>
            {kind.authored && <Tab to={route} params={params} search={{ tab: 'edit' }}>Edit</Tab>}
            <Tab to={route} params={params} search={{ tab: 'yaml' }}>YAML</Tab>
            <Tab to={route} params={params} search={{ tab: 'history' }}>History</Tab>
          </Tabs>
        }
      />
      {tab === 'yaml'
        ? <WithDetail plural={kind.plural}>{(detail) => <Suspense fallback={<SkeletonRows />}><ResourceYaml kind={detail} object={object} /></Suspense>}</WithDetail>
        : (
            <PageBody>
              {tab === 'edit' && kind.authored ? <WithDetail plural={kind.plural}>{(detail) => <ResourceEdit kind={detail} object={object} />}</WithDetail> : tab === 'history' ? <ResourceHistory object={object} /> : <ResourceOverview kind={kind} object={object} />}
            </PageBody>
          )}
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={kind} object={object} onDeleted={() => void navigate({ to: '/o/$org/resources/$plural', params: { org, plural: kind.plural } })} />
    </>
  );
}

/** For the parts that write: what the kind's fields are comes when it is needed. */
function WithDetail({ plural, children }: { plural: string; children: (detail: KindDetail) => ReactNode }) {
  const { data, error, refetch } = useKindDetail(plural);
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <SkeletonRows /> : children(data);
}

const ResourceYaml = lazy(() => import('./ResourceYaml').then((module) => ({ default: module.ResourceYaml })));
