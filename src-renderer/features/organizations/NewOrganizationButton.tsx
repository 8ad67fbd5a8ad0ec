import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { NewOrganizationDialog } from './NewOrganizationDialog';

/** For who may make organizations; others hear why not. */
export function NewOrganizationButton() {
  const may = useMay('create', 'organizations');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setOpen(true)}>New organization</Button>
      {open && <NewOrganizationDialog onClose={() => setOpen(false)} />}
    </>
  );
}
