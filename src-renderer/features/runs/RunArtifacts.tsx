import { Download, Package } from 'lucide-react';
import { formatBytes } from '#shared/kind/table';
import { useLiveList } from '../../api/liveList';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';

/** Where an artifact's bytes are. */
export function artifactHref(org: string, name: string): string {
  return `/api/orgs/${encodeURIComponent(org)}/agents/artifacts/${encodeURIComponent(name)}/content`;
}

/** What the run left behind: the patch, the diagnosis, logs. */
export function RunArtifacts({ org, run }: { org: string; run: string }) {
  const artifacts = useLiveList('kradleartifacts', { org, fieldSelector: `spec.dispatchRun=${run}`, sort: 'metadata.creationTimestamp' });
  if (artifacts.isPending) return <SkeletonRows label="Loading artifacts" rows={3} />;
  if (artifacts.error !== undefined) return <ErrorState title="The artifacts could not be loaded" error={artifacts.error} onRetry={artifacts.refetch} />;
  if (artifacts.items.length === 0) {
    return <EmptyState icon={<Package />} title="No artifacts yet">When the agent is done, its patch and a diagnosis are stored here, with their SHA-256 digests.</EmptyState>;
  }
  return (
    <ul className="flex flex-col gap-2">
      {artifacts.items.map(({ metadata, spec }) => (
        <li key={metadata.name} className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-lg border bg-surface p-3">
          <div className="min-w-0 flex-1 basis-64">
            <p className="flex flex-wrap items-center gap-2 font-medium">
              {spec.fileName ?? metadata.name}
              <Badge>{spec.kind}</Badge>
              {spec.redactionStatus === 'redacted' && <Badge tone="warning">secrets removed</Badge>}
              {spec.redactionStatus === 'suspected-secret' && <Badge tone="danger">may hold a secret</Badge>}
            </p>
            {spec.inlineSummary !== undefined && <p className="mt-0.5 line-clamp-3 text-sm whitespace-pre-wrap text-muted">{spec.inlineSummary}</p>}
            <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-subtle">
              {spec.sizeBytes !== undefined && <span>{formatBytes(spec.sizeBytes)}</span>}
              <Time at={metadata.creationTimestamp} />
              <span className="flex min-w-0 items-center font-mono"><span className="truncate">{spec.digest.slice(0, 23)}…</span><CopyButton text={spec.digest} label="Copy digest" /></span>
            </p>
          </div>
          <Button asChild><a href={artifactHref(org, metadata.name)} download={spec.fileName ?? metadata.name}><Download aria-hidden /> Download</a></Button>
        </li>
      ))}
    </ul>
  );
}
