import { KeyRound, Plus } from 'lucide-react';
import { useRpc, useVerb } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { NewTokenDialog } from './NewTokenDialog';
import { TokenList } from './TokenList';

/** Secrets with which programs act for me. */
export function TokenSettings() {
  const list = useRpc('account.tokens', {});
  const account = useRpc('account.get', {});
  const [creating, setCreating] = useUrlState('new');
  const create = useVerb('account.createToken', { onError: () => undefined, invalidates: [['account.tokens']] });
  const revoke = useVerb('account.revokeToken', { done: 'The token was revoked', invalidates: [['account.tokens']] });
  const button = <Button size="sm" variant="primary" icon={<Plus />} onClick={() => setCreating('1')}>New token</Button>;
  return (
    <Card title="Personal access tokens" padded={false} actions={button}>
      {list.error !== null ? <ErrorState title="Your tokens could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <SkeletonRows rows={3} label="Loading your tokens" />
          : list.data.tokens.length === 0
            ? <EmptyState icon={<KeyRound />} title="No tokens yet" command='kradle token create "Laptop" --scope read'>With a token git, curl, kubectl and the kradle command act for you, as far as its scopes go.</EmptyState>
            : <TokenList tokens={list.data.tokens} isPending={revoke.isPending} onRevoke={({ id }) => revoke.mutate({ id })} />}
      {creating !== undefined && (
        <NewTokenDialog
          heading="New access token"
          organizations={account.data?.memberships.filter(({ disabled }) => !disabled) ?? []}
          create={create}
          onClose={() => {
            setCreating(undefined);
            create.reset();
          }}
        />
      )}
    </Card>
  );
}
