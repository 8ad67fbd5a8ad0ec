import { KeyRound, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SshKeyView } from '#shared/api/sshKeys';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Time } from '../../ui/Time';

export interface SshKeyRowProps {
  shown: Pick<SshKeyView, 'title' | 'createdAt'> & { [TKey in 'type' | 'fingerprint' | 'phase' | 'expiresAt' | 'lastUsedAt' | 'lastUsedFrom']?: string | undefined };
  /** What it may do. */
  badges: ReactNode;
  /** Why it may not be removed. */
  refusal?: string | undefined;
  isPending?: boolean;
  onRemove: () => void;
}

/** A public key in a list: what it is, what it may do, how long, and when it was used last. */
export function SshKeyRow({ shown, badges, refusal, isPending = false, onRemove }: SshKeyRowProps) {
  const { title, type, fingerprint, phase, createdAt, expiresAt, lastUsedAt, lastUsedFrom } = shown;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2.5">
      <KeyRound aria-hidden className="size-4 shrink-0 text-subtle" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium wrap-anywhere">{title}</span>
          {phase !== undefined && phase !== 'Active' && <Badge tone="danger">{phase.toLowerCase()}</Badge>}
          {badges}
        </p>
        <p className="text-xs text-subtle"><code className="font-mono wrap-anywhere">{fingerprint}</code></p>
        <p className="flex flex-wrap gap-x-2 text-xs text-subtle">
          {type !== undefined && <span>{type}</span>}
          <span>added <Time at={createdAt} /></span>
          <span>{expiresAt === undefined ? 'never expires' : <>{phase === 'Expired' ? 'expired' : 'expires'} <Time at={expiresAt} /></>}</span>
          <span>{lastUsedAt === undefined ? 'never used' : <>last used <Time at={lastUsedAt} />{lastUsedFrom !== undefined && ` from ${lastUsedFrom}`}</>}</span>
        </p>
      </div>
      <Button size="sm" variant="danger-ghost" icon={<Trash2 />} refusal={refusal} disabled={isPending} aria-label={`Remove ${title}`} onClick={onRemove}>Remove</Button>
    </li>
  );
}
