import { CircleSlash, EllipsisVertical, UserCheck, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { IconButton } from '../../../ui/IconButton';
import { LastOwnerDialog } from './LastOwnerDialog';
import type { MemberObject } from '../memberFacts';
import { useChangeMember } from './useChangeMember';
import { useMayManage } from './useMayManage';

/** Disable, enable, remove. */
export function MemberActions({ member }: { member: MemberObject }) {
  const { name } = member.metadata;
  const { displayName, disabled } = member.spec;
  const { change: mayChange, remove: mayRemove } = useMayManage(member);
  const { change, remove, isPending, lastOwner, forgetRefusal } = useChangeMember(name);
  const [asking, setAsking] = useState<'disable' | 'remove'>();
  return (
    <span className="relative z-1 flex">
      <DropdownMenu trigger={<IconButton size="sm" label={`Actions for ${displayName}`} disabled={isPending}><EllipsisVertical /></IconButton>}>
        {disabled
          ? <MenuItem icon={<UserCheck />} refusal={mayChange.reason} onSelect={() => change({ disabled: false })}>Enable</MenuItem>
          : <MenuItem icon={<CircleSlash />} refusal={mayChange.reason} onSelect={() => setAsking('disable')}>Disable…</MenuItem>}
        <MenuItem icon={<UserMinus />} destructive refusal={mayRemove.reason} onSelect={() => setAsking('remove')}>Remove from the organization…</MenuItem>
      </DropdownMenu>
      <ConfirmDialog
        open={asking === 'disable'}
        onOpenChange={() => setAsking(undefined)}
        title={`Disable ${displayName}?`}
        confirmLabel="Disable"
        onConfirm={() => {
          setAsking(undefined);
          change({ disabled: true });
        }}
      >
        They lose their access to this organization at once, in every browser and with every token. What they made stays, and you can enable them again.
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={() => setAsking(undefined)}
        title={`Remove ${displayName}?`}
        confirmLabel="Remove"
        onConfirm={() => {
          setAsking(undefined);
          remove();
        }}
      >
        They leave the organization and its teams at once. What they made stays. To come back they need another invitation.
      </ConfirmDialog>
      <LastOwnerDialog reason={lastOwner} onClose={forgetRefusal} />
    </span>
  );
}
