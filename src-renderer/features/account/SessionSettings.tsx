import { LogOut, MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { useRpc, useVerb } from '../../api/rpc';
import { signOut } from '../../shell/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { browserName } from './browserName';

/** The browsers in which I am signed in, and the way to sign each out. */
export function SessionSettings() {
  const list = useRpc('account.sessions', {}, { refetchInterval: REFRESH_MS });
  const [asking, setAsking] = useState(false);
  const revoke = useVerb('account.revokeSession', { done: 'That browser is signed out', invalidates: [['account.sessions']] });
  const revokeOthers = useVerb('account.revokeOtherSessions', { done: 'Only this browser is signed in now', invalidates: [['account.sessions']] });
  const others = list.data?.sessions.filter(({ current }) => !current) ?? [];
  return (
    <Card title="Where you are signed in" padded={false} actions={others.length > 0 && <Button size="sm" variant="danger-ghost" pending={revokeOthers.isPending} onClick={() => setAsking(true)}>Sign all others out</Button>}>
      {list.error !== null ? <ErrorState title="Your sessions could not be loaded" error={list.error} onRetry={() => void list.refetch()} /> : list.isPending && <SkeletonRows rows={3} label="Loading your sessions" />}
      <ul aria-label="Sessions" className="divide-y">
        {[...(list.data?.sessions ?? [])].sort((a, b) => Number(b.current) - Number(a.current) || (a.lastSeenAt < b.lastSeenAt ? 1 : -1)).map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2.5">
            <MonitorSmartphone aria-hidden className="size-4 shrink-0 text-subtle" />
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-center gap-2"><span className="font-medium" title={session.userAgent}>{browserName(session.userAgent)}</span>{session.current && <Badge tone="accent">this browser</Badge>}</p>
              <p className="flex flex-wrap gap-x-2 text-xs text-subtle">
                <span>by {session.method}</span>
                {session.address !== undefined && <span>from {session.address}</span>}
                <span>since <Time at={session.createdAt} /></span>
                <span>last used <Time at={session.lastSeenAt} /></span>
                <span>ends <Time at={session.expiresAt} /></span>
              </p>
            </div>
            {session.current
              ? <Button size="sm" icon={<LogOut />} onClick={() => void signOut()}>Sign out</Button>
              : <Button size="sm" variant="danger-ghost" disabled={revoke.isPending} onClick={() => revoke.mutate({ id: session.id })}>Sign it out</Button>}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Sign all other browsers out?"
        confirmLabel="Sign them out"
        onConfirm={() => {
          setAsking(false);
          revokeOthers.mutate({});
        }}
      >
        {others.length === 1 ? 'One browser has' : `${others.length} browsers have`} to sign in again. Access tokens stay good.
      </ConfirmDialog>
    </Card>
  );
}

/** Another browser may sign in at any time, and no stream tells of it. */
const REFRESH_MS = 30_000;
