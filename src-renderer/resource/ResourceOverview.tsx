import { CircleCheck, CircleHelp, CircleX } from 'lucide-react';
import type { KradleObject } from '#shared/kind/defineKind';
import type { JsonSchema } from '#shared/kind/jsonSchema';
import type { Condition } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import { fieldLabel } from '#shared/kind/fieldLabel';
import { useKindDetail, type KindDescription } from '../shell/useKinds';
import { Badge } from '../ui/Badge';
import { CodeBlock } from '../ui/text/CodeBlock';
import { CopyButton } from '../ui/CopyButton';
import { Card } from '../ui/PageHeader';
import { Time } from '../ui/Time';
import { ResourceReferences } from './ResourceReferences';
import { yamlText } from './yamlObject';

/** What an object says: its spec and status with what each field means, its conditions, and what it hangs together with. */
export function ResourceOverview({ kind, object }: { kind: KindDescription; object: KradleObject }) {
  const { schema } = useKindDetail(kind.plural).data ?? {};
  const { conditions, ...status } = (object.status ?? {}) as Record<string, unknown> & { conditions?: Condition[] };
  return (
    <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-4">
        {conditions !== undefined && conditions.length > 0 && <Card title="Conditions" padded={false}><Conditions conditions={conditions} /></Card>}
        <Card title="Spec" padded={false}><Facts value={object.spec} schema={schema?.properties?.spec} /></Card>
        {Object.keys(status).length > 0 && <Card title="Status" padded={false}><Facts value={status} schema={schema?.properties?.status} /></Card>}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Card title="About"><Identity object={object} /></Card>
        <ResourceReferences kind={kind} object={object} />
      </div>
    </div>
  );
}

function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <ul>
      {conditions.map((condition) => {
        const Icon = condition.status === 'True' ? CircleCheck : condition.status === 'False' ? CircleX : CircleHelp;
        return (
          <li key={condition.type} className="flex gap-2.5 border-b px-3 py-2 last:border-b-0">
            <Icon role="img" aria-label={condition.status} className={`mt-0.5 size-4 shrink-0 ${condition.status === 'True' ? 'text-success' : condition.status === 'False' ? 'text-danger' : 'text-subtle'}`} />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2"><span className="font-medium">{condition.type}</span><span className="text-xs text-subtle">{condition.reason}</span></p>
              {condition.message !== undefined && condition.message !== '' && <p className="text-muted break-words">{condition.message}</p>}
            </div>
            <Time at={condition.lastTransitionTime} className="text-xs text-subtle" />
          </li>
        );
      })}
    </ul>
  );
}

/** Fields and values, with the schema's words about them. */
function Facts({ value, schema }: { value: Readonly<Record<string, unknown>>; schema: JsonSchema | undefined }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return <p className="p-3 text-subtle">Nothing is set.</p>;
  return (
    <dl>
      {entries.map(([key, each]) => {
        const field = schema?.properties?.[key];
        return (
          <div key={key} className="grid grid-cols-1 gap-x-4 gap-y-0.5 border-b px-3 py-2 last:border-b-0 sm:grid-cols-[13rem_minmax(0,1fr)]">
            <dt title={field?.description} className="text-muted">
              {fieldLabel(key)}
              {field?.description !== undefined && <span className="block text-xs text-subtle sm:pr-2">{field.description}</span>}
            </dt>
            <dd className="min-w-0 break-words"><FactValue value={each} schema={field} /></dd>
          </div>
        );
      })}
    </dl>
  );
}

function FactValue({ value, schema }: { value: unknown; schema: JsonSchema | undefined }) {
  if (value === null || value === undefined || value === '') return <span className="text-subtle">–</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)) return <Time at={value} />;
    return value.includes('\n') ? <CodeBlock code={value} /> : <span className={/^([0-9a-f]{40}|sha256:[0-9a-f]{64})$/.test(value) ? 'font-mono text-xs' : undefined}>{value}</span>;
  }
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return value.length === 0 ? <span className="text-subtle">none</span> : <span className="flex flex-wrap gap-1">{value.map((each, index) => <Badge key={index}>{String(each)}</Badge>)}</span>;
  }
  if (isPlainObject(value) && schema?.properties !== undefined) {
    return (
      <dl className="rounded-md border">
        {Object.entries(value).map(([key, each]) => (
          <div key={key} className="grid grid-cols-[minmax(0,9rem)_minmax(0,1fr)] gap-2 border-b px-2 py-1 last:border-b-0">
            <dt title={schema.properties?.[key]?.description} className="text-muted">{fieldLabel(key)}</dt>
            <dd className="min-w-0 break-words"><FactValue value={each} schema={schema.properties?.[key]} /></dd>
          </div>
        ))}
      </dl>
    );
  }
  return <CodeBlock code={yamlText(value).trimEnd()} language="yaml" />;
}

function Identity({ object }: { object: KradleObject }) {
  const { metadata } = object;
  const rows: [string, React.ReactNode][] = [
    ['Created', <Time key="created" at={metadata.creationTimestamp} />],
    ['Namespace', metadata.namespace],
    ['UID', <span key="uid" className="flex items-center gap-1"><span className="truncate font-mono text-xs">{metadata.uid}</span><CopyButton text={metadata.uid} label="Copy UID" /></span>],
    ['Version', <span key="version" className="font-mono text-xs">{metadata.resourceVersion} · generation {metadata.generation}</span>],
  ];
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] items-center gap-x-2 gap-y-1">
        {rows.map(([label, value]) => [<dt key={`${label}-t`} className="text-muted">{label}</dt>, <dd key={`${label}-d`} className="min-w-0 truncate">{value}</dd>])}
      </dl>
      <KeyValues title="Labels" values={metadata.labels} />
      <KeyValues title="Annotations" values={metadata.annotations} />
      {metadata.finalizers !== undefined && metadata.finalizers.length > 0 && <KeyValues title="Finalizers" values={Object.fromEntries(metadata.finalizers.map((each) => [each, '']))} />}
    </div>
  );
}

function KeyValues({ title, values }: { title: string; values: Readonly<Record<string, string>> | undefined }) {
  if (values === undefined || Object.keys(values).length === 0) return null;
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-subtle">{title}</h3>
      <ul className="flex flex-wrap gap-1">
        {Object.entries(values).map(([key, value]) => (
          <li key={key} title={`${key}: ${value}`} className="max-w-full truncate rounded-sm border bg-canvas px-1.5 font-mono text-2xs leading-5">{value === '' ? key : `${key}: ${value}`}</li>
        ))}
      </ul>
    </div>
  );
}
