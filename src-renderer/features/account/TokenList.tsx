import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { TokenView } from '#shared/api/account';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { Time } from '../../ui/Time';

export interface TokenListProps {
  tokens: readonly TokenView[];
  isPending: boolean;
  refusal?: string | undefined;
  onRevoke: (token: TokenView) => void;
}

/** Tokens: what each is for and may do, when it was used, and the way to end it. */
export function TokenList({ tokens, isPending, refusal, onRevoke }: TokenListProps) {
  const [asking, setAsking] = useState<TokenView>();
  return (
    <>
      <ul aria-label="Tokens" className="divide-y">
        {tokens.map((token) => (
          <li key={token.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2.5">
            <KeyRound aria-hidden className="size-4 shrink-0 text-subtle" />
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-center gap-2">
                <span className="min-w-0 font-medium wrap-anywhere">{token.title}</span>
                {token.expired && <Badge tone="danger">expired</Badge>}
                {token.current && <Badge tone="accent">this one asks</Badge>}
                {token.org !== undefined && <Badge title="Good for this organization alone">{token.org}</Badge>}
              </p>
              <p className="flex flex-wrap gap-x-2 text-xs text-subtle">
                <code className="font-mono">{token.hint}…</code>
                <span>made <Time at={token.createdAt} /></span>
                <span>{token.expiresAt === undefined ? 'never expires' : <>{token.expired ? 'expired' : 'expires'} <Time at={token.expiresAt} /></>}</span>
                <span>{token.lastUsedAt === undefined ? 'never used' : <>last used <Time at={token.lastUsedAt} />{token.lastUsedFrom !== undefined && ` from ${token.lastUsedFrom}`}</>}</span>
              </p>
              <p className="mt-1 flex flex-wrap gap-1">{token.scopes.map((scope) => <Badge key={scope} className="font-mono">{scope}</Badge>)}</p>
            </div>
            <Button size="sm" variant="danger-ghost" icon={<Trash2 />} refusal={refusal} disabled={isPending} aria-label={`Revoke ${token.title}`} onClick={() => setAsking(token)}>Revoke</Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={asking !== undefined}
        onOpenChange={() => setAsking(undefined)}
        title={`Revoke ${asking?.title ?? 'the token'}?`}
        confirmLabel="Revoke"
        onConfirm={() => {
          if (asking !== undefined) onRevoke(asking);
          setAsking(undefined);
        }}
      >
        Whatever uses it is refused at once. This cannot be taken back.
      </ConfirmDialog>
    </>
  );
}
