import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Bot, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLiveObject } from '../../../api/liveList';
import { useRpc, useVerb } from '../../../api/rpc';
import { DeleteDialog } from '../../../resource/DeleteDialog';
import { resourceHref } from '../../../shell/objectHref';
import { useMayAll } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Card, PageBody, PageHeader } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { NewTokenDialog } from '../../account/NewTokenDialog';
import { TokenList } from '../../account/TokenList';
import { RoleBindings } from './RoleBindings';
import { SubjectRepositories } from '../SubjectRepositories';

/** An account of a program: its tokens, and what it was given. */
export function ServiceAccountPage() {
  const org = useOrg();
  const navigate = useNavigate();
  const { account: name = '' } = useParams({ strict: false });
  const { object: account, deleted, isPending, error, refetch } = useLiveObject('agentserviceaccounts', { org, name });
  const [update, remove] = useMayAll([{ verb: 'update', kind: 'agentserviceaccounts', name }, { verb: 'delete', kind: 'agentserviceaccounts', name }]);
  const [deleting, setDeleting] = useState(false);
  useTitle(name, 'Service accounts', org);
  if (error !== undefined) return <ErrorState page title="The service account could not be opened" error={error} onRetry={refetch} />;
  if (isPending || account === undefined) return <SkeletonRows label="Loading the service account" />;
  if (deleted) return <EmptyState page icon={<Bot />} title={`${name} was deleted`} action={<Button asChild><Link to="/o/$org/people/$section" params={{ org, section: 'service-accounts' }}>All service accounts</Link></Button>} />;
  return (
    <>
      <PageHeader
        icon={<Bot />}
        title={name}
        badges={<PhaseBadge phase={account.status?.phase ?? 'Pending'} />}
        description="An account of a program."
        actions={
          <>
            <Button refusal={update?.reason} asChild><Link to={resourceHref(org, 'agentserviceaccounts', name)} search={{ tab: 'edit' }}>Edit</Link></Button>
            <Button variant="danger-ghost" icon={<Trash2 />} refusal={remove?.reason} onClick={() => setDeleting(true)}>Delete</Button>
          </>
        }
      />
      <PageBody>
        <div className="flex max-w-4xl flex-col gap-4">
          <ServiceTokens name={name} />
          <SubjectRepositories kind="AgentServiceAccount" name={name} empty="It has a role in no repository." />
          <RoleBindings account={name} />
        </div>
      </PageBody>
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={{ plural: 'agentserviceaccounts', title: 'Service accounts' }} object={account} onDeleted={() => void navigate({ to: '/o/$org/people/$section', params: { org, section: 'service-accounts' } })} />
    </>
  );
}

function ServiceTokens({ name }: { name: string }) {
  const org = useOrg();
  const [may] = useMayAll([{ verb: 'manage-tokens', kind: 'agentserviceaccounts', name }]);
  const isAllowed = may?.allowed === true && !may.isPending;
  const list = useRpc('serviceAccounts.tokens', { org, name }, { enabled: isAllowed });
  const invalidates = [['serviceAccounts.tokens', { org, name }]] as const;
  const create = useVerb('serviceAccounts.createToken', { onError: () => undefined, invalidates });
  const revoke = useVerb('serviceAccounts.revokeToken', { done: 'The token was revoked', invalidates });
  const [creating, setCreating] = useState(false);
  return (
    <Card title="Tokens" padded={false} actions={<Button size="sm" icon={<Plus />} refusal={may?.reason} onClick={() => setCreating(true)}>New token</Button>}>
      {may?.allowed === false ? <p className="p-3 text-muted">{may.reason}</p>
        : list.isPending ? <SkeletonRows rows={2} label="Loading tokens" />
          : list.error !== null ? <ErrorState title="The tokens could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
            : list.data.tokens.length === 0 ? <EmptyState title="No tokens yet" command={`kradle token create "CI" --service-account ${name} --scope repo:read --org ${org}`} />
              : <TokenList tokens={list.data.tokens} isPending={revoke.isPending} onRevoke={({ id }) => revoke.mutate({ org, name, id })} />}
      {creating && (
        <NewTokenDialog
          heading={`New token for ${name}`}
          create={{ mutate: (draft) => create.mutate({ org, name, title: draft.title, scopes: draft.scopes, expiresInDays: draft.expiresInDays }), isPending: create.isPending, error: create.error, data: create.data }}
          onClose={() => {
            setCreating(false);
            create.reset();
          }}
        />
      )}
    </Card>
  );
}
