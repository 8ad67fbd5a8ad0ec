import { Link } from '@tanstack/react-router';
import { z } from 'zod';
import { useRpc, type OutputOf } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useRepository } from '../repositories/repositoryContext';

type AuditRecord = OutputOf<'audit.query'>['items'][number];

/** What pushes were refused lately, and what went through though a rule says otherwise: from the audit log. */
export function RecentRefusals() {
  const { org, repo } = useRepository();
  const may = useMay('read-audit', 'auditevents');
  const { data, error, isPending, refetch } = useRpc('audit.query', { org, action: 'push', kind: 'Repository', name: repo, limit: 100 }, { enabled: may.allowed && !may.isPending });
  const items = (data?.items ?? []).flatMap(toItems).slice(0, 12);
  return (
    <Card title="Lately" padded={false} actions={may.allowed && <Link to="/o/$org/audit" params={{ org }} className="text-xs text-accent hover:underline">Audit log</Link>}>
      {!may.allowed ? <p className="px-3 py-3 text-muted">Refusals are in the audit log, which administrators of the organization read.</p>
        : error !== null ? <ErrorState error={error} onRetry={() => void refetch()} />
          : isPending ? <SkeletonRows rows={3} label="Loading refusals" />
            : items.length === 0 && <p className="px-3 py-3 text-muted">Nothing was refused, and nobody broke a rule.</p>}
      <ul aria-label="Refused and let through" className="divide-y">
        {items.map((item) => (
          <li key={item.id} className="px-3 py-2 text-xs">
            <p className="flex flex-wrap items-center gap-1.5"><Badge tone={item.refused ? 'danger' : 'warning'}>{item.refused ? 'refused' : 'let through'}</Badge><span className="font-medium">{item.actor}</span><code className="font-mono text-muted">{item.ref}</code><span className="text-subtle"><Time at={item.at} /></span></p>
            <p className="mt-1 text-muted wrap-anywhere">{item.what}</p>
            {item.reason !== undefined && <p className="text-subtle wrap-anywhere">Reason: {item.reason}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface Item {
  readonly id: string;
  readonly refused: boolean;
  readonly actor: string;
  readonly ref: string;
  readonly at: string;
  readonly what: string;
  readonly reason?: string;
}

const pushDetails = z.object({
  refused: z.array(z.object({ ref: z.string(), reason: z.string().default('') })).default([]),
  bypassed: z.array(z.object({ ref: z.string(), what: z.string(), by: z.string().default(''), path: z.string().optional(), line: z.number().optional() })).default([]),
  overrideReason: z.string().optional(),
});

function toItems({ metadata, spec }: AuditRecord): Item[] {
  const details = pushDetails.safeParse(spec.details ?? {});
  if (!details.success) return [];
  const at = spec.timestamp ?? metadata.creationTimestamp;
  const common = (ref: string) => ({ actor: spec.actor.name, ref: ref.replace(/^refs\/(heads|tags)\//, ''), at });
  return [
    ...details.data.refused.map(({ ref, reason }, index) => ({ id: `${metadata.name}/r${index}`, refused: true, ...common(ref), what: reason })),
    ...details.data.bypassed.slice(0, 3).map(({ ref, what, by, path, line }, index) => ({
      id: `${metadata.name}/b${index}`, refused: false, ...common(ref), what: `${path === undefined ? '' : `${path}${line === undefined ? '' : `:${line}`}: `}${what} (${by})`,
      ...(details.data.overrideReason === undefined ? {} : { reason: details.data.overrideReason }),
    })),
  ];
}
