import { useQueryClient } from '@tanstack/react-query';
import type { ColumnDef } from '@tanstack/react-table';
import { Ban, EllipsisVertical, MailPlus, RotateCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList } from '../../../api/liveList';
import { useVerb, type OutputOf } from '../../../api/rpc';
import { ListCount } from '../../../resource/ListCount';
import { LiveTable } from '../../../resource/LiveTable';
import { useMayAll } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useListView } from '../../../shell/useListView';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { EmptyState } from '../../../ui/EmptyState';
import { IconButton } from '../../../ui/IconButton';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { FilterBar } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { RowLink } from '../../../ui/RowLink';
import { Select } from '../../../ui/fields/Select';
import { Time } from '../../../ui/Time';
import { IssuedLinks } from './IssuedLinks';
import { roleLabel, type InviteObject } from '../memberFacts';

/** Who was invited, and what became of it. */
export function InvitationsSection() {
  const org = useOrg();
  const { q, setQ, sort, setSort } = useListView('-metadata.creationTimestamp');
  const [state, setState] = useUrlState('state');
  const [issued, setIssued] = useState<OutputOf<'people.resendInvite'>>();
  const list = useLiveList('invites', { org, q, fieldSelector: state === undefined ? undefined : `status.phase=${state}`, sort });
  const columns = useMemo(() => columnsOf(org, setIssued), [org]);
  const isFiltered = q !== undefined || state !== undefined;
  return (
    <>
      <FilterBar>
        <FilterInput label="Filter invitations" placeholder="E-mail or role" value={q} onValueChange={setQ} />
        <Select aria-label="State" value={state ?? ''} onValueChange={setState} className="w-40" options={[{ value: '', label: 'Every state' }, ...['Pending', 'Accepted', 'Expired', 'Revoked'].map((value) => ({ value, label: value }))]} />
        <ListCount list={list} one="invitation" many="invitations" />
      </FilterBar>
      <LiveTable
        list={list}
        failed="The invitations could not be loaded"
        label="Invitations"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={52}
        empty={isFiltered
          ? <EmptyState icon={<MailPlus />} title="No invitation matches" action={<Button onClick={() => (state === undefined ? setQ(undefined) : setState(undefined))}>Clear the filter</Button>} />
          : <EmptyState icon={<MailPlus />} title="Nobody has been invited" command={`kradle invite ada@example.com --role developer --org ${org}`}>An invitation is a link that makes one person a member, with a role and teams.</EmptyState>}
      />
      {issued !== undefined && <IssuedLinks invites={[issued]} onClose={() => setIssued(undefined)} />}
    </>
  );
}

function columnsOf(org: string, onIssued: (issued: OutputOf<'people.resendInvite'>) => void): ColumnDef<InviteObject>[] {
  return [
    {
      id: 'email',
      header: 'E-mail',
      meta: { width: 3, sortPath: 'spec.email' },
      cell: ({ row: { original: { metadata, spec, status } } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/resources/$plural/$name" params={{ org, plural: 'invites', name: metadata.name }}>{spec.email}</RowLink>
          <span className="truncate text-xs text-subtle">
            {status?.acceptedBy !== undefined ? `accepted as ${status.acceptedBy}` : `by ${spec.invitedBy?.name ?? 'the server'}`}
            {(spec.teams?.length ?? 0) > 0 && ` · ${spec.teams?.join(', ') ?? ''}`}
          </span>
        </span>
      ),
    },
    { id: 'role', header: 'Role', meta: { width: '110px', sortPath: 'spec.role' }, cell: ({ row: { original } }) => <span className="text-muted">{roleLabel(original.spec.role)}</span> },
    { id: 'phase', header: 'State', meta: { width: '112px', sortPath: 'status.phase' }, cell: ({ row: { original } }) => <PhaseBadge phase={original.status?.phase ?? 'Pending'} /> },
    {
      id: 'mail',
      header: 'Mail',
      meta: { width: '110px', priority: 2 },
      cell: ({ row: { original: { status } } }) => (status?.mail === undefined ? <span className="text-subtle">–</span> : <Badge tone={MAIL_TONES[status.mail.state]} {...(status.mail.message === undefined ? {} : { title: status.mail.message })}>{MAIL_WORDS[status.mail.state]}</Badge>),
    },
    { id: 'expires', header: 'Ends', meta: { width: '104px', align: 'end', priority: 1, sortPath: 'spec.expiresAt' }, cell: ({ row: { original } }) => <Time at={original.spec.expiresAt} className="text-muted" /> },
    { id: 'actions', header: () => <span className="sr-only">Actions</span>, meta: { width: '32px' }, cell: ({ row: { original } }) => <InvitationActions invite={original} onIssued={onIssued} /> },
  ];
}

const MAIL_WORDS = { Pending: 'sending', Sent: 'sent', Failed: 'failed', Off: 'by link' } as const;
const MAIL_TONES = { Pending: 'info', Sent: 'success', Failed: 'danger', Off: 'neutral' } as const;

function InvitationActions({ invite, onIssued }: { invite: InviteObject; onIssued: (issued: OutputOf<'people.resendInvite'>) => void }) {
  const org = useOrg();
  const queries = useQueryClient();
  const { name } = invite.metadata;
  const { email } = invite.spec;
  const [asking, setAsking] = useState(false);
  const [mayResend, mayRevoke] = useMayAll([{ verb: 'resend', kind: 'invites', name }, { verb: 'revoke', kind: 'invites', name }]);
  const resend = useVerb('people.resendInvite', { onSuccess: onIssued });
  const revoke = useVerb('people.revokeInvite', {
    done: `The invitation of ${email} was taken back`,
    onSuccess: ({ invite: object }) => recordObject(queries, { kind: 'invites', org, type: 'MODIFIED' }, object),
  });
  const phase = invite.status?.phase ?? 'Pending';
  const isOpen = phase === 'Pending' || phase === 'Expired';
  if (!isOpen) return null;
  return (
    <span className="relative z-1 flex">
      <DropdownMenu trigger={<IconButton size="sm" label={`Actions for ${email}`} disabled={resend.isPending || revoke.isPending}><EllipsisVertical /></IconButton>}>
        <MenuItem icon={<RotateCw />} refusal={mayResend?.reason} onSelect={() => resend.mutate({ org, name })}>New link</MenuItem>
        <MenuItem icon={<Ban />} destructive refusal={mayRevoke?.reason} onSelect={() => setAsking(true)}>Revoke…</MenuItem>
      </DropdownMenu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Take back the invitation of ${email}?`}
        confirmLabel="Revoke"
        onConfirm={() => {
          setAsking(false);
          revoke.mutate({ org, name });
        }}
      >
        Its link is good no more. You can invite them again.
      </ConfirmDialog>
    </span>
  );
}
