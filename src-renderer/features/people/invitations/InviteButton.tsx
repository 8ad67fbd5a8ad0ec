import { UserPlus } from 'lucide-react';
import { useMay } from '../../../shell/useMay';
import { usePageVerbs } from '../../../shell/pageVerbs';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { InviteDialog } from './InviteDialog';

/** Opens the dialog that invites people; its being open is in the address. */
export function InviteButton() {
  const may = useMay('invite', 'invites');
  const [open, setOpen] = useUrlState('invite');
  usePageVerbs(may.allowed ? [{ label: 'Invite people', keywords: ['add', 'member', 'user'], run: () => setOpen('1') }] : []);
  return (
    <>
      <Button variant="primary" icon={<UserPlus />} refusal={may.reason} onClick={() => setOpen('1')}>Invite people</Button>
      {open !== undefined && may.allowed && <InviteDialog onClose={() => setOpen(undefined)} />}
    </>
  );
}
