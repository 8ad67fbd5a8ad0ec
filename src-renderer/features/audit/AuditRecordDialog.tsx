import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditRecord } from '#shared/api/audit';
import { useRpc } from '../../api/rpc';
import { objectHref } from '../../shell/objectHref';
import { Badge } from '../../ui/Badge';
import { formatAbsolute } from '../../ui/clock';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { CopyButton } from '../../ui/CopyButton';
import { Dialog } from '../../ui/overlays/Dialog';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { DOOR_LABELS, sentenceOf } from './auditWords';

/** One record, whole: who, how, what was decided, and what came of it. */
export function AuditRecordDialog({ org, name, known, onClose }: { org: string; name: string; known: AuditRecord | undefined; onClose: () => void }) {
  const fetched = useRpc('resources.get', { org, kind: 'auditevents', name }, { enabled: known === undefined });
  const record = known ?? (fetched.data as unknown as AuditRecord | undefined);
  return (
    <Dialog open size="lg" onOpenChange={(open) => !open && onClose()} title={record === undefined ? 'Record' : sentenceOf(record)} description={record === undefined ? undefined : record.spec.type}>
      {fetched.error !== null ? <ErrorState title="The record could not be loaded" error={fetched.error} /> : record === undefined ? <SkeletonRows label="Loading the record" rows={6} /> : <Facts org={org} record={record} />}
    </Dialog>
  );
}

function Facts({ org, record }: { org: string; record: AuditRecord }) {
  const { spec, metadata } = record;
  const { decision, target, actor, recordedBy } = spec;
  const at = Date.parse(spec.timestamp ?? metadata.creationTimestamp);
  return (
    <div className="flex flex-col gap-4 pb-2">
      <dl className="grid grid-cols-[8rem_1fr] gap-x-4 gap-y-2 break-words max-sm:grid-cols-1 max-sm:gap-y-0.5">
        <Fact label="When">{Number.isFinite(at) ? formatAbsolute(at) : (spec.timestamp ?? '–')}</Fact>
        <Fact label="Who">{actor.name} <span className="text-subtle">({actor.kind}{actor.credential === undefined ? '' : `, by ${actor.credential.kind} ${actor.credential.id}`})</span></Fact>
        {target !== undefined && (
          <Fact label="What">
            {target.kind} {target.name !== undefined && <Link to={objectHref(org, target.kind, target.name)} className="text-accent hover:underline">{target.name}</Link>}
            {target.resourceVersion !== undefined && <span className="text-subtle"> at version {target.resourceVersion}</span>}
          </Fact>
        )}
        <Fact label="Decision">
          <span className="inline-flex flex-wrap items-center gap-2">
            <Badge tone={decision?.outcome === 'denied' ? 'danger' : 'success'}>{decision?.outcome ?? 'recorded'}</Badge>
            {decision?.rule !== undefined && <span className="text-muted">by rule <code className="font-mono text-xs">{decision.rule}</code></span>}
          </span>
          {decision?.reason !== undefined && <span className="mt-1 block">{decision.reason}</span>}
        </Fact>
        <Fact label="Through">{spec.door === undefined ? '–' : DOOR_LABELS[spec.door]}{spec.sourceAddress !== undefined && <>, from <code className="font-mono text-xs">{spec.sourceAddress}</code></>}</Fact>
        {recordedBy !== undefined && <Fact label="Brought by">{recordedBy.name}: the record comes from elsewhere, and says what they say</Fact>}
        {spec.correlationId !== undefined && <Fact label="Request"><Copyable text={spec.correlationId} /></Fact>}
        <Fact label="Place in the log">{spec.sequence ?? '–'}</Fact>
        {spec.digest !== undefined && <Fact label="Digest"><Copyable text={spec.digest} /></Fact>}
        {spec.previousDigest !== undefined && <Fact label="Record before"><Copyable text={spec.previousDigest} /></Fact>}
      </dl>
      {Object.keys(spec.digests ?? {}).length > 0 && <Json title="Digests" value={spec.digests} />}
      {spec.details !== undefined && <Json title="Details" value={spec.details} />}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 max-sm:mb-2">{children}</dd>
    </>
  );
}

function Copyable({ text }: { text: string }) {
  return <span className="flex min-w-0 items-center gap-1"><code className="min-w-0 truncate font-mono text-xs">{text}</code><CopyButton label="Copy" text={text} /></span>;
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <section>
      <h3 className="mb-1 font-semibold">{title}</h3>
      <CodeBlock language="json" code={JSON.stringify(value, null, 2)} />
    </section>
  );
}
