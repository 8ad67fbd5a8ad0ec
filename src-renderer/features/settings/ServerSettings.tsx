import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { formatDuration } from '../../ui/clock';
import { Card } from '../../ui/PageHeader';

/** What this server is. */
export function ServerSettings() {
  const info = useInfo();
  const org = useOrg();
  if (info === undefined) return null;
  const facts: [string, ReactNode][] = [
    ['Version', info.version],
    ['Mode', info.mode === 'local' ? 'local: one machine, one data folder' : 'cluster'],
    ['Address', <code key="origin" className="text-xs">{info.origin}</code>],
    ['Data folder', <code key="data" className="text-xs break-all">{info.dataDir}</code>],
    ['git', info.git.version ?? 'not found: the built-in one serves'],
    ['Up for', formatDuration(info.uptimeSeconds * 1000)],
  ];
  return (
    <div className="flex flex-col gap-4">
      <Card title={`${info.project} ${info.version}`} padded={false}>
        <dl>
          {facts.map(([label, value]) => (
            <div key={label} className="grid grid-cols-[8rem_minmax(0,1fr)] gap-3 border-b px-3 py-2 last:border-b-0"><dt className="text-muted">{label}</dt><dd className="min-w-0">{value}</dd></div>
          ))}
        </dl>
      </Card>
      <Card title="Look inside">
        <div className="flex flex-wrap gap-2">
          <Button asChild><a href="/api/openapi.json">OpenAPI</a></Button>
          <Button asChild><a href="/metrics">Metrics</a></Button>
          <Button asChild><a href="/readyz">Readiness</a></Button>
          <Button asChild><Link to="/o/$org/agents/new" params={{ org }}>Agents found on this machine</Link></Button>
        </div>
      </Card>
    </div>
  );
}
